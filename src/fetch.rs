//! What a template fetches from the network, where a site may: HTTP out, bytes back.
//!
//! An answer is good for a while, so that every page of a render, and the renders of the next minutes, see
//! the same one. If the network is away later, the last good answer is used again.
//!
//! **Invariant:** knows neither sites nor templates, and serves nobody: whoever may not fetch is given
//! no [`Remote`] from here. Time, bytes and redirects are bounded, and so is what is kept.

mod client;
mod kept;

use std::time::{Duration, Instant};

use bytes::Bytes;

use crate::site::{Fetch, Remote, Unfetched};

/// A way to the network. What was fetched by one is known to all.
pub(crate) fn remote() -> Remote {
    Remote::new(|fetch| answer(fetch, Instant::now(), client::run))
}

fn answer(
    fetch: &Fetch,
    now: Instant,
    run: impl FnOnce(&Fetch) -> Result<Bytes, Unfetched>,
) -> Result<Bytes, Unfetched> {
    let before = kept::find(fetch);
    if let Some((body, _)) = before
        .clone()
        .filter(|(_, at)| now.saturating_duration_since(*at) < FRESH)
    {
        return Ok(body);
    }
    match (run(fetch), before) {
        (Ok(body), _) => {
            kept::keep(fetch, &body, now);
            Ok(body)
        }
        (Err(error), Some((body, _))) if may_pass(&error) => {
            tracing::warn!(url = fetch.url, %error, "the last good answer is used again");
            Ok(body)
        }
        (Err(error), _) => Err(error),
    }
}

/// Whether the other side may well answer as before when it is asked again: not if it says that
/// there is nothing.
fn may_pass(error: &Unfetched) -> bool {
    match error {
        Unfetched::Unreachable(_) => true,
        Unfetched::Status(status) => *status >= 500,
        Unfetched::Off | Unfetched::Wrong(_) | Unfetched::TooLong { .. } => false,
    }
}

/// How long an answer is used without asking again.
const FRESH: Duration = Duration::from_secs(5 * 60);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::site::Method;

    fn fetch(url: &str) -> Fetch {
        Fetch {
            url: url.to_owned(),
            method: Method::Get,
            headers: Vec::new(),
            body: String::new(),
        }
    }

    /// What is answered after `seconds`, where the network would say `said`.
    fn after(
        seconds: u64,
        start: Instant,
        url: &str,
        said: Result<&'static str, u16>,
    ) -> Result<Bytes, u16> {
        let now = start + Duration::from_secs(seconds);
        let run = |_: &Fetch| said.map(Bytes::from).map_err(Unfetched::Status);
        answer(&fetch(url), now, run).map_err(|error| match error {
            Unfetched::Status(status) => status,
            _ => 0,
        })
    }

    #[test]
    fn an_answer_is_good_for_a_while() {
        let start = Instant::now();
        for (seconds, said, expected) in [
            (0, Ok("one"), Ok("one")),
            (299, Ok("two"), Ok("one")),
            (300, Ok("two"), Ok("two")),
            (700, Err(503), Ok("two")),
            (800, Err(404), Err(404)),
            (801, Ok("three"), Ok("three")),
        ] {
            let answer = after(seconds, start, "http://a.example/", said);
            assert_eq!(answer, expected.map(Bytes::from), "{seconds}");
        }
    }

    #[test]
    fn a_first_failure_is_one() {
        let start = Instant::now();
        assert_eq!(after(0, start, "http://b.example/", Err(503)), Err(503));
    }
}
