//! What functions and filters say of arguments they can't work with, and what they take from outside.

use crate::node::{Node, Setup};

/// A call in a template, and what is told about it.
const MISTAKES: [(&str, &str); 36] = [
    ("get_url()", "the argument `path` is missing"),
    ("get_url(path=1)", "`path` must be a string, and is 1"),
    (
        "get_url(path=\"@/nope.md\")",
        "there is no page or section `@/nope.md`",
    ),
    (
        "get_url(path=\"@/_index.md\", lang=\"de\")",
        "`de` is no language of this site",
    ),
    (
        "get_url(path=\"a\", cachebust=1)",
        "`cachebust` must be true or false, and is 1",
    ),
    (
        "get_url(path=\"nope.css\", cachebust=true)",
        "there is no file `nope.css`",
    ),
    ("get_page(path=\"a1.md\")", "there is no page `a1.md`"),
    (
        "get_section(path=\"nope/_index.md\")",
        "there is no section `nope/_index.md`",
    ),
    ("get_taxonomy(kind=\"tagz\")", "there is no taxonomy `tagz`"),
    (
        "get_taxonomy_url(kind=\"tags\", name=\"nope\")",
        "no page has `nope` in its `tags`",
    ),
    (
        "get_taxonomy_term(kind=\"tags\", term=\"nope\")",
        "no page has `nope` in its `tags`",
    ),
    ("trans(key=\"nope\")", "there is no translation of `nope`"),
    (
        "trans(key=\"a\", lang=\"de\")",
        "`de` is no language of this site",
    ),
    ("get_hash()", "give it either `path` or `literal`"),
    (
        "get_hash(literal=\"a\", sha_type=1)",
        "`sha_type` is 256, 384 or 512, and not 1",
    ),
    ("get_hash(path=\"nope\")", "there is no file `nope`"),
    (
        "get_image_metadata(path=\"nope.png\")",
        "there is no image `nope.png`",
    ),
    (
        "get_image_metadata(path=\"config.toml\")",
        "`config.toml` is no image that can be read",
    ),
    (
        "get_env(name=\"LITTORAL_NOPE\")",
        "the environment has no variable `LITTORAL_NOPE`",
    ),
    (
        "get_random(start=2, end=2)",
        "`end` (2) must be above `start` (2)",
    ),
    ("get_random()", "the argument `end` is missing"),
    (
        "now(timestamp=\"x\")",
        "`timestamp` must be true or false, and is \"x\"",
    ),
    ("load_data()", "give it one of `path`, `url` and `literal`"),
    (
        "load_data(path=\"a\", literal=\"b\")",
        "give it one of `path`, `url` and `literal`",
    ),
    (
        "load_data(path=\"nope.toml\")",
        "there is no file `nope.toml`",
    ),
    (
        "load_data(path=\"../secret.toml\")",
        "there is no file `../secret.toml`",
    ),
    (
        "load_data(literal=\"a\", format=\"jsn\")",
        "there is no format \"jsn\"",
    ),
    (
        "load_data(path=\"bad.toml\", required=false)",
        "`bad.toml` can't be read as TOML: line 2: ",
    ),
    (
        "load_data(path=\"config.toml\", format=\"xml\")",
        "`config.toml` can't be read as XML: line 1: ",
    ),
    ("throw(message=\"as it is written\")", "as it is written"),
    ("\"!\" | base64_decode", "base64_decode"),
    ("\"a\" | regex_replace(pattern=\"(\", rep=\"\")", "`(`: "),
    (
        "\"a\" | num_format",
        "it works on a whole number, and got `\"a\"`",
    ),
    (
        "1764300000000000 | date",
        "1764300000000000 seconds are too many for a date",
    ),
    (
        "1 | date(timezone=\"Nowhere\")",
        "there is no time zone `Nowhere`",
    ),
    (
        "1 | num_format(locale=\"nowhere\")",
        "there is no locale `nowhere`",
    ),
];

