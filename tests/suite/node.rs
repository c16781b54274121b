//! The harness: the real binary on a free port, over a scratch copy of a site.
//!
//! ```ignore
//! let node = Node::files(&[("content/_index.md", "+++\n+++\nHello")]).start();
//! node.get("/").is(200).body_has("Hello");
//! node.write("content/_index.md", "+++\n+++\nBye");
//! node.wait_for("the new text", |node| node.get("/").body.contains("Bye"));
//! ```
//!
//! Nothing here sleeps for luck: it waits for a line or for a condition, up to [`PATIENCE`]. When a
//! test fails, what the node told on standard error is shown.

mod h2;
mod http;
mod http3;
mod told;

use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use self::told::Told;
pub(crate) use self::{
    http::{Connection, Reply, hello},
    http3::ended,
};

/// How long a test waits for anything before it fails. Far beyond what a healthy node needs, since a
/// machine that runs a suite may be busy.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// A site in a scratch folder, not served yet.
pub(crate) struct Setup {
    folder: Arc<TempDir>,
    arguments: Vec<String>,
    environment: Vec<(String, String)>,
}

/// A running node. It is killed when dropped.
pub(crate) struct Node {
    folder: Arc<TempDir>,
    child: Child,
    told: Arc<Told>,
    printed: Arc<Told>,
    /// Its first address for plain HTTP.
    pub(crate) http: SocketAddr,
    /// Its first address for HTTPS.
    pub(crate) https: SocketAddr,
}

