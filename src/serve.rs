//! A request becomes a response.
