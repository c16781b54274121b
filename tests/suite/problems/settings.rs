//! What is wrong with the configuration of a site, its theme and its style sheets.

use super::says;

#[test]
fn a_configuration_that_cannot_be_parsed() {
    says(
        &[(
            "config.toml",
            "base_url = 'https://example.org'\ntitle = Hello\n",
        )],
        r#"error: string values must be quoted, expected literal string
  --> config.toml:2:9
   |
 2 | title = Hello
   |         ^
   = put it in quotes: `key = "..."`"#,
    );
}

#[test]
fn an_unknown_key() {
    says(
        &[(
            "config.toml",
            "base_url = 'https://example.org'\ncompile_sas = true\ntaxonomies = [{ name = 'tags' }]\n",
        )],
        "\
warning: `compile_sas` is no key of the site's configuration and has no effect
  --> config.toml:2:1
   |
 2 | compile_sas = true
   | ^
   = did you mean `compile_sass`?",
    );
}

#[test]
fn a_key_of_ones_own() {
    says(
        &[(
            "config.toml",
            "base_url = 'https://example.org'\nmy_key = true\ntaxonomies = [{ name = 'tags' }]\n",
        )],
        "\
warning: `my_key` is no key of the site's configuration and has no effect
  --> config.toml:2:1
   |
 2 | my_key = true
   | ^
   = your own data belongs below `[extra]`",
    );
}

#[test]
fn a_wrong_type() {
    says(
        &[(
            "config.toml",
            "base_url = 'https://example.org'\ncompile_sass = 'yes'\n",
        )],
        r#"error: `compile_sass` must be `true` or `false`, and is the string "yes"
  --> config.toml:2:16
   |
 2 | compile_sass = 'yes'
   |                ^
   = write `compile_sass = true` or `compile_sass = false`"#,
    );
}

#[test]
fn taxonomies_by_their_names_alone() {
    says(
        &[(
            "config.toml",
            "base_url = 'https://example.org'\ntaxonomies = ['tags']\n",
        )],
        r#"error: `taxonomies` must be a list of tables, and is a list of strings
  --> config.toml:2:14
   |
 2 | taxonomies = ['tags']
   |              ^
   = write `taxonomies = [{ name = "..." }]`"#,
    );
}

#[test]
fn a_theme_that_is_not_there() {
    says(
        &[
            (
                "config.toml",
                "theme='evn'\nbase_url = 'https://example.org'\ntaxonomies = [{ name = 'tags' }]\n",
            ),
            ("themes/even/theme.toml", "name='even'\n"),
        ],
        "\
error: the theme `evn` is not there
  --> config.toml:1:8
   |
 1 | theme='evn'
   |        ^
   = did you mean `even`?",
    );
}

#[test]
fn a_theme_whose_folder_is_empty() {
    says(
        &[
            ("config.toml", "theme = \"shore\"\n"),
            ("themes/shore/README.md", "to come\n"),
        ],
        "\
error: there is nothing in themes/shore/
  --> config.toml:1:10
   |
 1 | theme = \"shore\"
   |          ^
   = if it is a git submodule: `git submodule update --init`",
    );
}

#[test]
fn a_pattern_that_cannot_be_read() {
    says(
        &[(
            "config.toml",
            "ignored_content=['[']\nbase_url = 'https://example.org'\ntaxonomies = [{ name = 'tags' }]\n",
        )],
        r"error: the pattern `[` can't be read: unclosed character class; missing ']'
  --> config.toml:1:17
   |
 1 | ignored_content=['[']
   |                 ^
   = `*`, `**`, `?`, `[abc]` and `{a,b}` mean something: write `\\[` for a bracket",
    );
}

#[test]
fn sass_that_cannot_be_read() {
    says(
        &[
            (
                "config.toml",
                "base_url = 'https://example.org'\ncompile_sass=true\ntaxonomies = [{ name = 'tags' }]\n",
            ),
            ("sass/a.scss", "a {\n  color: red\n  b: $x;\n}\n"),
        ],
        "\
error: `;` is missing here
  --> sass/a.scss:3:4
   |
 3 |   b: $x;
   |    ^",
    );
}

#[test]
fn a_variable_of_sass() {
    says(
        &[
            (
                "config.toml",
                "base_url = 'https://example.org'\ncompile_sass=true\ntaxonomies = [{ name = 'tags' }]\n",
            ),
            ("sass/a.scss", "$colour: red;\na {\n  color: $color;\n}\n"),
        ],
        "\
error: the variable `$color` is not defined
  --> sass/a.scss:3:10
   |
 3 |   color: $color;
   |          ^
   = give it a value above, or import the part that does",
    );
}

#[test]
fn a_part_of_sass() {
    says(
        &[
            (
                "config.toml",
                "base_url = 'https://example.org'\ncompile_sass=true\ntaxonomies = [{ name = 'tags' }]\n",
            ),
            ("sass/a.scss", "a {b:c}\n@import 'nope';\n"),
        ],
        "\
error: there is no part 'nope' to import
  --> sass/a.scss:2:9
   |
 2 | @import 'nope';
   |         ^
   = it lies beside this file, or in a folder named with it, as `_name.scss` or `_name.sass`",
    );
}
