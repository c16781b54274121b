//! Colours and styles as CSS writes them.

use std::sync::Arc;

use syntect::highlighting::{Color, FontStyle, Style};

use super::themes::{Palette, Palettes};

/// `#2E3440`, with its opacity where it is not opaque.
pub(super) fn hex(colour: Color) -> String {
    let Color { r, g, b, a } = colour;
    if a == u8::MAX {
        format!("#{r:02X}{g:02X}{b:02X}")
    } else {
        format!("#{r:02X}{g:02X}{b:02X}{a:02X}")
    }
}

/// The colour that [`hex`] writes as `written`.
pub(super) fn read_hex(written: &str) -> Option<Color> {
    let digits = written.strip_prefix('#')?;
    let pair = |at: usize| u8::from_str_radix(digits.get(at..at + 2)?, 16).ok();
    Some(Color {
        r: pair(0)?,
        g: pair(2)?,
        b: pair(4)?,
        a: pair(6).unwrap_or(u8::MAX),
    })
}

/// The colour that `of` finds in each palette; None if one has none, or there are no palettes.
pub(super) fn of_all(
    palettes: &Palettes<'_>,
    of: impl Fn(&Palette<'_>) -> Option<Color>,
) -> Option<String> {
    let colours = palettes.iter().map(|palette| of(palette).map(hex));
    let colours = colours.collect::<Option<Vec<_>>>()?;
    (!colours.is_empty()).then(|| light_dark(&colours))
}

/// The declarations for text in `styles`, one of each palette; empty if it is as other text.
pub(super) fn declarations(palettes: &Palettes<'_>, styles: &[Style]) -> String {
    let both = || palettes.iter().zip(styles);
    let mut css = String::new();
    if both().any(|(palette, style)| style.foreground != palette.default.foreground) {
        let inks: Vec<_> = both()
            .map(|(palette, style)| hex(palette.ink(*style)))
            .collect();
        css += &format!("color: {};", light_dark(&inks));
    }
    if both().any(|(palette, style)| palette.paper(*style).is_some()) {
        let paper = |(palette, style): (&Arc<Palette<'_>>, &Style)| {
            hex(palette.paper(*style).unwrap_or(palette.background))
        };
        let papers: Vec<_> = both().map(paper).collect();
        css += &format!("background-color: {};", light_dark(&papers));
    }
    // CSS has no `light-dark()` for fonts: the first theme decides.
    let font = styles
        .first()
        .map_or(FontStyle::empty(), |style| style.font_style);
    let rules = FONT_RULES.iter().filter(|(asked, _)| font.contains(*asked));
    css.extend(rules.map(|(_, rule)| *rule));
    css
}

/// One colour, or the light and the dark one.
fn light_dark(colours: &[String]) -> String {
    match colours {
        [light, dark] => format!("light-dark({light}, {dark})"),
        _ => colours.concat(),
    }
}

/// The font styles that a theme may ask for.
const FONT_RULES: [(FontStyle, &str); 3] = [
    (FontStyle::BOLD, "font-weight: bold;"),
    (FontStyle::ITALIC, "font-style: italic;"),
    (FontStyle::UNDERLINE, "text-decoration: underline;"),
];

#[cfg(test)]
mod tests {
    use super::super::themes;
    use super::*;

    #[test]
    fn colours_are_written_and_read() {
        for written in ["#2E3440", "#D8DEE966", "#000000"] {
            assert_eq!(read_hex(written).map(hex).as_deref(), Some(written));
        }
        for broken in ["", "2E3440", "#2E34", "#2E344ü", "red"] {
            assert_eq!(read_hex(broken), None, "{broken}");
        }
    }

    #[test]
    fn declarations_name_what_differs() {
        let (light, dark) = (
            &themes::named("github-light"),
            &themes::named("github-dark"),
        );
        let bold = Style {
            font_style: FontStyle::BOLD,
            ..light.default
        };
        let red = Style {
            foreground: read_hex("#FF000080").unwrap(),
            ..dark.default
        };
        let cases = [
            (vec![light], vec![light.default], ""),
            (vec![light], vec![bold], "font-weight: bold;"),
            (vec![dark], vec![red], "color: #FF0000;"),
            (
                vec![light, dark],
                vec![light.default, red],
                "color: light-dark(#24292E, #FF0000);",
            ),
        ];
        for (palettes, styles, expected) in cases {
            let palettes: Vec<_> = palettes.into_iter().map(Arc::clone).collect();
            assert_eq!(declarations(&palettes, &styles), expected);
        }
    }
}
