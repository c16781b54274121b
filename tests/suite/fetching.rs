//! What templates fetch from the network: nothing unless they may, and never without a bound.

use std::{
    collections::HashMap,
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
};

use crate::node::{Node, Setup, littoral, write};

/// A server that answers each path as it is told to, and remembers what it was asked.
struct Upstream {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    /// Status and body, by path; 404 for any other.
    answers: HashMap<String, (u16, Vec<u8>)>,
    /// Each request as it came, header fields in lower case.
    asked: Vec<String>,
}

impl Upstream {
    fn start(answers: &[(&str, u16, &str)]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let state = Arc::new(Mutex::new(State::default()));
        let upstream = Self {
            address,
            state: Arc::clone(&state),
        };
        for (path, status, body) in answers {
            upstream.answers(path, *status, body.as_bytes());
        }
        // It ends with the process of the tests.
        thread::spawn(move || {
            for stream in listener.incoming() {
                answer(&stream.unwrap(), &state);
            }
        });
        upstream
    }

    fn answers(&self, path: &str, status: u16, body: &[u8]) {
        let mut state = self.state.lock().unwrap();
        state.answers.insert(path.into(), (status, body.to_vec()));
    }

    fn asked(&self) -> Vec<String> {
        self.state.lock().unwrap().asked.clone()
    }

    /// A site whose first page is `template`, with `URL` in it for this server.
    fn site(&self, template: &str) -> Setup {
        let template = template.replace("URL", &format!("http://{}", self.address));
        Node::files(&[
            ("config.toml", "base_url = 'https://example.org'\n"),
            ("content/_index.md", "+++\n+++\n"),
            ("templates/index.html", &template),
        ])
    }
}

