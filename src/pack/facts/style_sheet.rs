//! What a style sheet asks for: other style sheets, and fonts.

use cssparser::{ParseError, Parser, ParserInput, Token};

use crate::site::{CrossOrigin, Facts, Reference, Subresource, SubresourceKind};

/// What is known of the style sheet `text` that stands at `own`.
pub(super) fn read(text: &str, own: &Reference) -> Facts {
    Facts {
        subresources: subresources(text, own).into(),
        ..Facts::default()
    }
}

/// What the style sheet `text` asks for where it stands at `own`.
pub(super) fn subresources(text: &str, own: &Reference) -> Vec<Subresource> {
    let mut input = ParserInput::new(text);
    let mut parser = Parser::new(&mut input);
    let mut subresources = Vec::new();
    rules(&mut parser, own, &mut subresources);
    subresources
}

fn rules(parser: &mut Parser<'_, '_>, own: &Reference, subresources: &mut Vec<Subresource>) {
    while let Ok(token) = parser.next().cloned() {
        match token {
            Token::AtKeyword(name) if name.eq_ignore_ascii_case("import") => {
                let subresource = |reference| Subresource {
                    kind: SubresourceKind::Style,
                    at: reference,
                    cross_origin: None,
                };
                let at = url(parser).and_then(|url| Reference::new(&url, own));
                subresources.extend(at.map(subresource));
            }
            Token::AtKeyword(name) if name.eq_ignore_ascii_case("font-face") => {
                let subresource = |reference| Subresource {
                    kind: SubresourceKind::Font,
                    at: reference,
                    // Fonts are asked for so wherever they are (W3C CSS Fonts 4 §4.8.2).
                    cross_origin: Some(CrossOrigin::Anonymous),
                };
                let at = font(parser).and_then(|url| Reference::new(&url, own));
                subresources.extend(at.map(subresource));
            }
            // Fonts may stand in the blocks of conditions; what stands in those of selectors is passed over with them.
            Token::CurlyBracketBlock => within(parser, |inner| rules(inner, own, subresources)),
            _ => {}
        }
    }
}

/// What the next token points to, if it does.
fn url(parser: &mut Parser<'_, '_>) -> Option<String> {
    let token = parser.next().ok()?.clone();
    match token {
        Token::QuotedString(url) => Some(url.as_ref().to_owned()),
        token => pointed_to(&token, parser),
    }
}

/// What `token`, which was just read, points to.
fn pointed_to(token: &Token<'_>, parser: &mut Parser<'_, '_>) -> Option<String> {
    match token {
        Token::UnquotedUrl(url) => Some(url.as_ref().to_owned()),
        Token::Function(name) if name.eq_ignore_ascii_case("url") => {
            let mut quoted = None;
            within(parser, |inner| {
                quoted = inner
                    .expect_string()
                    .ok()
                    .map(|url| url.as_ref().to_owned());
            });
            quoted
        }
        _ => None,
    }
}

/// The file of a font that every browser takes first: of the block that begins here, the one in WOFF2. None for a font that
/// is only for some letters, since nobody knows whether the document has any of them.
fn font(parser: &mut Parser<'_, '_>) -> Option<String> {
    parser.expect_curly_bracket_block().ok()?;
    let (mut found, mut is_for_some) = (None, false);
    within(parser, |inner| {
        while let Ok(token) = inner.next().cloned() {
            is_for_some |=
                matches!(&token, Token::Ident(name) if name.eq_ignore_ascii_case("unicode-range"));
            let file = pointed_to(&token, inner).filter(|url| is_woff2(url));
            found = found.take().or(file);
        }
    });
    found.filter(|_| !is_for_some)
}

fn is_woff2(url: &str) -> bool {
    let path = url.split(['?', '#']).next().unwrap_or_default();
    path.to_ascii_lowercase().ends_with(".woff2")
}

/// Reads the block that the last token opened.
fn within(parser: &mut Parser<'_, '_>, read: impl FnOnce(&mut Parser<'_, '_>)) {
    let done: Result<(), ParseError<'_, ()>> = parser.parse_nested_block(|inner| {
        read(inner);
        // What was not read is passed over.
        while inner.next().is_ok() {}
        Ok(())
    });
    // Nothing was opened, or nothing closes it: there is nothing to read either.
    drop(done);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::site::Root;

    #[test]
    fn fonts_and_style_sheets_are_found() {
        let text = r#"
            /* @import "comment.css"; */
            @import url("reset.css") screen;
            @import '/theme/x.css?h=1';
            a { background: url(picture.png) } b::before { content: "@import 'no.css'" }
            @font-face { font-family: A; src: local("A"), url("a.woff2") format("woff2"), url(a.woff) format("woff") }
            @font-face { font-family: B; src: url(../fonts/b.WOFF2); unicode-range: U+0400-04FF }
            @media (min-width: 1px) { @font-face { src: url(/c.woff2?v=2) } p { color: red } }
            @font-face { src: url(d.ttf) }
            @font-face
        "#;
        let own = Reference {
            root: Root::Site,
            path: "/css/main.css".into(),
        };
        let found: Vec<_> = subresources(text, &own)
            .into_iter()
            .map(|subresource| (subresource.kind, subresource.at.path.to_string()))
            .collect();
        assert_eq!(
            found,
            [
                (SubresourceKind::Style, "/css/reset.css".to_owned()),
                (SubresourceKind::Style, "/theme/x.css?h=1".to_owned()),
                (SubresourceKind::Font, "/css/a.woff2".to_owned()),
                (SubresourceKind::Font, "/c.woff2?v=2".to_owned()),
            ]
        );
    }
}
