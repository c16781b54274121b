//! The server over real sockets, serving snapshots made by hand.

mod h1;
mod h2;
mod life;
mod node;
pub(super) mod panics;
