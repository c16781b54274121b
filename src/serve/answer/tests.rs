//! The page function over a small snapshot: many requests as data.

mod ranges;

use bytes::Bytes;

use super::*;
use crate::{
    pack,
    serve::reply::{NoFields, Piece},
    site::{Content, Hash, LargeFile, Page},
};

const MODIFIED: i64 = 784_111_777;
const HTML: &str = "text/html; charset=utf-8";

fn page(path: &str, media_type: &str, body: &str) -> Page {
    Page {
        path: UrlPath::new(path).unwrap(),
        status: if path == "/404.html" { 404 } else { 200 },
        media_type: media_type.into(),
        content: Content::Bytes(Bytes::copy_from_slice(body.as_bytes())),
        modified: Some(MODIFIED),
    }
}

fn redirect(path: &str, to: &str) -> Page {
    Page {
        content: Content::Redirect {
            to: to.into(),
            html: Bytes::new(),
        },
        ..page(path, HTML, "")
    }
}

fn long(word: &str) -> String {
    format!("<p>{word}</p>\n").repeat(500)
}

fn site(base_path: &str) -> Snapshot {
    let large = Content::Large(LargeFile {
        file: "/nowhere/film.mp4".into(),
        bytes: 1000,
        hash: Hash::of(b"film"),
        held: None,
    });
    let pages = vec![
        page("/", HTML, &long("home")),
        page("/blog/", HTML, &long("blog")),
        page("/ä b/", HTML, "umlaut"),
        page("/a.txt", "text/plain; charset=utf-8", "0123456789"),
        page("/a.png", "image/png", "png"),
        page("/empty", "text/plain", ""),
        page("/404.html", HTML, &long("nothing here")),
        page("/.env", "text/plain", "secret"),
        page("/.git/", HTML, "secret"),
        page("/.well-known/security.txt", "text/plain", "mail me"),
        redirect("/old/", "/blog/"),
        redirect("/away.html", "https://example.org/"),
        Page {
            content: large,
            ..page("/film.mp4", "video/mp4", "")
        },
    ];
    pack::settled(pages, base_path)
}

fn ask<'s>(site: &'s Snapshot, method: &str, target: &str, fields: &[(&str, &str)]) -> Reply<'s> {
    let head = RequestHead {
        method,
        target,
        fields: &fields,
    };
    answer(site, &Redirects::default(), &head)
}

#[test]
fn every_target_has_its_answer() {
    let root = site("");
    for (target, status, location) in [
        ("/", 200, None),
        ("/blog/", 200, None),
        ("/blog/?page=2", 200, None),
        ("/blog", 301, Some("/blog/")),
        ("/blog?a=1&b=%20", 301, Some("/blog/?a=1&b=%20")),
        ("/index.html", 301, Some("/")),
        ("/blog/index.html?x", 301, Some("/blog/?x")),
        ("/%C3%A4%20b", 301, Some("/%C3%A4%20b/")),
        ("/%62log/", 200, None),
        ("/a.txt", 200, None),
        ("/a.txt/", 404, None),
        ("/xindex.html", 404, None),
        ("/old/", 301, Some("/blog/")),
        ("/old", 301, Some("/blog/")),
        ("/away.html", 301, Some("https://example.org/")),
        ("/missing", 404, None),
        ("/404.html", 404, None),
        ("/.env", 404, None),
        ("/%2eenv", 404, None),
        ("/.git", 404, None),
        ("/.git/", 404, None),
        ("/.git/index.html", 404, None),
        ("/.well-known/security.txt", 200, None),
        ("//blog/", 404, None),
        ("//evil.example/..", 404, None),
        ("/../etc/passwd", 400, None),
        ("/%2e%2e/etc/passwd", 400, None),
        ("/blog/..%2f", 400, None),
        ("/blog%5c", 400, None),
        ("/%00", 400, None),
        ("/%", 400, None),
        ("*", 400, None),
        ("", 301, Some("/")),
    ] {
        let reply = ask(&root, "GET", target, &[]);
        assert_eq!(
            (reply.status, reply.field("location").as_deref()),
            (status, location),
            "{target}"
        );
    }
}

