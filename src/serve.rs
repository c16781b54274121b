//! A request becomes a response.
//!
//! A page is answered by a pure function ([`answer`]) from the snapshot and the head of a request;
//! [`app`] is the ordered list of what stands before it; actix carries both over HTTP/1.1 and
//! HTTP/2.
//!
//! **Invariant:** a request loads the snapshot once, in [`app`], and sees one generation.
//! **Invariant:** nothing is rendered, compressed or locked for a page, and no file is opened but
//! those too large for memory, by the names loading gave them.
//! **Invariant:** actix is named in `actix.rs`, `body.rs` and `listen.rs` only.

mod actix;
mod answer;
mod app;
mod body;
mod caching;
mod chosen;
mod conditional;
mod date;
mod dev;
mod drain;
mod fault;
mod file;
mod hosts;
mod listen;
mod log;
mod negotiate;
mod news;
mod range;
mod reply;
mod settings;
mod target;

pub(crate) use self::{
    hosts::{Audience, Hosts, PlainHttp, Site},
    listen::{bind, run},
    settings::{AccessLog, ServerTiming, Settings},
};

#[cfg(test)]
mod tests;
