//! Style sheets from Sass, made by a process of their own.
//!
//! A sheet may call itself without end, loop for ever, or grow without bound; the compiler knows no bound
//! and takes the process down with it. So it runs in a child, which is this program again: the child
//! may die, and then the sheet that it was at has a problem.
//!
//! The child has no part in the site's files. It asks for each it wants to read, and the parent, which
//! answers, remembers what was asked: as long as all answers stay the same, so do the sheets.
//!
//! **Invariant:** no Sass is compiled in the process that serves; a child that can't be started is a
//! problem.
//! **Invariant:** time, memory and stack of a child are bounded, and it ends with its parent.

mod child;
mod compile;
mod failure;
mod kept;
mod limits;
mod talk;
mod worker;

use std::sync::{Mutex, PoisonError};

pub(crate) use self::child::{WORD, run as child};
use self::{kept::Kept, worker::Program};
use crate::site::SassCompiler;

/// A compiler for the sheets of one site, of which it keeps the last.
pub(crate) fn compiler() -> SassCompiler {
    // A lock, not a swap: it is held for a look, never while sheets are made.
    let last: Mutex<Option<Kept>> = Mutex::default();
    SassCompiler::new(move |files, sheets| {
        let last = || last.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = last().take();
        let kept = match kept.filter(|kept| kept.is_of(files, sheets)) {
            Some(kept) => kept,
            None => Kept::of(files, sheets, &Program::own()),
        };
        let compiled = kept.compiled.clone();
        *last() = kept.may_stay().then_some(kept);
        compiled
    })
}
