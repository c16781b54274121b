//! Kinds of code, for pages whose colours come from a style sheet.
//!
//! Grammars tell thousands of scopes apart, themes a few dozen. A span gets the classes of the
//! nearest of a fixed list of kinds, and a style sheet has one rule for each kind at most: pages
//! stay small, and another theme is another style sheet.

use std::fmt::Write as _;
use std::sync::{Arc, LazyLock};

use syntect::parsing::Scope;

use super::css::{declarations, hex};
use super::themes::Palette;

/// A kind of code, told by its scope: `keyword.control`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Kind(&'static str);

impl Kind {
    /// The kind of text inside `scopes`, the innermost last.
    pub(super) fn of(scopes: &[Scope]) -> Option<Self> {
        // The marks of a string are string.
        let means = |scope: &&Scope| !DEFINITION.is_prefix_of(**scope);
        let known = |scope: &Scope| BY_LENGTH.iter().find(|(kind, _)| kind.is_prefix_of(*scope));
        let (_, kind) = scopes.iter().rev().filter(means).find_map(known)?;
        (!CODE_AGAIN.contains(&kind.0)).then_some(*kind)
    }

    /// `z-keyword z-control`
    pub(super) fn classes(self) -> String {
        let atoms = self.0.split('.').map(|atom| format!("{PREFIX}{atom}"));
        atoms.collect::<Vec<_>>().join(" ")
    }
}

/// The style sheet that gives pages the colours of `palette`.
pub(super) fn stylesheet(palette: &Arc<Palette<'_>>) -> String {
    let mut sheet = String::new();
    let (ink, paper) = (hex(palette.foreground), hex(palette.background));
    rule(
        &mut sheet,
        &[CODE_CLASS],
        &format!("color: {ink}; background-color: {paper};"),
    );
    if let Some(colour) = palette.marked {
        let style = format!("background-color: {};", hex(colour));
        rule(&mut sheet, &[MARKED_CLASS], &style);
    }
    if let Some(colour) = palette.numbers {
        rule(
            &mut sheet,
            &[NUMBER_CLASS],
            &format!("color: {};", hex(colour)),
        );
    }
    for kind in KINDS.iter().copied().map(Kind) {
        let style = style(kind, palette);
        if !style.is_empty() {
            let classes = kind.classes();
            rule(&mut sheet, &classes.split(' ').collect::<Vec<_>>(), &style);
        }
    }
    sheet
}

fn rule(sheet: &mut String, classes: &[&str], style: &str) {
    let selector = classes.join(".");
    writeln!(sheet, ".{selector} {{ {style} }}").expect("a string takes all that is written");
}

/// What `palette` says of `kind`, or of code that is typical of it; empty if nothing.
fn style(kind: Kind, palette: &Arc<Palette<'_>>) -> String {
    let typical = TYPICAL.iter().filter(|(of, _)| *of == kind.0);
    let scopes = std::iter::once(kind.0).chain(typical.map(|(_, scope)| *scope));
    let mut styles = scopes.map(|scope| style_of_scope(scope, palette));
    styles.find(|style| !style.is_empty()).unwrap_or_default()
}

fn style_of_scope(scope: &str, palette: &Arc<Palette<'_>>) -> String {
    let scopes = ["source", scope].map(|scope| Scope::new(scope).expect("the lists hold scopes"));
    declarations(
        std::slice::from_ref(palette),
        &[palette.highlighter.style_for_stack(&scopes)],
    )
}

/// The longest first, so that the nearest kind is found.
static BY_LENGTH: LazyLock<Vec<(Scope, Kind)>> = LazyLock::new(|| {
    let kinds = KINDS.iter().chain(&CODE_AGAIN);
    let parsed = kinds.filter_map(|kind| Some((Scope::new(kind).ok()?, Kind(kind))));
    let mut kinds: Vec<_> = parsed.collect();
    kinds.sort_by_key(|(scope, _)| std::cmp::Reverse(scope.len()));
    kinds
});

