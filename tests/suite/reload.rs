//! A running node and what happens to it: good changes, bad changes, signals.

use std::{fs, io, net::TcpStream, thread};

use rustix::process::Signal;

use crate::node::{Connection, Node, fixture, write};

#[test]
fn a_change_is_on_the_air_within_moments() {
    let node = Node::site("hello").start();
    node.get("/a/").is(200).body_has("First");
    node.write("content/a.md", "+++\ntitle = 'A'\n+++\nSecond\n");
    node.wait_for("the new text", |node| {
        node.get("/a/").body.contains("Second")
    });
    node.told("published")
        .contains("generation=2")
        .then_some(())
        .unwrap();
}

#[test]
fn a_new_folder_and_a_removed_page_are_noticed() {
    let node = Node::site("hello").start();
    node.write(
        "content/blog/2026/_index.md",
        "+++\ntemplate = 'index.html'\n+++\nDeep\n",
    );
    node.write("static/new/deep/style.css", "p { margin: 0 }");
    node.wait_for("the new section", |node| {
        node.get("/blog/2026/").status == 200
    });
    node.wait_for("the new file", |node| {
        node.get("/new/deep/style.css").status == 200
    });
    node.write("static/new/deep/style.css", "p { margin: 1px }");
    node.wait_for("the changed file", |node| {
        node.get("/new/deep/style.css").body.contains("1px")
    });
    fs::remove_file(node.root().join("content/a.md")).unwrap();
    node.wait_for("the end of the page", |node| node.get("/a/").status == 404);
    node.get("/a/").body_has("Nothing here");
}

#[test]
fn folders_that_come_while_the_watch_is_laid_are_watched_too() {
    // Between the look at what there is and the watch on it is a moment: some of several hit it.
    let grows = || {
        let node = Node::site("hello").start();
        for folder in ["content/blog/2026", "static/new/deep", "sass/parts"] {
            fs::create_dir_all(node.root().join(folder)).unwrap();
        }
        for margin in ["0px", "1px"] {
            let style = format!("p {{ margin: {margin} }}");
            node.write("static/new/deep/style.css", &style);
            node.wait_for("the file as it is", |node| {
                node.get("/new/deep/style.css").body.contains(margin)
            });
        }
    };
    thread::scope(|scope| (0..8).for_each(|_| drop(scope.spawn(grows))));
}

#[test]
fn a_bad_page_leaves_the_last_good_one_on_the_air() {
    let node = Node::site("hello").start();
    node.write("content/a.md", "+++\ntitle = \n+++\nBroken\n");
    node.told("not published: the last good one stays");
    node.told("--> content/a.md:2");
    node.get("/a/")
        .is(200)
        .body_has("First")
        .body_lacks("Broken");

    node.write("content/a.md", "+++\ntitle = 'A'\n+++\nMended\n");
    node.wait_for("the mended page", |node| {
        node.get("/a/").body.contains("Mended")
    });
}

#[test]
fn a_bad_template_leaves_the_last_good_one_on_the_air() {
    let node = Node::site("hello").start();
    node.write("templates/page.html", "{% if page.title %}");
    node.told("not published: the last good one stays");
    node.told("templates/page.html");
    node.get("/a/").is(200).body_has("First");
}

#[test]
fn many_problems_are_told_at_once() {
    let node = Node::site("hello").start();
    let folder = node.beside("worse");
    write(&folder.join("content/a.md"), "+++\ntitle = \n+++\n");
    write(
        &folder.join("content/b.md"),
        "+++\n+++\n[up](@/nowhere.md)\n",
    );
    write(
        &folder.join("content/c.md"),
        "+++\ntemplate = 'pge.html'\n+++\n",
    );
    node.rsync(&folder, &["--delay-updates"]);
    node.told("not published: the last good one stays");
    for place in ["content/a.md:2", "content/b.md:3", "content/c.md"] {
        node.told(&format!("--> {place}"));
    }
    node.get("/a/").is(200).body_has("First");
}

