//! What is wrong with templates beside the names in them, and where and how often it is told.

use super::says;

#[test]
fn a_tag_that_is_never_closed() {
    says(
        &[("templates/page.html", "a\n{{ page.title }\nfoo\n")],
        "\
error: this `{{` is never closed
  --> templates/page.html:2:1
   |
 2 | {{ page.title }
   | ^
   = while rendering content/good.md
   = close it with `}}`, on the same line as a rule",
    );
}

#[test]
fn an_if_that_is_never_closed() {
    says(
        &[("templates/page.html", "a\n{% if page.title %}\nfoo\n")],
        "\
error: this `if` is never closed
  --> templates/page.html:2:1
   |
 2 | {% if page.title %}
   | ^
   = while rendering content/good.md
   = close it with `{% endif %}`",
    );
}

#[test]
fn an_else_if() {
    says(
        &[(
            "templates/page.html",
            "a\n{% if a %}x{% else if b %}y{% endif %}\nfoo\n",
        )],
        "\
error: there is no `else if`
  --> templates/page.html:2:12
   |
 2 | {% if a %}x{% else if b %}y{% endif %}
   |            ^
   = while rendering content/good.md
   = write `{% elif ... %}`",
    );
}

#[test]
fn an_argument_without_a_name() {
    says(
        &[("templates/page.html", "a\n{{ get_url('x') }}\n")],
        "\
error: an argument has no name
  --> templates/page.html:2:12
   |
 2 | {{ get_url('x') }}
   |            ^
   = while rendering content/good.md
   = write its name before it: `get_url(name=...)`",
    );
}

#[test]
fn an_import_that_comes_late() {
    says(
        &[
            ("templates/page.html", "a\n{% import \"macro.html\" as m %}"),
            ("templates/macros.html", "{% macro a() %}{% endmacro %}"),
        ],
        r#"error: `import` stands at the top of a template
  --> templates/page.html:2:1
   |
 2 | {% import "macro.html" as m %}
   | ^
   = while rendering content/good.md
   = move it up, right after `extends` if there is one"#,
    );
}

#[test]
fn a_broken_part_is_told_once() {
    says(
        &[
            ("templates/page.html", "a\n{% include 'part.html' %}"),
            ("templates/part.html", "x\n{{ nope "),
        ],
        "\
error: this `{{` is never closed
  --> templates/part.html:2:1
   |
 2 | {{ nope
   | ^
   = while rendering content/good.md
   = close it with `}}`, on the same line as a rule",
    );
}

#[test]
fn a_mistake_in_a_part() {
    says(
        &[
            ("templates/page.html", "a\n{% include 'part.html' %}"),
            ("templates/part.html", "x\n{{ nope }}"),
        ],
        "\
error: `nope` is not defined
  --> templates/part.html:2:4
   |
 2 | {{ nope }}
   |    ^
   = while rendering content/good.md
   = if it may be missing, write `nope | default(value=...)`, or ask first: `{% if nope %}`",
    );
}

#[test]
fn a_mistake_in_a_base_is_told_once() {
    says(
        &[
            ("content/p0.md", "+++\ntitle=\"A\"\n+++\n"),
            ("content/p1.md", "+++\ntitle=\"A\"\n+++\n"),
            ("content/p2.md", "+++\ntitle=\"A\"\n+++\n"),
            ("templates/page.html", "{% extends 'base.html' %}"),
            ("templates/base.html", "x\n{{ page.nope }}"),
        ],
        "\
error: `page.nope` is not defined
  --> templates/base.html:2:4
   |
 2 | {{ page.nope }}
   |    ^
   = while rendering content/good.md, and 3 more
   = if it may be missing, write `page.nope | default(value=...)`, or ask first: `{% if page.nope %}`"
    );
}

#[test]
fn a_calculation_with_words() {
    says(
        &[("templates/page.html", "a\n\n{{ page.title + 1 }}")],
        "\
error: `page.title` is no number, and is reckoned with or compared
  --> templates/page.html:3:4
   |
 3 | {{ page.title + 1 }}
   |    ^
   = while rendering content/good.md
   = make it a number first: `page.title | int` or `page.title | float`",
    );
}

#[test]
fn a_filter_that_gets_nothing() {
    says(
        &[(
            "templates/page.html",
            "a\n\n{{ page.date | date(format='%Y') }}",
        )],
        "\
error: `date`: it works on a number or a string, and got nothing
  --> templates/page.html:3:16
   |
 3 | {{ page.date | date(format='%Y') }}
   |                ^
   = while rendering content/good.md
   = ask first whether there is one, with `{% if ... %}`",
    );
}

#[test]
fn what_a_template_throws() {
    says(
        &[(
            "templates/page.html",
            "a\n\n{{ throw(message='set title!') }}",
        )],
        "\
error: `throw`: set title!
  --> templates/page.html:3:4
   |
 3 | {{ throw(message='set title!') }}
   |    ^
   = while rendering content/good.md",
    );
}
