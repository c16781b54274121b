//! What the two sides of a connection tell each other of it: settings, pings, windows (RFC 9113 §6.5, §6.7, §6.9).

use super::{
    Broken, FRAME_SIZE, H2, PROTOCOL, STREAMS_MAX,
    frame::{self, Code, Head},
    streams::Overflow,
};
use crate::serve::service::Desk;

/// Says what is taken here.
pub(super) fn announce(desk: &mut Desk) {
    let settings = [
        (SETTINGS_MAX_CONCURRENT_STREAMS, STREAMS_MAX as u32),
        (
            SETTINGS_MAX_HEADER_LIST_SIZE,
            desk.service.settings.head_bytes_max as u32,
        ),
        // RFC 9218 §2.1: nobody looks at priorities of the old kind.
        (SETTINGS_NO_RFC7540_PRIORITIES, 1),
    ];
    let head = Head {
        length: settings.len() * SETTING_BYTES,
        kind: frame::SETTINGS,
        flags: 0,
        stream: 0,
    };
    desk.outbox.write(|to| {
        head.write(to);
        for (name, value) in settings {
            to.extend_from_slice(&u16::to_be_bytes(name));
            to.extend_from_slice(&u32::to_be_bytes(value));
        }
    });
}

impl H2 {
    pub(super) fn settings(
        &mut self,
        head: Head,
        payload: &[u8],
        desk: &mut Desk,
    ) -> Result<(), Broken> {
        match (head.stream, head.has(frame::ACK), payload.len()) {
            (1.., ..) => return Err(PROTOCOL),
            (0, true, 0) => return Ok(()),
            (0, true, _) => return Err(FRAME_SIZE),
            (0, false, bytes) if !bytes.is_multiple_of(SETTING_BYTES) => return Err(FRAME_SIZE),
            (0, false, _) => {}
        }
        self.calm.spend(desk.clock.now)?;
        for setting in payload.chunks_exact(SETTING_BYTES) {
            let [name @ .., _, _, _, _] = setting else {
                continue;
            };
            let name = u16::from_be_bytes(name.try_into().unwrap_or_default());
            let value = frame::number(setting.get(2..).unwrap_or_default()).unwrap_or_default();
            match (name, value) {
                (SETTINGS_ENABLE_PUSH, 2..) => return Err(PROTOCOL),
                (SETTINGS_INITIAL_WINDOW_SIZE, value) => self.streams.set_initial_window(value)?,
                (SETTINGS_MAX_FRAME_SIZE, 16_384..=16_777_215) => {}
                (SETTINGS_MAX_FRAME_SIZE, _) => return Err(PROTOCOL),
                _ => {}
            }
        }
        let head = Head {
            length: 0,
            kind: frame::SETTINGS,
            flags: frame::ACK,
            stream: 0,
        };
        desk.outbox.write(|to| head.write(to));
        Ok(())
    }

    pub(super) fn ping(
        &mut self,
        head: Head,
        payload: &[u8],
        desk: &mut Desk,
    ) -> Result<(), Broken> {
        match (head.stream, payload.len()) {
            (0, 8) if head.has(frame::ACK) => Ok(()),
            (0, 8) => {
                self.calm.spend(desk.clock.now)?;
                let head = Head {
                    flags: frame::ACK,
                    ..head
                };
                desk.outbox.write(|to| {
                    head.write(to);
                    to.extend_from_slice(payload);
                });
                Ok(())
            }
            (0, _) => Err(FRAME_SIZE),
            _ => Err(PROTOCOL),
        }
    }

    pub(super) fn window_update(
        &mut self,
        head: Head,
        payload: &[u8],
        desk: &Desk,
    ) -> Result<(), Broken> {
        let bytes = frame::number(payload).filter(|_| payload.len() == 4);
        let bytes = bytes.ok_or(FRAME_SIZE)? & frame::STREAM_MASK;
        self.calm.spend(desk.clock.now)?;
        match (head.stream, bytes) {
            (0, 0) => Err(PROTOCOL),
            (0, bytes) => Ok(self.streams.widen(bytes)?),
            (id, bytes) => {
                self.is_known(id)?;
                match (self.streams.stream(id), bytes) {
                    (Some(_), 0) => Err(Broken::Stream(id, Code::Protocol)),
                    (Some(stream), bytes) => stream
                        .widen(bytes)
                        .map_err(|Overflow| Broken::Stream(id, Code::FlowControl)),
                    // It was on its way when the stream ended.
                    (None, _) => Ok(()),
                }
            }
        }
    }
}

const SETTING_BYTES: usize = 6;
const SETTINGS_ENABLE_PUSH: u16 = 0x2;
const SETTINGS_MAX_CONCURRENT_STREAMS: u16 = 0x3;
const SETTINGS_INITIAL_WINDOW_SIZE: u16 = 0x4;
const SETTINGS_MAX_FRAME_SIZE: u16 = 0x5;
const SETTINGS_MAX_HEADER_LIST_SIZE: u16 = 0x6;
const SETTINGS_NO_RFC7540_PRIORITIES: u16 = 0x9;
