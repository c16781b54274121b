//! A request over HTTP/1, and what follows it.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| littoral::fuzzing::http1(bytes));
