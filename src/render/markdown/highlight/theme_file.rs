//! Themes that a site brings itself: those of VS Code, and those of `TextMate` and Sublime Text.

use std::str::FromStr;

use serde_json::Value;
use syntect::highlighting::{
    Color, FontStyle, ScopeSelectors, StyleModifier, Theme, ThemeItem, ThemeSettings,
};

use super::css::read_hex;
use super::textmate;

/// The theme that is written in `written`, and what of it has no effect. None if it is no theme.
pub(super) fn theme(written: &Value) -> Option<(Theme, Option<String>)> {
    let colours = written.get("colors");
    let rules = written
        .get("tokenColors")
        .or_else(|| written.get("settings"));
    let rules = rules.and_then(Value::as_array);
    if colours.is_none() && rules.is_none() {
        return None;
    }
    let mut theme = Theme {
        name: text(written, "name").map(ToOwned::to_owned),
        settings: editor(written),
        ..Theme::default()
    };
    let mut lost = 0_usize;
    for rule in rules.into_iter().flatten() {
        let Some(settings) = rule.get("settings") else {
            continue;
        };
        match scopes(rule) {
            Some(scopes) => match selectors(&scopes) {
                Some(scope) => theme.scopes.push(ThemeItem {
                    scope,
                    style: style(settings),
                }),
                None => lost += 1,
            },
            None => merge(&mut theme.settings, settings),
        }
    }
    // Of two rules that are alike, the later one counts; our painter takes the first.
    theme.scopes.reverse();
    let lost = (lost > 0).then(|| format!("{lost} of its rules have scopes that can't be read"));
    let included = written.get("include").and_then(Value::as_str);
    let included = included.map(|file| format!("what it includes from `{file}` is not read"));
    let told: Vec<_> = [lost, included].into_iter().flatten().collect();
    Some((theme, (!told.is_empty()).then(|| told.join("; "))))
}

/// What a theme of VS Code says of the window; a theme that says nothing is as dark as its type.
fn editor(written: &Value) -> ThemeSettings {
    let colours = written.get("colors");
    let named = |name| colour(colours?, name);
    let is_light = text(written, "type").is_some_and(|kind| kind.contains("light"));
    let (ink, paper) = if is_light { LIGHT } else { DARK };
    ThemeSettings {
        foreground: named("editor.foreground")
            .or_else(|| named("foreground"))
            .or_else(|| read_hex(ink)),
        background: named("editor.background").or_else(|| read_hex(paper)),
        line_highlight: named("editor.lineHighlightBackground"),
        gutter_foreground: named("editorLineNumber.foreground"),
        ..ThemeSettings::default()
    }
}

/// A rule without scopes is about all text.
fn merge(settings: &mut ThemeSettings, of_all: &Value) {
    for (place, names) in [
        (&mut settings.foreground, ["foreground", "foreground"]),
        (&mut settings.background, ["background", "background"]),
        (
            &mut settings.line_highlight,
            ["lineHighlight", "line_highlight"],
        ),
        (
            &mut settings.gutter_foreground,
            ["gutterForeground", "gutter_foreground"],
        ),
    ] {
        let found = names.iter().find_map(|name| colour(of_all, name));
        *place = found.or(*place);
    }
}

/// The scopes of a rule: with commas between them, or as a list.
fn scopes(rule: &Value) -> Option<String> {
    let scopes = match rule.get("scope")? {
        Value::String(scopes) => scopes.clone(),
        Value::Array(list) => {
            let list: Vec<_> = list.iter().filter_map(Value::as_str).collect();
            list.join(",")
        }
        _ => return None,
    };
    (!scopes.trim().is_empty()).then_some(scopes)
}

fn selectors(scopes: &str) -> Option<ScopeSelectors> {
    let scopes = scopes.split(',').map(str::trim);
    let scopes: Vec<_> = scopes.filter(|scope| !scope.is_empty()).collect();
    let scopes = scopes.join(", ");
    let atoms = scopes.split([' ', ',', '.', '-']);
    if !textmate::admits(atoms.filter(|atom| !atom.is_empty())) {
        return None;
    }
    ScopeSelectors::from_str(&scopes).ok()
}

fn style(settings: &Value) -> StyleModifier {
    let font = text(settings, "fontStyle").map(|words| {
        let known = FONT_STYLES.iter();
        let asked = known.filter(|(word, _)| words.split_whitespace().any(|w| w == *word));
        asked.fold(FontStyle::empty(), |all, (_, style)| all | *style)
    });
    StyleModifier {
        foreground: colour(settings, "foreground"),
        background: colour(settings, "background"),
        font_style: font,
    }
}

