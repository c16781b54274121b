//! What documents tell of themselves: policies with hashes, what they will ask for, what may be asked for next.

use super::*;
use crate::serve::{Preload, Speculation};

/// A site of these files, below `base_path`.
fn site(files: &[(&str, &str, &str)], base_path: &str, controls: Controls) -> Hosts {
    let page = |(path, media_type, text): &(&str, &str, &str)| Page {
        path: UrlPath::new(path).unwrap(),
        status: 200,
        media_type: (*media_type).into(),
        content: Content::Bytes(text.to_string().into()),
        modified: None,
    };
    let pages = files.iter().map(page).collect();
    Hosts::one(Arc::new(Site {
        live: Arc::new(Live::new(
            pack::Packer::plain().pack(pages, base_path),
            vec![],
        )),
        plain_http: PlainHttp::Serve,
        audience: Audience::Visitors,
        controls: Arc::new(controls),
    }))
}

const HTML: &str = "text/html; charset=utf-8";
const PAGE: &str = "<link rel=stylesheet href='https://own.test/book/main.css?h=1'>\
    <link rel=stylesheet href=https://other.test/book/main.css><link rel=stylesheet href=/book/none.css>\
    <script src=../app.js type=module></script><script>go()</script>";
/// `printf 'go()' | openssl dgst -sha256 -binary | base64`
const GO: &str = "'sha256-5KYv+PUboo5h+0+YAtGRPbwv5d/QxzHslP4YGnUaxRw='";

fn book(controls: Controls) -> Hosts {
    let files = [
        ("/", HTML, "home"),
        ("/a/", HTML, PAGE),
        (
            "/main.css",
            "text/css",
            "@import 'more.css'; @font-face { src: url(f.woff2) } @font-face { src: url(none.woff2) }",
        ),
        (
            "/more.css",
            "text/css; charset=utf-8",
            "@import 'main.css';",
        ),
        ("/f.woff2", "font/woff2", "font"),
        ("/app.js", "text/javascript", "app"),
    ];
    site(&files, "/book", controls)
}

#[test]
fn documents_say_what_they_will_ask_for() {
    let hosts = book(Controls {
        preload: Preload::On,
        ..Controls::default()
    });
    let told = get(&hosts, "/book/a/");
    let expected = "</book/main.css?h=1>; rel=preload; as=style, \
                    </book/more.css>; rel=preload; as=style, \
                    </book/main.css>; rel=preload; as=style, \
                    </book/f.woff2>; rel=preload; as=font; crossorigin, \
                    </book/app.js>; rel=modulepreload";
    assert_eq!(told.field("link"), Some(expected));
    assert!(told.is_settled);
    for path in ["/book/", "/book/main.css", "/book/none/"] {
        assert_eq!(get(&hosts, path).field("link"), None, "{path}");
    }
    assert_eq!(
        get(&book(Controls::default()), "/book/a/").field("link"),
        None
    );
}

#[test]
fn policies_name_what_stands_in_the_document() {
    let controls = |policy: &str| Controls {
        policy: Some(policy.into()),
        ..Controls::default()
    };
    let hosts = book(controls("script-src 'self' 'hashes'"));
    let policy = |path: &str| {
        get(&hosts, path)
            .field("content-security-policy")
            .map(str::to_owned)
    };
    assert_eq!(policy("/book/a/"), Some(format!("script-src 'self' {GO}")));
    assert_eq!(policy("/book/").as_deref(), Some("script-src 'self'"));
    assert_eq!(policy("/book/main.css"), None);
    // A page of Littoral's own has nothing that a policy could be about.
    assert_eq!(policy("/book/none/").as_deref(), Some("script-src 'self'"));
}

#[test]
fn pages_of_littoral_are_let_be_as_well() {
    let hosts = book(Controls {
        policy: Some("style-src 'hashes'".into()),
        maintenance: Maintenance::On,
        ..Controls::default()
    });
    let told = get(&hosts, "/book/");
    let (_, style) = told.body.split_once("<style>").unwrap();
    let (style, _) = style.split_once("</style>").unwrap();
    let crate::site::Hashes(hash) = pack::hashes([style]);
    let expected = format!("style-src {hash}");
    assert_eq!(told.field("content-security-policy"), Some(&*expected));
}

#[test]
fn a_rule_of_the_site_gets_them_too() {
    let headers = "/app/\n  Content-Security-Policy: script-src 'hashes'\n/*\n  Content-Security-Policy-Report-Only: default-src 'hashes'";
    let hosts = hosts(Controls::default(), "", headers);
    let told = get(&hosts, "/app/");
    assert_eq!(told.field("content-security-policy"), Some("script-src"));
    let image = get(&hosts, "/img/a.png");
    let reported = image.field("content-security-policy-report-only");
    assert_eq!(reported, Some("default-src"));
    assert!(told.is_settled);
}

#[test]
fn the_next_document_may_be_made_ready() {
    let controls = |speculation| Controls {
        speculation,
        ..Controls::default()
    };
    let hosts = book(controls(Speculation::Prerender));
    let told = get(&hosts, "/book/a/");
    assert_eq!(
        told.field("speculation-rules"),
        Some("\"/book/speculation-rules.json\"")
    );
    assert_eq!(
        get(&hosts, "/book/main.css").field("speculation-rules"),
        None
    );
    let rules = get(&hosts, "/book/speculation-rules.json");
    assert_eq!(
        rules.field("content-type"),
        Some("application/speculationrules+json")
    );
    let expected = r#"{"prerender":[{"where":{"href_matches":["/book/","/book/*/"]},"eagerness":"moderate"}]}"#;
    assert_eq!(rules.body, expected);
    let head = ask(&hosts, "HEAD", "/book/speculation-rules.json", &[]);
    assert_eq!((head.status, head.body.as_str()), (200, ""));
    assert_eq!(
        ask(&hosts, "POST", "/book/speculation-rules.json", &[]).status,
        405
    );

    let own = [("/speculation-rules.json", "application/json", "own")];
    let hosts = site(&own, "", controls(Speculation::Prefetch));
    assert_eq!(get(&hosts, "/speculation-rules.json").body, "own");
    let hosts = book(Controls::default());
    assert_eq!(get(&hosts, "/book/speculation-rules.json").status, 404);
}
