//! The child: takes one sheet after the other from its standard input, until that is closed.

use std::{
    cell::RefCell,
    fs::File,
    io::{self, BufReader},
    os::fd::AsFd,
    process::ExitCode,
    thread,
};

use bytes::Bytes;

use super::{
    compile::{self, Desk},
    limits,
    talk::{Message, Question},
};
use crate::site::Problem;

/// What the child is called with, instead of a command. Nobody types it, so no help speaks of it.
pub(crate) const WORD: &str = "__sass";

/// Compiles what standard input asks for.
pub(crate) fn run() -> ExitCode {
    limits::set();
    let builder = thread::Builder::new().stack_size(limits::STACK_BYTES);
    let worked = builder.spawn(work).map(thread::JoinHandle::join);
    match worked {
        Ok(Ok(Ok(()))) => ExitCode::SUCCESS,
        // The parent is gone, or sees that this is.
        _ => ExitCode::FAILURE,
    }
}

fn work() -> io::Result<()> {
    let parent = Parent(RefCell::new(Pipes {
        from: BufReader::new(File::from(io::stdin().as_fd().try_clone_to_owned()?)),
        to: File::from(io::stdout().as_fd().try_clone_to_owned()?),
    }));
    parent.say(&Message::Ready)?;
    while let Some(message) = parent.hear()? {
        let Message::Sheet(file) = message else {
            return Err(out_of_turn());
        };
        parent.say(&match compile::sheet(&parent, &file) {
            Ok(css) => Message::Css(css.into()),
            Err(problem) => Message::Mistake(*problem),
        })?;
    }
    Ok(())
}

#[derive(Debug)]
struct Parent(RefCell<Pipes>);

#[derive(Debug)]
struct Pipes {
    from: BufReader<File>,
    to: File,
}

impl Parent {
    fn say(&self, message: &Message) -> io::Result<()> {
        message.send(&mut self.0.borrow_mut().to)
    }

    fn hear(&self) -> io::Result<Option<Message>> {
        Message::receive(&mut self.0.borrow_mut().from)
    }
}

impl Desk for Parent {
    fn ask(&self, question: Question) -> io::Result<Bytes> {
        self.say(&Message::Ask(question))?;
        match self.hear()? {
            Some(Message::Yes(bytes)) => Ok(bytes),
            Some(Message::No(why)) => Err(io::Error::other(why)),
            _ => Err(out_of_turn()),
        }
    }

    fn tell(&self, problem: Problem) {
        // Whoever does not hear this hears nothing of the sheet either.
        self.say(&Message::Said(problem)).ok();
    }
}

fn out_of_turn() -> io::Error {
    io::Error::other("the other side speaks out of turn")
}
