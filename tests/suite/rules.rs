//! What owners and operators say of paths: redirects, fields, and who gets none, over the wire.

use std::cell::RefCell;

use rustix::process::Signal;

use crate::node::{Node, Setup, write};

fn site() -> Setup {
    Node::site("hello")
        .write_beside(
            "site/static/_redirects",
            "# moved\n/old/*  /a/:splat  301\n/app/* /a/ 200\n/gone /404.html 410\n",
        )
        .write_beside(
            "site/static/_headers",
            "/*\n  Permissions-Policy: camera=()\n/a/*\n  ! X-Frame-Options\n  Link: </style.css>; rel=preload; as=style\n",
        )
}

#[test]
fn the_files_of_other_hosts_count_here() {
    let node = site().start();
    node.get("/old/x?y=z")
        .is(301)
        .header_is("location", "/a/x?y=z");
    node.get("/app/anything").is(200).body_has("First");
    node.get("/gone").is(410).body_has("Nothing here");
    let page = node.get("/a/").is(200);
    assert_eq!(page.header("permissions-policy"), Some("camera=()"));
    assert_eq!(page.header("x-frame-options"), None);
    assert_eq!(
        page.header("referrer-policy"),
        Some("strict-origin-when-cross-origin")
    );
    let home = node
        .get("/")
        .is(200)
        .header_is("x-frame-options", "SAMEORIGIN");
    assert_eq!(home.header("link"), None);
    for file in ["/_redirects", "/_headers"] {
        node.get(file).is(404);
    }
    for reply in node.get_h2("localhost", &["/a/", "/old/x"]) {
        match reply.status {
            200 => reply.header_is("link", "</style.css>; rel=preload; as=style"),
            _ => reply.is(301).header_is("location", "/a/x"),
        };
    }
}

#[test]
fn an_answer_that_was_given_before_is_the_same() {
    let node = site().start();
    node.told("compressed as well as it can be");
    let mut connection = node.connect();
    let fields = [("accept-encoding", "br")];
    let ask = |connection: &mut crate::node::Connection, path: &str| {
        let reply = connection.request("GET", path, &fields);
        let mut head = reply.headers;
        head.retain(|(name, _)| name != "date");
        (head, reply.bytes)
    };
    for path in ["/", "/a/", "/old/x", "/gone", "/nothing"] {
        let first = ask(&mut connection, path);
        for _ in 0..3 {
            assert_eq!(ask(&mut connection, path), first, "{path}");
        }
    }
    node.write("content/a.md", "+++\ntitle = 'A'\n+++\nSecond\n");
    node.wait_for("the new text", |node| {
        node.request("GET", "/a/", &[]).body.contains("Second")
    });
    let (_, body) = ask(&mut connection, "/a/");
    let (_, again) = ask(&mut connection, "/a/");
    assert_eq!(body, again);
    assert!(node.get("/a/").body.contains("Second"));
}

#[test]
fn rules_change_with_the_site_and_mistakes_leave_the_old_ones() {
    let node = site().start();
    node.get("/old/x").is(301);
    node.write("static/_redirects", "/old/* /b/:splat 302\n");
    node.wait_for("the new rule", |node| node.get("/old/x").status == 302);
    node.write("static/_redirects", "/old/* /b/:splat 302\n/a b\n");
    node.told("--> static/_redirects:2");
    node.get("/old/x").is(302);
    node.write(
        "static/_redirects",
        "/old/* /c/:splat 307\n/x /y Country=de\n",
    );
    node.wait_for("the mended rules", |node| node.get("/old/x").status == 307);
    node.told("a rule with the condition `Country=de` is passed over");
}

#[test]
fn all_mistakes_are_told_by_check() {
    let setup = Node::site("hello")
        .write_beside("site/_redirects", "/a /b 300\n/c\n")
        .write_beside("site/_headers", "  X: y\n");
    let ran = setup.run("check", &[]).exits_with(1);
    ["_redirects:1", "_redirects:2", "_headers:1"]
        .into_iter()
        .fold(ran, |ran, place| ran.prints(&format!("--> {place}")));
}

#[test]
fn pictures_are_kept_from_the_pages_of_others() {
    let config = "[admin]\nlisten = '127.0.0.1:0'\n[[site]]\nroot = 'site'\n[site.hotlinks]\npaths = ['/*.png']\n";
    let node = Node::site("hello")
        .write_beside("site/static/a.png", "picture")
        .write_beside("littoral.toml", config)
        .start_with_config("littoral.toml");
    let ask = |referer| node.request("GET", "/a.png", &[("referer", referer)]);
    ask("http://127.0.0.1/a/").is(200);
    ask("https://other.test/").is(403);
    node.get("/a.png").is(200);
    let metrics = node.admin("/metrics").body;
    assert!(
        metrics.contains("littoral_refused_total{why=\"hotlink\"} 1\n"),
        "{metrics}"
    );
}

