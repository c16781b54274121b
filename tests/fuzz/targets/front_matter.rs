//! A page or a section as a file: front matter in TOML or YAML, and a body.
#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| littoral::fuzzing::front_matter(text));
