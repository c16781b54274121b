//! The parent's side: starts a child, hands it one sheet after the other, and sees to it that it ends.

use std::{
    env,
    io::{self, BufReader, Read},
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, ChildStdin, ChildStdout, Command, ExitStatus, Stdio},
    sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel},
    thread,
    time::{Duration, Instant},
};

use bytes::Bytes;

use super::{
    child::WORD,
    failure::Failure,
    limits,
    talk::{Message, Question},
};
use crate::site::{CompiledSass, SassSource};

/// What a child is, and how long it is waited for.
#[derive(Debug)]
pub(super) struct Program {
    path: PathBuf,
    word: &'static str,
    /// How long one sheet may take.
    patience: Duration,
    /// How long all of them may take.
    patience_in_all: Duration,
}

impl Program {
    /// This program.
    pub(super) fn own() -> Self {
        // Its file may have been replaced by a newer one since the start, which may speak otherwise;
        // this is the one that runs.
        let running = Path::new("/proc/self/exe");
        let path = match running.exists() {
            true => running.to_owned(),
            false => env::current_exe().unwrap_or_else(|_| "littoral".into()),
        };
        Self {
            path,
            word: WORD,
            patience: PATIENCE,
            patience_in_all: PATIENCE_IN_ALL,
        }
    }
}

/// Who answers what the compiler asks of the files.
pub(super) type Answer<'a> = &'a mut dyn FnMut(Question) -> io::Result<Bytes>;

/// What becomes of `sources`, and whether each of them came to its end by itself. After one that did
/// not, the rest goes to another child.
pub(super) fn compile(
    program: &Program,
    sources: &[SassSource],
    answer: Answer<'_>,
) -> (Vec<CompiledSass>, bool) {
    let end = Instant::now() + program.patience_in_all;
    let mut made = vec![CompiledSass::default(); sources.len()];
    let (mut idle, mut ended) = (None, true);
    for (source, made) in sources.iter().zip(&mut made) {
        match one(&mut idle, program, &source.file, end, answer) {
            Ok(sheet) => *made = sheet,
            Err(failure) => {
                ended = false;
                made.problems.push(failure.problem(&source.file));
                if failure.is_of_all() {
                    break;
                }
            }
        }
    }
    (made, ended)
}

/// One sheet, by the worker that is `idle` or by a new one, which is idle again if all went well.
fn one(
    idle: &mut Option<Worker>,
    program: &Program,
    file: &str,
    end: Instant,
    answer: Answer<'_>,
) -> Result<CompiledSass, Failure> {
    let until = end.min(Instant::now() + program.patience);
    let (mut worker, is_used) = match idle.take() {
        Some(worker) => (worker, true),
        None => (Worker::start(program, until)?, false),
    };
    match worker.sheet(file, until, answer) {
        Ok(made) => {
            *idle = Some(worker);
            Ok(made)
        }
        // The sheets before left something behind, which is not this one's fault.
        Err(Failure::TooMuch) if is_used => one(idle, program, file, end, answer),
        Err(Failure::TooLong(_)) if until == end => {
            Err(Failure::AllTooLong(program.patience_in_all))
        }
        Err(other) => Err(other),
    }
}

/// A child that runs. It is ended when dropped.
struct Worker {
    child: Child,
    to: ChildStdin,
    /// What it says, read by a thread, so that it can be waited for no longer than it may take.
    from: Receiver<io::Result<Message>>,
    patience: Duration,
}

impl Worker {
    fn start(program: &Program, until: Instant) -> Result<Self, Failure> {
        let (variable, value) = limits::ENVIRONMENT;
        let mut child = Command::new(&program.path)
            .arg0("littoral")
            .arg(program.word)
            .env(variable, value)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(Failure::NotStarted)?;
        let to = child.stdin.take().expect(PIPED);
        let from = child.stdout.take().expect(PIPED);
        let (sender, receiver) = sync_channel(1);
        let mut worker = Self {
            child,
            to,
            from: receiver,
            patience: program.patience,
        };
        thread::Builder::new()
            .name("sass".to_owned())
            .spawn(move || listen(from, &sender))
            .map_err(Failure::NotStarted)?;
        match worker.next(until) {
            Ok(Message::Ready) => Ok(worker),
            Ok(_) => Err(Failure::NotStarted(io::Error::other(OUT_OF_TURN))),
            Err(failure) => Err(Failure::NotStarted(io::Error::other(failure))),
        }
    }

