//! The `[memory]` table: what is held in memory, and what is worked out instead.

use super::Section;
use crate::pack::IdentityForm;

/// How bodies are held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Memory {
    /// What becomes of the identity form of a body that is held in codings.
    pub(crate) identity: IdentityForm,
}

impl Memory {
    /// Reads the table.
    pub(super) fn read(mut section: Section<'_>) -> Self {
        let memory = Self {
            identity: section.choice(
                "identity",
                Self::default().identity,
                &[
                    ("keep", IdentityForm::Keep),
                    ("inflate", IdentityForm::Inflate),
                ],
            ),
        };
        section.finish();
        memory
    }
}

impl Default for Memory {
    fn default() -> Self {
        Self {
            identity: IdentityForm::Inflate,
        }
    }
}
