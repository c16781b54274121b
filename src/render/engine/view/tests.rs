//! Which fields are read: templates, and what is found in them.

use tera::Tera;

use super::*;

fn view(templates: &[(&'static str, &'static str)]) -> View {
    let mut tera = Tera::default();
    tera.add_raw_templates(templates.to_vec()).unwrap();
    let text = |name: &str| {
        templates
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, text)| *text)
    };
    View::from(&tera, "page.html", text)
}

fn names(fields: Fields) -> Vec<&'static str> {
    fields.without(ALWAYS).iter().map(Field::name).collect()
}

/// What is read of the page, of the section, and of others.
type Read = (
    &'static [&'static str],
    &'static [&'static str],
    &'static [&'static str],
);

fn check(text: &'static str, (page, section, others): Read) {
    let view = view(&[("page.html", text)]);
    assert_ne!(view.others, Fields::ALL, "{text}");
    assert_eq!(names(view.page), page, "page of {text}");
    assert_eq!(names(view.section), section, "section of {text}");
    assert_eq!(names(view.others), others, "others of {text}");
}

#[test]
fn what_is_named_is_read() {
    check("{{ page.title }}", (&["title"], &[], &[]));
    check("{{ page['title'] }}", (&["title"], &[], &[]));
    check("{{ page.extra.content }}", (&["extra"], &[], &[]));
    check(
        "{{ page.extra[page.slug] }}",
        (&["slug", "extra"], &[], &[]),
    );
    check("{{ page.lower.title }}", (&["lower"], &[], &["title"]));
    check(
        "{% if page.higher and page.higher.date is defined %}{% endif %}",
        (&["higher"], &[], &["date"]),
    );
    check(
        "{% for p in section.pages %}{{ p.title ~ p.lower.slug }}{% endfor %}",
        (&[], &["pages"], &["slug", "title", "lower"]),
    );
    check(
        "{% for page in paginator.pages %}{{ page.summary }}{% endfor %}",
        (&["summary"], &[], &["pages", "summary"]),
    );
    check(
        "{% set s = get_section(path='a.md') %}{{ s.pages.0.toc }}{{ section.content }}",
        (&[], &["content"], &["pages", "toc"]),
    );
    check(
        "{{ section.pages | sort(attribute='extra.order') | map(attribute='slug') }}",
        (&[], &["pages"], &["slug", "extra"]),
    );
    check(
        "{% for y, ps in section.pages | group_by(attribute='year') %}{{ ps.0.title }}{% endfor %}",
        (&[], &["pages"], &["title", "year"]),
    );
    check(
        "{% set by = section.pages | group_by(attribute='year') %}{% for y, p in by %}{{ y }}{% endfor %}",
        (&[], &["pages"], &["year"]),
    );
    check(
        "{% if 'summary' in page %}{% endif %}{{ 1 }}",
        (&["summary"], &[], &["summary"]),
    );
}

#[test]
fn a_name_that_is_bound_means_both() {
    check(
        "{{ section.title }}{% set section = get_section(path='a.md') %}{{ section.slug }}",
        (&[], &["slug", "title"], &["slug", "title"]),
    );
    check(
        "{{ page.title }}{% set page = 'plain' %}{{ page }}",
        (&["title"], &[], &[]),
    );
    let text = "{{ page | json_encode }}{% set page = 'plain' %}";
    assert_eq!(view(&[("page.html", text)]).others, Fields::ALL);
}

#[test]
fn what_goes_on_is_read_where_it_goes() {
    let macros = "{% macro item(page) %}{{ page.title }}{% endmacro %}\
                  {% macro text(page) %}{{ page.content }}{% endmacro %}\
                  {% macro both(p) %}{{ self::item(page=p) }}{{ p.date }}{% endmacro %}";
    for (text, page, others) in [
        (
            "{{ m::item(page=page) }}{{ page.toc }}",
            &["title", "toc"][..],
            &["title"][..],
        ),
        (
            "{{ m::both(p=page.lower) }}",
            &["lower"],
            &["title", "date"],
        ),
        ("{{ page.slug }}", &["slug"], &[]),
        ("{% set p = page %}{{ p.draft }}", &["draft"], &["draft"]),
    ] {
        let import = "{% import 'm.html' as m %}";
        let text: &'static str = Box::leak(format!("{import}{text}").into_boxed_str());
        let view = view(&[("page.html", text), ("m.html", macros)]);
        assert_eq!(names(view.page), page, "page of {text}");
        assert_eq!(names(view.others), others, "others of {text}");
    }
}

#[test]
fn parents_and_parts_are_read_too() {
    let view = view(&[
        (
            "page.html",
            "{% extends 'base.html' %}{% block b %}{{ page.title }}{% endblock %}",
        ),
        (
            "base.html",
            "{{ page.slug }}{% block b %}{{ page.date }}{% endblock %}{% include 'part.html' %}",
        ),
        (
            "part.html",
            "{% for p in pages %}{{ p.year }}{% endfor %}{{ config.title }}{{ config.extra.x }}",
        ),
        ("other.html", "{{ page.content }}"),
    ]);
    assert_eq!(names(view.page), ["slug", "title", "date"]);
    assert_eq!(names(view.others), ["year"]);
    let config: Vec<String> = view.config.unwrap().into_iter().collect();
    assert_eq!(config, ["extra", "title"]);
}

#[test]
fn what_is_not_bounded_is_all() {
    for text in [
        "{{ __tera_context }}",
        "{{ page | json_encode }}",
        "{{ page[name] }}",
        "{% for p in section.pages %}{{ p[name] }}{% endfor %}",
        "{% for p in section.pages %}{{ p | json_encode }}{% endfor %}",
        "{% for k, v in page %}{{ k }}{% endfor %}",
        "{% for p in section.pages %}{% for k, v in p %}{% endfor %}{% endfor %}",
        "{{ section.pages | sort(attribute=name) }}",
        "{{ page | get(key=name) }}",
        "{{ page | length }}",
        "{% if page == section.pages.0 %}{% endif %}",
        "{% if page in section.pages %}{% endif %}",
        "{{ get_page(path='a.md') | json_encode }}",
    ] {
        assert_eq!(view(&[("page.html", text)]).others, Fields::ALL, "{text}");
    }
}

#[test]
fn what_can_be_no_page_bounds_nothing() {
    for text in [
        "{{ page.title | json_encode }}",
        "{{ config.extra | json_encode }}",
        "{% set t = page.title | default(value='x') %}{{ t | json_encode }}",
        "{% set d = load_data(path='a.toml') %}{% for k, v in d.table %}{{ d[k] }}{% endfor %}",
        "{% for k, v in page.taxonomies %}{{ k }}{% endfor %}",
        "{% for k, v in config.extra %}{{ v | json_encode }}{% endfor %}",
        "{% set names = ['a', 'b'] %}{{ names | length }}{{ names[loop.index] }}",
        "{{ page.extra | get(key=name) }}",
    ] {
        assert_ne!(view(&[("page.html", text)]).others, Fields::ALL, "{text}");
    }
}

#[test]
fn another_text_is_another_view() {
    let digest = |part| {
        let text = "{% include ['part.html', 'none.html'] %}";
        view(&[("page.html", text), ("part.html", part)]).digest
    };
    assert_eq!(digest("a"), digest("a"));
    assert_ne!(digest("a"), digest("b"));
    let without = view(&[("page.html", "{% include 'part.html' ignore missing %}")]).digest;
    let with = view(&[
        ("page.html", "{% include 'part.html' ignore missing %}"),
        ("part.html", ""),
    ]);
    assert_ne!(without, with.digest);
}
