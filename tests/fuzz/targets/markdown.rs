//! Markdown with shortcodes, with every setting on or off.
#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| littoral::fuzzing::markdown(text));
