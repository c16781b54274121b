//! Answers that are given again: a worker keeps some of those it gave, each with its head in one piece, so that who asks
//! for the same in the same words costs neither a search nor a choice; and who says the very same, byte for byte, is not
//! even read.
//!
//! **Invariant:** an answer is given again only while the snapshot that it was made from is on the air for the same host,
//! and only to a request that says the same of all that a page may depend on.

mod table;

use std::{hash::BuildHasher, sync::Arc};

use bytes::Bytes;
use foldhash::fast::RandomState;

pub(super) use self::table::Seat;
use self::table::{Found, Size, Table};
use super::{
    app::{Authority, Origin, Transport},
    date::ImfDate,
    hosts::{Hosts, Site},
    lines::Lines,
    reply::Field,
    service::Request,
    written,
};

/// What a worker keeps. It grows to some megabytes at most: long bodies are those of the snapshot.
#[derive(Debug)]
pub(super) struct Memo {
    /// Those that the kept answers are of.
    hosts: Option<Arc<Hosts>>,
    entries: Table<Box<Entry>>,
    /// Whole requests, and the entry that answers each.
    said: Table<Said>,
    hasher: RandomState,
    /// The key of the request that was asked for last: room that is used again.
    key: Vec<u8>,
    /// The entry that was found for it.
    found: Option<Seat>,
    /// Where that which was heard last may be kept.
    heard: Option<Seat>,
    next_serial: u64,
}

#[derive(Debug)]
struct Entry {
    serial: u64,
    key: Box<[u8]>,
    site: Arc<Site>,
    generation: u64,
    given: Given,
}

/// A request, as it came.
#[derive(Debug)]
struct Said {
    bytes: Box<[u8]>,
    transport: Transport,
    /// The entry that answers it.
    seat: Seat,
    serial: u64,
    /// What that holds for, and what it gave last: who says this again need not look at the entry.
    site: Arc<Site>,
    generation: u64,
    whole: Option<Whole>,
}

/// An answer, as it was given.
#[derive(Debug, Clone)]
pub(super) struct Given {
    pub(super) status: u16,
    /// Its head, without what differs from request to request.
    pub(super) head: Box<[u8]>,
    pub(super) body: Bytes,
    whole: Option<Whole>,
}

/// All of an answer, in one run: what is the same for everybody who gets it in one second.
#[derive(Debug, Clone)]
struct Whole {
    date: ImfDate,
    bytes: Arc<[u8]>,
}

