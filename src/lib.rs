//! Littoral: a small CDN that one person can own.
//!
//! ```text
//! disk --load--> Source --render--> pages --pack--> Snapshot --publish--> ArcSwap <--read-- serve
//!           ^                                                               |
//!           +---- watch (rsync finished) ---- pipeline ---------------------+
//! ```

mod certs;
mod export;
mod load;
mod pack;
mod pipeline;
mod publish;
mod render;
mod serve;
mod site;
