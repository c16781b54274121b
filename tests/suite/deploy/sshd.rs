//! A real sshd on loopback, with its own configuration, host key and port.
//!
//! It runs as whoever runs the tests, and lets in one key made for the test.

use std::{
    fs,
    io::{BufRead, BufReader, Read},
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
};

/// An sshd of this test's own, ended with it.
pub(super) struct Sshd {
    process: Child,
    /// On 127.0.0.1.
    pub(super) port: u16,
    /// The configuration with which ssh finds it.
    client: PathBuf,
}

impl Sshd {
    pub(super) fn start(scratch: &Path) -> Self {
        let state = scratch.join("ssh");
        fs::create_dir(&state).unwrap();
        key(&state.join("host"));
        key(&state.join("id"));
        fs::copy(state.join("id.pub"), state.join("authorized_keys")).unwrap();
        make_privilege_separation_folder();
        // Another process may take the free port before sshd does.
        let (process, port) = (0..BIND_TRIES)
            .find_map(|_| listen(&state))
            .expect("sshd finds a free port");
        let client = state.join("client");
        fs::write(&client, client_configuration(&state, port)).unwrap();
        Self {
            process,
            port,
            client,
        }
    }

    /// The ssh that finds it.
    pub(super) fn command(&self) -> String {
        format!("ssh -F {}", self.client.display())
    }
}

impl Drop for Sshd {
    fn drop(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

fn key(path: &Path) {
    let made = Command::new("ssh-keygen")
        .args(["-q", "-t", "ed25519", "-N", "", "-f"])
        .arg(path)
        .status();
    assert!(
        made.expect("ssh-keygen is there: packaging/setup test")
            .success()
    );
}

/// As root, sshd wants a folder that Debian makes when it starts its own.
fn make_privilege_separation_folder() {
    let folder = Path::new("/run/sshd");
    if user() == "root" && !folder.exists() {
        fs::create_dir_all(folder).unwrap();
    }
}

fn user() -> String {
    let said = Command::new("id").arg("-un").output().unwrap();
    String::from_utf8(said.stdout).unwrap().trim().to_owned()
}

/// Starts sshd on a port that was free a moment ago; None if it no longer was.
fn listen(state: &Path) -> Option<(Child, u16)> {
    let free = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = free.local_addr().unwrap().port();
    drop(free);
    let configuration = state.join("server");
    fs::write(&configuration, server_configuration(state, port)).unwrap();
    let mut process = Command::new("/usr/sbin/sshd")
        .args(["-D", "-e", "-f"])
        .arg(&configuration)
        .stdin(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("sshd is there: packaging/setup test");
    let mut said = BufReader::new(process.stderr.take().unwrap());
    let mut lines = String::new();
    while said.read_line(&mut lines).unwrap() > 0 {
        if lines.contains("Server listening on") {
            // A full pipe would stop the server.
            thread::spawn(move || said.read_to_end(&mut Vec::new()));
            return Some((process, port));
        }
    }
    process.wait().unwrap();
    assert!(lines.contains("Address already in use"), "sshd: {lines}");
    None
}

fn server_configuration(state: &Path, port: u16) -> String {
    let state = state.display();
    format!(
        "ListenAddress 127.0.0.1:{port}
HostKey {state}/host
AuthorizedKeysFile {state}/authorized_keys
PidFile none
StrictModes no
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
"
    )
}

/// Names for the server, and one for a host that is down: nothing listens on the first port.
fn client_configuration(state: &Path, port: u16) -> String {
    let user = user();
    let state = state.display();
    format!(
        "Host dead
    Port 1
Host au ny fr
    Port {port}
Host *
    HostName 127.0.0.1
    User {user}
    IdentityFile {state}/id
    IdentitiesOnly yes
    BatchMode yes
    ConnectTimeout 10
    UserKnownHostsFile /dev/null
    StrictHostKeyChecking no
    LogLevel ERROR
"
    )
}

const BIND_TRIES: usize = 5;
