//! What is wrong with a site is told all at once, each with its place and the way out.

use crate::node::{Node, Ran};

/// Checks a site of one working page and these files.
fn check(files: &[(&str, &str)]) -> Ran {
    let good = [
        (
            "config.toml",
            "base_url = 'https://example.org'\ntaxonomies = [{ name = 'tags' }]\n",
        ),
        ("templates/index.html", "{{ section.content | safe }}"),
        ("templates/page.html", "{{ page.content | safe }}"),
        ("templates/section.html", "{{ section.title }}"),
        ("templates/taxonomy_list.html", "list"),
        ("templates/taxonomy_single.html", "single"),
        ("content/good.md", "+++\ntitle = 'Good'\n+++\n# Heading\n"),
    ];
    let mut all: Vec<(&str, &str)> = good
        .iter()
        .filter(|(name, _)| files.iter().all(|(own, _)| own != name))
        .copied()
        .collect();
    all.extend(files);
    Node::files(&all).run("check", &[])
}

/// Fails unless `check` says just this about `files` (without its last line, the count).
fn says(files: &[(&str, &str)], expected: &str) {
    let ran = check(files).exits_with(1);
    let told = ran.stdout.trim_end();
    let (told, _) = told.rsplit_once('\n').unwrap_or((told, ""));
    assert_eq!(told.trim_end(), expected.trim_end(), "\n{}", ran.stderr);
}

#[test]
fn a_good_site_has_none() {
    check(&[]).exits_with(0).prints("no problems");
}

#[test]
fn every_mistake_is_told_at_once() {
    let ran = check(&[
        ("content/a.md", "+++\ntitle = \n+++\n"),
        ("content/b.md", "+++\ntemplate = \"pge.html\"\n+++\n"),
        ("content/c.md", "+++\n+++\n[to](@/god.md)\n"),
        ("content/d.md", "+++\n+++\n{{ unknwn() }}\n"),
        ("content/e.md", "no front matter\n"),
        ("templates/broken.html", "{% if x %}"),
    ])
    .exits_with(1);
    for file in ["a.md", "b.md", "c.md", "d.md", "e.md"] {
        assert!(
            ran.stdout.contains(&format!("content/{file}")),
            "{file} in\n{}",
            ran.stdout
        );
    }
    ran.prints("templates/broken.html").prints("6 errors");
}

#[test]
fn front_matter_that_cannot_be_parsed() {
    says(
        &[("content/a.md", "+++\ntitle = \"A\"\ndate = soon\n+++\n")],
        "\
error: string values must be quoted, expected literal string
  --> content/a.md:3:8
   |
 3 | date = soon
   |        ^",
    );
}

#[test]
fn a_wrong_type_in_front_matter() {
    says(
        &[("content/a.md", "+++\nweight = \"heavy\"\n+++\n")],
        "\
error: `weight` must be a whole number, and is the string \"heavy\"
  --> content/a.md:2
   |
 2 | weight = \"heavy\"",
    );
}

#[test]
fn a_template_that_is_not_there() {
    says(
        &[("content/a.md", "+++\ntemplate = \"pge.html\"\n+++\n")],
        "\
error: the template `pge.html` does not exist
  --> content/a.md:2:12
   |
 2 | template = \"pge.html\"
   |            ^
   = did you mean `page.html`?",
    );
}

#[test]
fn a_function_that_is_not_there() {
    says(
        &[("templates/page.html", "<p>\n{{ get_ulr(path=\"/\") }}")],
        "\
error: function 'get_ulr' not found
  --> templates/page.html:2:4
   |
 2 | {{ get_ulr(path=\"/\") }}
   |    ^",
    );
}

#[test]
fn a_template_that_extends_itself() {
    says(
        &[
            ("templates/page.html", "{% extends \"base.html\" %}"),
            ("templates/base.html", "{% extends \"page.html\" %}"),
        ],
        "\
error: `base.html` extends `page.html` extends `base.html`, and so on without end
  --> templates/base.html:1:13
   |
 1 | {% extends \"page.html\" %}
   |             ^
   = found 2 times",
    );
}

#[test]
fn a_template_that_includes_itself() {
    check(&[
        ("templates/page.html", "{% include \"part.html\" %}"),
        (
            "templates/part.html",
            "{% if page %}{% include \"part.html\" %}{% endif %}",
        ),
    ])
    .exits_with(1)
    .prints("call themselves without end")
    .prints("templates/page.html");
}

#[test]
fn a_macro_that_calls_itself() {
    check(&[
        (
            "templates/page.html",
            "{% import \"m.html\" as m %}{{ m::down(n=page.word_count) }}",
        ),
        (
            "templates/m.html",
            "{% macro down(n) %}{{ self::down(n=n + 1) }}{% endmacro %}",
        ),
    ])
    .exits_with(1)
    .prints("call themselves without end");
}

#[test]
fn a_macro_may_call_itself_for_a_while() {
    let down = "{% macro down(n) %}{{ n }}{% if n > 0 %}{{ self::down(n=n - 1) }}{% endif %}{% endmacro %}";
    check(&[
        ("templates/m.html", down),
        (
            "templates/page.html",
            "{% import \"m.html\" as m %}{{ m::down(n=90) }}",
        ),
    ])
    .exits_with(0);
}

#[test]
fn a_shortcode_that_calls_itself() {
    check(&[
        (
            "templates/shortcodes/again.html",
            "{{ \"{{ again() }}\" | markdown | safe }}",
        ),
        ("content/a.md", "+++\n+++\n{{ again() }}\n"),
    ])
    .exits_with(1)
    .prints("call themselves without end");
}

#[test]
fn a_link_that_leads_nowhere() {
    says(
        &[("content/a.md", "+++\n+++\n\n[to](@/god.md)\n")],
        "\
error: the link `@/god.md` leads to no page
  --> content/a.md:4
   |
 4 | [to](@/god.md)
   = write `@/` and the path of a Markdown file below `content/`",
    );
}

#[test]
fn a_fragment_that_leads_nowhere() {
    says(
        &[("content/a.md", "+++\n+++\n\n[to](@/good.md#haeding)\n")],
        "\
error: the link `@/good.md#haeding` leads to a heading that is not there
  --> content/a.md:4
   |
 4 | [to](@/good.md#haeding)
   = did you mean `#heading`?",
    );
    check(&[("content/a.md", "+++\n+++\n\n[to](@/good.md#Heading)\n")])
        .exits_with(0)
        .prints("write `#heading`");
}

#[test]
fn a_text_that_is_not_utf8() {
    let setup = Node::files(&[("config.toml", ""), ("content/_index.md", "+++\n+++\n")]);
    std::fs::write(setup.root().join("content/a.md"), b"+++\n+++\ncaf\xe9\n").unwrap();
    setup
        .run("check", &[])
        .exits_with(1)
        .prints("the file is not UTF-8")
        .prints("content/a.md:3");
}

#[test]
fn two_pages_at_one_path() {
    says(
        &[("content/a.md", "+++\nslug = \"good\"\n+++\n")],
        "\
error: two things are at /good/: `content/a.md` and `content/good.md`
  --> content/good.md
   = give one of them another `slug`, `path` or alias",
    );
}
