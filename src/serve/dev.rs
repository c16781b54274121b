//! What the author of a site sees on top of it: pages that reload when it changes, and its problems
//! over the last good page.
//!
//! Only a site that is served to its author comes here.

use std::borrow::Cow;

use bytes::Bytes;
use serde_json::json;

use super::{
    answer,
    reply::{Body, Field, Fields, Reply, RequestHead},
};
use crate::{
    publish::{Live, News, Published},
    site::{Problem, Redirects, Severity},
};

/// Answers the author: his own two paths, and the site's pages with a script in them.
pub(super) fn answer<'s>(
    live: &Live,
    published: &'s Published,
    head: &RequestHead<'_>,
) -> Reply<'s> {
    match head.target.split('?').next() {
        Some(SCRIPT_PATH) => script(),
        Some(EVENTS_PATH) if head.method == "GET" => events(live),
        _ => page(published, head),
    }
}

/// News as a server-sent event (WHATWG HTML §9.2).
pub(super) fn event(news: &News) -> Bytes {
    let problems: Vec<_> = news.problems.iter().map(problem).collect();
    let data = json!({ "generation": generation(news.generation), "problems": problems });
    Bytes::from(format!("data: {data}\n\n"))
}

/// Sent when there is nothing to say, so that a client that is gone is noticed.
pub(super) const HEARTBEAT: Bytes = Bytes::from_static(b":\n\n");

fn script() -> Reply<'static> {
    let mut reply = Reply::new(200)
        .with("content-type", "text/javascript; charset=utf-8")
        .with("cache-control", "no-store");
    reply.body = Body::Whole(Bytes::from_static(SCRIPT.as_bytes()));
    reply
}

fn events(live: &Live) -> Reply<'static> {
    let mut reply = Reply::new(200)
        .with("content-type", "text/event-stream")
        .with("cache-control", "no-store");
    reply.body = Body::News(live.news());
    reply
}

/// Nothing is negotiated and nothing kept: what the author sees is what there is now.
fn page<'s>(published: &'s Published, head: &RequestHead<'_>) -> Reply<'s> {
    let plain = RequestHead {
        fields: &RangeOnly(head.fields),
        ..*head
    };
    // A script makes the body longer, so HEAD is worked out from GET.
    let mut reply = answer::answer(
        &published.snapshot,
        &Redirects::default(),
        &match head.method {
            "HEAD" => RequestHead {
                method: "GET",
                ..plain
            },
            _ => plain,
        },
    );
    reply.remove(&["etag", "last-modified", "cache-control"]);
    reply.push("cache-control", "no-store");
    let is_html = reply
        .field("content-type")
        .is_some_and(|media_type| media_type.starts_with("text/html"));
    if let (true, Body::Whole(body)) = (is_html, &reply.body) {
        reply.body = Body::Whole(inject(body, published.generation));
    }
    if head.method == "HEAD" {
        reply.body = reply.body.omitted();
    }
    reply
}

/// The one field that counts for the author too: some browsers play no film without ranges.
struct RangeOnly<'r>(&'r dyn Fields);

impl Fields for RangeOnly<'_> {
    fn value(&self, field: Field) -> Option<Cow<'_, str>> {
        self.0.value(field).filter(|_| field == Field::Range)
    }
}

/// The script goes before the end of the body, or to the end of what has none.
fn inject(body: &[u8], generation: u64) -> Bytes {
    let end = body
        .windows(BODY_END.len())
        .rposition(|window| window.eq_ignore_ascii_case(BODY_END))
        .unwrap_or(body.len());
    let (before, after) = body.split_at(end);
    let generation = self::generation(generation);
    let script =
        format!("<script src=\"{SCRIPT_PATH}\" data-generation=\"{generation}\"></script>");
    Bytes::from([before, script.as_bytes(), after].concat())
}

