//! What was freed goes back to the system, although nobody asks for more.
//!
//! The allocator looks after that when it is called, and a node that has rendered and compressed all there is calls it
//! no more: ten MiB of the last encoder stayed with it, now and then.

/// Has a thread of the allocator look after it from now on. With musl it has none.
pub(super) fn give_back() {
    #[cfg(target_env = "gnu")]
    if let Err(error) = tikv_jemalloc_ctl::background_thread::write(true) {
        tracing::debug!(%error, "what is freed goes back to the system only when more is allocated");
    }
}