#[test]
fn a_rule_that_shows_what_is_nowhere_is_told() {
    let setup = Node::site("hello").write_beside(
        "site/_redirects",
        "/x/* /a/ 200\n/y /none/ 200\n/z/* /z/:splat 200\n/w /gone.html 410\n/v /none/ 301\n",
    );
    let ran = setup.run("check", &[]).exits_with(0);
    let ran = ran.prints("2 warnings");
    ran.prints("the rule shows `/none/`, and nothing is there")
        .prints("--> _redirects:2")
        .prints("--> _redirects:4");
}

#[test]
fn the_operator_closes_a_site_and_opens_it_again() {
    let config = |more: &str| format!("[[site]]\nroot = 'site'\n{more}");
    let rules = "[[site.redirect]]\nfrom = '/old/*'\nto = 'https://else.test/:splat'\nstatus = 308\n\
                 [[site.header]]\npath = '/*'\nset = ['X-Pop: a']\n[[site.expires]]\npath = '/a/'\nmax_age_s = 60\n";
    let node = site()
        .write_beside("littoral.toml", &config(rules))
        .start_with_config("littoral.toml");
    node.get("/old/x")
        .is(308)
        .header_is("location", "https://else.test/x");
    node.get("/a/")
        .is(200)
        .header_is("x-pop", "a")
        .header_is("cache-control", "max-age=60");
    node.get("/a/").is(200);

    write(
        &node.beside("littoral.toml"),
        &config(&format!("maintenance = true\n{rules}")),
    );
    node.signal(Signal::HUP);
    node.wait_for("the closed site", |node| node.get("/a/").status == 503);
    node.get("/old/x").is(503).header_is("retry-after", "300");

    write(&node.beside("littoral.toml"), &config(""));
    node.signal(Signal::HUP);
    node.wait_for("the open site", |node| node.get("/a/").status == 200);
    assert_eq!(node.get("/a/").header("x-pop"), None);
    assert!(
        !node.stderr().contains("published"),
        "it was not rendered anew"
    );
}

#[test]
fn policies_and_preloads_follow_the_page() {
    let page = |script: &str| {
        format!("<title>A</title><link rel=stylesheet href=/main.css><script>{script}</script>")
    };
    let setup = Node::files(&[
        ("config.toml", "base_url = 'http://a.test'\n"),
        ("templates/index.html", &page("one()")),
        ("static/main.css", "@font-face { src: url(a.woff2) }"),
        ("static/a.woff2", "font"),
        (
            "static/_headers",
            "/*\n  Content-Security-Policy-Report-Only: script-src 'hashes'\n",
        ),
    ]);
    let config = |more: &str| format!("[[site]]\nroot = 'site'\n{more}\n");
    let node = setup
        .write_beside("littoral.toml", &config(""))
        .start_with_config("littoral.toml");
    let reported = |node: &Node| {
        let reply = node.get("/").is(200);
        let field = reply.header("content-security-policy-report-only");
        field.unwrap().to_owned()
    };
    let first = reported(&node);
    assert!(first.starts_with("script-src 'sha256-"), "{first}");
    assert_eq!(node.get("/").header("content-security-policy"), None);

    write(
        &node.beside("littoral.toml"),
        &config("csp = 'on'\npreload = true\nspeculation = 'prefetch'"),
    );
    node.signal(Signal::HUP);
    node.wait_for("the policy", |node| {
        node.get("/").header("content-security-policy").is_some()
    });
    let reply = node.get("/");
    let hash = first.rsplit(' ').next().unwrap();
    let policy = reply.header("content-security-policy").unwrap();
    assert!(
        policy.contains(&format!("script-src 'self' {hash};")),
        "{policy}"
    );
    let reply = reply.header_is(
        "link",
        "</main.css>; rel=preload; as=style, </a.woff2>; rel=preload; as=font; crossorigin",
    );
    let rules = reply
        .header("speculation-rules")
        .unwrap()
        .trim_matches('"')
        .to_owned();
    node.get(&rules).is(200).body_has("prefetch");

    node.write("templates/index.html", &page("two()"));
    node.wait_for("the edit", |node| node.get("/").body.contains("two()"));
    assert_ne!(reported(&node), first);
}

