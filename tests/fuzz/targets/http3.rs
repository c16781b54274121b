//! A packed block of fields, as HTTP/3 sends it.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| littoral::fuzzing::http3(bytes));
