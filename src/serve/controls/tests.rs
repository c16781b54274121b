//! Where paths lead, and which fields answers have: many requests as data.

mod told;
mod turned_away;

use std::sync::Arc;

use super::*;
use crate::{
    pack,
    publish::Live,
    serve::{
        app::{Authority, respond},
        hosts::{Audience, Hosts, PlainHttp, Site},
    },
    site::{Content, Page, RedirectRule, RuleFile, RuleFiles, UrlPath},
};

fn page(path: &str, media_type: &str) -> Page {
    Page {
        path: UrlPath::new(path).unwrap(),
        status: if path == "/404.html" { 404 } else { 200 },
        media_type: media_type.into(),
        content: Content::Bytes(bytes::Bytes::from(format!("this is {path}"))),
        modified: None,
    }
}

fn hosts(controls: Controls, redirects: &str, headers: &str) -> Hosts {
    let html = "text/html; charset=utf-8";
    let pages = vec![
        page("/", html),
        page("/app/", html),
        page("/img/a.png", "image/png"),
        page("/404.html", html),
        page("/403.html", html),
        page("/503.html", html),
        page("/gone/", html),
        page("/_headers", "text/plain"),
    ];
    let file = |name: &str, text: &str| {
        Some(RuleFile {
            file: name.to_owned(),
            text: text.to_owned(),
        })
    };
    let (rules, problems) = Rules::read(RuleFiles {
        redirects: file("_redirects", redirects),
        headers: file("_headers", headers),
    });
    assert_eq!(problems, []);
    let snapshot = pack::Packer::plain()
        .pack(pages, "")
        .ruled_by(Arc::new(rules));
    Hosts::one(Arc::new(Site {
        live: Arc::new(Live::new(snapshot, vec![])),
        plain_http: PlainHttp::Serve,
        audience: Audience::Visitors,
        controls: Arc::new(controls),
    }))
}

/// What is answered: the status, the body, and the fields, each as `name: value`.
struct Told {
    status: u16,
    body: String,
    fields: Vec<String>,
    is_settled: bool,
}

impl Told {
    fn field(&self, name: &str) -> Option<&str> {
        let start = format!("{name}: ");
        self.fields
            .iter()
            .find_map(|field| field.strip_prefix(&start))
    }
}

fn ask(hosts: &Hosts, method: &str, target: &str, fields: &[(&str, &str)]) -> Told {
    let asked = Asked {
        head: RequestHead {
            method,
            target,
            fields: &fields,
        },
        authority: Authority::Named("own.test"),
        transport: Transport::Tls,
        head_bytes: 10,
    };
    respond(hosts, 1_000, &asked, |reply, _| Told {
        status: reply.status,
        fields: reply
            .fields
            .iter()
            .map(|(name, value)| {
                value.with_bytes(|bytes| format!("{name}: {}", String::from_utf8_lossy(bytes)))
            })
            .collect(),
        body: match &reply.body {
            crate::serve::reply::Body::Whole(bytes) => String::from_utf8_lossy(bytes).into_owned(),
            _ => String::new(),
        },
        is_settled: reply.is_settled,
    })
}

fn get(hosts: &Hosts, target: &str) -> Told {
    ask(hosts, "GET", target, &[])
}

#[test]
fn documents_are_guarded_unless_somebody_says_otherwise() {
    let told = |controls, headers, target| {
        let told = get(&hosts(controls, "", headers), target);
        let field = |name| told.field(name).map(ToOwned::to_owned);
        (
            field("x-frame-options"),
            field("referrer-policy"),
            field("x-content-type-options"),
        )
    };
    let nosniff = || Some("nosniff".to_owned());
    let on = (
        Some("SAMEORIGIN".to_owned()),
        Some("strict-origin-when-cross-origin".to_owned()),
        nosniff(),
    );
    assert_eq!(told(Controls::default(), "", "/"), on);
    assert_eq!(told(Controls::default(), "", "/nothing"), on);
    assert_eq!(
        told(Controls::default(), "", "/img/a.png"),
        (None, None, nosniff())
    );
    let off = Controls {
        security: Security::Off,
        ..Controls::default()
    };
    assert_eq!(told(off, "", "/"), (None, None, nosniff()));
    let headers = "/*\n  ! X-Frame-Options\n  Referrer-Policy: no-referrer\n";
    let other = (None, Some("no-referrer".to_owned()), nosniff());
    assert_eq!(told(Controls::default(), headers, "/"), other);
}

#[test]
fn hsts_is_told_over_tls() {
    for (hsts, expected) in [
        (Hsts::Off, None),
        (Hsts::On, Some("max-age=31536000")),
        (
            Hsts::Subdomains,
            Some("max-age=31536000; includeSubDomains"),
        ),
        (
            Hsts::Preload,
            Some("max-age=63072000; includeSubDomains; preload"),
        ),
    ] {
        let controls = Controls {
            hsts,
            ..Controls::default()
        };
        let hosts = hosts(controls, "/old / 301\n", "");
        for target in ["/", "/old", "/nothing"] {
            assert_eq!(
                get(&hosts, target).field("strict-transport-security"),
                expected
            );
        }
        let asked = Asked {
            head: RequestHead {
                method: "GET",
                target: "/",
                fields: &crate::serve::reply::NoFields,
            },
            authority: Authority::Named("own.test"),
            transport: Transport::Plain,
            head_bytes: 10,
        };
        let plain = respond(&hosts, 1_000, &asked, |reply, _| {
            reply.field("strict-transport-security")
        });
        assert_eq!(plain, None, "RFC 6797 §7.2");
    }
}

