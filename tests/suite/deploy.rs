//! `packaging/deploy` against a real sshd on loopback: three POPs are three folders on it.

mod sshd;

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use tempfile::TempDir;

use self::sshd::Sshd;

#[test]
fn every_pop_gets_the_site() {
    let desk = Desk::new();
    let sshd = Sshd::start(desk.path());
    let pops = ["au", "ny", "fr"].map(|pop| desk.pop(pop));
    fs::write(desk.folder("ny").join("gone.md"), "no longer in the site").unwrap();

    let run = desk.deploy(&pops, &[], Some(&sshd));

    run.exits_with(0);
    for pop in ["au", "ny", "fr"] {
        run.tells_of(&desk.pop(pop), "done");
        assert_eq!(tree(&desk.folder(pop)), SENT, "on {pop}");
    }
    run.says("3 of 3 POPs done");
    run.prefixes_every_line_of(&pops);
}

#[test]
fn a_dead_pop_fails_alone() {
    let desk = Desk::new();
    let sshd = Sshd::start(desk.path());
    let pops = [desk.pop("au"), desk.pop("dead"), desk.pop("fr")];

    let run = desk.deploy(&pops, &[], Some(&sshd));

    run.exits_with(1);
    for pop in ["au", "fr"] {
        run.tells_of(&desk.pop(pop), "done");
        assert_eq!(tree(&desk.folder(pop)), SENT, "on {pop}");
    }
    run.tells_of(&desk.pop("dead"), "FAILED: no answer; see");
    run.says("see that 'ssh dead rsync --version' works without a question");
    run.says("2 of 3 POPs done");
    run.prefixes_every_line_of(&pops);
}

#[test]
fn a_folder_that_cannot_be_written_is_named() {
    let desk = Desk::new();
    let sshd = Sshd::start(desk.path());
    let nowhere = format!("au:{}/no/such/place", desk.path().display());

    let run = desk.deploy(&[nowhere], &[], Some(&sshd));

    run.exits_with(1);
    run.says("FAILED: cannot write to");
    run.says("/no/such/place; the folder above it must exist and be yours on au");
}

#[test]
fn a_dry_run_changes_nothing() {
    let desk = Desk::new();
    let sshd = Sshd::start(desk.path());

    let run = desk.deploy(&[desk.pop("au")], &["--dry-run"], Some(&sshd));

    run.exits_with(0);
    run.says("content/a page.md");
    run.says("nothing sent: a dry run");
    assert!(!desk.folder("au").join("config.toml").exists());
}

#[test]
fn make_hands_over_what_it_was_told() {
    let desk = Desk::new();
    let sshd = Sshd::start(desk.path());
    let dest = desk.path().join("live site");

    let run = Command::new("make")
        .args(["--directory", repository().to_str().unwrap(), "deploy"])
        .arg(format!("POPS=bare:{}", sshd.port))
        .arg(format!("SITE={}", desk.site().display()))
        .arg(format!("DEST={}", dest.display()))
        .env("LITTORAL", "/bin/true")
        .env("SSH", sshd.command())
        .env_remove("MAKEFLAGS")
        .run();

    run.exits_with(0);
    assert_eq!(tree(&dest), SENT);
}

#[test]
fn a_site_with_problems_stays_on_the_desk() {
    let desk = Desk::new();
    let pops = [desk.pop("au")];

    let run = desk
        .command(&pops, &[], None)
        .env("LITTORAL", "/bin/false")
        .run();

    run.exits_with(1);
    run.says("has problems (above), so nothing was sent. Mend them, or say --no-check");
}

#[test]
fn mistakes_are_told_before_anything_is_sent() {
    let desk = Desk::new();
    let check = |pops: &[&str], site: &Path, message: &str| {
        let pops: Vec<_> = pops.iter().map(|&pop| pop.to_owned()).collect();
        let run = desk.command(&pops, &[], None).env("SITE", site).run();
        run.exits_with(64);
        run.says(message);
    };
    let site = desk.site();
    check(&[], &site, "to which hosts? Name them: make deploy POPS=");
    check(&["--fast", "au"], &site, "unknown option --fast");
    check(
        &["au:here"],
        &site,
        "after the colon comes a port, or a folder",
    );
    check(&["2001:db8::1"], &site, "put an IPv6 address in brackets");
    check(
        &["au", "ny:/var/"],
        &site,
        "will not fill /var/: whatever else",
    );
    check(&["au", "ny:/home/me"], &site, "will not fill /home/me");
    check(
        &["au"],
        &desk.path().join("absent"),
        "SITE=DIR names the site",
    );
    check(&["au"], desk.path(), "neither config.toml nor zola.toml");
}