#[test]
fn every_wrong_argument_is_told() {
    let config = "base_url = 'https://example.org'\ntaxonomies = [{ name = 'tags' }]\n";
    let setup = Node::files(&[
        ("config.toml", config),
        ("bad.toml", "a = 1\nb = \n"),
        ("content/a.md", "+++\n[taxonomies]\ntags = ['sea']\n+++\n"),
        ("templates/taxonomy_list.html", "list"),
        ("templates/taxonomy_single.html", "single"),
    ])
    .write_beside("secret.toml", "a = 1\n");
    for (number, (call, _)) in MISTAKES.iter().enumerate() {
        let page = format!("+++\ntemplate = 'm{number}.html'\n+++\n");
        let template = format!("\n{{{{ {call} }}}}\n");
        write(&setup, &format!("content/m{number}.md"), &page);
        write(&setup, &format!("templates/m{number}.html"), &template);
    }
    let mut ran = setup.run("check", &[]).exits_with(1);
    for (number, (call, told)) in MISTAKES.iter().enumerate() {
        ran = ran.prints(told);
        let file = format!("--> templates/m{number}.html");
        assert!(ran.stdout.contains(&file), "{call}\n{}", ran.stdout);
    }
    ran.prints(&format!("{} errors", MISTAKES.len()));
}

#[test]
fn now_is_when_the_site_changed_or_what_the_environment_says() {
    let now = "{{ now() }} {{ now(timestamp=true) }} {{ now() | date(format=\"%Y\") }}";
    let setup = Node::files(&[
        ("config.toml", "base_url = 'https://example.org'\n"),
        ("content/_index.md", "+++\n+++\n"),
        ("templates/index.html", now),
    ]);
    let mut files = vec![setup.root()];
    while let Some(path) = files.pop() {
        match path.is_dir() {
            true => files.extend(path.read_dir().unwrap().map(|entry| entry.unwrap().path())),
            false => touch(&path, 1_000_000_000),
        }
    }
    assert_eq!(built(&setup), "2001-09-09T01:46:40+00:00 1000000000 2001");
    touch(&setup.root().join("content/_index.md"), 1_500_000_000);
    assert_eq!(built(&setup), "2017-07-14T02:40:00+00:00 1500000000 2017");
    let setup = setup.env("SOURCE_DATE_EPOCH", "86400");
    assert_eq!(built(&setup), "1970-01-02T00:00:00+00:00 86400 1970");
    setup
        .env("SOURCE_DATE_EPOCH", "soon")
        .run("check", &[])
        .exits_with(1)
        .prints("SOURCE_DATE_EPOCH is \"soon\"");
}

#[test]
fn random_numbers_are_the_same_on_every_server() {
    let draw = "{% for _ in range(end=9) %}{{ get_random(end=1000) }} {% endfor %}";
    let made = |time: u64| {
        let setup = Node::files(&[
            ("config.toml", "base_url = 'https://example.org'\n"),
            ("content/_index.md", "+++\n+++\n"),
            ("content/a.md", "+++\n+++\n"),
            ("templates/index.html", draw),
            ("templates/page.html", draw),
        ]);
        touch(&setup.root().join("config.toml"), time);
        let home = built(&setup);
        let page = std::fs::read_to_string(setup.beside("out/a/index.html")).unwrap();
        (home, page)
    };
    let (home, page) = made(1_000_000_000);
    assert_eq!(made(2_000_000_000), (home.clone(), page.clone()));
    assert_ne!(home, page);
    let first = home.split(' ').next().unwrap().to_owned();
    assert!(
        home.split_whitespace().any(|number| number != first),
        "{home}"
    );
}

#[test]
fn a_hash_has_its_name_of_years_ago() {
    let hash = "(path=\"config.toml\", sha_type=256)";
    let setup = Node::files(&[
        ("config.toml", "base_url = 'https://example.org'\n"),
        ("content/_index.md", "+++\n+++\n"),
        (
            "templates/index.html",
            &format!("{{{{ get_hash{hash} == get_file_hash{hash} }}}}"),
        ),
    ]);
    assert_eq!(built(&setup), "true");
}

/// The first page.
fn built(setup: &Setup) -> String {
    setup.run("build", &["--output", "{}/out"]).exits_with(0);
    std::fs::read_to_string(setup.beside("out/index.html")).unwrap()
}

fn write(setup: &Setup, name: &str, text: &str) {
    crate::node::write(&setup.root().join(name), text);
}

fn touch(path: &std::path::Path, seconds: u64) {
    let time = std::time::UNIX_EPOCH + std::time::Duration::from_secs(seconds);
    let file = std::fs::File::options().write(true).open(path).unwrap();
    file.set_modified(time).unwrap();
}