/// A command that came to its end.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Node {
    /// A copy of the fixture `tests/suite/fixtures/<name>/`.
    pub(crate) fn site(name: &str) -> Setup {
        let setup = Setup::empty();
        copy(&fixture(name), &setup.root());
        setup
    }

    /// A site of these files.
    pub(crate) fn files(files: &[(&str, &str)]) -> Setup {
        let setup = Setup::empty();
        for (name, text) in files {
            write(&setup.root().join(name), text);
        }
        setup
    }

    /// The site's folder.
    pub(crate) fn root(&self) -> PathBuf {
        self.folder.path().join("site")
    }

    /// A folder of the test's own, beside the site's.
    pub(crate) fn beside(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file of the site.
    pub(crate) fn write(&self, name: &str, text: &str) {
        write(&self.root().join(name), text);
    }

    /// Brings `from` into the site's folder with rsync.
    pub(crate) fn rsync(&self, from: &Path, flags: &[&str]) {
        rsync(from, &self.root(), flags);
    }

    /// Gets a path over plain HTTP, on a connection of its own.
    pub(crate) fn get(&self, path: &str) -> Reply {
        self.request("GET", path, &[])
    }

    /// Sends a request over plain HTTP, on a connection of its own.
    pub(crate) fn request(&self, method: &str, path: &str, headers: &[(&str, &str)]) -> Reply {
        self.connect().request(method, path, headers)
    }

    /// A connection for several requests.
    pub(crate) fn connect(&self) -> Connection {
        Connection::plain(self.http)
    }

    /// Gets a path over TLS with HTTP/1.1, naming `host`; no certificate is refused.
    pub(crate) fn get_tls(&self, host: &str, path: &str) -> Reply {
        Connection::tls(self.https, host).request("GET", path, &[])
    }

    /// Gets paths over one HTTP/2 connection, all at once.
    pub(crate) fn get_h2(&self, host: &str, paths: &[&str]) -> Vec<Reply> {
        h2::get(self.https, host, paths)
    }

    /// Waits until `condition` holds; `what` says in a failure what it was.
    pub(crate) fn wait_for(&self, what: &str, condition: impl Fn(&Self) -> bool) {
        let end = Instant::now() + PATIENCE;
        while !condition(self) {
            assert!(Instant::now() < end, "in vain waited for {what}");
            thread::sleep(Duration::from_millis(10));
        }
    }

    /// Waits until the node has told a line with `text` in it, and returns that line.
    pub(crate) fn told(&self, text: &str) -> String {
        self.told.wait_for(text)
    }

    /// Waits until the node has printed a line with `text` in it on standard output, and returns that
    /// line.
    pub(crate) fn printed(&self, text: &str) -> String {
        self.printed.wait_for(text)
    }

    /// All that the node told so far.
    pub(crate) fn stderr(&self) -> String {
        self.told.so_far()
    }

    /// Sends a signal.
    pub(crate) fn signal(&self, signal: Signal) {
        let pid = Pid::from_child(&self.child);
        kill_process(pid, signal).unwrap();
    }

    /// Gets a path of the listener for those who run the node.
    pub(crate) fn admin(&self, path: &str) -> Reply {
        let line = self.told("[admin] listens on http://");
        let (_, address) = line.rsplit_once("http://").unwrap();
        let address = address.trim().parse().unwrap();
        Connection::plain(address).request("GET", path, &[])
    }

    /// Stops the node; what is left is its folder, to be changed and served again.
    pub(crate) fn stopped(mut self) -> Setup {
        self.signal(Signal::TERM);
        self.ended();
        Setup {
            folder: Arc::clone(&self.folder),
            arguments: Vec::new(),
            environment: Vec::new(),
        }
    }

    /// Waits until the process has ended.
    pub(crate) fn ended(&mut self) -> ExitStatus {
        let end = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(Instant::now() < end, "the node does not end");
            thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Setup {
    /// A folder for a site, with nothing in it.
    pub(crate) fn empty() -> Self {
        let folder = Arc::new(tempfile::tempdir().unwrap());
        fs::create_dir(folder.path().join("site")).unwrap();
        Self {
            folder,
            arguments: Vec::new(),
            environment: Vec::new(),
        }
    }

    /// The site's folder.
    pub(crate) fn root(&self) -> PathBuf {
        self.folder.path().join("site")
    }

    /// A folder of the test's own, beside the site's.
    pub(crate) fn beside(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file beside the site: a configuration, say.
    pub(crate) fn write_beside(self, name: &str, text: &str) -> Self {
        write(&self.folder.path().join(name), text);
        self
    }

    /// Adds arguments. `{}` stands for the scratch folder.
    pub(crate) fn args(mut self, arguments: &[&str]) -> Self {
        let folder = self.folder.path().to_str().unwrap();
        let arguments = arguments.iter().map(|one| one.replace("{}", folder));
        self.arguments.extend(arguments);
        self
    }

    /// Sets a variable of the environment.
    pub(crate) fn env(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Serves the site, and waits until the node listens.
    pub(crate) fn start(self) -> Node {
        let root = self.root();
        self.started(
            &["serve", root.to_str().unwrap()],
            &["--https", "127.0.0.1:0"],
        )
    }

    /// Serves the sites of the configuration `name`, written beside the site.
    pub(crate) fn start_with_config(self, name: &str) -> Node {
        let config = self.beside(name);
        self.started(
            &["serve", "--config", config.to_str().unwrap()],
            &["--https", "127.0.0.1:0"],
        )
    }

    /// Serves the site for its author.
    pub(crate) fn dev(self) -> Node {
        let root = self.root();
        self.started(&["dev", root.to_str().unwrap()], &[])
    }

    fn started(self, command: &[&str], listeners: &[&str]) -> Node {
        let mut child = Command::new(env!("CARGO_BIN_EXE_littoral"))
            .args(command)
            .args(["--http", "127.0.0.1:0"])
            .args(listeners)
            .args(&self.arguments)
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let told = Told::follow(child.stderr.take().unwrap());
        let printed = Told::follow(child.stdout.take().unwrap());
        let line = told.wait_for("listening on");
        let address = |scheme: &str| {
            let (_, rest) = line.split_once(scheme)?;
            rest.split([',', ' ', '/']).next()?.parse().ok()
        };
        let nowhere = SocketAddr::from(([0, 0, 0, 0], 0));
        Node {
            http: address("http://").unwrap_or(nowhere),
            https: address("https://").unwrap_or(nowhere),
            folder: self.folder,
            child,
            told,
            printed,
        }
    }

    /// Runs another command on the site to its end: `setup.run("check", &["--strict"])`.
    pub(crate) fn run(&self, command: &str, arguments: &[&str]) -> Ran {
        let root = self.root();
        let folder = self.folder.path().to_str().unwrap();
        let arguments: Vec<_> = arguments
            .iter()
            .map(|one| one.replace("{}", folder))
            .collect();
        let mut all = vec![command, root.to_str().unwrap()];
        all.extend(arguments.iter().map(String::as_str));
        ran(&all, &self.environment)
    }
}

/// Runs the binary to its end.
pub(crate) fn littoral(arguments: &[&str]) -> Ran {
    ran(arguments, &[])
}

fn ran(arguments: &[&str], environment: &[(String, String)]) -> Ran {
    let output = Command::new(env!("CARGO_BIN_EXE_littoral"))
        .args(arguments)
        .envs(environment.iter().map(|(name, value)| (name, value)))
        .stdin(Stdio::null())
        .output()
        .unwrap();
    Ran {
        code: output.status.code().unwrap(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

impl Ran {
    /// Fails unless the exit code is `code`.
    pub(crate) fn exits_with(self, code: i32) -> Self {
        assert_eq!(self.code, code, "exit code\n{}{}", self.stdout, self.stderr);
        self
    }

    /// Fails unless `text` is on standard output.
    pub(crate) fn prints(self, text: &str) -> Self {
        assert!(
            self.stdout.contains(text),
            "no {text:?} in\n{}",
            self.stdout
        );
        self
    }

    /// Fails unless `text` is on standard error.
    pub(crate) fn tells(self, text: &str) -> Self {
        assert!(
            self.stderr.contains(text),
            "no {text:?} in\n{}",
            self.stderr
        );
        self
    }
}

/// The folder of the fixture `name`.
pub(crate) fn fixture(name: &str) -> PathBuf {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/suite/fixtures");
    fixtures.join(name)
}

/// Brings the content of `from` into `to` with rsync.
pub(crate) fn rsync(from: &Path, to: &Path, flags: &[&str]) {
    let status = Command::new("rsync")
        .arg("-a")
        .args(flags)
        .arg(format!("{}/", from.display()))
        .arg(format!("{}/", to.display()))
        .status()
        .unwrap();
    assert!(status.success(), "rsync {flags:?}: {status}");
}

/// Writes a file, and the folders above it.
pub(crate) fn write(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

fn copy(from: &Path, to: &Path) {
    assert!(from.is_dir(), "no fixture {}", from.display());
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            fs::create_dir_all(&target).unwrap();
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        // It may have ended by itself, which is what some tests are about.
        self.child.kill().ok();
        self.child.wait().ok();
        if thread::panicking() {
            eprintln!("the node told:\n{}", self.stderr());
        }
    }
}