#[test]
fn paths_lead_elsewhere() {
    let redirects = "/old /new 302\n/app/* /app/ 200\n/spa/* /app/ 200\n/secret /gone/ 410\n\
                     /img/* /elsewhere 301\n/forced/* /x 301!\n/app/ /never 301\n/dead /nowhere 200\n/* /last/:splat 307\n";
    let operator = RedirectRule::new("/op", &[], "/operator", "308").unwrap();
    let controls = Controls {
        rules: Rules::of(vec![operator], vec![]),
        ..Controls::default()
    };
    let hosts = hosts(controls, redirects, "");
    for (target, status, location, body) in [
        ("/old?a=b", 302, Some("/new?a=b"), ""),
        ("/op", 308, Some("/operator"), ""),
        ("/spa/a/b", 200, None, "this is /app/"),
        ("/app/x", 200, None, "this is /app/"),
        ("/app/", 200, None, "this is /app/"),
        ("/app", 301, Some("/app/"), ""),
        ("/secret", 410, None, "this is /gone/"),
        ("/img/a.png", 200, None, "this is /img/a.png"),
        ("/img/b.png", 301, Some("/elsewhere"), ""),
        ("/forced/a", 301, Some("/x"), ""),
        ("/dead", 404, None, "this is /404.html"),
        ("/any/thing", 307, Some("/last/any/thing"), ""),
        ("/_headers", 307, Some("/last/_headers"), ""),
        ("//evil.test/", 404, None, "this is /404.html"),
        ("/%5Cevil.test", 400, None, "*"),
    ] {
        let told = get(&hosts, target);
        assert_eq!(
            (told.status, told.field("location")),
            (status, location),
            "{target}"
        );
        assert!(body == "*" || told.body == body, "{target}: {}", told.body);
    }
    let head = ask(&hosts, "HEAD", "/old", &[]);
    assert_eq!((head.status, head.field("location")), (302, Some("/new")));
    assert_eq!(ask(&hosts, "POST", "/old", &[]).status, 405);
}

#[test]
fn fields_are_given_and_taken() {
    let headers = "/*\n  X-A: all\n  Cache-Control: max-age=60\n  Vary: Cookie\n\
                   /app/*\n  X-A: app\n  Set-Cookie: a=1\n  Set-Cookie: b=2\n\
                   /:any\n  X-Any: :any\n";
    let operator = HeaderRule {
        on: "/app/".parse().unwrap(),
        changes: vec![HeaderRule::change(&"/app/".parse().unwrap(), "X-Op: yes").unwrap()],
    };
    let controls = Controls {
        rules: Rules::of(vec![], vec![operator]),
        expires: vec![("/img/*".parse().unwrap(), 7)],
        ..Controls::default()
    };
    let hosts = hosts(controls, "/away /app/\n", headers);
    let app = get(&hosts, "/app/");
    assert_eq!(app.field("x-a"), Some("all, app"));
    assert_eq!(
        (app.field("cache-control"), app.field("x-op")),
        (Some("max-age=60"), Some("yes"))
    );
    assert_eq!(app.field("x-any"), Some("app"));
    let cookies: Vec<_> = app
        .fields
        .iter()
        .filter(|field| field.starts_with("set-cookie"))
        .collect();
    assert_eq!(cookies, ["set-cookie: a=1", "set-cookie: b=2"]);
    assert_eq!(get(&hosts, "/").field("vary"), Some("Cookie"));
    assert_eq!(
        get(&hosts, "/nothing").field("x-a"),
        Some("all"),
        "a 404 is answered with it, too"
    );
    assert_eq!(
        get(&hosts, "/away").field("x-a"),
        None,
        "where it leads has fields of its own"
    );
    assert_eq!(
        get(&hosts, "/img/a.png").field("cache-control"),
        Some("max-age=60"),
        "rules go last"
    );
    let tag = app.field("etag").unwrap();
    let again = ask(&hosts, "GET", "/app/", &[("if-none-match", tag)]);
    assert_eq!(again.status, 304);
    assert_eq!(
        (again.field("x-a"), again.field("cache-control")),
        (None, Some("max-age=60"))
    );
}

#[test]
fn expiry_is_by_path() {
    let controls = Controls {
        expires: vec![("/img/*".parse().unwrap(), 7), ("/*".parse().unwrap(), 0)],
        ..Controls::default()
    };
    let hosts = hosts(controls, "", "");
    let told = |target| {
        get(&hosts, target)
            .field("cache-control")
            .map(ToOwned::to_owned)
    };
    assert_eq!(told("/img/a.png").as_deref(), Some("max-age=7"));
    assert_eq!(told("/").as_deref(), Some("max-age=0"));
    assert_eq!(told("/nothing").as_deref(), Some("no-cache"));
}
