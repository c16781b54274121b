//! Themes by the names that sites use for them.
//!
//! A site may name any theme that Zola ships or ever shipped; each is shown with the nearest of
//! the themes built in, on its own background.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock, OnceLock};

use syntect::highlighting::{Color, Highlighter, Style, Theme};
use two_face::theme::{EmbeddedLazyThemeSet, EmbeddedThemeName};

use super::css::read_hex;
use crate::site::nearest;

/// A theme that is ready for use.
pub(super) struct Palette<'t> {
    /// Styles of the theme.
    pub(super) highlighter: Highlighter<'t>,
    /// What the theme gives to text without a style of its own.
    pub(super) default: Style,
    pub(super) foreground: Color,
    pub(super) background: Color,
    /// Behind marked lines.
    pub(super) marked: Option<Color>,
    /// Of line numbers.
    pub(super) numbers: Option<Color>,
    /// Whether translucent text is meant so. In themes built in it is a slip.
    is_translucent: bool,
}

/// The theme of a block, or the light and the dark one; none if a style sheet has the colours.
pub(super) type Palettes<'t> = [Arc<Palette<'t>>];

impl<'t> Palette<'t> {
    /// In the colours of `theme`.
    pub(super) fn of(theme: &'t Theme) -> Self {
        let highlighter = Highlighter::new(theme);
        let default = highlighter.get_default();
        Self {
            default,
            foreground: default.foreground,
            background: default.background,
            marked: theme.settings.line_highlight,
            numbers: theme.settings.gutter_foreground,
            is_translucent: true,
            highlighter,
        }
    }

    /// The colour of text in `style`.
    pub(super) fn ink(&self, style: Style) -> Color {
        if style.foreground == self.default.foreground {
            return self.foreground;
        }
        if self.is_translucent {
            return style.foreground;
        }
        Color {
            a: OPAQUE,
            ..style.foreground
        }
    }

    /// The colour behind text in `style`, where it is one of its own.
    pub(super) fn paper(&self, style: Style) -> Option<Color> {
        (style.background != self.default.background).then_some(style.background)
    }
}

/// The theme called `name`, or a stand-in that is as dark as the name says.
pub(super) fn named(name: &str) -> Arc<Palette<'static>> {
    let lower = name.to_ascii_lowercase();
    let stand_in = if lower.contains("light") {
        STAND_IN_LIGHT
    } else {
        STAND_IN_DARK
    };
    let row = ROWS.get(lower.as_str()).or_else(|| ROWS.get(stand_in));
    row.expect("the stand-ins are in the table").palette()
}

/// What to tell the author of a site about its theme `name`.
pub(super) fn complaint(name: &str) -> Option<String> {
    if ROWS.contains_key(name.to_ascii_lowercase().as_str()) {
        return None;
    }
    let way_out = match nearest(name, ROWS.keys().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("`{STAND_IN_LIGHT}` and `{STAND_IN_DARK}` are two that exist"),
    };
    Some(format!(
        "there is no highlighting theme `{name}`: {way_out}"
    ))
}

/// A line of the table.
struct Row {
    base: EmbeddedThemeName,
    foreground: Option<Color>,
    background: Option<Color>,
    marked: Option<Color>,
    numbers: Option<Color>,
    palette: OnceLock<Arc<Palette<'static>>>,
}

impl Row {
    /// From the theme built in, foreground, background, the background of marked lines and the colour
    /// of line numbers; empty where the theme built in has the right one.
    fn read(row: &'static str) -> Option<(&'static str, Self)> {
        let mut cells = row.split('|');
        let (name, base) = (cells.next()?, cells.next()?);
        let named = |theme: &&EmbeddedThemeName| theme.as_name() == base;
        let mut colour = || cells.next().and_then(read_hex);
        let row = Self {
            base: *EmbeddedLazyThemeSet::theme_names().iter().find(named)?,
            foreground: colour(),
            background: colour(),
            marked: colour(),
            numbers: colour(),
            palette: OnceLock::new(),
        };
        Some((name, row))
    }

    fn palette(&'static self) -> Arc<Palette<'static>> {
        let palette = self.palette.get_or_init(|| {
            let base = Palette::of(THEMES.get(self.base));
            let opaque = Color {
                a: OPAQUE,
                ..base.foreground
            };
            Arc::new(Palette {
                foreground: self.foreground.unwrap_or(opaque),
                background: self.background.unwrap_or(base.background),
                marked: self.marked.or(base.marked),
                numbers: self.numbers.or(base.numbers),
                is_translucent: false,
                ..base
            })
        });
        Arc::clone(palette)
    }
}

static THEMES: LazyLock<EmbeddedLazyThemeSet> = LazyLock::new(two_face::theme::extra);

static ROWS: LazyLock<BTreeMap<&str, Row>> = LazyLock::new(|| {
    include_str!("themes.txt")
        .lines()
        .filter_map(Row::read)
        .collect()
});

const STAND_IN_LIGHT: &str = "github-light";
const STAND_IN_DARK: &str = "one-dark-pro";

const OPAQUE: u8 = 255;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_table_is_read() {
        assert_eq!(ROWS.len(), include_str!("themes.txt").lines().count());
        for (name, row) in ROWS.iter() {
            assert_eq!(row.palette().foreground.a, OPAQUE, "{name}");
        }
    }

    #[test]
    fn themes_keep_their_darkness() {
        let luminance =
            |colour: Color| u32::from(colour.r) + u32::from(colour.g) + u32::from(colour.b);
        for (name, row) in ROWS.iter() {
            let base = luminance(row.palette().default.background);
            let own = luminance(row.palette().background);
            assert_eq!(base > 380, own > 380, "{name}");
        }
    }

    #[test]
    fn unknown_themes_are_told_and_stood_in_for() {
        assert_eq!(complaint("Nord"), None);
        assert!(
            complaint("dracla")
                .unwrap()
                .ends_with("did you mean `dracula`?")
        );
        let cases = [("my-light", 255), ("my-own", 0x28)];
        for (name, expected) in cases {
            assert_eq!(named(name).background.r, expected, "{name}");
        }
    }
}
