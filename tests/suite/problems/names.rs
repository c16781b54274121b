//! Names in templates that nobody gave: of templates, variables, filters, functions, tests and macros.

use super::says;

#[test]
fn one_that_a_page_names() {
    says(
        &[(
            "content/a.md",
            "+++\ntitle='A'\ntemplate = \"pge.html\"\n+++\n",
        )],
        r#"error: the template `pge.html` does not exist
  --> content/a.md:3:12
   |
 3 | template = "pge.html"
   |            ^
   = did you mean `page.html`?"#,
    );
}

#[test]
fn one_that_a_section_names_for_its_pages() {
    says(
        &[
            (
                "content/s/_index.md",
                "+++\npage_template = 'blogpage.html'\n+++\n",
            ),
            ("content/s/x.md", "+++\ntitle=\"A\"\n+++\n"),
            ("content/s/y.md", "+++\ntitle=\"A\"\n+++\n"),
        ],
        "\
error: the template `blogpage.html` does not exist
  --> content/s/_index.md:2:17
   |
 2 | page_template = 'blogpage.html'
   |                 ^
   = while rendering content/s/x.md, and 1 more
   = create templates/blogpage.html",
    );
}

#[test]
fn one_that_is_extended() {
    says(
        &[
            ("templates/page.html", "\n{% extends \"bse.html\" %}"),
            ("templates/base.html", "x"),
        ],
        r#"error: the template `bse.html`, which is extended here, does not exist
  --> templates/page.html:2:13
   |
 2 | {% extends "bse.html" %}
   |             ^
   = while rendering content/good.md
   = did you mean `base.html`?"#,
    );
}

#[test]
fn one_that_is_included() {
    says(
        &[
            ("templates/page.html", "a\n  {% include \"pat.html\" %}"),
            ("templates/part.html", "x"),
        ],
        r#"error: the template `pat.html`, which is included here, does not exist
  --> templates/page.html:2:15
   |
 2 |   {% include "pat.html" %}
   |               ^
   = while rendering content/good.md
   = did you mean `part.html`?"#,
    );
}

#[test]
fn an_unknown_variable() {
    says(
        &[("templates/page.html", "a\n<p>{{ titel }}</p>")],
        "\
error: `titel` is not defined
  --> templates/page.html:2:7
   |
 2 | <p>{{ titel }}</p>
   |       ^
   = while rendering content/good.md
   = if it may be missing, write `titel | default(value=...)`, or ask first: `{% if titel %}`",
    );
}

#[test]
fn an_unknown_field() {
    says(
        &[("templates/page.html", "a\n<p>{{ page.titel }}</p>")],
        "\
error: `page.titel` is not defined
  --> templates/page.html:2:7
   |
 2 | <p>{{ page.titel }}</p>
   |       ^
   = while rendering content/good.md
   = did you mean `page.title`?",
    );
}

#[test]
fn an_unknown_filter() {
    says(
        &[("templates/page.html", "a\n<p>{{ page.title | uper }}</p>")],
        "\
error: there is no filter `uper`
  --> templates/page.html:2:20
   |
 2 | <p>{{ page.title | uper }}</p>
   |                    ^
   = while rendering content/good.md
   = did you mean `upper`?",
    );
}

#[test]
fn an_unknown_function() {
    says(
        &[("templates/page.html", "a\n<p>{{ get_ulr(path='/') }}</p>")],
        "\
error: there is no function `get_ulr`
  --> templates/page.html:2:7
   |
 2 | <p>{{ get_ulr(path='/') }}</p>
   |       ^
   = while rendering content/good.md
   = did you mean `get_url`?",
    );
}

#[test]
fn an_unknown_test() {
    says(
        &[(
            "templates/page.html",
            "a\n{% if page.title is definde %}x{% endif %}",
        )],
        "\
error: there is no test `definde`
  --> templates/page.html:2:21
   |
 2 | {% if page.title is definde %}x{% endif %}
   |                     ^
   = while rendering content/good.md
   = did you mean `defined`?",
    );
}

#[test]
fn an_unknown_macro() {
    says(
        &[
            (
                "templates/page.html",
                "{% import \"macros.html\" as m %}\n\n{{ m::b() }}",
            ),
            ("templates/macros.html", "{% macro a() %}{% endmacro %}"),
        ],
        "\
error: there is no macro `b` in `macros.html`
  --> templates/page.html:3:4
   |
 3 | {{ m::b() }}
   |    ^
   = while rendering content/good.md
   = did you mean `m::a`?",
    );
}

#[test]
fn macros_that_nobody_imported() {
    says(
        &[
            ("templates/page.html", "\n\n{{ mm::a() }}"),
            ("templates/macros.html", "{% macro a() %}{% endmacro %}"),
        ],
        r#"error: no macros are imported as `mm`
  --> templates/page.html:3:4
   |
 3 | {{ mm::a() }}
   |    ^
   = while rendering content/good.md
   = import them at the top of the template: `{% import "FILE" as mm %}`"#,
    );
}

#[test]
fn a_macro_without_its_argument() {
    says(
        &[
            (
                "templates/page.html",
                "{% import \"macros.html\" as m %}\n\n{{ m::a() }}",
            ),
            (
                "templates/macros.html",
                "{% macro a(x) %}{{x}}{% endmacro %}",
            ),
        ],
        "\
error: the macro `a` needs its argument `x`
  --> templates/page.html:3:7
   |
 3 | {{ m::a() }}
   |       ^
   = while rendering content/good.md
   = pass it, `a(x=...)`, or give it a default in the macro",
    );
}

#[test]
fn a_mistake_in_a_macro() {
    says(
        &[
            (
                "templates/page.html",
                "{% import \"macros.html\" as m %}\n\n{{ m::a(page=page) }}",
            ),
            (
                "templates/macros.html",
                "{% macro a(page) %}\n\n{{ page.title }}\n{{ page.sumary }}\n{% endmacro %}",
            ),
        ],
        "\
error: `page.sumary` is not defined
  --> templates/macros.html:4:4
   |
 4 | {{ page.sumary }}
   |    ^
   = while rendering content/good.md
   = did you mean `page.summary`?",
    );
}
