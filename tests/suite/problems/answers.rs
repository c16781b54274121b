//! What templates ask of the site, and it has not.

use super::says;

#[test]
fn a_page() {
    says(
        &[(
            "templates/page.html",
            "a\n\n{{ get_page(path='goood.md') }}",
        )],
        "\
error: `get_page`: there is no page `goood.md`
  --> templates/page.html:3:4
   |
 3 | {{ get_page(path='goood.md') }}
   |    ^
   = while rendering content/good.md
   = did you mean `good.md`?",
    );
}

#[test]
fn a_section() {
    says(
        &[(
            "templates/page.html",
            "a\n\n{% set s = get_section(path='blog/_index.md') %}",
        )],
        "\
error: `get_section`: there is no section `blog/_index.md`
  --> templates/page.html:3:12
   |
 3 | {% set s = get_section(path='blog/_index.md') %}
   |            ^
   = while rendering content/good.md
   = write the path of its Markdown file below `content/`",
    );
}

#[test]
fn a_taxonomy() {
    says(
        &[(
            "templates/page.html",
            "a\n\n{% set s = get_taxonomy(kind='tag') %}",
        )],
        "\
error: `get_taxonomy`: there is no taxonomy `tag` in the language `en`
  --> templates/page.html:3:12
   |
 3 | {% set s = get_taxonomy(kind='tag') %}
   |            ^
   = while rendering content/good.md
   = did you mean `tags`?",
    );
}

#[test]
fn a_link() {
    says(
        &[(
            "templates/page.html",
            "a\n\n{{ get_url(path='@/nope.md') }}",
        )],
        "\
error: `get_url`: there is no page or section `@/nope.md`
  --> templates/page.html:3:4
   |
 3 | {{ get_url(path='@/nope.md') }}
   |    ^
   = while rendering content/good.md
   = write `@/` and the path of a Markdown file below `content/`",
    );
}

#[test]
fn an_image_to_resize() {
    says(
        &[
            (
                "templates/page.html",
                "{{ resize_image(path='pic.svg', width=10, height=5) }}",
            ),
            ("static/img/wide/pic.svg", "<svg/>"),
        ],
        "\
error: `resize_image`: there is no image `pic.svg`
  --> templates/page.html:1:4
   |
 1 | {{ resize_image(path='pic.svg', width=10, height=5) }}
   |    ^
   = while rendering content/good.md
   = did you mean `img/wide/pic.svg`?",
    );
}

#[test]
fn an_operation_of_resize_image() {
    says(
        &[(
            "templates/page.html",
            "a\n\n{{ resize_image(path='pic.png', width=10, op='fil') }}",
        )],
        r#"error: `resize_image`: `op` can't be "fil": there are scale, fit_width, fit_height, fit and fill
  --> templates/page.html:3:4
   |
 3 | {{ resize_image(path='pic.png', width=10, op='fil') }}
   |    ^
   = while rendering content/good.md"#,
    );
}

#[test]
fn a_file_of_data() {
    says(
        &[
            (
                "templates/page.html",
                "a\n\n{% set d = load_data(path='dta.json') %}",
            ),
            ("data.json", "{}"),
        ],
        "\
error: `load_data`: there is no file `dta.json`
  --> templates/page.html:3:12
   |
 3 | {% set d = load_data(path='dta.json') %}
   |            ^
   = while rendering content/good.md
   = a path counts from the site's folder, from `static/` or from `content/`",
    );
}

#[test]
fn data_that_cannot_be_read() {
    says(
        &[
            (
                "templates/page.html",
                "a\n\n{% set d = load_data(path='data.json') %}",
            ),
            ("data.json", "{\n\"a\": }\n"),
        ],
        "\
error: `load_data`: `data.json` can't be read as JSON: line 2: expected value
  --> templates/page.html:3:12
   |
 3 | {% set d = load_data(path='data.json') %}
   |            ^
   = while rendering content/good.md
   = mend it, or name the `format` that it has",
    );
}

#[test]
fn a_translation() {
    says(
        &[
            ("templates/page.html", "a\n\n{{ trans(key='titel') }}"),
            (
                "config.toml",
                "base_url = 'https://example.org'\ntaxonomies = [{ name = 'tags' }]\n[translations]\ntitle = 'x'\n",
            ),
        ],
        "\
error: `trans`: there is no translation of `titel` for the language `en`
  --> templates/page.html:3:4
   |
 3 | {{ trans(key='titel') }}
   |    ^
   = while rendering content/good.md
   = did you mean `title`?",
    );
}

#[test]
fn a_feed() {
    says(
        &[(
            "config.toml",
            "generate_feeds=true\nfeed_filenames=['fed.xml']\nbase_url = 'https://example.org'\ntaxonomies = [{ name = 'tags' }]\n",
        )],
        "\
error: the template `fed.xml` does not exist
  --> config.toml:2:17
   |
 2 | feed_filenames=['fed.xml']
   |                 ^
   = while rendering /fed.xml
   = create templates/fed.xml",
    );
}
