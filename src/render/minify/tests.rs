//! What goes, what stays, and what is no HTML.

use super::{minified, style};

fn check(html: &str, expected: &str) {
    let minified = minified(html.as_bytes()).unwrap();
    assert_eq!(String::from_utf8_lossy(&minified), expected, "{html}");
}

#[test]
fn only_what_nobody_misses_goes() {
    for (html, expected) in [
        (
            "<!DOCTYPE html>\n<html>\n<head>\n<title> a </title>\n</head>\n<body> b </body></html>",
            "<!doctype html><html><head><title> a </title><body>b",
        ),
        ("<p>a  b</p>\n<p>c</p>", "<p>a b<p>c"),
        ("<!-- a --><!--#include -->a", "a"),
        ("<?php  a ?><!x  y>", "<?php  a ?><!x  y>"),
        ("<script> a ( 1 ) ; </script>", "<script>a ( 1 ) ;</script>"),
        (
            "<script type=module> a </script><script type=text/x> a </script>",
            "<script type=module>a</script><script type=text/x> a </script>",
        ),
        (
            "<pre>\n a  <b>b  </b>\n</pre>",
            "<pre>\n a  <b>b  </b>\n</pre>",
        ),
        ("{{ a  b }}<% c  d %>", "{{ a b }}&lt;% c d %>"),
    ] {
        check(html, expected);
    }
}

#[test]
fn spaces_go_where_they_are_not_seen() {
    for (html, expected) in [
        ("<p> <em> a </em> b </p>", "<p><em> a </em> b"),
        (
            "<div> a <b>x</b> <i>y</i> z </div>",
            "<div>a <b>x</b><i>y</i> z</div>",
        ),
        (
            "<ul> <li> a </li> <li> <p>b</p> <p>c</p> </li> </ul>",
            "<ul><li>a<li><p>b</p> <p>c</p></ul>",
        ),
        ("<p>a <!-- c --> b</p>", "<p>a b"),
        ("<p>a<br> b</p>", "<p>a<br> b"),
        (
            "<custom-el> <p>a</p> </custom-el>",
            "<custom-el> <p>a</p> </custom-el>",
        ),
        ("<textarea>\n a  </textarea>", "<textarea>\n a  </textarea>"),
        ("<p>\n<code> a  b </code></p>", "<p><code> a  b </code>"),
        (
            "<noscript> <p>a</p> </noscript>",
            "<noscript><p>a</p></noscript>",
        ),
        ("<p>a\u{a0} \u{2003}b</p>", "<p>a\u{a0} \u{2003}b"),
        (
            "<svg> <text> a <tspan> b </tspan> </text> </svg>",
            "<svg><text>a <tspan> b </tspan></text></svg>",
        ),
        (
            "<math><mi> x </mi> <mo>+</mo></math>",
            "<math><mi> x </mi> <mo>+</mo></math>",
        ),
    ] {
        check(html, expected);
    }
}

#[test]
fn end_tags_go_where_something_else_says_so() {
    for (html, expected) in [
        (
            "<p>a</p> <p>b</p> c <div>d</div>",
            "<p>a<p>b</p> c <div>d</div>",
        ),
        (
            "<table><thead><tr><th>a</th></tr></thead><tbody><tr><td>b</td></tr></tbody></table>",
            "<table><thead><tr><th>a<tbody><tr><td>b</table>",
        ),
        ("<dl><dt>a</dt><dd>b</dd></dl>", "<dl><dt>a<dd>b</dl>"),
        (
            "<select><option>a</option><option>b</option></select>",
            "<select><option>a<option>b</select>",
        ),
        ("<ol><li>a <li>b </ol>", "<ol><li>a<li>b</ol>"),
        // The paragraph would begin where the other element ends, and end with it.
        (
            "<b><p>x</p></b><a><p>y</p></a>",
            "<b><p>x</p></b><a><p>y</p></a>",
        ),
        ("<p>a</p></div></p>", "<p>a</p></div></p>"),
        ("<p>a<ul><li>b</ul></p>", "<p>a<ul><li>b</ul></p>"),
        ("<br/><div/>a</div>", "<br><div>a</div>"),
    ] {
        check(html, expected);
    }
}

