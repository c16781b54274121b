//! Sites written for the Zolas of years ago, which today's Zola refuses or renders without what their authors meant.

use crate::node::{Node, Setup};

/// What is at `path` once `files` are built.
pub(crate) fn page(files: &[(&str, &str)], path: &str) -> String {
    let setup = Node::files(files);
    let out = setup.beside("out");
    setup
        .run("build", &["--output", out.to_str().unwrap()])
        .exits_with(0);
    std::fs::read_to_string(out.join(path)).unwrap()
}

fn blog(config: &str, section: &str, template: &str) -> String {
    let files = [
        ("config.toml", config),
        ("content/_index.md", section),
        (
            "content/a.md",
            "+++\ntitle = \"A\"\ndate = 2020-01-01\nweight = 1\n+++\n",
        ),
        (
            "content/b.md",
            "+++\ntitle = \"B\"\ndate = 2020-01-02\nweight = 2\n+++\n",
        ),
        (
            "content/c.md",
            "+++\ntitle = \"C\"\ndate = 2020-01-03\nweight = 3\n+++\n",
        ),
        ("templates/page.html", template),
    ];
    page(&files, "b/index.html")
}

#[test]
fn neighbours_have_the_names_of_their_order() {
    let names = [
        "later",
        "earlier",
        "lighter",
        "heavier",
        "title_prev",
        "title_next",
    ];
    let shown = names.map(|name| {
        format!("{{% if page.{name} %}}{name}={{{{ page.{name}.title }}}} {{% endif %}}")
    });
    for (order, expected) in [
        ("date", "later=C earlier=A "),
        ("weight", "lighter=A heavier=C "),
        ("title", "title_prev=A title_next=C "),
    ] {
        let section = format!("+++\nsort_by = \"{order}\"\n+++\n");
        assert_eq!(blog("", &section, &shown.concat()), expected);
    }
}

#[test]
fn feeds_go_by_the_name_the_configuration_uses() {
    let template = "{{ config.generate_feed }} {{ config.feed_filename }} {% if config.generate_rss %}rss{% endif %}";
    let html = blog("generate_rss = true", "+++\n+++\n", template);
    assert_eq!(html, "true atom.xml rss");
    // Templates that are newer than the name `generate_rss` never see it, as with Zola.
    let html = blog("generate_feeds = true", "+++\n+++\n", template);
    assert_eq!(html, "true atom.xml ");
}

#[test]
fn a_highlight_theme_that_is_only_switched_on() {
    let config = "[markdown]\nhighlight_code = true\nhighlight_theme = true\n";
    blog(config, "+++\n+++\n", "{{ page.title }}");
}

#[test]
fn a_page_may_list_its_own_address_among_its_aliases() {
    let setup = site_with_aliases("aliases = [\"a\", \"/a/\", \"old\"]");
    setup.run("check", &["--strict"]).exits_with(0);
}

#[test]
fn an_alias_where_a_page_is_gives_way_to_it() {
    let setup = site_with_aliases("aliases = [\"b\"]");
    setup
        .run("check", &[])
        .exits_with(0)
        .prints("content/a.md:2");
}

fn site_with_aliases(aliases: &str) -> Setup {
    Node::files(&[
        ("config.toml", ""),
        ("content/_index.md", "+++\n+++\n"),
        ("content/a.md", &format!("+++\n{aliases}\n+++\n")),
        ("content/b.md", "+++\n+++\n"),
    ])
}

#[test]
fn a_sass_module_is_one_by_whatever_path_it_is_used() {
    let files = [
        ("config.toml", "compile_sass = true"),
        ("content/_index.md", "+++\n+++\n"),
        ("sass/site.scss", "@use \"kit/index\" with ($wide: true);\n"),
        (
            "sass/kit/_index.scss",
            "@forward \"settings\";\n@use \"parts/grid\";\n",
        ),
        ("sass/kit/_settings.scss", "$wide: false !default;\n"),
        (
            "sass/kit/parts/_grid.scss",
            "@use \"../settings\" as *;\n@if $wide { main { width: 90% } }\n",
        ),
    ];
    assert_eq!(page(&files, "site.css").trim(), "main{width:90%}");
}

#[test]
fn templates_of_tera_2_are_one_mistake() {
    let setup = Node::files(&[
        ("config.toml", ""),
        ("content/_index.md", "+++\n+++\n"),
        ("content/a.md", "+++\n+++\n"),
        ("templates/page.html", "<p>{{ <tide height=1 /> }}</p>"),
        (
            "templates/components/tide.html",
            "{% component tide(height) %}{{ height }}{% endcomponent %}",
        ),
        ("templates/section.html", "{{ section?.title }}"),
    ]);
    setup
        .run("check", &[])
        .exits_with(1)
        .prints("the templates are in Tera 2, the language of Zola 0.23 and later, which Littoral does not read")
        .prints("1 error");
}

#[test]
fn a_path_may_climb_from_the_folders_that_are_searched() {
    let files = [
        ("config.toml", ""),
        ("theme.toml", "name = \"shore\"\n"),
        ("content/_index.md", "+++\n+++\n"),
        ("static/tide.txt", "high"),
        (
            "templates/index.html",
            "{% set theme = load_data(path=\"../theme.toml\") %}{{ theme.name }} {{ load_data(path=\"../static//tide.txt\") }}",
        ),
    ];
    assert_eq!(page(&files, "index.html"), "shore high");
}
