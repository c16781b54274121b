//! A request becomes a response.
//!
//! A page is answered by a pure function ([`answer`]) from the snapshot and the head of a request;
//! [`app`] is the ordered list of what stands before it. Below both a [`worker`] waits for its sockets, a
//! [`connection`] has what comes read and what is answered sent, and a [`protocol`] knows where a request begins and
//! ends: [`h1`] and [`h2`].
//!
//! **Invariant:** a request loads the snapshot once, in [`app`], and sees one generation.
//! **Invariant:** nothing is rendered, compressed or locked for a page, and no file is opened but
//! those too large for memory, by the names loading gave them.
//! **Invariant:** a worker never waits but for its sockets: what may take a while is done on other threads, which post
//! what came of it.

mod answer;
mod app;
mod block;
mod body;
mod caching;
mod calm;
mod chosen;
mod conditional;
mod connection;
mod controls;
mod date;
mod dev;
mod fault;
mod guests;
mod h1;
mod h2;
mod h3;
mod hints;
mod hosts;
mod lines;
mod listen;
mod log;
mod memo;
mod negotiate;
mod news;
mod outbox;
mod place;
mod policy;
mod producer;
mod protocol;
mod proxied;
mod range;
mod reply;
mod service;
mod settings;
mod status;
mod stream;
mod tally;
mod target;
mod ticks;
mod tls;
mod transport;
mod wait;
mod worker;
mod written;

pub(crate) use self::{
    controls::{Controls, Cors, Hotlinks, Hsts, Maintenance, Referer, Security},
    hints::{Preload, Speculation},
    hosts::{Audience, Hosts, PlainHttp, Site},
    listen::{bind, run},
    place::{NoPlace, Place},
    policy::USUAL as USUAL_POLICY,
    proxied::Trusted,
    settings::{AccessLog, ServerTiming, Settings},
    tally::{Refusal, Tally},
};
#[cfg(fuzzing)]
pub(crate) use self::{
    h1::fuzz as fuzz_http1, h2::fuzz as fuzz_http2, h3::fuzz as fuzz_http3,
    negotiate::fuzz as fuzz_negotiation, proxied::fuzz as fuzz_proxied,
};

#[cfg(test)]
mod tests;
