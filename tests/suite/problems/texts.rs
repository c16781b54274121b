//! What is wrong with pages: their front matter, their links, their addresses.

use super::says;

#[test]
fn front_matter_that_cannot_be_parsed() {
    says(
        &[("content/a.md", "+++\ntitle = \"x\nweight = 3\n+++\n")],
        r#"error: invalid basic string, expected `"`
  --> content/a.md:2:11
   |
 2 | title = "x
   |           ^
   = end the string with the quote that it begins with; write `\\` for a backslash"#,
    );
}

#[test]
fn front_matter_that_never_ends() {
    says(
        &[("content/a.md", "+++\ntitle = 'x'\n\nText\n")],
        "\
error: the front matter has no closing `+++`
  --> content/a.md:1:1
   |
 1 | +++
   | ^
   = end it with a line `+++`",
    );
}

#[test]
fn no_front_matter() {
    says(
        &[("content/a.md", "# Title\n\nText\n")],
        "\
error: the file does not begin with front matter
  --> content/a.md:1
   |
 1 | # Title
   = begin it with a line `+++`, TOML (or nothing), and another line `+++`",
    );
}

#[test]
fn an_empty_file() {
    says(
        &[("content/a.md", "")],
        "\
error: the file is empty
  --> content/a.md:1
   = begin it with a line `+++`, TOML (or nothing), and another line `+++`",
    );
}

#[test]
fn a_key_that_is_given_twice() {
    says(
        &[(
            "content/a.md",
            "+++\ntitle = \"x\"\nweight = 3\ntitle = 'b'\n+++\n",
        )],
        "\
error: duplicate key
  --> content/a.md:4:1
   |
 4 | title = 'b'
   | ^
   = it stands there twice: take one of the two away",
    );
}

#[test]
fn yaml_between_the_fences_of_toml() {
    says(
        &[("content/a.md", "+++\ntitle: x\n+++\n")],
        "\
error: key with no value, expected `=`
  --> content/a.md:2:8
   |
 2 | title: x
   |        ^
   = write `key = value`; `key: value` is YAML, which stands between lines `---`",
    );
}

#[test]
fn toml_between_the_fences_of_yaml() {
    says(
        &[("content/a.md", "---\ntitle = \"x\"\n---\n")],
        r#"error: there must be `key: value` lines
  --> content/a.md:2:1
   |
 2 | title = "x"
   | ^
   = `key = value` is TOML, which stands between lines `+++`"#,
    );
}

#[test]
fn yaml_with_a_colon_too_many() {
    says(
        &[("content/a.md", "---\ntitle: Foo: bar\n---\n")],
        r#"error: mapping values are not allowed in this context
  --> content/a.md:2:11
   |
 2 | title: Foo: bar
   |           ^
   = put a text with a colon in quotes: `key: "a: b"`"#,
    );
}

#[test]
fn a_wrong_type() {
    says(
        &[("content/a.md", "+++\nweight = \"heavy\"\n+++\n")],
        r#"error: `weight` must be a whole number, and is the string "heavy"
  --> content/a.md:2:10
   |
 2 | weight = "heavy"
   |          ^
   = write `weight = 1`"#,
    );
}

#[test]
fn a_flag_in_quotes() {
    says(
        &[("content/a.md", "+++\ndraft = 'false'\n+++\n")],
        r#"error: `draft` must be `true` or `false`, and is the string "false"
  --> content/a.md:2:9
   |
 2 | draft = 'false'
   |         ^
   = write it without quotes: `draft = false`"#,
    );
}

#[test]
fn a_date_that_is_none() {
    says(
        &[("content/a.md", "+++\ndate = 2024-13-45\n+++\n")],
        "\
error: invalid date, expected month between 01 and 12
  --> content/a.md:2:8
   |
 2 | date = 2024-13-45
   |        ^
   = write 2024-05-01 or 2024-05-01T10:00:00Z",
    );
}

#[test]
fn a_date_in_words() {
    says(
        &[("content/a.md", "+++\ndate = \"May 1st, 2024\"\n+++\n")],
        r#"error: `date` is no date: "May 1st, 2024"
  --> content/a.md:2:8
   |
 2 | date = "May 1st, 2024"
   |        ^
   = write 2024-05-01 or 2024-05-01T10:00:00Z"#,
    );
}

#[test]
fn an_order_that_is_none() {
    says(
        &[("content/s/_index.md", "+++\nsort_by = \"dat\"\n+++\n")],
        r#"error: `sort_by` can't be "dat"
  --> content/s/_index.md:2:11
   |
 2 | sort_by = "dat"
   |           ^
   = did you mean "date"? There are "date", "none", "permalink", "slug", "title", "title_bytes", "update_date", "weight""#,
    );
}

