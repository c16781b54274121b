//! What is a head and what is none, as data.

use super::*;
use crate::serve::lines::Lines;

const MAX: usize = 16 << 10;

fn parsed(text: &str) -> Result<Option<Head<'_>>, Refused> {
    parse(text.as_bytes(), MAX, &mut Vec::new())
}

fn refused(text: &str) -> Option<Refused> {
    parsed(text).err()
}

#[test]
fn a_request_is_read() {
    let text =
        "GET /a?b=c HTTP/1.1\r\nHost: a.test:80\r\nAccept-Encoding:  br, gzip\t\r\nX:\r\n\r\nGET";
    let mut spans = Vec::new();
    let head = parse(text.as_bytes(), MAX, &mut spans).unwrap().unwrap();
    let expected = Head {
        method: "GET",
        target: "/a?b=c",
        authority: Some("a.test:80"),
        version: Version::Http11,
        framing: Framing::Empty,
        persists: true,
        waits: false,
        bytes: text.len() - 3,
    };
    assert_eq!(head, expected);
    let lines = Lines::new(text.as_bytes(), &spans);
    assert_eq!(
        lines.joined("accept-encoding", ", ").as_deref(),
        Some("br, gzip")
    );
    assert_eq!(lines.joined("x", ", ").as_deref(), Some(""));
    assert_eq!(spans.len(), 3);
}

#[test]
fn what_has_not_come_whole_is_waited_for() {
    let text = "GET /a HTTP/1.1\r\nHost: a.test\r\nA: b\r\n\r\n";
    for end in 0..text.len() {
        assert_eq!(parsed(&text[..end]), Ok(None), "{end}");
    }
    assert!(parsed(text).unwrap().is_some());
    assert!(parsed(&format!("\r\n{text}")).unwrap().is_some());
}

#[test]
fn targets_have_four_forms() {
    for (line, expected) in [
        ("GET /", Some(("/", "a.test"))),
        ("GET /%c3%a4?a/b", Some(("/%c3%a4?a/b", "a.test"))),
        ("GET /ä", Some(("/ä", "a.test"))),
        ("GET //b.test/", Some(("//b.test/", "a.test"))),
        ("GET http://b.test/c", Some(("/c", "b.test"))),
        ("GET HTTPS://b.test:8443", Some(("/", "b.test:8443"))),
        ("OPTIONS *", Some(("*", "a.test"))),
        ("OPTIONS http://b.test", Some(("*", "b.test"))),
        ("CONNECT b.test:443", Some(("*", "b.test:443"))),
        ("GET *", None),
        ("GET b.test:443", None),
        ("GET a", None),
        ("GET ftp://b.test/", None),
        ("GET http:///a", None),
        ("GET http://b.test?a", None),
        ("GET /a#b", None),
        ("GET /a\tb", None),
        ("GET /a\u{7f}", None),
    ] {
        let text = format!("{line} HTTP/1.1\r\nHost: a.test\r\n\r\n");
        let found = parsed(&text);
        match (found, expected) {
            (Ok(Some(head)), Some((target, authority))) => {
                assert_eq!(
                    (head.target, head.authority),
                    (target, Some(authority)),
                    "{line}"
                );
            }
            (found, expected) => {
                assert_eq!(
                    (found.err(), expected),
                    (Some(Refused::Malformed), None),
                    "{line}"
                );
            }
        }
    }
}

#[test]
fn a_request_line_has_one_form() {
    use Refused::{Malformed, TargetTooLong, Version};
    let long = format!("GET /{} HTTP/1.1", "a".repeat(TARGET_BYTES_MAX));
    let endless = "GET /".to_owned() + &"a".repeat(TARGET_BYTES_MAX + METHOD_BYTES_MAX);
    for (line, expected) in [
        ("GET / HTTP/1.1", None),
        ("get / HTTP/1.1", None),
        ("M-SEARCH / HTTP/1.1", None),
        ("GET / HTTP/1.9", None),
        ("GET / HTTP/1.0", None),
        ("GET / HTTP/2.0", Some(Version)),
        ("GET / HTTP/0.9", Some(Version)),
        ("GET / HTTP/1.10", Some(Malformed)),
        ("GET / http/1.1", Some(Malformed)),
        ("GET / HTTP/1,1", Some(Malformed)),
        ("GET /", Some(Malformed)),
        ("GET  / HTTP/1.1", Some(Malformed)),
        ("GET /  HTTP/1.1", Some(Malformed)),
        ("GET / HTTP/1.1 ", Some(Malformed)),
        (" GET / HTTP/1.1", Some(Malformed)),
        ("GET\t/ HTTP/1.1", Some(Malformed)),
        ("G\"T / HTTP/1.1", Some(Malformed)),
        (" / HTTP/1.1", Some(Malformed)),
        ("GET / HTTP/1.1\r", Some(Malformed)),
        (&long, Some(TargetTooLong)),
    ] {
        let text = format!("{line}\r\nHost: a.test\r\n\r\n");
        assert_eq!(refused(&text), expected, "{line:.40}");
    }
    let unended = refused(&endless);
    assert_eq!(unended, Some(TargetTooLong));
    assert_eq!(
        refused("\x16\x03\x01"),
        Some(Malformed),
        "TLS where none is spoken"
    );
}

