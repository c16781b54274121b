//! HTTP/3, spoken by a client that is not ours: `tests/http3/client.py`.

use std::{
    io::Write,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use serde_json::Value;

use super::Node;

impl Node {
    /// Has a client take the steps of `told`, and returns what came of them. `cert.pem` beside the site is what it trusts.
    pub(crate) fn http3(&self, told: &Value) -> Value {
        ended(self.http3_begun(told))
    }

    /// Has a client begin to take the steps of `told`.
    pub(crate) fn http3_begun(&self, told: &Value) -> Child {
        let mut client = Command::new(repository().join("target/http3/bin/python"))
            .arg(repository().join("tests/http3/client.py"))
            .arg(self.https.port().to_string())
            .arg(self.beside("cert.pem"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("its packages are installed, as packaging/setup sees to");
        let mut stdin = client.stdin.take().unwrap();
        stdin.write_all(told.to_string().as_bytes()).unwrap();
        client
    }
}

/// What came of all that the client did.
pub(crate) fn ended(client: Child) -> Value {
    let output = client.wait_with_output().unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    let printed = String::from_utf8_lossy(&output.stdout);
    let last = printed.lines().last().unwrap_or_default();
    serde_json::from_str(last).unwrap_or_else(|error| panic!("{error}: {printed}{told}"))
}

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}
