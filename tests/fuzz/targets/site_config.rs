//! The configuration of a site, `config.toml`.
#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| littoral::fuzzing::site_config(text));