#[test]
fn an_undeclared_taxonomy() {
    says(
        &[(
            "content/a.md",
            "+++\ntitle='x'\n[taxonomies]\ntag = ['x']\n+++\n",
        )],
        "\
error: the taxonomy `tag` is not configured for the language `en`
  --> content/a.md:4:1
   |
 4 | tag = ['x']
   | ^
   = did you mean `tags`?",
    );
}

#[test]
fn a_page_that_its_section_leaves_out() {
    says(
        &[
            ("content/s/_index.md", "+++\nsort_by = \"date\"\n+++\n"),
            ("content/s/x.md", "+++\ntitle=\"A\"\n+++\n"),
        ],
        "\
warning: the page has no `date`, by which its section is sorted: it is left out
  --> content/s/x.md
   = give it a `date`, or sort the section by something else",
    );
}

#[test]
fn two_pages_at_one_path() {
    says(
        &[("content/a.md", "+++\nslug = \"good\"\n+++\n")],
        r#"error: two things are at /good/: `content/a.md` and `content/good.md`
  --> content/a.md:2:9
   |
 2 | slug = "good"
   |         ^
   = give one of them another file name, `slug` or `path`"#,
    );
}

#[test]
fn a_page_and_a_section_at_one_path() {
    says(
        &[
            ("content/a.md", "+++\ntitle=\"A\"\n+++\n"),
            ("content/a/_index.md", "+++\n+++\n"),
        ],
        "\
error: two things are at /a/: `content/a.md` and `content/a/_index.md`
  --> content/a/_index.md
   = give one of them another file name, `slug` or `path`",
    );
}

#[test]
fn a_page_and_a_section_in_one_folder() {
    says(
        &[
            ("content/a/index.md", "+++\ntitle=\"A\"\n+++\n"),
            ("content/a/_index.md", "+++\ntitle=\"A\"\n+++\n"),
        ],
        "\
error: `content/a/` is a section (`_index.md`) and a page (`index.md`)
  --> content/a/index.md
   = keep one of the two, or give the page another name",
    );
}

#[test]
fn an_alias_where_a_page_is() {
    says(
        &[("content/a.md", "+++\naliases = [\"good\"]\n+++\n")],
        r#"warning: the alias /good/ of `content/a.md` has no effect: `content/good.md` is there
  --> content/a.md:2:13
   |
 2 | aliases = ["good"]
   |             ^
   = take the alias away, or give it another address"#,
    );
}

#[test]
fn two_aliases_at_one_path() {
    says(
        &[
            ("content/a.md", "+++\naliases = [\"old\"]\n+++\n"),
            ("content/b.md", "+++\naliases = [\"old\"]\n+++\n"),
        ],
        r#"error: `content/a.md` and `content/b.md` both have the alias /old/
  --> content/a.md:2:13
   |
 2 | aliases = ["old"]
   |             ^
   = take the alias away, or give it another address"#,
    );
}

#[test]
fn a_static_file_over_a_page() {
    says(
        &[
            ("static/good/index.html", "x"),
        ],
        "\
warning: two things are at /good/: `content/good.md` and `static/good/index.html`; the static file is what is served
  --> content/good.md
   = give one of them another name, or take it away"
    );
}

#[test]
fn a_link_that_leads_nowhere() {
    says(
        &[("content/a.md", "+++\ntitle=\"A\"\n+++\n\n[to](@/god.md)\n")],
        "\
error: the link `@/god.md` leads to no page
  --> content/a.md:5:6
   |
 5 | [to](@/god.md)
   |      ^
   = did you mean `@/good.md`?",
    );
}

#[test]
fn a_fragment_that_leads_nowhere() {
    says(
        &[(
            "content/a.md",
            "+++\ntitle=\"A\"\n+++\n\n[to](@/good.md#haeding)\n",
        )],
        "\
error: the link `@/good.md#haeding` leads to a heading that is not there
  --> content/a.md:5:15
   |
 5 | [to](@/good.md#haeding)
   |               ^
   = did you mean `#heading`?",
    );
}

#[test]
fn a_fragment_of_its_own_page() {
    says(
        &[("content/a.md", "+++\ntitle=\"A\"\n+++\n\n[to](#foo)\n")],
        "\
error: the link `@/a.md#foo` leads to a heading that is not there
  --> content/a.md:5:6
   |
 5 | [to](#foo)
   |      ^
   = take the fragment away, or give the heading that id: `## Title {#id}`",
    );
}
