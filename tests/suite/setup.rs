//! `packaging/setup` on a machine that has next to nothing: a PATH made for the test.

use std::{
    fs,
    os::unix::fs::symlink,
    path::Path,
    process::{Command, Output},
};

use tempfile::TempDir;

#[test]
fn is_content_with_what_is_there() {
    let machine = Machine::new();
    let run = machine.setup("run");
    assert!(run.status.success(), "{run:?}");
    assert_eq!(text(&run), "");
}

#[test]
fn installs_what_is_missing() {
    let machine = Machine::new();
    machine.program("id", "echo 0");
    machine.program("apt-get", "echo \"$*\" >>\"$PATH/installed\"");

    let run = machine.setup("bench");

    assert!(run.status.success(), "{run:?}");
    let installed = fs::read_to_string(machine.path().join("installed")).unwrap();
    assert!(installed.trim_end().ends_with(MISSING), "{installed}");
}

#[test]
fn fetches_the_lists_when_apt_knows_nothing() {
    let machine = Machine::new();
    machine.program("id", "echo 0");
    machine.program(
        "apt-get",
        "case $* in *update*) : >\"$PATH/lists\" ;; *) [ -e \"$PATH/lists\" ] ;; esac",
    );
    let run = machine.setup("bench");
    assert!(run.status.success(), "{run:?}");
}

#[test]
fn tells_what_to_type_where_it_may_not_install() {
    let machine = Machine::new();
    machine.program("id", "echo 1000");
    machine.program("sudo", "exit 1");
    machine.program("apt-get", "exit 1");

    let run = machine.setup("bench");

    assert_eq!(run.status.code(), Some(1));
    let line = format!("sudo apt-get install --no-install-recommends {MISSING}\n");
    assert!(text(&run).ends_with(&line), "{}", text(&run));
}

#[test]
fn names_the_packages_where_there_is_no_apt() {
    let run = Machine::new().setup("bench");
    assert_eq!(run.status.code(), Some(1));
    let words = format!("missing: {MISSING} (names of Debian packages)");
    assert!(text(&run).contains(&words), "{}", text(&run));
}

#[test]
fn asks_for_rust_first() {
    let machine = Machine::new();
    fs::remove_file(machine.path().join("cargo")).unwrap();
    let run = machine.setup("test");
    assert_eq!(run.status.code(), Some(1));
    assert!(text(&run).contains("Install it from https://rustup.rs"));
}

/// A folder that is all of PATH: a shell, Rust and a C compiler.
struct Machine {
    bin: TempDir,
}

impl Machine {
    fn new() -> Self {
        let machine = Self {
            bin: TempDir::new().unwrap(),
        };
        for program in ["sh", "env", "dirname"] {
            let real = Path::new("/usr/bin").join(program);
            symlink(real, machine.path().join(program)).unwrap();
        }
        machine.program("cargo", "");
        machine.program("cc", "");
        machine
    }

    fn path(&self) -> &Path {
        self.bin.path()
    }

    /// Installs a program with that text. A shell writes it: a file that this process, or a child
    /// that it is just starting in another test, has open for writing cannot be run.
    fn program(&self, name: &str, text: &str) {
        let written = Command::new("/bin/sh")
            .args([
                "-c",
                r#"printf '#!/bin/sh\n%s\n' "$2" >"$1" && chmod +x "$1""#,
                "sh",
            ])
            .arg(self.path().join(name))
            .arg(text)
            .status();
        assert!(written.unwrap().success());
    }

    fn setup(&self, what: &str) -> Output {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/packaging/setup");
        let mut command = Command::new(script);
        command.arg(what).env("PATH", self.path());
        command.output().unwrap()
    }
}

fn text(run: &Output) -> String {
    let said = [&run.stdout[..], &run.stderr[..]].concat();
    String::from_utf8(said).unwrap()
}

/// What `make bench` needs and the machine has not.
const MISSING: &str = "python3 util-linux rsync wrk nghttp2-client openssl";
