//! What is left of a body that is sent in frames.

use std::{collections::VecDeque, io};

use bytes::Bytes;

use super::{
    producer::{Address, Producer},
    reply::{self, Piece},
    service::Common,
};

/// What is left of a body.
#[derive(Debug, Default)]
pub(super) struct Body {
    pub(super) runs: VecDeque<Bytes>,
    pub(super) producer: Option<Box<Producer>>,
}

impl Body {
    /// All of it, for whoever is at `address`. Opens what lies on disk.
    pub(super) fn begin(
        body: reply::Body,
        address: Address,
        common: &Common<'_>,
    ) -> io::Result<Self> {
        let mut begun = Self::default();
        match body {
            reply::Body::None | reply::Body::Omitted(_) => {}
            reply::Body::Whole(bytes) => begun.runs.push_back(bytes),
            reply::Body::News(news) => {
                let producer = Producer::follow(news, common.stopping, (common.post, address));
                begun.producer = Some(Box::new(producer));
            }
            reply::Body::Pieces(pieces) => {
                let is_on_disk = pieces.iter().any(|piece| matches!(piece, Piece::File(..)));
                let producer = Producer::open(pieces)?;
                match is_on_disk {
                    true => begun.producer = Some(Box::new(producer)),
                    false => begun.runs = producer.into_bytes(),
                }
            }
        }
        begun.runs.retain(|run| !run.is_empty());
        Ok(begun)
    }

    /// Whether nothing is left.
    pub(super) fn is_done(&self) -> bool {
        self.runs.is_empty() && self.producer.is_none()
    }
}
