//! The redirects and fields of a site.
#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| littoral::fuzzing::rules(text));
