//! A [`Source`](crate::site::Source) becomes pages and problems.

pub(crate) mod markdown;
