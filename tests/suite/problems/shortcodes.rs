//! What is wrong with shortcodes, and in them.

use super::says;

#[test]
fn one_that_is_not_there() {
    says(
        &[(
            "content/a.md",
            "+++\ntitle=\"A\"\n+++\n\nx {{ yutube(id=\"a\") }}\n",
        )],
        r#"error: there is no shortcode `yutube`
  --> content/a.md:5:3
   |
 5 | x {{ yutube(id="a") }}
   |   ^
   = did you mean `youtube`?"#,
    );
}

#[test]
fn one_that_nobody_could_have_meant() {
    says(
        &[(
            "content/a.md",
            "+++\ntitle=\"A\"\n+++\n\nx {{ quux(id=\"a\") }}\n",
        )],
        r#"error: there is no shortcode `quux`
  --> content/a.md:5:3
   |
 5 | x {{ quux(id="a") }}
   |   ^
   = add `templates/shortcodes/quux.html`, or escape it as `{{/* quux() */}}`"#,
    );
}

#[test]
fn one_whose_body_is_never_closed() {
    says(
        &[
            ("templates/shortcodes/note.html", "<b>{{body}}</b>"),
            (
                "content/a.md",
                "+++\ntitle=\"A\"\n+++\n\n{% note() %}\nbody\n",
            ),
        ],
        "\
error: the body of the shortcode `note` is never closed
  --> content/a.md:5:1
   |
 5 | {% note() %}
   | ^
   = close it with `{% end %}`, or write `{{ note(...) }}` if it has no body",
    );
}

#[test]
fn an_argument_that_is_no_value() {
    says(
        &[
            ("templates/shortcodes/note.html", "<b>{{body}}</b>"),
            (
                "content/a.md",
                "+++\ntitle=\"A\"\n+++\n\n{{ note(kind=warn) }}\nbody\n",
            ),
        ],
        r#"warning: this use of the shortcode `note` cannot be read and is shown as text
  --> content/a.md:5:1
   |
 5 | {{ note(kind=warn) }}
   | ^
   = an argument is `key=value`, a value a "string", a number, `true`, `false` or a `[list]`; if text is meant, escape it as `{{/* note(...) */}}`"#,
    );
}

#[test]
fn an_end_of_nothing() {
    says(
        &[("content/a.md", "+++\ntitle=\"A\"\n+++\n\nfoo {% end %}\n")],
        "\
error: `{% end %}` closes nothing
  --> content/a.md:5:5
   |
 5 | foo {% end %}
   |     ^
   = remove it, or mend the shortcode above it that it was to close",
    );
}

#[test]
fn an_argument_that_its_template_misses() {
    says(
        &[
            ("templates/shortcodes/note.html", "<b>\n{{ kind }}</b>"),
            ("content/a.md", "+++\ntitle=\"A\"\n+++\n\n\n{{ note() }}\n"),
        ],
        "\
error: `kind` is not defined
  --> templates/shortcodes/note.html:2:4
   |
 2 | {{ kind }}</b>
   |    ^
   = while rendering content/a.md:6
   = pass it where the shortcode is used, `note(kind=...)`, or write `kind | default(value=...)`",
    );
}

#[test]
fn one_whose_template_is_broken() {
    says(
        &[
            ("templates/shortcodes/note.html", "<b>\n{{ kind </b>"),
            ("content/a.md", "+++\ntitle=\"A\"\n+++\n\n\n{{ note() }}\n"),
        ],
        "\
error: this `{{` is never closed
  --> templates/shortcodes/note.html:2:1
   |
 2 | {{ kind </b>
   | ^
   = while rendering content/a.md:6
   = close it with `}}`, on the same line as a rule",
    );
}

#[test]
fn an_image_that_is_not_there() {
    says(
        &[
            (
                "templates/shortcodes/pic.html",
                "<b>\n{{ resize_image(path=path, width=10, op='fit_width') }}</b>",
            ),
            (
                "content/a.md",
                "+++\ntitle=\"A\"\n+++\n\n\n{{ pic(path=\"no.png\") }}\n",
            ),
        ],
        "\
error: `resize_image`: there is no image `no.png`
  --> templates/shortcodes/pic.html:2:4
   |
 2 | {{ resize_image(path=path, width=10, op='fit_width') }}</b>
   |    ^
   = while rendering content/a.md:6
   = a path counts from the site's folder, from `static/` or from `content/`",
    );
}