/// A generation with the process that counted it: another process begins at 1 again.
fn generation(generation: u64) -> String {
    format!("{}.{generation}", std::process::id())
}

fn problem(problem: &Problem) -> serde_json::Value {
    json!({
        "severity": match problem.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        },
        "what": problem.what,
        "file": problem.file,
        "line": problem.line,
        "column": problem.column,
        "excerpt": problem.excerpt,
        "note": problem.note(),
        "wayOut": problem.way_out,
    })
}

const SCRIPT_PATH: &str = "/__littoral/dev.js";
const EVENTS_PATH: &str = "/__littoral/events";
const SCRIPT: &str = include_str!("dev/dev.js");
const BODY_END: &[u8] = b"</body>";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        pack,
        site::{Content, Page, UrlPath},
    };

    fn live() -> Live {
        let page = |path: &str, media_type: &str, body: &'static str| Page {
            path: UrlPath::new(path).unwrap(),
            status: 200,
            media_type: media_type.into(),
            content: Content::Bytes(Bytes::from_static(body.as_bytes())),
            modified: Some(0),
        };
        let pages = vec![
            page("/", "text/html; charset=utf-8", "<body>hi</BODY></html>"),
            page("/a.css", "text/css", "a{}</body>"),
        ];
        let problem = Problem::error("it \"is\" wrong").in_file("a.md");
        Live::new(pack::Packer::plain().pack(pages, ""), vec![problem])
    }

    fn ask<R>(live: &Live, method: &str, target: &str, then: impl Fn(Reply<'_>) -> R) -> R {
        let fields = &[("accept-encoding", "br"), ("if-none-match", "*")][..];
        let head = RequestHead {
            method,
            target,
            fields: &fields,
        };
        then(answer(live, &live.load(), &head))
    }

    fn text(body: &Body) -> String {
        match body {
            Body::Whole(bytes) => String::from_utf8(bytes.to_vec()).unwrap(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn pages_get_the_script_and_are_never_kept() {
        let live = live();
        let length = ask(&live, "GET", "/", |reply| {
            let body = text(&reply.body);
            assert!(
                body.starts_with("<body>hi<script src=\"/__littoral/dev.js\""),
                "{body}"
            );
            assert!(body.ends_with(".1\"></script></BODY></html>"), "{body}");
            assert_eq!(reply.field("cache-control").as_deref(), Some("no-store"));
            assert_eq!(reply.field("etag"), None);
            reply.body.length()
        });
        ask(&live, "HEAD", "/", |reply| {
            assert_eq!(reply.body.length(), length)
        });
        ask(&live, "GET", "/a.css", |reply| {
            assert_eq!(text(&reply.body), "a{}</body>");
        });
        let ranged = &[("range", "bytes=0-2")][..];
        let head = RequestHead {
            method: "GET",
            target: "/a.css",
            fields: &ranged,
        };
        assert_eq!(answer(&live, &live.load(), &head).status, 206);
        ask(&live, "GET", "/gone", |reply| {
            assert_eq!(reply.status, 404);
            assert!(text(&reply.body).contains(SCRIPT_PATH));
        });
    }

    #[test]
    fn the_authors_own_paths_are_there() {
        let live = live();
        ask(&live, "GET", SCRIPT_PATH, |reply| {
            assert!(text(&reply.body).contains(EVENTS_PATH));
        });
        ask(&live, "GET", EVENTS_PATH, |reply| {
            assert!(matches!(reply.body, Body::News(_)));
        });
        let event = event(&live.news().borrow());
        let event = std::str::from_utf8(&event).unwrap();
        let data = event
            .strip_prefix("data: ")
            .unwrap()
            .strip_suffix("\n\n")
            .unwrap();
        let data: serde_json::Value = serde_json::from_str(data).unwrap();
        assert_eq!(data["problems"][0]["what"], "it \"is\" wrong");
        assert_eq!(data["problems"][0]["file"], "a.md");
    }
}
