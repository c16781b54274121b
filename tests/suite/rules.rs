//! What owners and operators say of paths: redirects, fields, and who gets none, over the wire.

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
