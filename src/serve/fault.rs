//! What is told to a client that cannot have what it asked for. The only file that turns a mistake
//! into an answer; causes are for the log, never for the client.

use bytes::Bytes;
use once_cell::sync::Lazy;

use super::reply::{Body, Reply};
use crate::{pack, site::Facts};

/// Why a request is not answered with a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// The request is malformed.
    BadRequest,
    /// The client may not have it.
    Forbidden,
    /// There is no such resource, and the site has no page of its own to say so.
    NotFound,
    /// A page can be read and not written.
    MethodNotAllowed,
    /// The client takes none of the forms there are.
    NotAcceptable,
    /// The client did not send its request in time.
    TimedOut,
    /// A precondition does not hold.
    PreconditionFailed,
    /// The target is longer than any that there is.
    TargetTooLong,
    /// The range lies outside of the body.
    RangeNotSatisfiable,
    /// The client expects what nobody here can do.
    ExpectationFailed,
    /// No site of this node has that name.
    Misdirected,
    /// The head of the request is larger than this node reads.
    FieldsTooLarge,
    /// The mistake is ours.
    Internal,
    /// The method, or the coding of a body, is none that is known here.
    NotImplemented,
    /// The client speaks another HTTP.
    VersionNotSupported,
    /// The site is closed for now.
    Maintenance,
    /// Too much is being sent already of what is made for each client.
    Busy,
}

impl Fault {
    /// The answer.
    pub(super) fn reply(self) -> Reply<'static> {
        let (status, title, advice) = self.words();
        let page = PAGE
            .replace("{status}", &status.to_string())
            .replace("{title}", title)
            .replace("{advice}", advice)
            .replace("{style}", STYLE);
        let mut reply = Reply::new(status)
            .with("content-type", "text/html; charset=utf-8")
            .with("cache-control", "no-store")
            .with("x-content-type-options", "nosniff");
        if self == Self::MethodNotAllowed {
            reply.push("allow", ALLOW);
        }
        match self {
            Self::Busy => reply.push("retry-after", "1"),
            Self::Maintenance => reply.push("retry-after", "300"),
            _ => {}
        }
        reply.body = Body::Whole(Bytes::from(page));
        reply
    }

    fn words(self) -> (u16, &'static str, &'static str) {
        match self {
            Self::BadRequest => (400, "Bad request", "This address or request is malformed."),
            Self::Forbidden => (403, "Forbidden", "This is not shown on pages of others."),
            Self::NotFound => (404, "Not found", "There is no page at this address."),
            Self::MethodNotAllowed => (405, "Method not allowed", "Pages here can only be read."),
            Self::NotAcceptable => (
                406,
                "Not acceptable",
                "Your client takes none of the forms this page exists in.",
            ),
            Self::TimedOut => (
                408,
                "Request timeout",
                "The request took too long to arrive.",
            ),
            Self::TargetTooLong => (414, "Address too long", "No page has so long an address."),
            Self::ExpectationFailed => (
                417,
                "Expectation failed",
                "Your client expects what this server cannot do.",
            ),
            Self::NotImplemented => (
                501,
                "Not implemented",
                "Your client asks in a way that is not known here.",
            ),
            Self::VersionNotSupported => (
                505,
                "HTTP version not supported",
                "This server speaks HTTP/1.1 and HTTP/2.",
            ),
            Self::PreconditionFailed => (
                412,
                "Precondition failed",
                "This page is no longer the one your client has seen.",
            ),
            Self::RangeNotSatisfiable => {
                (416, "Range not satisfiable", "This page ends before that.")
            }
            Self::Misdirected => (
                421,
                "Misdirected request",
                "No site of that name lives here.",
            ),
            Self::FieldsTooLarge => (
                431,
                "Request header fields too large",
                "Clearing the cookies of this site may help.",
            ),
            Self::Internal => (
                500,
                "Internal server error",
                "The mistake is ours. Trying again may help.",
            ),
            Self::Maintenance => (
                503,
                "Service unavailable",
                "This site is being worked on, and will be back soon.",
            ),
            Self::Busy => (
                503,
                "Service unavailable",
                "Too many ask for this at once. Trying again in a moment will help.",
            ),
        }
    }
}

/// What a page lets a client do.
pub(super) const ALLOW: &str = "GET, HEAD, OPTIONS";

const PAGE: &str = "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n\
<meta name=\"viewport\" content=\"width=device-width\">\n\
<meta name=\"color-scheme\" content=\"light dark\">\n<title>{status} {title}</title>\n\
<style>{style}</style>\n<h1>{title}</h1>\n<p>{advice}</p>\n</html>\n";

const STYLE: &str =
    "body{font:1.1rem/1.5 system-ui,sans-serif;max-width:32rem;margin:20vh auto;padding:0 1rem}\n";

/// What stands in each of these pages, for a policy that would forbid it.
pub(super) fn facts() -> &'static Facts {
    static FACTS: Lazy<Facts> = Lazy::new(|| Facts {
        styles: pack::hashes([STYLE]),
        ..Facts::default()
    });
    &FACTS
}
