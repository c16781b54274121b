//! Style sheets that would take the process down with them: each is a problem, and the rest goes on.

use crate::node::{Node, Ran};

const CONFIG: &str = "base_url = 'https://example.org'\ncompile_sass = true\n";

/// Calls itself, with nothing that grows but the stack.
const RECURSION: &str = "@function f($x) { @return f($x + 1); }\na { b: f(1) }\n";

#[test]
fn what_has_no_end_is_told_and_the_rest_is_made() {
    let deep = format!("{}b:c{}", "a{".repeat(20_000), "}".repeat(20_000));
    let ran = check(&[
        ("sass/a.scss", "a { b: $x }\n"),
        ("sass/deep.scss", &deep),
        ("sass/function.scss", RECURSION),
        ("sass/mixin.scss", "@mixin m { @include m; }\n@include m;\n"),
        (
            "sass/nested.scss",
            "@mixin m { a { @include m; } }\n@include m;\n",
        ),
        ("sass/z.scss", "a { b: $z }\n"),
    ]);
    let without_excerpt = |problem: &str| {
        let lines = problem.lines().take(2).map(str::trim_start);
        lines.collect::<Vec<_>>().join(" ")
    };
    let told: Vec<_> = ran.stdout.split("\n\n").map(without_excerpt).collect();
    let endless = "error: the style sheet can't be made: it calls itself without end, or its rules \
                   lie too deep within each other";
    let large = "error: the style sheet can't be made: it takes more than 256 MiB of memory";
    assert_eq!(
        told,
        [
            "error: the variable `$x` is not defined --> sass/a.scss:1:8",
            &format!("{large} --> sass/deep.scss"),
            &format!("{endless} --> sass/function.scss"),
            &format!("{endless} --> sass/mixin.scss"),
            &format!("{large} --> sass/nested.scss"),
            "error: the variable `$z` is not defined --> sass/z.scss:1:8",
            "6 errors"
        ],
        "\n{}",
        ran.stderr
    );
}

#[test]
fn a_loop_without_end_is_stopped() {
    let ran = check(&[
        ("sass/a.scss", "@while true {}\n"),
        ("sass/b.scss", "a { b: $x }\n"),
    ]);
    assert_eq!(
        ran.stdout.trim_end(),
        "\
error: the style sheet can't be made: it takes longer than 10 s
  --> sass/a.scss
   = look for a loop that never ends: a `@while` whose condition stays true

error: the variable `$x` is not defined
  --> sass/b.scss:1:8
   |
 1 | a { b: $x }
   |        ^
   = give it a value above, or import the part that does

2 errors",
        "\n{}",
        ran.stderr
    );
}

#[test]
fn recursion_with_an_end_is_no_problem() {
    check(&[(
        "sass/a.scss",
        "@function f($x) { @if $x == 0 { @return 0 } @return f($x - 1); }\na { b: f(1000) }\n",
    )])
    .exits_with(0);
}

#[test]
fn what_a_sheet_warns_of_is_told() {
    check(&[("sass/a.scss", "@warn 'old';\na { b: c }\n")])
        .exits_with(0)
        .prints("warning: `@warn` says: \"old\"\n  --> sass/a.scss:1:");
}

#[test]
fn a_sheet_without_end_leaves_the_last_good_one_on_the_air() {
    let node = Node::site("hello")
        .write_beside("site/config.toml", CONFIG)
        .write_beside("site/sass/a.scss", "a { b: c }\n")
        .start();
    node.get("/a.css").is(200).body_has("a{b:c}");
    node.write("sass/a.scss", RECURSION);
    node.told("not published: the last good one stays");
    node.told("--> sass/a.scss");
    node.get("/a.css").is(200).body_has("a{b:c}");
    node.get("/a/").is(200).body_has("First");

    node.write("sass/a.scss", "a { b: d }\n");
    node.wait_for("the mended sheet", |node| {
        node.get("/a.css").body.contains("a{b:d}")
    });
}

#[test]
fn sheets_are_made_again_only_if_they_change() {
    let node = Node::site("hello")
        .write_beside("site/config.toml", CONFIG)
        .write_beside("site/sass/a.scss", "@import 'part'; a { b: random() }\n")
        .write_beside("site/sass/_part.scss", "a { b: c }\n")
        .start();
    let first = node.get("/a.css").is(200).body;
    node.write("content/a.md", "+++\ntitle = 'A'\n+++\nSecond\n");
    node.wait_for("the new text", |node| {
        node.get("/a/").body.contains("Second")
    });
    assert_eq!(node.get("/a.css").body, first);

    node.write("sass/_part.scss", "a { b: d }\n");
    node.wait_for("the new sheet", |node| {
        node.get("/a.css").body.contains("b:d")
    });
    assert_ne!(node.get("/a.css").body.replace("b:d", "b:c"), first);
}

/// Checks a site of one page and these files.
fn check(files: &[(&str, &str)]) -> Ran {
    let mut all = vec![
        ("config.toml", CONFIG),
        ("templates/index.html", "{{ section.content | safe }}"),
        ("content/_index.md", "+++\n+++\nHello\n"),
    ];
    all.extend(files);
    Node::files(&all).run("check", &[])
}
