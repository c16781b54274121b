//! What a visitor, a cache and a browser see of a real site over the wire. The rules in all their
//! cases are tested where they live, in `src/serve/`.

use std::{
    fs,
    io::{Read, Write},
    net::{Shutdown, TcpStream},
};

use rustix::process::Signal;
use serde_json::json;

use crate::node::{Node, Reply, Setup, hello};

/// A site with an alias, a page of its own for what is missing, and static files of every kind.
fn shop() -> Setup {
    let long = "The tide comes in, and the tide goes out.\n".repeat(200);
    let setup = Node::files(&[
        ("config.toml", "base_url = 'https://example.org'\n"),
        (
            "templates/index.html",
            "<link rel='stylesheet' href='{{ get_url(path=\"style.css\", cachebust=true) }}'>\
             {{ section.content | safe }}",
        ),
        ("templates/page.html", "<p>{{ page.content | safe }}"),
        ("templates/404.html", "<p>The sea took it"),
        ("content/_index.md", &format!("+++\n+++\n{long}")),
        ("content/blog/_index.md", "+++\n+++\nAll of it\n"),
        (
            "content/blog/first.md",
            "+++\ndate = 2024-12-01\naliases = ['old', 'older/first.html']\n+++\nFirst\n",
        ),
        ("static/style.css", "p { margin: 0 }\n"),
        ("static/digits.txt", "0123456789"),
        ("static/photo.0123456789abcdef.webp", "no real photo"),
        ("static/.env", "SECRET=1"),
        (
            "static/.well-known/security.txt",
            "Contact: mailto:a@example.org\n",
        ),
    ]);
    fs::write(setup.root().join("static/film.mp4"), film()).unwrap();
    setup
}

fn film() -> Vec<u8> {
    (0..300_000u32).map(|n| (n % 251) as u8).collect()
}

fn get(node: &Node, path: &str, headers: &[(&str, &str)]) -> Reply {
    node.request("GET", path, headers)
}

#[test]
fn every_address_has_its_answer() {
    let node = shop().start();
    for (path, status, location) in [
        ("/", 200, None),
        ("/blog/first/", 200, None),
        ("/blog/first", 301, Some("/blog/first/")),
        ("/blog?page=2", 301, Some("/blog/?page=2")),
        ("/blog/index.html", 301, Some("/blog/")),
        ("/digits.txt", 200, None),
        ("/missing", 404, None),
        ("/404.html", 404, None),
        ("/.env", 404, None),
        ("/.well-known/security.txt", 200, None),
        ("/..%2f..%2fconfig.toml", 400, None),
        ("/%2e%2e/config.toml", 400, None),
        ("/../config.toml", 400, None),
        ("/blog%5c..%5cconfig.toml", 400, None),
        ("/%00", 400, None),
    ] {
        let reply = get(&node, path, &[]);
        assert_eq!(
            (reply.status, reply.header("location")),
            (status, location),
            "{path}"
        );
    }
    get(&node, "/missing", &[]).body_has("The sea took it");
    for path in ["/old/", "/old", "/older/first.html"] {
        let reply = get(&node, path, &[]).is(301);
        let target = reply.header("location").unwrap();
        assert!(target.ends_with("/blog/first/"), "{path} leads to {target}");
    }
}

#[test]
fn a_cache_is_told_what_it_must_know() {
    let node = shop().start();
    let home = get(&node, "/", &[]).header_is("cache-control", "no-cache");
    let style = home.body.split("href='").nth(1).unwrap();
    let style = style.split('\'').next().unwrap();
    let style = style.strip_prefix("https://example.org").unwrap();
    assert!(style.contains("?h="), "{style}");
    let for_ever = "public, max-age=31536000, immutable";
    for (path, policy) in [
        (style, for_ever),
        ("/style.css", "no-cache"),
        ("/style.css?h=0123456789abcdef", "no-cache"),
        ("/photo.0123456789abcdef.webp", for_ever),
        ("/film.mp4", "max-age=3600"),
    ] {
        get(&node, path, &[])
            .is(200)
            .header_is("cache-control", policy);
    }
}

#[test]
fn each_coding_is_a_form_of_its_own() {
    let node = shop().start();
    // From here on no form changes by itself.
    node.told("compressed as well as it can be");
    let identity = get(&node, "/", &[]);
    let mut etags = vec![identity.header("etag").unwrap().to_owned()];
    for coding in ["br", "zstd", "gzip"] {
        let accept = ("accept-encoding", coding);
        let reply = get(&node, "/", &[accept])
            .is(200)
            .header_is("content-encoding", coding)
            .header_is("vary", "Accept-Encoding");
        assert!(reply.bytes.len() < identity.bytes.len() / 10, "{coding}");
        let etag = reply.header("etag").unwrap().to_owned();
        assert!(!etags.contains(&etag), "{coding} shares its tag");
        get(&node, "/", &[accept, ("if-none-match", &etag)])
            .is(304)
            .header_is("etag", &etag)
            .header_is("vary", "Accept-Encoding");
        node.request("HEAD", "/", &[accept])
            .is(200)
            .header_is("content-length", &reply.bytes.len().to_string());
        etags.push(etag);
    }
    get(&node, "/", &[("accept-encoding", "identity;q=0")]).is(406);
}

