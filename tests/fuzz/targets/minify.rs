//! Documents that lose what no browser misses.
#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| littoral::fuzzing::minify(text));