fn colour(settings: &Value, name: &str) -> Option<Color> {
    let written = text(settings, name)?.trim();
    let digits = written.strip_prefix('#')?;
    match digits.len() {
        3 | 4 => {
            let doubled = digits.chars().flat_map(|digit| [digit, digit]);
            read_hex(&std::iter::once('#').chain(doubled).collect::<String>())
        }
        _ => read_hex(written),
    }
}

fn text<'v>(value: &'v Value, name: &str) -> Option<&'v str> {
    value.get(name)?.as_str()
}

/// Text and paper, as editors have them.
const LIGHT: (&str, &str) = ("#333333", "#FFFFFF");
const DARK: (&str, &str) = ("#BBBBBB", "#1E1E1E");

const FONT_STYLES: [(&str, FontStyle); 3] = [
    ("bold", FontStyle::BOLD),
    ("italic", FontStyle::ITALIC),
    ("underline", FontStyle::UNDERLINE),
];

#[cfg(test)]
mod tests {
    use serde_json::json;
    use syntect::highlighting::Highlighter;
    use syntect::parsing::Scope;

    use super::super::css::hex;
    use super::*;

    /// What a theme makes of `scopes`: colour, and whether it is bold.
    fn ink(theme: &Theme, scopes: &[&str]) -> (String, bool) {
        let scopes: Vec<_> = scopes
            .iter()
            .map(|scope| Scope::new(scope).unwrap())
            .collect();
        let style = Highlighter::new(theme).style_for_stack(&scopes);
        (
            hex(style.foreground),
            style.font_style.contains(FontStyle::BOLD),
        )
    }

    #[test]
    fn themes_of_vs_code_are_read() {
        let (theme, told) = theme(&json!({
            "name": "Shore", "type": "dark",
            "colors": {"editor.background": "#123", "editorLineNumber.foreground": "#778899"},
            "tokenColors": [
                {"settings": {"foreground": "#EEEEEE"}},
                {"scope": ["keyword", "storage.type"], "settings": {"foreground": "#F00", "fontStyle": "bold underline"}},
                {"scope": " string,comment , ", "settings": {"foreground": "#00ff00aa"}},
                {"scope": "string constant.character", "settings": {"foreground": "#0000ff"}},
                {"scope": "broken", "settings": {"foreground": "red"}},
                {"scope": "none"},
            ],
        }))
        .unwrap();
        assert_eq!(told, None);
        assert_eq!(
            theme.settings.background.map(hex).as_deref(),
            Some("#112233")
        );
        assert_eq!(
            theme.settings.gutter_foreground.map(hex).as_deref(),
            Some("#778899")
        );
        for (scopes, expected) in [
            (vec!["source.x"], ("#EEEEEE", false)),
            (vec!["source.x", "keyword.control.x"], ("#FF0000", true)),
            (vec!["comment.line"], ("#00FF00AA", false)),
            (
                vec!["string.quoted", "constant.character.escape"],
                ("#0000FF", false),
            ),
            (vec!["constant.character.escape"], ("#EEEEEE", false)),
            (vec!["broken"], ("#EEEEEE", false)),
        ] {
            assert_eq!(
                ink(&theme, &scopes),
                (expected.0.to_owned(), expected.1),
                "{scopes:?}"
            );
        }
    }

    #[test]
    fn themes_of_textmate_are_read() {
        let (theme, told) = theme(&json!({
            "name": "Old",
            "settings": [
                {"settings": {"background": "#FDF6E3", "foreground": "#586E75", "lineHighlight": "#EEE8D5"}},
                {"name": "Comment", "scope": "comment", "settings": {"foreground": "#93A1A1"}},
            ],
        }))
        .unwrap();
        assert_eq!(told, None);
        assert_eq!(
            theme.settings.line_highlight.map(hex).as_deref(),
            Some("#EEE8D5")
        );
        assert_eq!(ink(&theme, &["comment.x"]), ("#93A1A1".to_owned(), false));
    }

    #[test]
    fn what_is_no_theme_is_none_and_losses_are_told() {
        assert!(theme(&json!({"scopeName": "source.x", "patterns": []})).is_none());
        assert!(theme(&json!([1])).is_none());
        let (_, told) = theme(&json!({"include": "./base.json", "tokenColors": [
            {"scope": "1.2.3.4.5.6.7.8.9", "settings": {}},
        ]}))
        .unwrap();
        assert_eq!(
            told.as_deref(),
            Some(
                "1 of its rules have scopes that can't be read; what it includes from `./base.json` is not read"
            )
        );
    }
}
