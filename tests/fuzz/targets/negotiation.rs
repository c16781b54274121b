//! The `Accept-Encoding` of a request.
#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| littoral::fuzzing::negotiation(text));
