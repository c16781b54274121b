//! Frames of HTTP/2 (RFC 9113 §4 and §6).

/// The head of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Head {
    /// Of what follows.
    pub(super) length: usize,
    pub(super) kind: u8,
    pub(super) flags: u8,
    pub(super) stream: u32,
}

impl Head {
    /// Reads one; None if not all of it has come.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let head: &[u8; HEAD_BYTES] = bytes.first_chunk()?;
        let [l0, l1, l2, kind, flags, s0, s1, s2, s3] = *head;
        Some(Self {
            length: u32::from_be_bytes([0, l0, l1, l2]) as usize,
            kind,
            flags,
            stream: u32::from_be_bytes([s0, s1, s2, s3]) & STREAM_MASK,
        })
    }

    /// Writes it.
    pub(super) fn write(self, to: &mut Vec<u8>) {
        let [_, l0, l1, l2] = (self.length as u32).to_be_bytes();
        let [s0, s1, s2, s3] = self.stream.to_be_bytes();
        to.extend_from_slice(&[l0, l1, l2, self.kind, self.flags, s0, s1, s2, s3]);
    }

    pub(super) fn has(self, flag: u8) -> bool {
        self.flags & flag != 0
    }
}

/// Why a connection or a stream comes to an end (RFC 9113 §7).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Code {
    None = 0x0,
    Protocol = 0x1,
    Internal = 0x2,
    FlowControl = 0x3,
    StreamClosed = 0x5,
    FrameSize = 0x6,
    RefusedStream = 0x7,
    Compression = 0x9,
    EnhanceYourCalm = 0xb,
}

/// Writes a frame of four bytes: what `RST_STREAM` and `WINDOW_UPDATE` are.
pub(super) fn write_number(to: &mut Vec<u8>, kind: u8, stream: u32, number: u32) {
    let head = Head {
        length: 4,
        kind,
        flags: 0,
        stream,
    };
    head.write(to);
    to.extend_from_slice(&number.to_be_bytes());
}

/// Writes the frame that says goodbye: nothing behind the stream `last` was or will be looked at.
pub(super) fn write_goaway(to: &mut Vec<u8>, last: u32, code: Code) {
    let head = Head {
        length: 8,
        kind: GOAWAY,
        flags: 0,
        stream: 0,
    };
    head.write(to);
    to.extend_from_slice(&last.to_be_bytes());
    to.extend_from_slice(&(code as u32).to_be_bytes());
}

/// Four bytes as a number.
pub(super) fn number(bytes: &[u8]) -> Option<u32> {
    Some(u32::from_be_bytes(*bytes.first_chunk()?))
}

pub(super) const DATA: u8 = 0x0;
pub(super) const HEADERS: u8 = 0x1;
pub(super) const PRIORITY: u8 = 0x2;
pub(super) const RST_STREAM: u8 = 0x3;
pub(super) const SETTINGS: u8 = 0x4;
pub(super) const PUSH_PROMISE: u8 = 0x5;
pub(super) const PING: u8 = 0x6;
pub(super) const GOAWAY: u8 = 0x7;
pub(super) const WINDOW_UPDATE: u8 = 0x8;
pub(super) const CONTINUATION: u8 = 0x9;

pub(super) const ACK: u8 = 0x1;
pub(super) const END_STREAM: u8 = 0x1;
pub(super) const END_HEADERS: u8 = 0x4;
pub(super) const PADDED: u8 = 0x8;
pub(super) const HAS_PRIORITY: u8 = 0x20;

pub(super) const HEAD_BYTES: usize = 9;
/// The bit before a stream's number means nothing.
pub(super) const STREAM_MASK: u32 = u32::MAX >> 1;
