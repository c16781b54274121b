//! Who gets what he asks for, and who is turned away.

use super::*;

#[test]
fn a_closed_site_says_so() {
    let controls = Controls {
        maintenance: Maintenance::On,
        ..Controls::default()
    };
    let hosts = hosts(controls, "/old /new\n", "");
    for target in ["/", "/old", "/img/a.png", "/nothing"] {
        let told = get(&hosts, target);
        assert_eq!(
            (told.status, &*told.body),
            (503, "this is /503.html"),
            "{target}"
        );
        assert_eq!(
            (told.field("retry-after"), told.field("cache-control")),
            (Some("300"), Some("no-store"))
        );
        assert!(!told.is_settled || told.status == 503);
    }
    assert_eq!(ask(&hosts, "HEAD", "/", &[]).body, "");
}

#[test]
fn pictures_are_shown_by_those_who_may() {
    let own = vec![
        Referer::None,
        Referer::Blocked,
        Referer::Own,
        Referer::Host("*.friend.test".into()),
    ];
    let referers = [
        (None, true),
        (Some("https://own.test/page"), true),
        (Some("http://OWN.test:8080"), true),
        (Some("https://other.test/"), false),
        (Some("https://other.test/?https://own.test/"), false),
        (Some("https://own.test@other.test/"), false),
        (Some("https://a.friend.test/"), true),
        (Some("https://friend.test/"), false),
        (Some("https://unfriend.test/"), false),
        (Some("hidden"), true),
        (Some(""), true),
    ];
    let controls = Controls {
        hotlinks: Some(Hotlinks {
            paths: vec!["/img/*".parse().unwrap()],
            referers: own,
        }),
        ..Controls::default()
    };
    let hosts = hosts(controls, "", "");
    for (referer, is_let) in referers {
        let fields: Vec<_> = referer
            .iter()
            .map(|referer| ("referer", *referer))
            .collect();
        let picture = ask(&hosts, "GET", "/img/a.png", &fields);
        let expected = match is_let {
            true => (200, "this is /img/a.png"),
            false => (403, "this is /403.html"),
        };
        assert_eq!((picture.status, &*picture.body), expected, "{referer:?}");
        assert!(!picture.is_settled, "another may get another answer");
        let page = ask(&hosts, "GET", "/", &fields);
        assert_eq!((page.status, page.is_settled), (200, true));
    }
}

#[test]
fn scripts_of_others_may_read_what_they_may() {
    let cors = |origins: Option<Vec<String>>| {
        let controls = Controls {
            cors: Some(Cors {
                paths: vec!["/img/*".parse().unwrap()],
                origins,
            }),
            ..Controls::default()
        };
        hosts(controls, "", "")
    };
    let asks = |hosts: &Hosts, method, target, origin| {
        let told = ask(hosts, method, target, &[("origin", origin)]);
        let field = |name| told.field(name).map(ToOwned::to_owned);
        (
            field("access-control-allow-origin"),
            field("access-control-allow-methods"),
            field("vary"),
            told.is_settled,
        )
    };
    let text = |text: &str| Some(text.to_owned());
    let all = cors(None);
    assert_eq!(
        asks(&all, "GET", "/img/a.png", "https://a.test"),
        (text("*"), None, None, true)
    );
    assert_eq!(
        asks(&all, "GET", "/", "https://a.test"),
        (None, None, None, true)
    );
    let asked = asks(&all, "OPTIONS", "/img/a.png", "https://a.test");
    assert_eq!(asked, (text("*"), text("GET, HEAD, OPTIONS"), None, false));
    let some = cors(Some(vec!["https://a.test".to_owned()]));
    let given = asks(&some, "GET", "/img/a.png", "https://a.test");
    assert_eq!(given, (text("https://a.test"), None, text("Origin"), false));
    assert_eq!(
        asks(&some, "GET", "/img/a.png", "https://b.test"),
        (None, None, text("Origin"), false)
    );
}
