//! The suite: the real binary over real sockets and real files.
