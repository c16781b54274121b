//! What is published, as a stream of events for one author's browser.

use std::time::Duration;

use bytes::Bytes;
use tokio::{
    sync::{mpsc, watch},
    time,
};

use super::dev;
use crate::publish::News;

/// The latest news at once, and each later one, until the client leaves or the node stops.
pub(super) fn stream(
    mut news: watch::Receiver<News>,
    mut stopping: watch::Receiver<bool>,
) -> mpsc::Receiver<Bytes> {
    let (events, stream) = mpsc::channel(1);
    news.mark_changed();
    tokio::spawn(async move {
        loop {
            let event = tokio::select! {
                changed = news.changed() => match changed {
                    Ok(()) => dev::event(&news.borrow_and_update()),
                    Err(_) => return,
                },
                () = time::sleep(HEARTBEAT_AFTER) => dev::HEARTBEAT,
                () = events.closed() => return,
                _ = stopping.wait_for(|stopping| *stopping) => return,
            };
            if events.send(event).await.is_err() {
                return;
            }
        }
    });
    stream
}

const HEARTBEAT_AFTER: Duration = Duration::from_secs(15);