    fn sheet(
        &mut self,
        file: &str,
        until: Instant,
        answer: Answer<'_>,
    ) -> Result<CompiledSass, Failure> {
        let mut made = CompiledSass::default();
        self.say(&Message::Sheet(file.to_owned()))?;
        loop {
            match self.next(until)? {
                Message::Ask(question) => self.say(&match answer(question) {
                    Ok(bytes) => Message::Yes(bytes),
                    Err(error) => Message::No(error.to_string()),
                })?,
                Message::Said(problem) => made.problems.push(problem),
                Message::Css(css) => {
                    made.css = Some(css);
                    return Ok(made);
                }
                Message::Mistake(problem) => {
                    made.problems.push(problem);
                    return Ok(made);
                }
                _ => return Err(Failure::Broken(OUT_OF_TURN.to_owned())),
            }
        }
    }

    fn say(&mut self, message: &Message) -> Result<(), Failure> {
        message
            .send(&mut self.to)
            .map_err(|error| match error.kind() {
                io::ErrorKind::BrokenPipe => self.cause(),
                _ => Failure::Broken(error.to_string()),
            })
    }

    fn next(&mut self, until: Instant) -> Result<Message, Failure> {
        let left = until.saturating_duration_since(Instant::now());
        match self.from.recv_timeout(left) {
            Ok(said) => said.map_err(|error| Failure::Broken(error.to_string())),
            Err(RecvTimeoutError::Timeout) => Err(Failure::TooLong(self.patience)),
            Err(RecvTimeoutError::Disconnected) => Err(self.cause()),
        }
    }

    /// Why the child, which is gone, went.
    fn cause(&mut self) -> Failure {
        let status = self.end();
        let mut last_words = Vec::new();
        if let Some(stderr) = self.child.stderr.take() {
            stderr
                .take(LAST_WORDS_BYTES_MAX)
                .read_to_end(&mut last_words)
                .ok();
        }
        Failure::of(status.ok(), &String::from_utf8_lossy(&last_words))
    }

    /// How the child ended. Its pipe closes a moment before it does; one that stays after that is ended.
    fn end(&mut self) -> io::Result<ExitStatus> {
        let until = Instant::now() + FAREWELL;
        while Instant::now() < until {
            if let Some(status) = self.child.try_wait()? {
                return Ok(status);
            }
            thread::park_timeout(FAREWELL / 100);
        }
        self.child.kill()?;
        self.child.wait()
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        // Both fail only if it is gone already.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// Passes on what a child says, until it is gone or nobody wants to hear more.
fn listen(from: ChildStdout, to: &SyncSender<io::Result<Message>>) {
    let mut from = BufReader::new(from);
    while let Some(said) = Message::receive(&mut from).transpose() {
        let is_last = said.is_err();
        if to.send(said).is_err() || is_last {
            return;
        }
    }
}

/// From the end of what a child says to its own end.
const FAREWELL: Duration = Duration::from_secs(1);

const PIPED: &str = "the child was started with a pipe there";

const OUT_OF_TURN: &str = "it speaks out of turn";

/// The largest framework takes a second on a small machine.
const PATIENCE: Duration = Duration::from_secs(10);

/// What a publish may wait for style sheets.
const PATIENCE_IN_ALL: Duration = Duration::from_secs(30);

/// The end of a process is told in a line or two.
const LAST_WORDS_BYTES_MAX: u64 = 4096;

#[cfg(test)]
mod tests {
    use super::*;

    fn program(path: &str) -> Program {
        Program {
            path: path.into(),
            word: "1000",
            patience: Duration::from_millis(100),
            patience_in_all: Duration::from_secs(60),
        }
    }

    /// What is told of two sheets that `path` makes.
    fn told(path: &str) -> Vec<String> {
        let source = |name: &str| SassSource {
            relative: format!("{name}.scss"),
            file: format!("sass/{name}.scss"),
        };
        let sources = [source("a"), source("b")];
        let (made, ended) = compile(&program(path), &sources, &mut |_| {
            Err(io::ErrorKind::NotFound.into())
        });
        assert!(!ended && made.iter().all(|made| made.css.is_none()));
        let problems = made.iter().flat_map(|made| &made.problems);
        problems.map(|problem| problem.what.clone()).collect()
    }

    #[test]
    fn a_compiler_that_does_not_start_is_told_once() {
        for (path, cause) in [
            (
                "/nowhere/littoral",
                "No such file or directory (os error 2)",
            ),
            ("/", "Permission denied (os error 13)"),
            ("/bin/false", "it ended: exit status: 1"),
            ("/bin/sleep", "it takes longer than 100 ms"),
            ("/bin/echo", "it ended: longer than 64 MiB"),
        ] {
            assert_eq!(
                told(path),
                [format!("the Sass compiler can't be started: {cause}")]
            );
        }
    }
}
