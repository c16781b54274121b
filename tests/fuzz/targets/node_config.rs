//! The configuration of a node, `littoral.toml`.
#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| littoral::fuzzing::node_config(text));