static DEFINITION: LazyLock<Scope> =
    LazyLock::new(|| Scope::new("punctuation.definition").expect("this is a scope"));

const PREFIX: &str = "z-";

/// On `<pre>`.
pub(super) const CODE_CLASS: &str = "z-code";
/// On marked lines.
pub(super) const MARKED_CLASS: &str = "z-hl";
/// On line numbers.
pub(super) const NUMBER_CLASS: &str = "giallo-ln";

/// Scopes inside which code has the colours of code again.
const CODE_AGAIN: [&str; 4] = [
    "meta.interpolation",
    "meta.template.expression",
    "source",
    "text",
];

/// Scopes that stand for a kind in themes which do not speak of the kind as such.
const TYPICAL: [(&str, &str); 6] = [
    ("constant.other", "constant.other.symbol"),
    ("entity.name.type", "entity.name.class"),
    ("invalid", "invalid.illegal"),
    ("keyword", "keyword.other"),
    ("storage", "storage.type"),
    ("string", "string.quoted.double"),
];

/// More general kinds come first: of two rules for an element, the later counts.
const KINDS: [&str; 58] = [
    "comment",
    "comment.block.documentation",
    "constant",
    "constant.character",
    "constant.character.escape",
    "constant.language",
    "constant.numeric",
    "constant.other",
    "constant.other.color",
    "constant.other.placeholder",
    "entity.name",
    "entity.name.class",
    "entity.name.constant",
    "entity.name.function",
    "entity.name.function.macro",
    "entity.name.label",
    "entity.name.namespace",
    "entity.name.section",
    "entity.name.tag",
    "entity.name.type",
    "entity.other.attribute-name",
    "entity.other.inherited-class",
    "invalid",
    "invalid.deprecated",
    "keyword",
    "keyword.control",
    "keyword.control.import",
    "keyword.operator",
    "keyword.other.unit",
    "markup.bold",
    "markup.changed",
    "markup.deleted",
    "markup.heading",
    "markup.inserted",
    "markup.italic",
    "markup.list",
    "markup.quote",
    "markup.raw",
    "markup.underline.link",
    "meta.annotation",
    "meta.diff.header",
    "meta.diff.range",
    "meta.preprocessor",
    "meta.property-name",
    "punctuation",
    "storage",
    "storage.modifier",
    "storage.type",
    "string",
    "string.other.link",
    "string.regexp",
    "support",
    "support.class",
    "support.function",
    "support.type",
    "variable",
    "variable.function",
    "variable.parameter",
];

#[cfg(test)]
mod tests {
    use super::super::themes;
    use super::*;

    #[test]
    fn the_innermost_known_scope_counts() {
        let cases = [
            ("source.rust comment.line.double-slash.rust", "z-comment"),
            (
                "source.rust string.quoted.double.rust punctuation.definition.string.begin.rust",
                "z-string",
            ),
            ("source.rust keyword.control.rust", "z-keyword z-control"),
            (
                "source.rust meta.function.rust entity.name.function.rust",
                "z-entity z-name z-function",
            ),
            (
                "source.js string.template.js meta.interpolation.js source.js.embedded",
                "",
            ),
            ("source.rust meta.block.rust", ""),
            ("", ""),
        ];
        for (scopes, expected) in cases {
            let scopes: Vec<_> = scopes
                .split_whitespace()
                .map(|scope| Scope::new(scope).unwrap())
                .collect();
            let classes = Kind::of(&scopes).map(Kind::classes).unwrap_or_default();
            assert_eq!(classes, expected, "{scopes:?}");
        }
    }

    #[test]
    fn a_style_sheet_has_what_pages_use() {
        let sheet = stylesheet(&themes::named("nord"));
        for expected in [
            ".z-code { color: #D8DEE9; background-color: #2E3440; }\n",
            ".z-hl { background-color: #3B4252; }\n",
            ".giallo-ln { color: ",
            ".z-comment { color: ",
            ".z-string { color: ",
        ] {
            assert!(sheet.contains(expected), "{expected}: {sheet}");
        }
    }
}
