//! Who makes style sheets of Sass. Rendering starts no process: it asks a [`SassCompiler`], and who puts
//! the rooms together says who that is.

use std::{fmt, sync::Arc};

use bytes::Bytes;

use super::{Files, Problem, SassSource};

/// What became of one [`SassSource`].
#[derive(Debug, Clone, Default)]
pub(crate) struct CompiledSass {
    /// The style sheet; None if there is none, of which a problem tells, here or with another source.
    pub(crate) css: Option<Bytes>,
    pub(crate) problems: Vec<Problem>,
}

/// Makes the style sheets of one site.
#[derive(Clone)]
pub(crate) struct SassCompiler {
    compile: Arc<CompileThem>,
}

type CompileThem = dyn Fn(&Files, &[SassSource]) -> Vec<CompiledSass> + Send + Sync;

impl SassCompiler {
    /// The sheets are made by `compile`, one for each source.
    pub(crate) fn new(
        compile: impl Fn(&Files, &[SassSource]) -> Vec<CompiledSass> + Send + Sync + 'static,
    ) -> Self {
        Self {
            compile: Arc::new(compile),
        }
    }

    /// What becomes of each of `sources`, which may import anything of `files`.
    pub(crate) fn compile(&self, files: &Files, sources: &[SassSource]) -> Vec<CompiledSass> {
        (self.compile)(files, sources)
    }
}

impl fmt::Debug for SassCompiler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SassCompiler").finish_non_exhaustive()
    }
}
