//! What templates may fetch from the network. Rendering names no socket: it asks a [`Remote`], and who
//! puts the rooms together says whether there is anybody to answer.

use std::{error::Error, fmt, sync::Arc};

use bytes::Bytes;

/// What is asked of an address.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Fetch {
    /// Whole: with its scheme and its host.
    pub(crate) url: String,
    pub(crate) method: Method,
    /// Names and values, in the order in which they are sent.
    pub(crate) headers: Vec<(String, String)>,
    /// Sent with a POST.
    pub(crate) body: String,
}

/// How it is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Method {
    Get,
    Post,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unfetched {
    /// Nobody is there to fetch anything.
    #[error(
        "nothing is fetched from the network unless `--allow-net`, or `allow_net = true` in \
         littoral.toml, says so"
    )]
    Off,
    /// It cannot be asked like this.
    #[error("the address or a header field is wrong: {0}")]
    Wrong(Box<dyn Error + Send + Sync>),
    /// The other side does not answer, or not in time.
    #[error("there is no answer: {0}")]
    Unreachable(Box<dyn Error + Send + Sync>),
    /// The other side answers, but not with what was asked for.
    #[error("the answer is status {0}")]
    Status(u16),
    /// The answer is longer than anything a page is made from.
    #[error("the answer is longer than {bytes_max} bytes")]
    TooLong {
        /// How long it may be.
        bytes_max: u64,
    },
}

/// The way to the network, or none.
#[derive(Clone, Default)]
pub(crate) struct Remote {
    fetch: Option<Arc<FetchIt>>,
}

type FetchIt = dyn Fn(&Fetch) -> Result<Bytes, Unfetched> + Send + Sync;

impl Remote {
    /// Every fetch is answered by `fetch`. Without this, by [`Remote::default`], none is.
    pub(crate) fn new(
        fetch: impl Fn(&Fetch) -> Result<Bytes, Unfetched> + Send + Sync + 'static,
    ) -> Self {
        Self {
            fetch: Some(Arc::new(fetch)),
        }
    }

    /// The body of the answer to `fetch`.
    pub(crate) fn fetch(&self, fetch: &Fetch) -> Result<Bytes, Unfetched> {
        match &self.fetch {
            Some(answer) => answer(fetch),
            None => Err(Unfetched::Off),
        }
    }
}

impl fmt::Debug for Remote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Remote")
            .field("allowed", &self.fetch.is_some())
            .finish()
    }
}