#[test]
fn attributes_are_as_short_as_can_be() {
    for (html, expected) in [
        (
            "<a href='x' title='y z'></a>",
            r#"<a title="y z" href=x></a>"#,
        ),
        (
            "<a title='a=b' href=\"`\"></a>",
            "<a href=\"`\" title=\"a=b\"></a>",
        ),
        ("<a z=1 b='c d' a=2 x>", r#"<a b="c d" a=2 x z=1>"#),
        ("<a title='say \"hi\"'>", "<a title='say \"hi\"'>"),
        (
            "<a title='say &quot;hi&quot; it&#39;s'>",
            "<a title='say \"hi\" it&#39;s'>",
        ),
        (
            "<a class=' a  b ' rel='x  y'>",
            r#"<a class="a b" rel="x  y">"#,
        ),
        ("<a id class='' rel='' style='' alt=''>", "<a alt>"),
        ("<input disabled='disabled' value=''>", "<input disabled>"),
        ("<A HREF=B HREF=C>", "<a href=B>"),
        ("<a href=x/>", "<a href=x/>"),
        ("<a ==1 b>", "<a ==1 b>"),
        ("<a b '= c>", "<a '=c b>"),
        (
            "<script type='text/javascript' src=a></script>",
            "<script src=a></script>",
        ),
        (
            "<meta name='viewport' content='width=device-width, initial-scale=1'>",
            "<meta content=\"width=device-width,initial-scale=1\" name=viewport>",
        ),
        (
            "<link crossorigin='anonymous' href=a>",
            "<link crossorigin href=a>",
        ),
        (
            "<link type='text/css' rel=stylesheet>",
            "<link rel=stylesheet>",
        ),
        (
            "<style> a { color: #ff0000 } </style>",
            "<style>a{color:red}</style>",
        ),
        ("<p style='color: #ffffff ;'>", "<p style=color:#fff>"),
        ("<p style='{{ x }}'>", "<p style=\"{{ x }}\">"),
        (
            "<svg viewBox='0 0 1 1'><path d=' M0  0 '/><path fill='#fff'/><g><circle r='1'></circle></g></svg>",
            "<svg viewbox=\"0 0 1 1\"><path d=\"M0 0\"/><path fill=#fff /><g><circle r=1></circle></g></svg>",
        ),
    ] {
        check(html, expected);
    }
}

/// Other minifiers take them for switches or defaults. Pages do not look or work the same without them.
#[test]
fn attributes_that_say_something_stay() {
    for html in [
        "<script crossorigin=use-credentials src=a></script>",
        "<div hidden=until-found></div>",
        "<input capture=environment>",
        "<input type=text>",
        "<button type=submit></button>",
        "<option value>",
        "<a target=_self title></a>",
        "<my-tabs open=2 rel></my-tabs>",
    ] {
        check(html, html);
    }
}

#[test]
fn text_reads_as_it_did() {
    for (html, expected) in [
        (
            "&quot;b&quot; &#x27;c&#x27; &#x2F; &lt;p&gt; a < b",
            "\"b\" 'c' / &lt;p> a &lt; b",
        ),
        (
            "AT&amp;T &amp;copy &amp;x; &amp;#39; &amp;amp; &amp;&amp;",
            "AT&T &amp;copy &x; &amp;#39; &amp;amp; &&",
        ),
        (
            "caf&eacute; &#8217; &hellip; &NotEqualTilde;&nbsp;",
            "café \u{2019} \u{2026} \u{2242}\u{338}\u{a0}",
        ),
        ("&a&amp;lt&amp;b", "&a&amp;lt&b"),
        ("a&amp<b>lt;</b>", "a&<b>lt;</b>"),
        ("&am<!-- -->p;", "&amp;amp;"),
        (
            "<a title='&amp;copy=1 &amp;copy;x &amp;amp'>",
            "<a title=\"&copy=1 &amp;copy;x &amp;amp\">",
        ),
        (
            "<a href='?a=1&amp;b=2&amp;lt'>",
            "<a href=\"?a=1&b=2&amp;lt\">",
        ),
        (
            "<title>&lt;b> &amp;lt; &lt;/title></title>",
            "<title><b> &amp;lt; &lt;/title></title>",
        ),
        ("<pre>a&#13;b</pre>", "<pre>a&#13;b</pre>"),
        (
            "<svg><title>&lt;b> <b>c</b></title><style>a&gt;b</style><script/></svg><b>",
            "<svg><title>&lt;b> <b>c</b></title><style>a>b</style><script/></svg><b>",
        ),
        (
            "<xmp> &lt; </xmp><iframe> &lt; </iframe><noscript>&lt; a</noscript>",
            "<xmp> &lt; </xmp><iframe> &lt; </iframe><noscript>&lt; a</noscript>",
        ),
    ] {
        check(html, expected);
    }
}

#[test]
fn takes_what_is_no_html() {
    for html in [
        "",
        "<",
        "</",
        "<!",
        "<!doctype",
        "<!--",
        "<a b=\"",
        "<style",
        "<style>a{",
        "<?",
        "&",
        "&#xD800;",
        "<p style='&#xD800;{{(('>",
        "<textarea>",
        "<svg><a/><title>",
        "\0\u{fffe}",
    ] {
        assert!(minified(html.as_bytes()).is_ok(), "{html}");
    }
    assert!(minified(b"<p style='\xff'>").is_err());
    assert!(minified(b"<svg><![CDATA[a>&amp;]]></svg>").is_err());
}

#[test]
fn goes_no_deeper_than_its_stack() {
    let unclosed = "<b>".repeat(100_000) + &"</a>".repeat(100_000);
    check(&unclosed, &unclosed);
    let deep = "a{".repeat(20_001);
    assert_eq!(style::sheet(&deep), deep);
    assert_eq!(style::declarations(&deep), deep);
}