const WRITTEN: &[(&str, &str)] = &[
    ("config.toml", "base_url = 'https://a.test/book'\n"),
    ("templates/index.html", "<title>{{ section.title }}</title>"),
    (
        "templates/section.html",
        "<title>{{ section.title }}</title>",
    ),
    (
        "templates/page.html",
        "<title>{{ page.title }}</title>{{ page.content | safe }}",
    ),
    ("content/_index.md", "+++\ntitle = 'Home'\n+++\n## Top\n"),
    ("content/blog/_index.md", "+++\n+++\n"),
    (
        "content/blog/first.md",
        "+++\ntitle = 'First'\ndate = 2020-02-02\n[extra]\nsecret = 'x'\n+++\n\nSee [home](@/_index.md#top), \
         [here][1] and `[not](@/_index.md)`.\n\n[1]: @/blog/first.md\n",
    ),
    ("content/blog/draft.md", "+++\ndraft = true\n+++\nNo."),
    ("content/blog/own/index.md", "+++\n+++\nOwn.\n"),
    ("static/blog/own.md", "written by hand"),
];

fn written(markdown: &str) -> Node {
    Node::files(WRITTEN)
        .write_beside(
            "littoral.toml",
            &format!("[[site]]\nroot = 'site'\n{markdown}\n"),
        )
        .start_with_config("littoral.toml")
}

#[test]
fn documents_are_there_in_markdown_too() {
    let node = written("markdown = true");
    let expected = "# First\n\nSee [home](https://a.test/book/#top), [here][1] and `[not](@/_index.md)`.\n\n\
                    [1]: https://a.test/book/blog/first/\n";
    let file = node.get("/book/blog/first.md").is(200);
    assert_eq!(file.body, expected);
    let file = file
        .header_is("content-type", "text/markdown; charset=utf-8")
        .header_is("link", "</book/blog/first/>; rel=\"canonical\"")
        .header_is("last-modified", "Sun, 02 Feb 2020 00:00:00 GMT");
    let asked = [("accept", "text/markdown, text/html, */*")];
    let reply = node.request("GET", "/book/blog/first/", &asked).is(200);
    assert_eq!(reply.body, expected);
    let reply = reply
        .header_is("content-location", "/book/blog/first.md")
        .header_is("link", "</book/blog/first/>; rel=\"canonical\"")
        .header_is("etag", file.header("etag").unwrap());
    assert!(
        reply
            .header("vary")
            .unwrap()
            .split(", ")
            .any(|name| name == "Accept")
    );
    let page = node
        .get("/book/blog/first/")
        .is(200)
        .body_has("<title>First");
    let page = page.header_is(
        "link",
        "</book/blog/first.md>; rel=\"alternate\"; type=\"text/markdown\"",
    );
    assert!(page.header("vary").unwrap().ends_with("Accept"));

    let tag = file.header("etag").unwrap();
    let again = [asked[0], ("if-none-match", tag)];
    node.request("GET", "/book/blog/first/", &again).is(304);
    node.request("GET", "/book/blog/first/", &again[1..])
        .is(200);
    let head = node.request("HEAD", "/book/blog/first/", &asked).is(200);
    assert_eq!(
        head.header("content-length"),
        Some(&*expected.len().to_string())
    );
    assert_eq!(
        node.get("/book/index.md").is(200).body,
        "# Home\n\n## Top\n"
    );
    assert_eq!(node.get("/book/blog.md").is(200).body, "");
    assert_eq!(
        node.get("/book/blog/own.md").is(200).body,
        "written by hand"
    );
    node.get("/book/blog/draft.md").is(404);
}

#[test]
fn the_markdown_changes_with_its_file_and_with_what_it_links_to() {
    let node = written("markdown = true");
    let connection = RefCell::new(node.connect());
    let ask = |accept: &str| {
        let fields = [("accept", accept)];
        let mut connection = connection.borrow_mut();
        connection.request("GET", "/book/blog/first/", &fields)
    };
    // Often enough that answers are kept: each is for those who say the same.
    for _ in 0..4 {
        assert!(ask("text/markdown").body.starts_with("# First"));
        assert!(ask("text/html").body.starts_with("<title>First"));
    }
    node.write(
        "content/blog/first.md",
        "+++\ntitle = 'Second'\n+++\n[own](@/blog/own/index.md)\n",
    );
    node.wait_for("the edit", |_| {
        ask("text/markdown").body.starts_with("# Second")
    });
    assert!(ask("text/html").body.starts_with("<title>Second"));
    node.write(
        "content/blog/own/index.md",
        "+++\nslug = 'moved'\n+++\nOwn.\n",
    );
    node.wait_for("the link", |_| {
        ask("text/markdown")
            .body
            .contains("a.test/book/blog/moved/")
    });
}

#[test]
fn nobody_sees_the_markdown_who_was_not_meant_to() {
    let node = written("");
    node.get("/book/blog/first.md").is(404);
    let asked = [("accept", "text/markdown")];
    let reply = node.request("GET", "/book/blog/first/", &asked).is(200);
    let reply = reply.header_is("content-type", "text/html; charset=utf-8");
    assert_eq!((reply.header("vary"), reply.header("link")), (None, None));
}
