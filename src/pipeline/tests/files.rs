//! The files of the sites, and the states they may be in. The first is where a site begins; the good ones
//! go together, and each of the bad ones keeps a site from being published.

use super::configs::{CONFIG, MINIFIED_CONFIG, OTHER_CONFIG, PAGED_CONFIG};

pub(super) struct File {
    pub(super) path: &'static str,
    pub(super) good: States,
    pub(super) bad: States,
}

/// Texts; None where there is no file.
type States = &'static [Option<&'static str>];

const fn file(path: &'static str, good: States, bad: States) -> File {
    File { path, good, bad }
}

pub(super) const FILES: &[File] = &[
    file(
        "config.toml",
        &[
            Some(CONFIG),
            Some(OTHER_CONFIG),
            Some(PAGED_CONFIG),
            Some(MINIFIED_CONFIG),
        ],
        &[
            Some("base_url = 3\n"),
            Some("base_url = 'https://a.example'\n"),
        ],
    ),
    file(
        "content/_index.md",
        &[
            Some("+++\ntitle = 'Root'\nsort_by = 'date'\n+++\nHello {{ say(word='root') }}\n"),
            None,
            Some("+++\nsort_by = 'weight'\npaginate_by = 1\n+++\n"),
            Some("+++\ntitle = 'Root'\nredirect_to = 'blog'\n+++\n"),
        ],
        &[],
    ),
    file(
        "content/blog/_index.md",
        &[
            Some("+++\ntitle = 'Blog'\nsort_by = 'date'\n+++\nThe blog, [one](@/blog/one.md).\n"),
            Some(
                "+++\ntitle = 'The blog'\nsort_by = 'date'\n[extra]\nkey = 's'\n+++\nThe blog, [one](@/blog/one.md).\n",
            ),
            Some("+++\ntitle = 'Blog'\nsort_by = 'title'\npaginate_by = 2\n+++\n"),
            Some(
                "+++\ntitle = 'Blog'\nsort_by = 'weight'\ntransparent = true\ninsert_anchor_links = 'left'\n+++\n# Head\n",
            ),
            Some(
                "+++\ntitle = 'Log'\nsort_by = 'date'\ngenerate_feeds = true\npage_template = 'note.html'\naliases = ['log']\n+++\n",
            ),
            Some(
                "+++\ntitle = 'Blog'\npaginate_by = 1\npaginate_reversed = true\npaginate_path = 'p'\n+++\n",
            ),
        ],
        &[None],
    ),
    file(
        "content/blog/deep/_index.md",
        &[
            None,
            Some("+++\ntitle = 'Deep'\nweight = 2\n+++\n"),
            Some("+++\ntransparent = true\nsort_by = 'date'\n+++\n"),
        ],
        &[],
    ),
    file(
        "content/_index.fr.md",
        &[None, Some("+++\ntitle = 'Racine'\n+++\n")],
        &[],
    ),
    file(
        "content/blog/one.md",
        &[
            Some(
                "+++\ntitle = 'One'\ndate = 2024-01-01\nweight = 1\n[taxonomies]\ntags = ['a', 'b']\n[extra]\nkey = 'x'\n+++\nFirst.\n\n<!-- more -->\n\n# Head\n\nSee [two](@/blog/two.md#second) and {{ say(word='one') }}.\n",
            ),
            Some(
                "+++\ntitle = 'One'\ndate = 2024-01-01\nweight = 1\n[taxonomies]\ntags = ['a', 'b']\n[extra]\nkey = 'x'\n+++\nFirst.\n\n<!-- more -->\n\n# Head\n\nOther text.\n",
            ),
            Some(
                "+++\ntitle = 'One and only'\ndescription = 'Of one'\ndate = 2024-01-01\nweight = 1\n[taxonomies]\ntags = ['a', 'b']\n[extra]\nkey = 'x'\n+++\nFirst.\n\n<!-- more -->\n\n# Head\n\nOther text.\n",
            ),
            Some(
                "+++\ntitle = 'One'\ndate = 2024-01-01\nauthors = ['Nobody']\nweight = 1\n[taxonomies]\ntags = ['a', 'b']\n[extra]\nkey = 'z'\n+++\nFirst.\n\n<!-- more -->\n\n# Head\n\nOther text, and longer.\n",
            ),
            Some(
                "+++\ntitle = 'Uno'\ndate = 2026-01-01\nweight = 9\naliases = ['old', 'gone/x.html']\n[taxonomies]\ntags = ['c']\n+++\nFirst, changed.\n\n<!-- more -->\n\n# Head\n",
            ),
            Some(
                "+++\ntitle = 'One'\ndate = 2024-01-01\nweight = 1\nslug = 'eins'\ntemplate = 'note.html'\nupdated = 2025-05-05\n+++\n{% box() %}*in* [x](@/blog/two.md){% end %}\n",
            ),
            Some("+++\ntitle = 'One'\ndate = 2024-01-01\nweight = 1\ndraft = true\n+++\n"),
            Some(
                "+++\ntitle = 'One'\nrender = false\ndate = 2024-01-01\n[extra]\nkey = 'y'\n+++\nUnseen.\n",
            ),
            None,
        ],
        &[
            Some("+++\ntitle = 'One\n+++\n"),
            Some("+++\ntitle = 'One'\n+++\n{{ nothing() }}\n"),
        ],
    ),
    file(
        "content/blog/two.md",
        &[
            Some(
                "+++\ntitle = 'Two'\ndate = 2024-02-02\nweight = 2\n[taxonomies]\ntags = ['b']\n+++\nText of two.\n\n## Second\n\n```rust\nfn main() {}\n```\n",
            ),
            Some(
                "+++\ntitle = 'Two'\ndate = 2024-02-02\nweight = 2\n[taxonomies]\ntags = ['b']\n+++\nText of two.\n\n## Third\n",
            ),
            Some(
                "+++\ntitle = 'Two again'\nin_search_index = false\ndate = 2024-02-02\nweight = 2\n[taxonomies]\ntags = ['b']\n+++\nText of two.\n\n## Third\n\n{% box() %}x{% end %}\n",
            ),
            Some(
                "+++\ntitle = 'Zwei'\ndate = 2023-02-02\nweight = 2\nin_search_index = false\n+++\nText of two.\n\n## Second\n\nLink to [root](@/_index.md) and [three](@/blog/deep/three.md).\n",
            ),
            Some("---\ntitle: Two\nweight: 2\n---\n## Second\n"),
            Some(
                "+++\ntitle = 'Two'\ndate = 2024-02-02\nweight = 2\n+++\n## SECOND {#Second}\n\n[to](@/blog/one.md#head) {{ say(word='2') }}\n",
            ),
        ],
        &[None],
    ),
    file(
        "content/blog/deep/three.md",
        &[
            Some(
                "+++\ntitle = 'Three'\ndate = 2024-03-03\nweight = 3\n[taxonomies]\ntags = ['a', 'A']\n+++\n{{ say(word=\"three\") }} {{ num() }}\n",
            ),
            Some(
                "+++\ntitle = 'Three'\ndate = 2024-03-03\nweight = 0\npath = 'elsewhere/three'\n+++\n[one](@/blog/one.md)\n",
            ),
            None,
        ],
        &[Some("+++\ntitle = 'Three'\npath = 'blog/two'\n+++\n")],
    ),
    file(
        "content/blog/deep/three.fr.md",
        &[
            None,
            Some("+++\ntitle = 'Trois'\ndate = 2024-03-03\n+++\nTexte.\n"),
            Some("+++\ntitle = 'Drei'\n+++\nTexte.\n"),
        ],
        &[],
    ),
    file(
        "content/album/index.md",
        &[
            Some("+++\ntitle = 'Album'\n+++\n![x](pic.svg)\n"),
            Some("+++\ntitle = 'Album two'\nslug = 'photos'\n+++\n{{ pic() }}\n"),
            None,
        ],
        &[],
    ),
    file(
        "content/album/pic.svg",
        &[
            Some("<svg width='1' height='2'/>"),
            Some("<svg width='3' height='2'/>"),
        ],
        &[None],
    ),
    file(
        "templates/base.html",
        &[
            Some(
                "<title>{% block title %}{{ config.title }}{% endblock %}</title><link href=\"{{ get_url(path='site.css', cachebust=true) }}\">{% block content %}{% endblock %}<p>{{ now() | date(format='%Y') }} {{ get_url(path='@/blog/_index.md') }}</p>",
            ),
            Some(
                "<main>{% block content %}{% endblock %}</main>{{ lang }} {{ config.extra.key | default(value='-') }}",
            ),
            Some(
                "{% set data = load_data(path='data/a.toml', required=false) %}{% if data %}{{ data.word }}{% endif %}{% block content %}{% endblock %}{% set blog = get_section(path='blog/_index.md') %}<ul>{% for p in blog.pages %}<li>{{ p.title }}</li>{% endfor %}</ul>",
            ),
            Some("{% block content %}{% endblock %}{{ now() }} {{ config.languages | length }}"),
        ],
        &[Some("{% block content %}{% endblock"), None],
    ),
    file(
        "templates/page.html",
        &[
            Some(
                "{% extends 'base.html' %}{% import 'macros.html' as m %}{% block content %}<h1>{{ page.title }}</h1>{{ page.content | safe }}{% if page.lower %}{{ m::link(p=page.lower) }}{% endif %}{% if page.higher %}<b>{{ page.higher.title }}</b>{% endif %}{{ m::tags(page=page) }}{{ page.word_count }}{% endblock %}",
            ),
            Some(
                "{% extends 'base.html' %}{% block content %}{{ page.content | safe }}{% for b in page.backlinks %}{{ b.title }} {{ b.permalink }}{% endfor %}{% for t in page.translations %}{{ t.title }}{% endfor %}{% for a in page.ancestors %}{% set s = get_section(path=a, metadata_only=true) %}{{ s.title }}{% endfor %}{% for h in page.toc %}{{ h.title }}{% endfor %}{% endblock %}",
            ),
            Some(
                "{% extends 'base.html' %}{% block content %}{{ page.summary | default(value='none') }}{% set t = get_taxonomy(kind='tags', required=false) %}{% if t %}{% for i in t.items %}{{ i.name }}:{% for p in i.pages %}{{ p.title }},{% endfor %}{% endfor %}{% endif %}{% endblock %}",
            ),
            Some(
                "{{ page.earlier.title | default(value='-') }} {{ page.later.title | default(value='-') }} {{ page.heavier.title | default(value='-') }} {% set other = get_page(path='blog/two.md') %}{{ other.content | safe }}{{ other.lower.title | default(value='') }}",
            ),
            Some("{{ page | json_encode() }} {{ __tera_context }}"),
            Some(
                "{% set b = get_taxonomy_term(kind='tags', term='b', required=false) %}{% if b %}{{ b.page_count }}{% for p in b.pages %}{{ p.title }}{% endfor %}{% endif %}{% set key = 'key' %}{{ page.extra | get(key=key, default='') }}{{ page.path }}",
            ),
        ],
        &[
            Some("{{ page.titel }}"),
            Some("{{ page.title"),
            Some("{{ get_page(path='no.md') }}"),
        ],
    ),
    file(
        "templates/note.html",
        &[
            Some(
                "note {{ page.title }} {{ page.extra | get(key='key', default='-') }} {{ get_random(end=100) }}",
            ),
            Some("{% include 'part.html' %}{{ page.description }}"),
        ],
        &[None],
    ),
    file(
        "templates/section.html",
        &[
            Some(
                "{% extends 'base.html' %}{% import 'macros.html' as m %}{% block content %}{{ section.title }}{{ section.content | safe }}{% for p in paginator.pages | default(value=section.pages) %}{{ m::link(p=p) }}{% endfor %}{% endblock %}",
            ),
            Some(
                "{{ section.title }}{% if paginator %}{{ paginator.current_index }}/{{ paginator.number_pagers }}{% for p in paginator.pages %}{{ p.title }}{{ p.summary }}{% endfor %}{% else %}{% for year, pages in section.pages | group_by(attribute='year') %}{{ year }}{% for p in pages %}{{ p.slug }}{% endfor %}{% endfor %}{% endif %}",
            ),
            Some(
                "{{ section.pages | length }}{% for p in section.pages %}{{ p.title }}{{ p.lower.title | default(value='') }}{{ p.content | safe }}{% endfor %}{% for s in section.subsections %}{{ s }}{% endfor %}",
            ),
            Some(
                "{% for p in section.pages %}{% if p.permalink == current_url %}x{% endif %}{{ p | json_encode() }}{% endfor %}",
            ),
            Some(
                "{{ section.title }}{% set section = get_section(path='blog/_index.md') %}{{ section.slug | default(value='') }}{{ section.pages | length }}",
            ),
        ],
        &[Some("{{ section.nothing }}")],
    ),
    file(
        "templates/index.html",
        &[
            Some("{% extends 'section.html' %}"),
            Some(
                "{% for path in section.subsections %}{% set s = get_section(path=path) %}{{ s.title }} {{ s.word_count }}{% for p in s.pages %}{{ p.reading_time }} {{ p.date }}{% endfor %}{% endfor %}",
            ),
            Some(
                "{{ config | json_encode() | safe }}{% set i = resize_image(path='img.png', width=2, height=2, op='fill', format='png') %}{{ i.url }}",
            ),
            None,
        ],
        &[],
    ),
    file(
        "templates/taxonomy_list.html",
        &[
            Some(
                "{% for t in terms %}{{ t.name }} {{ t.pages | length }}{{ t.page_count }}{% endfor %}",
            ),
            Some(
                "{% for t in terms %}{{ t.permalink }}{% for p in t.pages %}{{ p.title }}{% endfor %}{% endfor %}",
            ),
        ],
        &[None],
    ),
    file(
        "templates/taxonomy_single.html",
        &[
            Some(
                "{{ term.name }}{% for p in paginator.pages | default(value=term.pages) %}{{ p.title }} {{ p.permalink }}{% endfor %}",
            ),
            Some("{{ term.name }} {{ taxonomy.name }} {{ term.pages | length }}"),
            Some("{{ term.name }} {{ term.page_count }} {{ current_path }}"),
        ],
        &[None],
    ),
    file(
        "templates/tags/single.html",
        &[
            None,
            Some("tag {{ term.slug }}{% for p in term.pages %}{{ p.slug }}{% endfor %}"),
        ],
        &[],
    ),
    file(
        "templates/macros.html",
        &[
            Some(
                "{% macro link(p) %}<a href=\"{{ p.permalink | safe }}\">{{ p.title }}</a>{% endmacro %}{% macro tags(page) %}{% if page.taxonomies.tags %}{% for t in page.taxonomies.tags %}{{ get_taxonomy_url(kind='tags', name=t) }}{% endfor %}{% endif %}{% endmacro %}",
            ),
            Some(
                "{% macro link(p) %}{{ p.slug }} {{ p.description | default(value='') }}{% endmacro %}{% macro tags(page) %}{% set u = get_url(path='a.txt') %}{{ u }}{% endmacro %}",
            ),
            Some(
                "{% macro link(p) %}{{ p.content | safe }}{{ self::end() }}{% endmacro %}{% macro tags(page) %}{{ page.extra.key | default(value='') }}{% endmacro %}{% macro end() %}end{% endmacro %}",
            ),
        ],
        &[None],
    ),
    file(
        "templates/part.html",
        &[
            Some("part"),
            Some("{{ config.title }} {{ get_hash(path='a.txt', sha_type=256) }}"),
        ],
        &[None],
    ),
    file(
        "templates/anchor-link.html",
        &[
            None,
            Some("<a href=\"#{{ id }}\">{{ config.title }} {{ level }}</a>"),
        ],
        &[],
    ),
    file(
        "templates/404.html",
        &[
            None,
            Some("gone"),
            Some(
                "{% set s = get_section(path='blog/_index.md') %}{{ config.title }} {{ s.title }}",
            ),
        ],
        &[],
    ),
    file(
        "templates/atom.xml",
        &[
            None,
            Some("{% for p in pages %}{{ p.content }}{% endfor %}{{ last_updated }}"),
        ],
        &[],
    ),
    file(
        "templates/shortcodes/say.html",
        &[
            Some("<i>{{ word }}</i>"),
            Some(
                "{{ word | upper }} {{ page.title | default(value='') }}{{ section.title | default(value='') }} {{ get_url(path='a.txt', cachebust=true) }}",
            ),
            Some("{{ page.word_count | default(value=0) }}{% include 'part.html' %}"),
        ],
        &[None],
    ),
    file(
        "templates/shortcodes/box.html",
        &[
            Some("<div>{{ body | markdown | safe }}</div>"),
            Some("<div>{{ body }} {{ nth }}</div>"),
            Some("{{ page.title | default(value='') }} {{ page.reading_time | default(value=0) }}"),
        ],
        &[None],
    ),
    file(
        "templates/shortcodes/num.md",
        &[
            Some("*{{ now(timestamp=true) > 0 }}*"),
            Some(
                "**{% set d = load_data(path='data/a.toml', required=false) %}{{ d.word | default(value='') }}**",
            ),
        ],
        &[None],
    ),
    file(
        "templates/shortcodes/pic.html",
        &[
            Some("{% set m = get_image_metadata(path='album/pic.svg') %}{{ m.width }}"),
            Some(
                "{% set i = resize_image(path='img.png', width=1, op='fit_width', format='png') %}{{ i.url }}",
            ),
        ],
        &[None],
    ),
    file("static/a.txt", &[Some("one"), Some("two")], &[None]),
    file(
        "static/blog/index.html",
        &[None, Some("over the section")],
        &[],
    ),
    file(
        "sass/site.scss",
        &[Some("a { b: c }"), Some("a { b: d }")],
        &[None],
    ),
    file("sass/_part.scss", &[None, Some("p {}"), Some("q {}")], &[]),
    file(
        "data/a.toml",
        &[Some("word = 'data'\n"), Some("word = 'other'\n"), None],
        &[Some("word = \n")],
    ),
];

/// A picture, which is there in every site as `static/img.png`.
pub(super) const PICTURE: &str = "static/img.png";