#[test]
fn what_cannot_be_done_is_said() {
    let node = shop().start();
    for (method, status) in [("POST", 405), ("DELETE", 405), ("OPTIONS", 204)] {
        node.request(method, "/", &[])
            .is(status)
            .header_is("allow", "GET, HEAD, OPTIONS");
    }
    get(&node, "/", &[("if-match", "\"x\"")]).is(412);
    get(&node, "/digits.txt", &[("range", "bytes=10-")])
        .is(416)
        .header_is("content-range", "bytes */10");
}

#[test]
fn a_file_is_cut_the_same_from_memory_and_from_disk() {
    let on_disk = "[limits]\nmemory_file_bytes_max = 1_000\n[[site]]\nroot = 'site'\n";
    let nodes = [
        shop().start(),
        shop()
            .write_beside("node.toml", on_disk)
            .start_with_config("node.toml"),
    ];
    let film = film();
    let replies = nodes.each_ref().map(|node| {
        let whole = get(node, "/film.mp4", &[]).is(200);
        assert!(whole.bytes == film);
        let etag = whole.header("etag").unwrap().to_owned();
        let range = ("range", "bytes=1000-200999");
        let part = get(node, "/film.mp4", &[range, ("if-range", &etag)]).is(206);
        assert!(part.bytes == film[1000..201_000]);
        get(node, "/film.mp4", &[range, ("if-range", "\"other\"")]).is(200);
        let several = get(node, "/film.mp4", &[("range", "bytes=0-9,-10")]).is(206);
        (etag, several.bytes)
    });
    assert!(replies[0] == replies[1]);
}

#[test]
fn several_sites_share_a_node() {
    let config = "[[site]]\nroot = 'site'\nhosts = ['example.org']\nredirect_to_https = true\n\
                  [[site]]\nroot = 'other'\nhosts = ['*.example.net']\n";
    let node = shop()
        .write_beside("other/config.toml", "base_url = 'https://example.net'\n")
        .write_beside("other/static/index.txt", "the other")
        .write_beside("node.toml", config)
        .start_with_config("node.toml");
    let other = ("host", "www.example.net:8080");
    get(&node, "/index.txt", &[other])
        .is(200)
        .body_has("the other");

    let to = format!("https://example.org:{}/blog?x=1", node.https.port());
    get(&node, "/blog?x=1", &[("host", "Example.org")])
        .is(301)
        .header_is("location", &to);
    node.get_tls("example.org", "/digits.txt")
        .is(200)
        .body_has("0123456789");
    for reply in node.get_h2("www.example.net", &["/index.txt", "/index.txt"]) {
        reply.is(200).body_has("the other");
    }
}

#[test]
fn requests_are_logged_and_timed_as_configured() {
    let config = "[log]\naccess = 'json'\nserver_timing = 'asked'\n[[site]]\nroot = 'site'\n";
    let node = shop()
        .write_beside("node.toml", config)
        .start_with_config("node.toml");
    assert_eq!(get(&node, "/", &[]).header("server-timing"), None);
    let reply = get(
        &node,
        "/digits.txt?a=%22",
        &[("server-timing", "?1"), ("user-agent", "x")],
    );
    let timing = reply.header("server-timing").unwrap();
    assert!(timing.starts_with("total;dur="), "{timing}");

    let line = node.printed("digits.txt");
    let line: serde_json::Value = serde_json::from_str(&line).unwrap();
    for (key, expected) in [
        ("client", json!("127.0.0.1")),
        ("method", json!("GET")),
        ("target", json!("/digits.txt?a=%22")),
        ("status", json!(200)),
        ("bytes", json!(10)),
        ("protocol", json!("HTTP/1.1")),
        ("user_agent", json!("x")),
    ] {
        assert_eq!(line[key], expected, "{key}");
    }
}

/// What goes wrong in a handshake is the stranger's affair, or anybody could fill a disk with lines about it.
#[test]
fn what_strangers_say_in_a_handshake_is_no_event() {
    let node = shop().start();
    let before = node.stderr();
    let address = hello("127-0-0-1");
    let at = address.windows(9).position(|part| part == b"127-0-0-1");
    let mut address = address;
    address[at.unwrap()..][..9].copy_from_slice(b"127.0.0.1");
    let (mut record, mut message) = (hello("a.test"), hello("a.test"));
    record[0] = 0x17;
    message[5] = 0x02;
    for (said, answer) in [
        // The name of a host may not be an address (RFC 6066 §3).
        (address, 0x16),
        // Something is sent through TLS before anything is agreed on.
        (record, 0x15),
        // A client says what a server says.
        (message, 0x15),
        (b"GET / HTTP/1.0\r\n\r\n".to_vec(), 0x15),
    ] {
        let mut stream = TcpStream::connect(node.https).unwrap();
        stream.write_all(&said).unwrap();
        stream.shutdown(Shutdown::Write).unwrap();
        let mut answered = [0];
        stream.read_exact(&mut answered).unwrap();
        assert_eq!(answered, [answer]);
    }
    node.get_tls("a.test", "/").is(200);
    node.signal(Signal::TERM);
    node.told("stopping");
    let since = node.stderr().replacen(&before, "", 1);
    assert!(
        !since.contains("WARN") && !since.contains("ERROR"),
        "{since}"
    );
}
