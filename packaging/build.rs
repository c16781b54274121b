//! Tells the linker what the machine that builds decides.

#![expect(
    clippy::disallowed_methods,
    reason = "cargo tells a build script what it builds through the environment"
)]

use std::{env, process::Command};

fn main() {
    println!("cargo::rerun-if-changed=packaging/build.rs");
    if is_for_here() && c_library().is_some_and(|version| version >= PACKS_SINCE) {
        // The places where a program that may lie anywhere has to be adjusted are listed in 45 KiB and not in three
        // MiB, which are read at each start and stay in memory.
        println!("cargo::rustc-link-arg-bins=-Wl,-z,pack-relative-relocs");
    }
}

/// The first version of glibc that reads packed lists. What is built here runs where one not older is.
const PACKS_SINCE: (u32, u32) = (2, 36);

/// Whether it is built for a machine like this one, with glibc.
fn is_for_here() -> bool {
    let is = |name: &str, value: &str| env::var(name).is_ok_and(|found| found == value);
    let here = env::var("HOST").unwrap_or_default();
    is("TARGET", &here) && is("CARGO_CFG_TARGET_OS", "linux") && is("CARGO_CFG_TARGET_ENV", "gnu")
}

/// The version of this machine's glibc; None if it does not say.
fn c_library() -> Option<(u32, u32)> {
    let said = Command::new("getconf").arg("GNU_LIBC_VERSION").output();
    let said = String::from_utf8(said.ok()?.stdout).ok()?;
    let mut numbers = said.trim().strip_prefix("glibc ")?.split('.');
    let mut number = || numbers.next()?.parse().ok();
    Some((number()?, number()?))
}
