//! Which pages stand in which list, where Zola's answer is not the first one that comes to mind.

use crate::elder::page;

const DATED: &str =
    "+++\ntitle = \"P\"\ndate = 2020-01-01\n[taxonomies]\ntags = [\"tide\", \"Tide\"]\n+++\n";

#[test]
fn a_transparent_section_hands_on_to_the_folder_right_above_only() {
    let files = [
        ("config.toml", "taxonomies = [{ name = \"tags\" }]"),
        ("content/_index.md", "+++\n+++\n"),
        ("content/near/_index.md", "+++\ntransparent = true\n+++\n"),
        ("content/near/a.md", DATED),
        (
            "content/far/off/_index.md",
            "+++\ntransparent = true\n+++\n",
        ),
        ("content/far/off/b.md", DATED),
        ("templates/taxonomy_list.html", ""),
        ("templates/taxonomy_single.html", ""),
        (
            "templates/index.html",
            "{% for page in section.pages %}{{ page.slug }} {% endfor %}",
        ),
    ];
    assert_eq!(page(&files, "index.html"), "a ");
}

#[test]
fn a_page_that_names_a_term_twice_is_listed_twice() {
    let files = [
        ("config.toml", "taxonomies = [{ name = \"tags\" }]"),
        ("content/_index.md", "+++\n+++\n"),
        ("content/a.md", DATED),
        ("templates/taxonomy_list.html", ""),
        (
            "templates/taxonomy_single.html",
            "{{ term.name }}: {% for page in term.pages %}{{ page.slug }} {% endfor %}",
        ),
    ];
    assert_eq!(page(&files, "tags/tide/index.html"), "Tide: a a ");
}
