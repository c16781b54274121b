//! Code inside code, in a language whose grammar is built in.

use syntect::parsing::{ParseState, ScopeStack, ScopeStackOp, SyntaxReference};

use super::languages;

/// How far the code has been read.
pub(super) struct Foreign {
    state: ParseState,
    scopes: ScopeStack,
}

impl Foreign {
    pub(super) fn new(syntax: &SyntaxReference) -> Self {
        Self {
            state: ParseState::new(syntax),
            scopes: ScopeStack::new(),
        }
    }

    /// Reads `text`, a part of a line that begins at byte `start` of it, and writes to `out` which
    /// scopes begin and end where.
    pub(super) fn read(&mut self, text: &str, start: usize, out: &mut Vec<(usize, ScopeStackOp)>) {
        let Ok(operations) = self.state.parse_line(text, languages::grammars()) else {
            return;
        };
        for (at, operation) in operations {
            // Scopes of the code around are not this one's to end or to clear.
            let is_own = match operation {
                ScopeStackOp::Push(_) => true,
                ScopeStackOp::Pop(count) => count <= self.scopes.len(),
                _ => false,
            };
            if is_own && self.scopes.apply(&operation).is_ok() {
                out.push((start + at, operation));
            }
        }
    }

    /// How many scopes have begun and not ended.
    pub(super) fn open_scopes(&self) -> usize {
        self.scopes.len()
    }
}
