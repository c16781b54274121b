//! What the RFCs ask of a server over HTTP/1.1, byte by byte: each case is what is sent, and the statuses that come back.
//!
//! Behind each case one more request is sent on the same connection. `next` says that it is answered: both sides agree
//! where the case ended. Without it the connection ends with the answer, so nothing behind it can be mistaken for a
//! request. `next?` leaves the choice.
//!
//! The same cases can be tried on another server that serves [`FILES`], to see what it makes of them:
//! `LITTORAL_LAW=127.0.0.1:8081 cargo test --test suite law -- --nocapture`.

use std::{
    env,
    io::{Read, Write},
    net::{Shutdown, SocketAddr, TcpStream},
};

use crate::node::{Node, PATIENCE};

const FILES: &[(&str, &str)] = &[
    ("config.toml", "base_url = 'http://a'\n"),
    ("templates/index.html", "<p>index"),
    ("static/a.txt", "0123456789"),
    ("static/next.txt", "next"),
];

/// One case a line: where in the RFCs it stands, what comes back, and what is sent. What comes back are the statuses, each
/// any of those between slashes. In what is sent `|` ends a line, as CRLF does.
const CASES: &str = include_str!("law/http1.txt");

/// A line of [`CASES`].
struct Case<'c> {
    rfc: &'c str,
    expected: &'c str,
    sent: &'c str,
}

/// Of these 130 cases nginx 1.22.1 (with the same files) answers 107 so. It takes bare line feeds, two spaces in a request
/// line, a line without a colon and chunks that are none, sends parts to HEAD, and knows neither 406 nor 417 nor 501 nor
/// OPTIONS.
#[test]
fn requests_are_read_and_answered_as_the_rfcs_say() {
    if let Ok(address) = env::var("LITTORAL_LAW") {
        let address = address
            .parse()
            .expect("LITTORAL_LAW is an address and a port");
        let wrong = wrong(address);
        let right = cases().count() - wrong.len();
        let all = cases().count();
        let wrong = wrong.join("\n");
        println!("{wrong}\n{right} of {all} as the RFCs say");
        return;
    }
    let node = Node::files(FILES).start();
    let wrong = wrong(node.http);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn who_says_the_same_again_is_answered_the_same() {
    // Each worker remembers for itself.
    let node = Node::files(FILES)
        .write_beside("littoral.toml", "workers = 1\n[[site]]\nroot = 'site'\n")
        .start_with_config("littoral.toml");
    let validators = validators(node.http);
    for Case { sent, .. } in cases() {
        let request = spelled_out(sent, &validators);
        let ask = || {
            let stream = say(node.http, &request);
            // Nothing comes behind it. Who was refused may have been left already.
            stream.shutdown(Shutdown::Write).unwrap_or_default();
            let answer = answer(stream);
            let lasting = answer.lines().filter(|line| !line.starts_with("date: "));
            lasting.map(str::to_owned).collect::<Vec<_>>()
        };
        let first = ask();
        (0..5).for_each(|_| assert_eq!(ask(), first, "{sent}"));
    }
}

fn wrong(address: SocketAddr) -> Vec<String> {
    let validators = validators(address);
    let judge = |case: Case<'_>| {
        let Case {
            rfc,
            expected,
            sent,
        } = case;
        let request = spelled_out(sent, &validators);
        let came = statuses(&exchange(address, &(request + NEXT)));
        let is_right = agree(&came, expected);
        (!is_right).then(|| format!("RFC {rfc}: {sent} should give {expected}, and gave {came}"))
    };
    cases().filter_map(judge).collect()
}

fn cases() -> impl Iterator<Item = Case<'static>> {
    let lines = CASES.lines();
    let lines = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.map(|line| {
        let (rfc, rest) = line.split_at(RFC_COLUMNS);
        let (expected, sent) = rest.split_at(EXPECTED_COLUMNS);
        Case {
            rfc: rfc.trim(),
            expected: expected.trim(),
            sent,
        }
    })
}

/// What is sent, with the validators that `/a.txt` has.
fn spelled_out(sent: &str, (etag, modified): &(String, String)) -> String {
    unescaped(sent)
        .replace("{etag}", etag)
        .replace("{modified}", modified)
        .replace("{8k}", &"x".repeat(9 << 10))
}

fn unescaped(sent: &str) -> String {
    let pairs = [
        ("|", "\r\n"),
        ("\\r", "\r"),
        ("\\n", "\n"),
        ("\\t", "\t"),
        ("\\0", "\0"),
        ("\\x0b", "\x0b"),
    ];
    let replace = |text: String, (from, to): (&str, &str)| text.replace(from, to);
    pairs.into_iter().fold(sent.to_owned(), replace)
}

/// Whether each status that came is one of those that may come in its place. `next?` may be there or not.
fn agree(came: &str, expected: &str) -> bool {
    let (came, expected) = match expected.strip_suffix(" next?") {
        Some(expected) => (came.strip_suffix(" next").unwrap_or(came), expected),
        None => (came, expected),
    };
    let (came, expected): (Vec<_>, Vec<_>) =
        (came.split(' ').collect(), expected.split(' ').collect());
    let pairs = || came.iter().zip(&expected);
    came.len() == expected.len()
        && pairs().all(|(came, may)| may.split('/').any(|one| one == *came))
}

/// The statuses of an answer; `next` for one that has the body of [`NEXT`].
fn statuses(answer: &str) -> String {
    let mut statuses: Vec<&str> = answer
        .match_indices("HTTP/1.1 ")
        .filter_map(|(at, begin)| answer.get(at + begin.len()..at + begin.len() + 3))
        .filter(|status| status.bytes().all(|byte| byte.is_ascii_digit()))
        .collect();
    if answer.ends_with("\r\n\r\nnext") {
        statuses.pop();
        statuses.push("next");
    }
    statuses.join(" ")
}

fn exchange(address: SocketAddr, request: &str) -> String {
    answer(say(address, request))
}

fn say(address: SocketAddr, request: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    stream
}

fn answer(mut stream: TcpStream) -> String {
    let mut answer = Vec::new();
    // A server that hangs up on what it has not read resets the connection; what came before that counts.
    stream.read_to_end(&mut answer).unwrap_or_default();
    String::from_utf8_lossy(&answer).into_owned()
}

fn validators(address: SocketAddr) -> (String, String) {
    let answer = exchange(
        address,
        "GET /a.txt HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
    );
    let field = |name: &str| {
        let mut lines = answer.lines().filter_map(|line| line.split_once(": "));
        let found = lines.find(|(found, _)| found.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.to_owned()).unwrap_or_default()
    };
    (field("etag"), field("last-modified"))
}

const RFC_COLUMNS: usize = 15;
const EXPECTED_COLUMNS: usize = 21;

const NEXT: &str = "GET /next.txt HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
