//! One signal to stop, handed to every task.
//!
//! **Invariant:** the first SIGTERM or SIGINT asks everybody to finish, the second ends the process.

use std::{io, process};

use tokio::{
    signal::unix::{SignalKind, signal},
    sync::watch,
};

/// Whether the process is to stop. Clones hear the same.
#[derive(Debug, Clone)]
pub(crate) struct Shutdown(watch::Receiver<bool>);

/// Gives the signal.
#[derive(Debug)]
pub(crate) struct Trigger(watch::Sender<bool>);

/// A signal that was not given yet.
pub(crate) fn channel() -> (Trigger, Shutdown) {
    let (trigger, shutdown) = watch::channel(false);
    (Trigger(trigger), Shutdown(shutdown))
}

/// Gives the signal on the first SIGTERM or SIGINT, and ends the process on the second. Must be
/// called inside the runtime.
pub(crate) fn on_signals() -> io::Result<Shutdown> {
    let (trigger, shutdown) = channel();
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    tokio::spawn(async move {
        for given in [false, true] {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
            if given {
                leave();
            }
            tracing::info!("stopping: what is under way is finished first");
            trigger.give();
        }
    });
    Ok(shutdown)
}

impl Shutdown {
    /// Waits for the signal; at once if it was given before.
    pub(crate) async fn given(&mut self) {
        // A trigger that is gone can give no signal any more; whoever dropped it is leaving.
        self.0.wait_for(|given| *given).await.ok();
    }
}

impl Trigger {
    /// Gives the signal.
    pub(crate) fn give(&self) {
        self.0.send_replace(true);
    }
}

#[expect(
    clippy::exit,
    reason = "whoever asks twice does not want to wait for anything"
)]
fn leave() -> ! {
    process::exit(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn every_clone_hears_the_signal_even_late() {
        let (trigger, mut early) = channel();
        let mut late = early.clone();
        trigger.give();
        early.given().await;
        late.given().await;
    }
}
