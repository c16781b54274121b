//! The ticks at which a worker looks at its deadlines.
//!
//! They come as an event like any other. To give each wait for events an end of its own has the system start a timer and
//! stop it again, and a busy worker waits tens of thousands of times a second.

pub(super) use self::system::Ticks;

#[cfg(target_os = "linux")]
mod system {
    use std::{
        fs::File,
        io::{self, Read},
        os::fd::AsRawFd,
        time::{Duration, Instant},
    };

    use mio::{Interest, Registry, Token, unix::SourceFd};
    use rustix::time::{
        Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, timerfd_create,
        timerfd_settime,
    };

    /// A timer of the system.
    #[derive(Debug)]
    pub(in crate::serve) struct Ticks {
        timer: File,
        has_come: bool,
    }

    impl Ticks {
        /// One tick `every` so often, told by `registry` under `token`.
        pub(in crate::serve) fn start(
            every: Duration,
            (registry, token): (&Registry, Token),
        ) -> io::Result<Self> {
            let flags = TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC;
            let timer = timerfd_create(TimerfdClockId::Monotonic, flags)?;
            let every = Timespec::try_from(every).map_err(io::Error::other)?;
            let rhythm = Itimerspec {
                it_interval: every,
                it_value: every,
            };
            timerfd_settime(&timer, TimerfdTimerFlags::empty(), &rhythm)?;
            let timer = File::from(timer);
            registry.register(&mut SourceFd(&timer.as_raw_fd()), token, Interest::READABLE)?;
            Ok(Self {
                timer,
                has_come: false,
            })
        }

        /// How long to wait for events; None for as long as it takes.
        pub(in crate::serve) fn patience(&self) -> Option<Duration> {
            None
        }

        /// Notes that one was told. As long as it is not read no other comes.
        pub(in crate::serve) fn note(&mut self) {
            self.has_come |= self.timer.read(&mut [0; 8]).is_ok();
        }

        /// Whether one has come since this was asked.
        pub(in crate::serve) fn take(&mut self, _now: Instant) -> bool {
            std::mem::take(&mut self.has_come)
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod system {
    use std::{
        io,
        time::{Duration, Instant},
    };

    use mio::{Registry, Token};

    /// Ticks that each wait for events ends by itself for: how far apart they are, and when the last was.
    #[derive(Debug)]
    pub(in crate::serve) struct Ticks {
        every: Duration,
        last: Instant,
    }

    impl Ticks {
        /// One tick `every` so often.
        pub(in crate::serve) fn start(
            every: Duration,
            _told: (&Registry, Token),
        ) -> io::Result<Self> {
            Ok(Self {
                every,
                last: Instant::now(),
            })
        }

        /// How long to wait for events.
        pub(in crate::serve) fn patience(&self) -> Option<Duration> {
            Some(self.every)
        }

        /// Nobody tells of them here.
        pub(in crate::serve) fn note(&mut self) {}

        /// Whether one has come since this said so.
        pub(in crate::serve) fn take(&mut self, now: Instant) -> bool {
            let has_come = now.saturating_duration_since(self.last) >= self.every;
            if has_come {
                self.last = now;
            }
            has_come
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use mio::{Events, Poll, Token};

    use super::*;

    #[test]
    fn one_comes_after_the_other_though_nobody_ends_the_wait() {
        let mut poll = Poll::new().unwrap();
        let told = (poll.registry(), Token(7));
        let mut ticks = Ticks::start(Duration::from_millis(1), told).unwrap();
        assert!(!ticks.take(Instant::now()));
        let mut events = Events::with_capacity(1);
        for _ in 0..3 {
            while !ticks.take(Instant::now()) {
                poll.poll(&mut events, ticks.patience()).unwrap();
                ticks.note();
            }
        }
    }
}
