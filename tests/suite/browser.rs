//! What people see: the manual and the starter site, in a real browser, on a phone and a desktop, by
//! day and by night. What is looked for stands at the head of `tests/browser/check.mjs`.
//!
//! With `LITTORAL_SHOTS=DIR` in the environment, pictures of all that was seen are left there.

use std::{
    env,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use crate::node::{Node, Setup, littoral};

#[test]
fn the_manual_is_good_to_look_at() {
    let setup = Setup::empty();
    for part in ["content", "templates", "packaging/manual.toml"] {
        let copied = Command::new("cp")
            .arg("-r")
            .arg(repository().join(part))
            .arg(setup.root())
            .status();
        assert!(copied.unwrap().success(), "cannot copy {part}");
    }
    let config = setup.root().join("manual.toml");
    let node = setup
        .args(&["--site-config", config.to_str().unwrap()])
        .start();
    look_at(&node, "manual");
}

#[test]
fn the_starter_site_is_good_to_look_at() {
    let setup = Setup::empty();
    littoral(&["init", setup.root().to_str().unwrap()]).exits_with(0);
    look_at(&setup.start(), "starter");
}

/// Sends a browser through every page of the node, and to one that is not there.
fn look_at(node: &Node, name: &str) {
    let mut command = Command::new("node");
    command
        .arg(repository().join("tests/browser/check.mjs"))
        .env(
            "NODE_PATH",
            repository().join("target/browser/node_modules"),
        );
    if let Some(shots) = env::var_os("LITTORAL_SHOTS") {
        command.arg("--shots").arg(Path::new(&shots).join(name));
    }
    let seen = command
        .arg(format!("http://{}/", node.http))
        .arg(format!("http://{}/missing/", node.http))
        .stdin(Stdio::null())
        .output()
        .expect("node is installed, as packaging/setup sees to");
    let told = String::from_utf8_lossy(&seen.stderr);
    assert!(seen.status.success(), "{name}:\n{told}");
}

fn repository() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}
