//! What is published, as a stream of events for one author's browser.

use std::time::Duration;

use bytes::Bytes;
use tokio::{sync::watch, time};

use super::dev;
use crate::publish::News;

/// Tells the latest news at once, and each later one; None when the node stops.
pub(super) async fn follow(
    mut news: watch::Receiver<News>,
    mut stopping: watch::Receiver<bool>,
    tell: impl Fn(Option<Bytes>),
) {
    news.mark_changed();
    loop {
        let event = tokio::select! {
            changed = news.changed() => match changed {
                Ok(()) => dev::event(&news.borrow_and_update()),
                Err(_) => break,
            },
            () = time::sleep(HEARTBEAT_AFTER) => dev::HEARTBEAT,
            _ = stopping.wait_for(|stopping| *stopping) => break,
        };
        tell(Some(event));
    }
    tell(None);
}

const HEARTBEAT_AFTER: Duration = Duration::from_secs(15);