#[test]
fn writing_the_same_again_publishes_nothing() {
    let node = Node::site("hello").start();
    let same = fixture("hello");
    node.rsync(&same, &["--ignore-times", "--inplace"]);
    node.rsync(&same, &["--ignore-times"]);
    node.write("content/b.md", "+++\ntitle = 'B'\n+++\n");
    node.wait_for("the new page", |node| node.get("/b/").status == 200);
    // It is told once the page is there already.
    node.told("published");
    assert_eq!(
        node.stderr().matches("published").count(),
        1,
        "{}",
        node.stderr()
    );
}

#[test]
fn hangup_takes_in_the_new_configuration() {
    let node = Node::site("hello")
        .write_beside("two/config.toml", "base_url = 'https://two.example'\n")
        .write_beside("two/templates/index.html", "<p>Two")
        .write_beside("two/content/_index.md", "+++\n+++\n")
        .write_beside("littoral.toml", "[[site]]\nroot = 'site'\n")
        .start_with_config("littoral.toml");
    let two = |node: &Node| node.request("GET", "/", &[("host", "two.example")]).body;
    assert!(two(&node).contains("Home"));

    let both = "[[site]]\nroot = 'site'\n[[site]]\nroot = 'two'\nhosts = ['two.example']\n";
    write(&node.beside("littoral.toml"), both);
    node.signal(Signal::HUP);
    node.wait_for("the second site", |node| two(node) == "<p>Two");
    node.get("/").is(200).body_has("Home");

    let away = "workers = 3\n[[site]]\nroot = 'site'\n";
    write(&node.beside("littoral.toml"), away);
    node.signal(Signal::HUP);
    node.told("need a restart");
    node.wait_for("the end of the second site", |node| {
        two(node).contains("Home")
    });
}

#[test]
fn hangup_with_a_bad_configuration_changes_nothing() {
    let node = Node::site("hello")
        .write_beside("littoral.toml", "[[site]]\nroot = 'site'\n")
        .start_with_config("littoral.toml");
    for (bad, told) in [
        ("[[sites]]\nroot = 'site'\n", "did you mean `site`?"),
        ("[[site]]\nroot = 'nowhere'\n", "nowhere: no such folder"),
        (
            "[[site]]\nroot = 'site'\n[tls]\ncert = 'none.pem'\n",
            "none.pem",
        ),
    ] {
        write(&node.beside("littoral.toml"), bad);
        node.signal(Signal::HUP);
        node.told(told);
        node.get("/").is(200).body_has("Home");
    }
    assert_eq!(node.stderr().matches("nothing was reloaded").count(), 3);
}

#[test]
fn hangup_swaps_certificates() {
    let node = Node::site("hello")
        .write_beside("cert.pem", &certificate())
        .args(&["--cert", "{}/cert.pem"])
        .start();
    let mut open = Connection::tls(node.https, "example.org");
    let first = open.certificate();
    write(&node.beside("cert.pem"), &certificate());
    node.signal(Signal::HUP);
    node.wait_for("the new certificate", |node| {
        Connection::tls(node.https, "example.org").certificate() != first
    });
    open.request("GET", "/", &[]).is(200).body_has("Home");
}

#[test]
fn a_certificate_that_nobody_asks_for_is_checked_as_well() {
    let setup = Node::site("hello").write_beside("cert.pem", "no PEM");
    let arguments = [
        "--http",
        "127.0.0.1:0",
        "--https",
        "off",
        "--cert",
        "{}/cert.pem",
    ];
    let ran = setup.run("serve", &arguments).exits_with(1);
    ran.tells("/cert.pem holds no certificate");
}

#[test]
fn every_body_is_finished_before_a_node_leaves() {
    let large = "0123456789abcdef".repeat(1 << 20);
    let node = &mut Node::site("hello")
        .write_beside("site/static/small.txt", &large[..6 << 20])
        .write_beside("site/static/large.txt", &large)
        .start();
    let mut bodies = Vec::new();
    for (path, length) in [("/small.txt", 6 << 20), ("/large.txt", 16 << 20)] {
        let mut connection = node.connect();
        connection
            .send("GET", path, &[("accept-encoding", "identity")])
            .unwrap();
        let (status, _) = connection.receive_head().unwrap();
        assert_eq!(status, 200);
        bodies.push((connection, length));
    }
    node.signal(Signal::TERM);
    node.told("stopping");
    node.wait_for("the listener to close", |node| {
        let refused = TcpStream::connect(node.http).map_err(|error| error.kind());
        refused.err() == Some(io::ErrorKind::ConnectionRefused)
    });
    for (mut connection, length) in bodies {
        let body = connection.take(length).unwrap();
        assert!(body == large.as_bytes()[..length]);
    }
    assert_eq!(node.ended().code(), Some(0));
}