/// One request and its answer; a redirect leads to `/json`.
fn answer(stream: &TcpStream, state: &Mutex<State>) {
    let mut reader = BufReader::new(stream);
    let (mut head, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
        if line.trim().is_empty() {
            break;
        }
        head += &match head.is_empty() {
            true => line,
            false => line.to_lowercase(),
        };
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
    let (status, answer) = {
        let mut state = state.lock().unwrap();
        state.asked.push(head + &String::from_utf8_lossy(&body));
        let answer = state.answers.get(&path).cloned();
        answer.unwrap_or_else(|| (404, b"nothing".to_vec()))
    };
    let head = format!(
        "HTTP/1.1 {status} x\r\nlocation: /json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        answer.len()
    );
    let mut stream = stream;
    // Whoever has enough of a long answer closes before its end.
    stream
        .write_all(&[head.as_bytes(), &answer].concat())
        .unwrap_or_default();
}

/// What the first page says of a site that may fetch.
fn built(setup: &Setup) -> String {
    setup
        .run("build", &["--allow-net", "--output", "{}/out"])
        .exits_with(0);
    std::fs::read_to_string(setup.beside("out/index.html")).unwrap()
}

#[test]
fn nothing_is_fetched_unless_it_may_be() {
    let upstream = Upstream::start(&[("/text", 200, "secret")]);
    let setup = upstream.site("\n{{ load_data(url=\"URL/text\") }}");
    setup
        .run("check", &[])
        .exits_with(1)
        .prints("is not fetched: nothing is fetched from the network")
        .prints("templates/index.html:2")
        .prints("--allow-net")
        .prints("keep a copy of it in the site, or pass `required=false`");
    let optional = "{{ load_data(url=\"URL/text\", required=false) | json_encode | safe }}";
    upstream.site(optional).run("check", &[]).exits_with(0);
    assert_eq!(upstream.asked(), [""; 0]);
    assert_eq!(built(&setup).trim(), "secret");
    assert_eq!(upstream.asked().len(), 1);
}

#[test]
fn an_answer_becomes_a_value() {
    let upstream = Upstream::start(&[
        ("/json", 200, "{\"tide\": [1, 2]}"),
        ("/text", 200, "<b>"),
        ("/csv", 200, "a,b\n1,2\n"),
        ("/moved", 302, ""),
    ]);
    for (call, expected) in [
        ("url=\"URL/json\", format=\"json\"", "{\"tide\":[1,2]}"),
        ("url=\"URL/json\"", "\"{\\\"tide\\\": [1, 2]}\""),
        ("url=\"URL/text\"", "\"<b>\""),
        (
            "url=\"URL/csv\", format=\"csv\"",
            "{\"headers\":[\"a\",\"b\"],\"records\":[[\"1\",\"2\"]]}",
        ),
        ("url=\"URL/moved\", format=\"json\"", "{\"tide\":[1,2]}"),
        ("url=\"URL/none\", required=false", "null"),
    ] {
        let template = format!("{{{{ load_data({call}) | json_encode | safe }}}}");
        assert_eq!(built(&upstream.site(&template)), expected, "{call}");
    }
}

#[test]
fn a_question_is_asked_as_it_is_written() {
    let upstream = Upstream::start(&[("/ask", 200, "ok")]);
    built(&upstream.site(
        "{{ load_data(url=\"URL/ask\", method=\"post\", body=\"b=1\", content_type=\"a/b\", \
         headers=[\"X-Key=c=d\"], format=\"plain\") }}",
    ));
    let [asked] = &upstream.asked()[..] else {
        panic!("{:?}", upstream.asked());
    };
    assert!(asked.starts_with("POST /ask HTTP/1.1\r\n"), "{asked}");
    assert!(asked.ends_with("b=1"), "{asked}");
    for field in [
        "x-key: c=d",
        "content-type: a/b",
        "accept: text/plain",
        "content-length: 3",
        "user-agent: littoral/",
    ] {
        assert!(asked.contains(field), "{field} in\n{asked}");
    }
}

#[test]
fn many_pages_ask_once() {
    let upstream = Upstream::start(&[("/text", 200, "once")]);
    let load = "{{ load_data(url=\"URL/text\") }}";
    let setup = upstream.site(&load.repeat(3));
    let page = load.replace("URL", &format!("http://{}", upstream.address));
    write(&setup.root().join("templates/page.html"), &page);
    for number in 0..20 {
        let name = format!("content/{number}.md");
        write(&setup.root().join(name), "+++\n+++\n");
    }
    assert_eq!(built(&setup), "onceonceonce");
    assert_eq!(upstream.asked().len(), 1);
}

#[test]
fn a_failure_is_told() {
    let long = "x".repeat(5 * 1024 * 1024);
    let upstream = Upstream::start(&[
        ("/bad", 200, "{\n\"a\": ,"),
        ("/long", 200, &long),
        ("/broken", 500, ""),
    ]);
    for (call, told) in [
        ("url=\"URL/none\"", "the answer is status 404"),
        ("url=\"URL/broken\"", "the answer is status 500"),
        (
            "url=\"URL/long\"",
            "the answer is longer than 4194304 bytes",
        ),
        ("url=\"http://127.0.0.1:1/\"", "there is no answer"),
        ("url=\"file:///etc/hostname\"", "begins with http://"),
        (
            "url=\"URL/bad\", format=\"json\", required=false",
            "can't be read as JSON: line 2",
        ),
    ] {
        upstream
            .site(&format!("{{{{ load_data({call}) }}}}"))
            .run("check", &["--allow-net"])
            .exits_with(1)
            .prints(told);
    }
}

#[test]
fn the_last_good_snapshot_survives_a_fetch_that_fails() {
    let upstream = Upstream::start(&[("/one", 200, "first"), ("/two", 500, "")]);
    let setup = upstream.site("{{ load_data(url=\"URL/one\") }} {{ section.title }}");
    let node = setup.args(&["--allow-net"]).start();
    node.get("/").is(200).body_has("first");
    let url = format!("http://{}/two", upstream.address);
    node.write(
        "templates/index.html",
        &format!("{{{{ load_data(url=\"{url}\") }}}}"),
    );
    node.told("the answer is status 500");
    node.get("/").is(200).body_has("first");
    upstream.answers("/two", 200, b"second");
    node.write("content/_index.md", "+++\ntitle = 'Again'\n+++\n");
    node.wait_for("the second answer", |node| {
        node.get("/").body.contains("second")
    });
}

#[test]
fn a_site_of_the_configuration_says_for_itself() {
    let upstream = Upstream::start(&[("/text", 200, "allowed")]);
    let setup = upstream.site("{{ load_data(url=\"URL/text\") }}");
    let root = setup.root().display().to_string();
    let config = format!("[[site]]\nroot = '{root}'\n");
    let check = |setup: &Setup| {
        let file = setup.beside("littoral.toml");
        littoral(&["check", "--config", file.to_str().unwrap()])
    };
    let setup = setup.write_beside("littoral.toml", &config);
    check(&setup).exits_with(1).prints("`allow_net = true`");
    let setup = setup.write_beside("littoral.toml", &(config + "allow_net = true\n"));
    check(&setup).exits_with(0);
}
