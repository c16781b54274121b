//! A request becomes a response.

mod answer;
mod caching;
mod conditional;
mod date;
mod fault;
mod negotiate;
mod range;
mod reply;
mod target;
