//! What is wrong with a site is told all at once, each with its place and the way out.
//!
//! The texts are kept as they are printed. Whoever changes one reads it as somebody would who has never seen
//! this program.

mod answers;
mod names;
mod odd;
mod settings;
mod shortcodes;
mod templates;
mod texts;

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
#[track_caller]
fn says(files: &[(&str, &str)], expected: &str) {
    let ran = check(files).exits_with(i32::from(expected.starts_with("error")));
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
    .prints("templates/part.html:1:14");
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
fn a_fragment_in_other_letter_cases_is_a_warning() {
    check(&[("content/a.md", "+++\n+++\n\n[to](@/good.md#Heading)\n")])
        .exits_with(0)
        .prints("write `#heading`");
}

#[test]
fn strict_makes_problems_of_warnings() {
    let odd = Node::files(&[
        (
            "config.toml",
            "compile_sas = true\nfeed_filename = 'rss.xml'\n",
        ),
        ("content/_index.md", "+++\n+++\n"),
    ]);
    odd.run("check", &[])
        .exits_with(0)
        .prints("config.toml:1:1")
        .prints("config.toml:2:1")
        .prints("2 warnings");
    odd.run("check", &["--strict"])
        .exits_with(1)
        .prints("2 errors");
    let out = odd.beside("out");
    odd.run("build", &["--output", out.to_str().unwrap()])
        .exits_with(0);
    let good = Node::files(&[("config.toml", ""), ("content/_index.md", "+++\n+++\n")]);
    good.run("check", &["--strict"]).exits_with(0);
}

#[test]
fn many_of_a_kind_are_told_in_part() {
    let pages: Vec<_> = (10..40).map(|page| format!("content/{page}.md")).collect();
    let files: Vec<_> = pages
        .iter()
        .map(|page| (page.as_str(), "+++\n[taxonomies]\nseries = ['a']\n+++\n"))
        .collect();
    check(&files)
        .exits_with(1)
        .prints("and 20 more like this one")
        .prints("10 errors");
}
