//! Lines of code become spans.

use std::sync::Arc;

use syntect::highlighting::{HighlightIterator, HighlightState, Style};
use syntect::parsing::{ParseState, Scope, ScopeStack, ScopeStackOp, SyntaxSet};

use super::css::declarations;
use super::escape;
use super::kinds::Kind;
use super::shelf::Reading;
use super::textmate;
use super::themes::{Palette, Palettes};

/// What goes through the lines of a block from top to bottom.
pub(super) struct Painter<'s> {
    /// None for a language without a grammar.
    reader: Option<Reader<'s>>,
    brush: Brush<'s>,
    /// Bytes that may still be painted.
    left: usize,
}

/// What tells the scopes of code.
enum Reader<'s> {
    Sublime(&'s SyntaxSet, Box<ParseState>),
    TextMate(Box<textmate::Reader<'s>>),
}

/// How colours are written.
enum Brush<'s> {
    /// Into `style`, in the colours of one palette, or of a light and a dark one.
    Styles(Vec<(Arc<Palette<'s>>, HighlightState)>),
    /// Into `class`.
    Classes(ScopeStack),
}

impl<'s> Painter<'s> {
    /// Paints in colours of `palettes`; by classes if there are none.
    pub(super) fn new(grammar: Reading<'s>, palettes: &Palettes<'s>) -> Self {
        let (reader, outermost) = Reader::of(grammar);
        let outermost = ScopeStack::from_vec(outermost.into_iter().collect());
        let state = |palette: &Arc<Palette<'s>>| {
            let state = HighlightState::new(&palette.highlighter, outermost.clone());
            (Arc::clone(palette), state)
        };
        let brush = if palettes.is_empty() {
            Brush::Classes(outermost)
        } else {
            Brush::Styles(palettes.iter().map(state).collect())
        };
        Self {
            reader,
            brush,
            left: CODE_BYTES_MAX,
        }
    }

    /// `line`, which ends with its newline, as HTML without its newline.
    ///
    /// What is too long to be read in good time stays plain; so does what a grammar fails at.
    pub(super) fn line(&mut self, line: &str) -> String {
        let plain = line.trim_end_matches('\n');
        let fits = line.len() <= LINE_BYTES_MAX.min(self.left);
        let reader = self.reader.as_mut().filter(|_| fits);
        let operations = reader.and_then(|reader| reader.line(line));
        let Some(operations) = operations else {
            return escape(plain);
        };
        self.left -= line.len();
        match &mut self.brush {
            Brush::Styles(palettes) => styled(line, &operations, palettes),
            Brush::Classes(stack) => classed(line, &operations, stack),
        }
    }
}

impl<'s> Reader<'s> {
    /// With the scope that is around all code, where the grammar does not put it there itself.
    fn of(grammar: Reading<'s>) -> (Option<Self>, Option<Scope>) {
        match grammar {
            Reading::Plain => (None, None),
            Reading::Sublime(set, syntax) => {
                let state = Box::new(ParseState::new(syntax));
                (Some(Self::Sublime(set, state)), None)
            }
            Reading::TextMate(grammars, number) => {
                let reader = textmate::reader(number, grammars).map(Box::new);
                let outermost = grammars.get(number).and_then(textmate::Grammar::outermost);
                (reader.map(Self::TextMate), outermost)
            }
        }
    }

    fn line(&mut self, line: &str) -> Option<Vec<(usize, ScopeStackOp)>> {
        match self {
            Self::Sublime(set, state) => state.parse_line(line, set).ok(),
            Self::TextMate(reader) => reader.line(line),
        }
    }
}

fn styled(
    line: &str,
    operations: &[(usize, ScopeStackOp)],
    palettes: &mut [(Arc<Palette<'_>>, HighlightState)],
) -> String {
    let mut runs: Vec<(Vec<Style>, &str)> = Vec::new();
    for (palette, state) in palettes.iter_mut() {
        let painted = HighlightIterator::new(state, operations, line, &palette.highlighter);
        // Every palette cuts the line at the same places: where the grammar does.
        for (index, (style, text)) in painted.enumerate() {
            match runs.get_mut(index) {
                Some((styles, _)) => styles.push(style),
                None => runs.push((vec![style], text)),
            }
        }
    }
    let palettes: Vec<_> = palettes
        .iter()
        .map(|(palette, _)| Arc::clone(palette))
        .collect();
    spans(&runs, |styles| {
        let css = declarations(&palettes, styles);
        (!css.is_empty()).then(|| format!("style=\"{css}\""))
    })
}

fn classed(line: &str, operations: &[(usize, ScopeStackOp)], stack: &mut ScopeStack) -> String {
    let mut runs = Vec::new();
    let mut from = 0;
    for (at, operation) in operations {
        let text = line.get(from..*at).unwrap_or_default();
        runs.push((Kind::of(stack.as_slice()), text));
        from = *at;
        // A grammar that takes off more scopes than it put on has nothing left to take.
        if stack.apply(operation).is_err() {
            *stack = ScopeStack::new();
        }
    }
    let rest = line.get(from..).unwrap_or_default();
    runs.push((Kind::of(stack.as_slice()), rest));
    spans(&runs, |kind| {
        kind.map(|kind| format!("class=\"{}\"", kind.classes()))
    })
}

/// The text of `runs` in spans with what `attribute` says of them; neighbours alike share one.
fn spans<I: PartialEq>(runs: &[(I, &str)], attribute: impl Fn(&I) -> Option<String>) -> String {
    let mut html = String::new();
    for alike in runs.chunk_by(|(one, _), (next, _)| one == next) {
        let text: String = alike.iter().map(|(_, text)| *text).collect();
        let text = escape(text.trim_end_matches('\n'));
        let attribute = alike.first().and_then(|(ink, _)| attribute(ink));
        match attribute {
            _ if text.is_empty() => {}
            Some(attribute) => html += &format!("<span {attribute}>{text}</span>"),
            None => html += &text,
        }
    }
    html
}

/// Grammars take time that grows faster than a line: minified code stays plain.
const LINE_BYTES_MAX: usize = 2 * 1024;

/// Nobody reads more than this in colours; the rest of a block stays plain.
const CODE_BYTES_MAX: usize = 256 * 1024;