#[test]
fn a_site_may_live_below_a_path() {
    let book = site("/book");
    for (target, status, location) in [
        ("/book/", 200, None),
        ("/book", 301, Some("/book/")),
        ("/book?x", 301, Some("/book/?x")),
        ("/book/blog", 301, Some("/book/blog/")),
        ("/book/a.txt", 200, None),
        ("/bookshop/", 404, None),
        ("/", 302, Some("/book/")),
        ("/blog/", 404, None),
    ] {
        let reply = ask(&book, "GET", target, &[]);
        assert_eq!(
            (reply.status, reply.field("location").as_deref()),
            (status, location),
            "{target}"
        );
    }
}

#[test]
fn methods_are_few() {
    let root = site("");
    for (method, status) in [
        ("GET", 200),
        ("HEAD", 200),
        ("OPTIONS", 204),
        ("POST", 405),
        ("PUT", 405),
        ("TRACE", 405),
        ("get", 501),
    ] {
        let reply = ask(&root, method, "/", &[]);
        assert_eq!(reply.status, status, "{method}");
        let tells = matches!(status, 204 | 405).then_some(ALLOW);
        assert_eq!(reply.field("allow").as_deref(), tells, "{method}");
    }
    assert_eq!(ask(&root, "OPTIONS", "*", &[]).status, 204);
}

#[test]
fn head_says_what_get_would() {
    let root = site("");
    for target in [
        "/",
        "/blog",
        "/film.mp4",
        "/missing",
        "/a.png",
        "/empty",
        "/%",
    ] {
        for fields in [
            &[][..],
            &[("accept-encoding", "br")],
            &[("if-none-match", "*")],
        ] {
            let get = ask(&root, "GET", target, fields);
            let head = ask(&root, "HEAD", target, fields);
            assert_eq!(head.status, get.status, "{target}");
            assert_eq!(head.fields, get.fields, "{target}");
            assert_eq!(head.body.length(), get.body.length(), "{target}");
            assert!(
                matches!(head.body, Body::Omitted(_) | Body::None),
                "{target}"
            );
        }
    }
}

#[test]
fn codings_have_their_own_tags_and_caches_are_told() {
    let root = site("");
    let mut etags = std::collections::HashSet::new();
    for (accept, coding) in [
        ("br", Some("br")),
        ("zstd", Some("zstd")),
        ("gzip", Some("gzip")),
        ("identity", None),
    ] {
        let reply = ask(&root, "GET", "/", &[("accept-encoding", accept)]);
        assert_eq!(reply.field("content-encoding").as_deref(), coding);
        assert_eq!(reply.field("vary").as_deref(), Some("Accept-Encoding"));
        let etag = reply.field("etag").unwrap();
        let again = [("accept-encoding", accept), ("if-none-match", &etag)];
        let not_modified = ask(&root, "GET", "/", &again);
        assert_eq!(not_modified.status, 304);
        assert_eq!(not_modified.field("etag").as_deref(), Some(&*etag));
        assert_eq!(
            not_modified.field("vary").as_deref(),
            Some("Accept-Encoding")
        );
        assert_eq!(
            not_modified.field("cache-control").as_deref(),
            Some("no-cache")
        );
        assert_eq!(not_modified.body.length(), None);
        assert!(etags.insert(etag), "{accept}");
    }
    let refused = ask(&root, "GET", "/", &[("accept-encoding", "identity;q=0")]);
    assert_eq!(
        (refused.status, refused.field("vary").as_deref()),
        (406, Some("Accept-Encoding"))
    );
    assert_eq!(ask(&root, "GET", "/a.png", &[]).field("vary"), None);
}

