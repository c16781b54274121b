//! What a proxy says of its client.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| littoral::fuzzing::proxied(bytes));