#[test]
fn the_second_signal_does_not_wait() {
    let large = "0123456789abcdef".repeat(2 << 20);
    let node = &mut Node::site("hello")
        .write_beside("site/static/large.txt", &large)
        .start();
    let mut connection = node.connect();
    connection.send("GET", "/large.txt", &[]).unwrap();
    connection.receive_head().unwrap();
    node.signal(Signal::INT);
    node.told("stopping");
    node.signal(Signal::INT);
    assert_eq!(node.ended().code(), Some(1));
}

#[test]
fn a_site_with_problems_keeps_a_node_from_starting() {
    let site = Node::site("hello")
        .write_beside("site/content/a.md", "+++\ntitle = \n+++\n")
        .write_beside("site/content/b.md", "+++\n+++\n[up](@/nowhere.md)\n");
    site.run("serve", &["--http", "127.0.0.1:0", "--https", "off"])
        .exits_with(1)
        .tells("/site has 2 errors")
        .tells("--> content/a.md:2")
        .tells("--> content/b.md:3");
}

#[test]
fn an_address_in_use_is_told() {
    let node = Node::site("hello").start();
    let taken = node.http.to_string();
    Node::site("hello")
        .run("serve", &["--http", &taken, "--https", "off"])
        .exits_with(1)
        .tells(&taken);
}

#[test]
fn a_service_manager_is_told_of_the_start() {
    let node = Node::site("hello").env("LITTORAL_READY_FD", "1").start();
    let line = node.printed("listening on");
    assert!(node.stderr().contains(&line), "{line}");
}

#[test]
fn every_protocol_serves_the_same() {
    let node = Node::site("hello").start();
    let plain = node.get("/a/").is(200);
    let tls = node.get_tls("example.org", "/a/").is(200);
    assert_eq!(tls.bytes, plain.bytes);
    for reply in node.get_h2("example.org", &["/a/", "/a/", "/nowhere"]) {
        let reply = reply.header_is("content-type", "text/html; charset=utf-8");
        match reply.status {
            200 => assert_eq!(reply.bytes, plain.bytes),
            _ => drop(reply.is(404).body_has("Nothing here")),
        }
    }
}

#[test]
fn an_author_sees_problems_from_the_first_moment() {
    let node = Node::site("hello")
        .write_beside("site/content/a.md", "+++\ntitle = \n+++\n")
        .dev();
    node.told("--> content/a.md:2");
    node.get("/")
        .is(200)
        .body_has("Nothing to show yet")
        .body_has("/__littoral/dev.js");
    let mut events = node.connect();
    events.send("GET", "/__littoral/events", &[]).unwrap();
    assert_eq!(events.receive_head().unwrap().0, 200);
    let mut event = || String::from_utf8(events.take_through(b"\n\n").unwrap()).unwrap();
    assert!(event().contains("content/a.md"));

    node.write(
        "content/a.md",
        "+++\ntitle = 'A'\ndraft = true\n+++\nMended\n",
    );
    assert!(event().contains(r#""problems":[]"#));
    node.get("/a/").is(200).body_has("Mended");

    node.write("templates/page.html", "{% if page.title %}");
    assert!(event().contains("templates/page.html"));
    node.get("/a/").is(200).body_has("Mended");
}

#[test]
fn an_author_gets_links_to_where_he_is() {
    let node = Node::site("hello")
        .write_beside("site/templates/page.html", "{{ page.permalink | safe }}")
        .dev();
    let here = format!("http://{}/a/", node.http);
    node.get("/a/").is(200).body_has(&here);
}

/// A self-signed certificate with its key, in PEM; another one each time.
fn certificate() -> String {
    let made = rcgen::generate_simple_self_signed(["example.org".to_owned()]).unwrap();
    format!("{}{}", made.signing_key.serialize_pem(), made.cert.pem())
}