#[test]
fn a_missing_page_is_the_sites_own_in_the_clients_coding() {
    let root = site("");
    let reply = ask(&root, "GET", "/missing", &[("accept-encoding", "br")]);
    assert_eq!(reply.field("content-encoding").as_deref(), Some("br"));
    assert_eq!(reply.field("vary").as_deref(), Some("Accept-Encoding"));
    assert_eq!(reply.field("etag"), None);
    // A condition is about the resource that is missing.
    assert_eq!(
        ask(&root, "GET", "/404.html", &[("if-none-match", "*")]).status,
        404
    );

    let bare = pack::settled(vec![], "");
    let reply = ask(&bare, "GET", "/", &[]);
    assert_eq!(
        (reply.status, reply.field("content-type").as_deref()),
        (404, Some(HTML))
    );
}

#[test]
fn conditions_decide() {
    let root = site("");
    let etag = ask(&root, "GET", "/a.txt", &[]).field("etag").unwrap();
    let date = "Sun, 06 Nov 1994 08:49:37 GMT";
    for (fields, status) in [
        (&[("if-none-match", &*etag)][..], 304),
        (&[("if-none-match", "\"x\"")], 200),
        (&[("if-match", "\"x\"")], 412),
        (&[("if-match", &etag)], 200),
        (&[("if-modified-since", date)], 304),
        (
            &[("if-unmodified-since", "Sun, 06 Nov 1994 08:49:36 GMT")],
            412,
        ),
        (&[("if-none-match", &etag), ("range", "bytes=0-1")], 304),
        (&[("if-match", &etag), ("range", "bytes=0-1")], 206),
        (&[("if-range", &etag), ("range", "bytes=0-1")], 206),
        (&[("if-range", "\"x\""), ("range", "bytes=0-1")], 200),
        (&[("if-range", date), ("range", "bytes=0-1")], 200),
    ] {
        assert_eq!(
            ask(&root, "GET", "/a.txt", fields).status,
            status,
            "{fields:?}"
        );
    }
    let reply = ask(&root, "GET", "/a.txt", &[]);
    assert_eq!(reply.field("last-modified").as_deref(), Some(date));
}

#[test]
fn every_body_is_what_it_says_it_is() {
    let root = site("");
    for target in ["/", "/a.png", "/missing", "/%", "/film.mp4"] {
        let head = RequestHead {
            method: "GET",
            target,
            fields: &NoFields,
        };
        let reply = answer(&root, &Redirects::default(), &head);
        assert!(reply.field("content-type").is_some(), "{target}");
        assert_eq!(
            reply.field("x-content-type-options").as_deref(),
            Some("nosniff"),
            "{target}"
        );
        assert!(reply.field("cache-control").is_some(), "{target}");
    }
}

/// Whatever is sent, there is an answer, and it says nothing about the files that are hidden.
#[test]
fn no_combination_breaks_it() {
    let site = site("/book");
    let pieces = [
        "",
        "/",
        "/book",
        "/blog/",
        "..",
        "%2e%2e",
        "%",
        "%2f",
        "%00",
        "?",
        "?h=12345678",
        "index.html",
        ".env",
        "\u{e4}",
        "//",
        "*",
        "#",
    ];
    let ranges = [
        "bytes=0-",
        "bytes=-1,0-0",
        "bytes=18446744073709551615-",
        "bytes=-0",
        "x",
        "",
    ];
    for first in pieces {
        for (second, third) in pieces.iter().flat_map(|a| pieces.map(|b| (*a, b))) {
            let target = format!("/book{first}{second}{third}");
            for range in ranges {
                let fields = [("range", range), ("accept-encoding", "br;q=0.5,*;q=0.1")];
                let reply = ask(&site, "GET", &target, &fields);
                assert!(!format!("{:?}", reply.body).contains("secret"), "{target}");
            }
        }
    }
}
