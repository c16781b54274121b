//! The `[memory]` table: what is held in memory, and what is worked out instead.

use super::Section;
use crate::pack::{Holding, IdentityForm};

/// What is held in memory.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Memory {
    /// How bodies are held.
    pub(crate) bodies: Holding,
}

impl Memory {
    /// Reads the table.
    pub(super) fn read(mut section: Section<'_>) -> Self {
        let unless = Holding::default();
        let forms = [
            ("keep", IdentityForm::Keep),
            ("inflate", IdentityForm::Inflate),
        ];
        let bodies = Holding {
            identity: section.choice("identity", unless.identity, &forms),
            bytes_max: section.number("bodies_bytes_max", unless.bytes_max, 0..=1 << 40),
        };
        section.finish();
        Self { bodies }
    }
}