#[test]
fn fields_have_one_form() {
    use Refused::{Expectation, Malformed, TransferCoding};
    for (fields, expected) in [
        ("A: b\r\n", None),
        ("A:b\r\n", None),
        ("A: \"b\" ä\r\n", None),
        ("A : b\r\n", Some(Malformed)),
        (" A: b\r\n", Some(Malformed)),
        ("A: b\r\n c\r\n", Some(Malformed)),
        ("A: b\n", Some(Malformed)),
        ("A: b\rC: d\r\n", Some(Malformed)),
        ("A: b\0\r\n", Some(Malformed)),
        ("A: b\x01\r\n", Some(Malformed)),
        ("A\r\n", Some(Malformed)),
        (": b\r\n", Some(Malformed)),
        ("A b: c\r\n", Some(Malformed)),
        ("Host: b.test\r\n", Some(Malformed)),
        ("Content-Length: 0\r\n", None),
        ("Content-Length: +1\r\n", Some(Malformed)),
        ("Content-Length: 1, 1\r\n", Some(Malformed)),
        (
            "Content-Length: 1\r\nContent-Length: 1\r\n",
            Some(Malformed),
        ),
        ("Content-Length:\r\n", Some(Malformed)),
        ("Content-Length: 99999999999999999999\r\n", Some(Malformed)),
        ("Transfer-Encoding: chunked\r\n", None),
        ("Transfer-Encoding: Chunked\r\n", None),
        (
            "Transfer-Encoding: chunked\r\nContent-Length: 1\r\n",
            Some(Malformed),
        ),
        (
            "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
            Some(Malformed),
        ),
        ("Transfer-Encoding: chunked, chunked\r\n", Some(Malformed)),
        ("Transfer-Encoding: gzip, chunked\r\n", Some(TransferCoding)),
        ("Transfer-Encoding: chunked, gzip\r\n", Some(Malformed)),
        ("Transfer-Encoding: \x0bchunked\r\n", Some(Malformed)),
        ("Transfer-Encoding: xchunked\r\n", Some(Malformed)),
        ("Transfer-Encoding:\r\n", Some(Malformed)),
        ("Expect: 100-Continue\r\n", None),
        ("Expect: more\r\n", Some(Expectation)),
    ] {
        let text = format!("GET / HTTP/1.1\r\nHost: a.test\r\n{fields}\r\n");
        assert_eq!(refused(&text), expected, "{fields:?}");
    }
    assert_eq!(refused("GET / HTTP/1.1\r\n\r\n"), Some(Malformed));
    assert_eq!(
        refused("GET http://a.test/ HTTP/1.1\r\n\r\n"),
        Some(Malformed)
    );
    assert_eq!(refused("GET / HTTP/1.1\nHost: a.test\n\n"), Some(Malformed));
    let old = "GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n";
    assert_eq!(refused(old), Some(Malformed));
}

#[test]
fn what_follows_and_whether_more_may_come_is_known() {
    for (version, fields, expected) in [
        ("1.1", "", (Framing::Empty, true, false)),
        (
            "1.1",
            "Connection: close\r\n",
            (Framing::Empty, false, false),
        ),
        (
            "1.1",
            "Connection: a, CLOSE\r\n",
            (Framing::Empty, false, false),
        ),
        ("1.0", "", (Framing::Empty, false, false)),
        (
            "1.0",
            "Connection: keep-alive\r\n",
            (Framing::Empty, true, false),
        ),
        (
            "1.1",
            "Content-Length: 7\r\n",
            (Framing::Length(7), true, false),
        ),
        (
            "1.1",
            "Transfer-Encoding: chunked\r\n",
            (Framing::Chunked, true, false),
        ),
        (
            "1.1",
            "Expect: 100-continue\r\nContent-Length: 7\r\n",
            (Framing::Length(7), true, true),
        ),
    ] {
        let text = format!("GET / HTTP/{version}\r\nHost: a.test\r\n{fields}\r\n");
        let head = parsed(&text).unwrap().unwrap();
        assert_eq!(
            (head.framing, head.persists, head.waits),
            expected,
            "{fields:?}"
        );
    }
    let head = parsed("GET / HTTP/1.0\r\n\r\n").unwrap().unwrap();
    assert_eq!(head.authority, None);
}

#[test]
fn a_head_has_a_bound() {
    let field = format!("A: {}\r\n", "b".repeat(1_000));
    let text = format!("GET / HTTP/1.1\r\nHost: a\r\n{}", field.repeat(20));
    assert_eq!(refused(&text), Some(Refused::TooLarge));
    assert_eq!(refused(&text[..MAX + 1]), Some(Refused::TooLarge));
    assert_eq!(refused(&text[..MAX]), None);
    let many = format!(
        "GET / HTTP/1.1\r\nHost: a\r\n{}\r\n",
        "A: b\r\n".repeat(LINES_MAX)
    );
    assert_eq!(refused(&many), Some(Refused::TooLarge));
}
