//! Which answers are under way, and whether the node is to stop.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::{sync::watch, time};

/// The count of the answers under way, and the word to stop. Clones share both.
#[derive(Debug, Clone)]
pub(super) struct Drain {
    under_way: Arc<AtomicUsize>,
    stopping: watch::Sender<bool>,
}

/// One answer under way, until it is dropped.
#[derive(Debug)]
pub(super) struct Ticket(Arc<AtomicUsize>);

impl Drain {
    pub(super) fn new() -> Self {
        Self {
            under_way: Arc::default(),
            stopping: watch::Sender::new(false),
        }
    }

    /// Counts one more answer.
    pub(super) fn ticket(&self) -> Ticket {
        // Only the number counts; nothing else is published by it.
        self.under_way.fetch_add(1, Ordering::Relaxed);
        Ticket(self.under_way.clone())
    }

    /// Tells answers without an end of their own to find one.
    pub(super) fn stop(&self) {
        self.stopping.send_replace(true);
    }

    /// Hears of [`Self::stop`].
    pub(super) fn stopping(&self) -> watch::Receiver<bool> {
        self.stopping.subscribe()
    }

    /// Waits until no answer has been under way for a while: what was handed to a connection last
    /// needs a moment to leave.
    pub(super) async fn quiet(&self) {
        let mut quiet_polls = 0;
        while quiet_polls < QUIET_POLLS {
            time::sleep(POLL_EVERY).await;
            quiet_polls = match self.under_way.load(Ordering::Relaxed) {
                0 => quiet_polls + 1,
                _ => 0,
            };
        }
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

const POLL_EVERY: Duration = Duration::from_millis(50);
const QUIET_POLLS: u32 = 20;