/// The answer to who says what somebody said before.
#[derive(Debug)]
pub(super) enum Heard<'m> {
    /// All of it.
    Whole(&'m Arc<[u8]>),
    /// What it is made of.
    Given(&'m mut Given),
}

/// What is known of a request.
#[derive(Debug)]
pub(super) enum Known<'m> {
    /// The answer to one like it.
    Answer(&'m mut Given),
    /// That its answer is worth a seat.
    Wanted(Seat),
    /// Nothing.
    Nothing,
}

impl Default for Memo {
    fn default() -> Self {
        Self {
            hosts: None,
            entries: Table::new(ENTRIES),
            said: Table::new(SAID),
            hasher: RandomState::default(),
            key: Vec::new(),
            found: None,
            heard: None,
            next_serial: 0,
        }
    }
}

impl Memo {
    /// The answer to who says just these bytes over `transport`, to `hosts` at `date`. If there is none yet, the request
    /// that they are is to be looked up, and may be [kept](Self::keep_said) then.
    pub(super) fn hear(
        &mut self,
        (bytes, transport): (&[u8], Transport),
        hosts: &Arc<Hosts>,
        date: ImfDate,
    ) -> Option<Heard<'_>> {
        self.heard = None;
        if bytes.len() > SAID_BYTES_MAX || !self.is_of(hosts) {
            return None;
        }
        let hash = self.hasher.hash_one(bytes);
        let is_it = |said: &Said| *said.bytes == *bytes && said.transport == transport;
        let here = match self.said.find(hash, is_it) {
            Found::Nowhere => return None,
            Found::Wanted(seat) => {
                self.heard = Some(seat);
                return None;
            }
            Found::Here(here) => here,
        };
        self.heard = Some(here);
        let said = self.said.at(here)?;
        // What it was given may have left the air.
        if said.site.live.generation() != said.generation {
            return None;
        }
        let whole = said.whole.as_ref();
        if let Some(whole) = whole.filter(|whole| whole.date == date) {
            return Some(Heard::Whole(&whole.bytes));
        }
        let entry = self.entries.at(said.seat)?;
        (entry.serial == said.serial).then_some(Heard::Given(&mut entry.given))
    }

    /// Keeps the answer to what was heard last together with it, if it was put together.
    pub(super) fn keep_whole(&mut self) {
        let said = self.heard.and_then(|here| self.said.at(here));
        if let Some(said) = said
            && let Some(entry) = self.entries.at(said.seat)
        {
            said.whole.clone_from(&entry.given.whole);
        }
    }

    /// Keeps what was heard last: a whole request, whose answer was found.
    pub(super) fn keep_said(&mut self, bytes: &[u8], transport: Transport) {
        if let (Some(here), Some(seat)) = (self.heard.take(), self.found)
            && let Some(entry) = self.entries.at(seat)
        {
            let said = Said {
                bytes: bytes.into(),
                transport,
                seat,
                serial: entry.serial,
                site: Arc::clone(&entry.site),
                generation: entry.generation,
                whole: None,
            };
            self.said.put(here, said);
        }
    }

    /// What is known of `request`, that came to `hosts`.
    pub(super) fn look_up(&mut self, request: &Request<'_>, hosts: &Arc<Hosts>) -> Known<'_> {
        self.found = None;
        if !write_key(&mut self.key, request) {
            return Known::Nothing;
        }
        if !self.is_of(hosts) {
            self.clear();
            self.hosts = Some(Arc::clone(hosts));
        }
        let hash = self.hasher.hash_one(&self.key);
        let found = self
            .entries
            .find(hash, |entry| *entry.key == self.key && entry.holds());
        match found {
            Found::Nowhere => Known::Nothing,
            Found::Wanted(seat) => Known::Wanted(seat),
            Found::Here(seat) => match self.entries.at(seat) {
                Some(entry) => {
                    self.found = Some(seat);
                    Known::Answer(&mut entry.given)
                }
                None => Known::Nothing,
            },
        }
    }

    /// Keeps the answer to the request that was looked up last.
    pub(super) fn keep(&mut self, seat: Seat, given: Given, origin: Origin<'_>) {
        if given.body.len() > BODY_BYTES_MAX {
            return;
        }
        let entry = Entry {
            serial: self.next_serial,
            key: self.key.as_slice().into(),
            site: Arc::clone(origin.site),
            generation: origin.generation,
            given,
        };
        self.next_serial += 1;
        self.entries.put(seat, Box::new(entry));
    }

    /// Lets go of what was made from something that is not on the air any more, and of what was put together before `date`.
    pub(super) fn tidy(&mut self, hosts: &Arc<Hosts>, date: ImfDate) {
        if !self.is_of(hosts) {
            self.clear();
        }
        let Self { entries, said, .. } = self;
        entries.retain(|entry| {
            entry.given.whole.take_if(|whole| whole.date != date);
            entry.holds()
        });
        said.retain(|said| {
            said.whole.take_if(|whole| whole.date != date);
            let entry = entries.at(said.seat);
            entry.is_some_and(|entry| entry.serial == said.serial)
        });
    }

    fn clear(&mut self) {
        self.hosts = None;
        self.entries.clear();
        self.said.clear();
        (self.heard, self.found) = (None, None);
    }

    fn is_of(&self, hosts: &Arc<Hosts>) -> bool {
        self.hosts
            .as_ref()
            .is_some_and(|own| Arc::ptr_eq(own, hosts))
    }
}

impl Given {
    pub(super) fn new(status: u16, head: Vec<u8>, body: Bytes) -> Self {
        Self {
            status,
            head: head.into(),
            body,
            whole: None,
        }
    }

    /// All of it, as it is at `date`: as it was put together before, or as `write` writes it. None if it is long.
    pub(super) fn whole(
        &mut self,
        date: ImfDate,
        write: impl FnOnce(&mut Vec<u8>),
    ) -> Option<&Arc<[u8]>> {
        let Self {
            head, body, whole, ..
        } = self;
        if body.len() > WHOLE_BYTES_MAX {
            return None;
        }
        if whole.as_ref().is_none_or(|whole| whole.date != date) {
            let mut bytes = Vec::with_capacity(head.len() + END_BYTES_TYPICAL + body.len());
            bytes.extend_from_slice(head);
            write(&mut bytes);
            bytes.extend_from_slice(body);
            *whole = Some(Whole {
                date,
                bytes: bytes.into(),
            });
        }
        whole.as_ref().map(|whole| &whole.bytes)
    }
}

impl Entry {
    fn holds(&self) -> bool {
        self.site.live.generation() == self.generation
    }
}

/// Writes all that the answer to `request` depends on, as long as the same is on the air. False if the answers to its like
/// are not kept.
fn write_key(key: &mut Vec<u8>, request: &Request<'_>) -> bool {
    let Request { asked, lines, .. } = request;
    let Authority::Named(authority) = asked.authority else {
        return false;
    };
    key.clear();
    key.push(match asked.transport {
        Transport::Plain => 0,
        Transport::Tls => 1,
    });
    push(key, Some(authority.as_bytes()));
    push(key, Some(asked.head.target.as_bytes()));
    let is_written = |field| write_field(key, lines, field);
    asked.head.method == "GET"
        && Field::ALL.into_iter().all(is_written)
        && key.len() <= KEY_BYTES_MAX
}

fn write_field(key: &mut Vec<u8>, lines: &Lines<'_>, field: Field) -> bool {
    let mut values = lines.all(field.name());
    let value = values.next();
    match field {
        Field::AcceptEncoding | Field::IfModifiedSince | Field::IfNoneMatch => {
            push(key, value);
            value.is_none() || values.next().is_none()
        }
        // Of all that it may say one thing makes a difference.
        Field::Accept => value
            .into_iter()
            .chain(values)
            .all(|value| !written::is_told_from_others(value)),
        // An answer that looked at them is not settled.
        Field::Origin | Field::Referer => true,
        // They are rare.
        Field::IfMatch | Field::IfRange | Field::IfUnmodifiedSince | Field::Range => {
            value.is_none()
        }
    }
}

/// Adds a part, with its length before it, so that no two lists of parts are one.
fn push(key: &mut Vec<u8>, part: Option<&[u8]>) {
    let length = part.map_or(u32::MAX, |part| part.len() as u32);
    key.extend_from_slice(&length.to_le_bytes());
    key.extend_from_slice(part.unwrap_or_default());
}

/// Many times what most people read of a site.
const ENTRIES: Size = Size {
    places: 1 << 11,
    taken_max: 1 << 10,
};
const SAID: Size = Size {
    places: 1 << 10,
    taken_max: 1 << 9,
};
/// What a browser says who has no cookies.
const SAID_BYTES_MAX: usize = 1 << 10;
const KEY_BYTES_MAX: usize = 512;
/// To put together what is longer would cost more memory than it saves time.
const WHOLE_BYTES_MAX: usize = 8 << 10;
/// The date, and who answers.
const END_BYTES_TYPICAL: usize = 64;
/// What is longer costs so much to send that the rest does not count.
const BODY_BYTES_MAX: usize = 64 << 10;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        pack::Packer,
        publish::Live,
        serve::{
            app::Asked,
            date,
            hosts::{Audience, PlainHttp},
            lines::Span,
            reply::RequestHead,
        },
    };

    fn hosts() -> Arc<Hosts> {
        Arc::new(Hosts::one(Arc::new(Site {
            live: Arc::new(Live::new(Packer::plain().pack(vec![], ""), vec![])),
            plain_http: PlainHttp::Serve,
            audience: Audience::Visitors,
            controls: Arc::default(),
        })))
    }

    /// What a request says: method, host, target, whether it came over TLS, and its fields.
    type Said<'s> = (
        &'s str,
        &'s str,
        &'s str,
        Transport,
        &'s [(&'s str, &'s str)],
    );

    /// What `memo` knows of a request, and then keeps for it: the number of an answer.
    fn ask(memo: &mut Memo, hosts: &Arc<Hosts>, said: Said<'_>, answer: u16) -> Option<u16> {
        let (method, host, target, transport, fields) = said;
        let (mut bytes, mut spans) = (Vec::new(), Vec::new());
        for (name, value) in fields {
            let begins = bytes.len();
            bytes.extend(format!("{name}{value}").as_bytes());
            let middle = begins + name.len();
            spans.push(Span::new((begins, middle), (middle, bytes.len())));
        }
        let lines = Lines::new(&bytes, &spans);
        let head = RequestHead {
            method,
            target,
            fields: &lines,
        };
        let request = Request {
            asked: Asked {
                head,
                authority: Authority::Named(host),
                transport,
                head_bytes: 100,
            },
            lines,
            protocol: "HTTP/1.1",
            client: None,
            verbatim: None,
        };
        let seat = match memo.look_up(&request, hosts) {
            Known::Answer(given) => return Some(given.status),
            Known::Wanted(seat) => seat,
            Known::Nothing => return None,
        };
        let given = Given::new(answer, Vec::new(), Bytes::from(vec![b'x'; 10]));
        let site = hosts.find(Some(host)).unwrap();
        let generation = site.live.load().generation;
        memo.keep(seat, given, Origin { site, generation });
        None
    }

    /// One that says these fields.
    const fn with<'s>(fields: &'s [(&'s str, &'s str)]) -> Said<'s> {
        ("GET", "a.test", "/", Transport::Plain, fields)
    }

    const PLAIN: Said<'_> = with(&[]);

    #[test]
    fn what_is_asked_twice_is_given_again() {
        let (mut memo, hosts) = (Memo::default(), hosts());
        let asked: Vec<_> = (0..4)
            .map(|number| ask(&mut memo, &hosts, PLAIN, 200 + number))
            .collect();
        assert_eq!(asked, [None, None, Some(201), Some(201)]);
    }

    /// The answer to who says `bytes`, which are [`PLAIN`] over `transport`, if they are not even read. Else what `ask`
    /// does.
    fn say(
        memo: &mut Memo,
        hosts: &Arc<Hosts>,
        (bytes, transport): (&[u8], Transport),
        answer: u16,
    ) -> Option<u16> {
        match memo.hear((bytes, transport), hosts, date::EPOCH) {
            Some(Heard::Given(given)) => return Some(given.status),
            Some(Heard::Whole(_)) => unreachable!("none was put together"),
            None => {}
        }
        let (method, host, target, _, fields) = PLAIN;
        ask(
            memo,
            hosts,
            (method, host, target, transport, fields),
            answer,
        );
        memo.keep_said(bytes, transport);
        None
    }

    #[test]
    fn what_is_said_again_is_not_even_read() {
        let (mut memo, hosts) = (Memo::default(), hosts());
        let said = (&b"GET / HTTP/1.1"[..], Transport::Plain);
        let mut say_all =
            |said, answers: [u16; 5]| answers.map(|answer| say(&mut memo, &hosts, said, answer));
        let (heard, other) = ([201; 2].map(Some), [None; 3]);
        assert_eq!(say_all(said, [200, 201, 202, 203, 204])[..3], other);
        assert_eq!(say_all(said, [205; 5])[..2], heard);
        // Other words for the same have to be read, and the same words over TLS.
        let spaced = (&b"GET / HTTP/1.1 "[..], Transport::Plain);
        assert_eq!(
            say_all(spaced, [206; 5]),
            [None, None, heard[0], heard[0], heard[0]]
        );
        let secure = (said.0, Transport::Tls);
        assert_eq!(say_all(secure, [207; 5])[..3], other);
        assert_eq!(say_all(secure, [208; 5])[..2], [207; 2].map(Some));
        assert_eq!(say_all(said, [209; 5])[..2], heard);

        hosts
            .find(None)
            .unwrap()
            .live
            .publish(Packer::plain().pack(vec![], ""), vec![]);
        let anew = [210, 211, 212].map(|answer| say(&mut memo, &hosts, said, answer));
        assert_eq!(anew, [None, None, Some(210)]);
        assert_eq!((memo.said.len(), memo.entries.len()), (3, 3));
        memo.tidy(&hosts, date::EPOCH);
        assert_eq!((memo.said.len(), memo.entries.len()), (1, 1));
    }

    #[test]
    fn what_is_said_again_is_put_together_once_a_second() {
        let (mut memo, hosts) = (Memo::default(), hosts());
        let said = (&b"GET / HTTP/1.1"[..], Transport::Plain);
        for answer in [200, 201, 202, 203] {
            say(&mut memo, &hosts, said, answer);
        }
        let [first, second] = [0, 1].map(|second| date::format(second).unwrap());
        for (date, is_whole) in [
            (first, false),
            (first, true),
            (second, false),
            (second, true),
        ] {
            match memo.hear(said, &hosts, date) {
                Some(Heard::Whole(bytes)) => {
                    assert!(is_whole);
                    assert_eq!(**bytes, [date.as_bytes(), &[b'x'; 10]].concat());
                }
                Some(Heard::Given(given)) => {
                    assert!(!is_whole);
                    given.whole(date, |to| to.extend_from_slice(date.as_bytes()));
                    memo.keep_whole();
                }
                None => panic!("it is known"),
            }
        }
        // Neither the request nor its entry holds on to what is not the latest.
        memo.tidy(&hosts, first);
        assert!(
            matches!(memo.hear(said, &hosts, second), Some(Heard::Given(given)) if given.whole.is_none())
        );

        let live = &hosts.find(None).unwrap().live;
        live.publish(Packer::plain().pack(vec![], ""), vec![]);
        assert!(memo.hear(said, &hosts, second).is_none());
    }

    #[test]
    fn who_says_much_is_read() {
        let (mut memo, hosts) = (Memo::default(), hosts());
        let long = vec![b'x'; SAID_BYTES_MAX + 1];
        for _ in 0..5 {
            let said = (&*long, Transport::Plain);
            assert_eq!(say(&mut memo, &hosts, said, 200), None);
        }
    }

    #[test]
    fn each_request_has_its_own_answer() {
        let (mut memo, hosts) = (Memo::default(), hosts());
        let said: Vec<Said<'_>> = vec![
            PLAIN,
            ("GET", "a.test", "/", Transport::Tls, &[]),
            ("GET", "a.test", "/b", Transport::Plain, &[]),
            ("GET", "a.test/", "b", Transport::Plain, &[]),
            ("GET", "b.test", "/", Transport::Plain, &[]),
            with(&[("accept-encoding", "")]),
            with(&[("accept-encoding", "br")]),
            with(&[("Accept-Encoding", "gzip")]),
            with(&[("if-none-match", "\"a\"")]),
            with(&[("accept-encoding", "br"), ("if-none-match", "\"a\"")]),
            with(&[("if-modified-since", "\"a\"")]),
        ];
        for (number, said) in (0..).zip(&said) {
            // Two keys may have one place.
            for _ in 0..2 {
                ask(&mut memo, &hosts, *said, 200 + number);
            }
            assert_eq!(
                ask(&mut memo, &hosts, *said, 0),
                Some(200 + number),
                "{said:?}"
            );
        }
    }

    #[test]
    fn what_counts_only_now_and_then_is_not_kept() {
        let (mut memo, hosts) = (Memo::default(), hosts());
        let long = "x".repeat(KEY_BYTES_MAX);
        let said: Vec<Said<'_>> = vec![
            ("HEAD", "a.test", "/", Transport::Plain, &[]),
            ("GET", "a.test", &long, Transport::Plain, &[]),
            with(&[("range", "bytes=0-1")]),
            ("GET", "a.test", "/", Transport::Plain, &[("if-match", "*")]),
            with(&[("if-range", "\"a\"")]),
            with(&[("if-unmodified-since", "x")]),
            with(&[("accept-encoding", "br"), ("accept-encoding", "gzip")]),
        ];
        for said in said {
            let asked = [(); 4].map(|()| ask(&mut memo, &hosts, said, 200));
            assert_eq!(asked, [None; 4], "{said:?}");
        }
    }

    #[test]
    fn what_many_read_is_kept_side_by_side() {
        let (mut memo, hosts) = (Memo::default(), hosts());
        let targets: Vec<String> = (0..200).map(|number| format!("/{number}/")).collect();
        let mut ask_all = |answer| {
            let said = targets
                .iter()
                .map(|target| ("GET", "a.test", &**target, Transport::Plain, &[][..]));
            let asked = said.map(|said| ask(&mut memo, &hosts, said, answer));
            asked.filter(|answer| *answer == Some(200)).count()
        };
        for _ in 0..4 {
            ask_all(200);
        }
        // Two keys have the same two places once in a hundred thousand times, whatever the seed of the hashes.
        assert!(ask_all(201) >= 198);
    }

    #[test]
    fn an_answer_is_put_together_once_a_second() {
        let body = Bytes::from_static(b"body");
        let mut given = Given::new(200, b"head ".to_vec(), body);
        let [first, second] = [0, 1].map(|second| date::format(second).unwrap());
        let mut written = 0;
        for (date, count) in [(first, 1), (first, 1), (second, 2), (first, 3)] {
            let whole = given.whole(date, |to| {
                written += 1;
                to.extend_from_slice(date.as_bytes());
            });
            let expected = [b"head ", date.as_bytes() as &[u8], b"body"].concat();
            assert_eq!((&**whole.unwrap(), written), (&*expected, count));
        }
        let long = Bytes::from(vec![0; WHOLE_BYTES_MAX + 1]);
        let mut given = Given::new(200, Vec::new(), long);
        assert_eq!(given.whole(first, |_| ()), None);
    }

    #[test]
    fn what_is_published_takes_its_place() {
        let (mut memo, hosts) = (Memo::default(), hosts());
        for _ in 0..2 {
            ask(&mut memo, &hosts, PLAIN, 200);
        }
        memo.tidy(&hosts, date::EPOCH);
        assert_eq!(
            (memo.entries.len(), ask(&mut memo, &hosts, PLAIN, 0)),
            (1, Some(200))
        );
        let live = &hosts.find(None).unwrap().live;
        live.publish(Packer::plain().pack(vec![], ""), vec![]);
        memo.tidy(&hosts, date::EPOCH);
        assert_eq!(memo.entries.len(), 0);
        assert_eq!(
            ask(&mut memo, &hosts, PLAIN, 201),
            None,
            "it was asked for before"
        );
        live.publish(Packer::plain().pack(vec![], ""), vec![]);
        assert_eq!(ask(&mut memo, &hosts, PLAIN, 202), None);
        assert_eq!(ask(&mut memo, &hosts, PLAIN, 0), Some(202));
    }

    #[test]
    fn other_hosts_have_other_answers() {
        let (mut memo, before, after) = (Memo::default(), hosts(), hosts());
        for _ in 0..2 {
            ask(&mut memo, &before, PLAIN, 200);
        }
        assert_eq!(ask(&mut memo, &before, PLAIN, 0), Some(200));
        assert_eq!(ask(&mut memo, &after, PLAIN, 201), None);
        assert_eq!(Arc::strong_count(&before), 1, "nothing of it is held");
        memo.tidy(&before, date::EPOCH);
        assert!(memo.entries.is_cleared() && memo.said.is_cleared());
    }
}