#[test]
fn without_rsync_the_way_out_is_told() {
    let desk = Desk::new();
    let run = desk
        .command(&[desk.pop("au")], &[], None)
        .env("PATH", desk.path())
        .run();
    run.exits_with(1);
    run.says("rsync is missing: install it here and on every POP");
}

/// A scratch folder with a site to send, folders to send it to, and keys.
struct Desk {
    scratch: TempDir,
}

impl Desk {
    fn new() -> Self {
        let desk = Self {
            scratch: tempfile::Builder::new().prefix("deploy").tempdir().unwrap(),
        };
        for file in SENT.iter().chain(&NOT_SENT) {
            let path = desk.site().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, file).unwrap();
        }
        for pop in ["au", "ny", "fr"] {
            fs::create_dir(desk.folder(pop)).unwrap();
        }
        desk
    }

    fn path(&self) -> &Path {
        self.scratch.path()
    }

    fn site(&self) -> PathBuf {
        self.path().join("my site")
    }

    /// The live folder of `pop`.
    fn folder(&self, pop: &str) -> PathBuf {
        self.path().join(format!("live-{pop}"))
    }

    /// `pop` as it is named to `packaging/deploy`.
    fn pop(&self, pop: &str) -> String {
        format!("{pop}:{}", self.folder(pop).display())
    }

    fn deploy(&self, pops: &[String], options: &[&str], sshd: Option<&Sshd>) -> Run {
        self.command(pops, options, sshd).run()
    }

    /// The command, with a checker that finds every site well.
    fn command(&self, pops: &[String], options: &[&str], sshd: Option<&Sshd>) -> Command {
        let mut command = Command::new(repository().join("packaging/deploy"));
        command
            .args(options)
            .args(pops)
            .env("SITE", self.site())
            .env("LITTORAL", "/bin/true")
            .env_remove("DEST")
            .env_remove("RSYNC_FLAGS")
            .env_remove("MAKEFLAGS");
        if let Some(sshd) = sshd {
            command.env("SSH", sshd.command());
        }
        command
    }
}

/// `command.run()`: to the end, with what it said.
trait RunToEnd {
    fn run(&mut self) -> Run;
}

impl RunToEnd for Command {
    fn run(&mut self) -> Run {
        Run(self.stdin(Stdio::null()).output().unwrap())
    }
}

/// A deploy that has ended.
struct Run(Output);

impl Run {
    fn text(&self) -> String {
        let said = [&self.0.stdout[..], &self.0.stderr[..]].concat();
        String::from_utf8(said).unwrap()
    }

    #[track_caller]
    fn exits_with(&self, code: i32) {
        assert_eq!(self.0.status.code(), Some(code), "{}", self.text());
    }

    #[track_caller]
    fn says(&self, words: &str) {
        assert!(
            self.text().contains(words),
            "no `{words}` in\n{}",
            self.text()
        );
    }

    /// The closing table has a line for `pop` that begins with `words`.
    #[track_caller]
    fn tells_of(&self, pop: &str, words: &str) {
        let text = self.text();
        let told = text.lines().filter_map(|line| line.strip_prefix(pop));
        let mut told = told.map(str::trim_start);
        assert!(
            told.any(|line| line.starts_with(words)),
            "{pop}: no `{words}` in\n{text}"
        );
    }

    /// Before the closing table, no line is without the name of its host.
    #[track_caller]
    fn prefixes_every_line_of(&self, pops: &[String]) {
        let text = self.text();
        let (told, _table) = text.split_once("\n\n").unwrap();
        for line in told.lines() {
            let (name, _) = line.split_once(" | ").unwrap_or((line, ""));
            assert!(pops.iter().any(|pop| pop == name.trim_end()), "`{line}`");
        }
        for pop in pops {
            assert!(told.contains(&format!("{pop} ")), "no line of {pop}");
        }
    }
}

/// The files below `folder`, sorted.
fn tree(folder: &Path) -> Vec<String> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(&next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let file = path.strip_prefix(folder).unwrap();
                files.push(file.to_str().unwrap().to_owned());
            }
        }
    }
    files.sort();
    files
}

fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The files of the site that belong on a POP, sorted.
const SENT: [&str; 4] = [
    "config.toml",
    "content/a page.md",
    "content/public/page.md",
    "static/site.css",
];

const NOT_SENT: [&str; 5] = [
    ".git/HEAD",
    "themes/one/.git",
    "content/draft.md~",
    "public/index.html",
    "target/debug/thing",
];
