//! Reads `[markdown]` and its highlighting, today's and that of years ago.

use serde_json::{Map, Value};

use super::{
    config::retired,
    keys::{Keys, Place, Unknown},
};
use crate::site::{ExternalLinks, HighlightStyle, Highlighting, InsertAnchor, Markdown, Problem};

/// The words for [`InsertAnchor`].
pub(super) const ANCHORS: [(&str, InsertAnchor); 4] = [
    ("heading", InsertAnchor::Heading),
    ("left", InsertAnchor::Left),
    ("none", InsertAnchor::None),
    ("right", InsertAnchor::Right),
];

/// Takes the table `map`; `root` is the top level, where highlighting was configured long ago.
pub(super) fn markdown(
    root: &mut Keys<'_>,
    map: Map<String, Value>,
    place: Place<'_>,
    problems: &mut Vec<Problem>,
) -> Markdown {
    let mut keys = Keys::new(
        map,
        Place {
            called: "`[markdown]`",
            table: "markdown",
            ..place
        },
    );
    let markdown = Markdown {
        render_emoji: keys.flag("render_emoji").unwrap_or(false),
        external_links_class: keys.filled_string("external_links_class"),
        external_links: ExternalLinks {
            target_blank: keys.flag("external_links_target_blank").unwrap_or(false),
            no_follow: keys.flag("external_links_no_follow").unwrap_or(false),
            no_referrer: keys.flag("external_links_no_referrer").unwrap_or(false),
            external: keys.flag("external_links_external").unwrap_or(true),
        },
        smart_punctuation: keys.flag("smart_punctuation").unwrap_or(false),
        definition_list: keys.flag("definition_list").unwrap_or(false),
        lazy_async_image: keys.flag("lazy_async_image").unwrap_or(false),
        bottom_footnotes: keys.flag("bottom_footnotes").unwrap_or(false),
        github_alerts: keys.flag("github_alerts").unwrap_or(false),
        insert_anchor_links: keys
            .choice("insert_anchor_links", &ANCHORS)
            .unwrap_or_default(),
        highlighting: highlighting(root, &mut keys, place, problems),
    };
    problems.extend(keys.finish(Unknown::Warns));
    markdown
}

fn highlighting(
    root: &mut Keys<'_>,
    markdown: &mut Keys<'_>,
    place: Place<'_>,
    problems: &mut Vec<Problem>,
) -> Option<Highlighting> {
    let table = markdown.table("highlighting");
    let old = [old_highlighting(root), old_highlighting(markdown)];
    let old = old.into_iter().flatten().next();
    let Some(map) = table else { return old };
    let mut keys = Keys::new(
        map,
        Place {
            called: "`[markdown.highlighting]`",
            table: "markdown.highlighting",
            ..place
        },
    );
    let styles = [
        ("class", HighlightStyle::Class),
        ("inline", HighlightStyle::Inline),
    ];
    let light = keys.filled_string("light_theme");
    let highlighting = Highlighting {
        error_on_missing_language: keys.flag("error_on_missing_language").unwrap_or(false),
        style: keys.choice("style", &styles).unwrap_or_default(),
        theme: keys.filled_string("theme").or(light).unwrap_or_default(),
        dark_theme: keys.filled_string("dark_theme"),
        extra_grammars: keys.strings("extra_grammars").unwrap_or_default(),
        extra_themes: keys.strings("extra_themes").unwrap_or_default(),
        ..old.unwrap_or_default()
    };
    problems.extend(keys.finish(Unknown::Warns));
    Some(highlighting)
}

/// `highlight_code`, `highlight_theme` and their kin, of before highlighting had a table.
fn old_highlighting(keys: &mut Keys<'_>) -> Option<Highlighting> {
    let on = keys.flag("highlight_code");
    // Some wrote `true` here: then it says no more than `highlight_code` does.
    let theme = keys.value("highlight_theme");
    let theme = theme.map(|theme| theme.as_str().unwrap_or_default().to_owned());
    let folders = ["extra_syntaxes_and_themes", "extra_syntaxes"].map(|key| keys.strings(key));
    let sheets = keys.tables("highlight_themes_css");
    for (key, found) in [
        ("highlight_code", on.is_some()),
        ("highlight_theme", theme.is_some()),
        ("extra_syntaxes_and_themes", folders[0].is_some()),
        ("extra_syntaxes", folders[1].is_some()),
        ("highlight_themes_css", sheets.is_some()),
    ] {
        if found {
            retired(keys, key, "[markdown.highlighting]");
        }
    }
    if !on? {
        return None;
    }
    let style = match theme.as_deref() {
        Some("css") => HighlightStyle::Class,
        _ => HighlightStyle::Inline,
    };
    let sheets = sheets.unwrap_or_default();
    let sheets = sheets.iter().filter_map(|sheet| {
        let text = |key| {
            sheet
                .get(key)
                .and_then(Value::as_str)
                .map(ToOwned::to_owned)
        };
        Some((text("filename")?, text("theme")?))
    });
    let sheets: Vec<_> = sheets.collect();
    // Sheets of one's own say what the theme is.
    let named = theme.filter(|theme| !theme.trim().is_empty() && theme != "css");
    let named = named.or_else(|| Some(sheets.first()?.1.clone()));
    Some(Highlighting {
        style,
        theme: named.unwrap_or_else(|| "base16-ocean-dark".into()),
        extra_folders: folders.into_iter().flatten().flatten().collect(),
        sheets,
        ..Highlighting::default()
    })
}
