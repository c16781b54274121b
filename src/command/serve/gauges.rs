//! What the rooms of a node count, put together for its metrics.

use std::sync::Arc;

use crate::{
    admin::{Gauge, Name},
    cache::Cache,
    pack::Packer,
    serve::{Refusal, Tally},
    site::{Coding, Stage},
};

/// The gauges of a node.
pub(super) fn of(packer: &Arc<Packer>, cache: Option<&Arc<Cache>>, tally: &Tally) -> Vec<Gauge> {
    let mut gauges = Vec::new();
    let mut push = |name, read: Box<dyn Fn() -> u64 + Send + Sync>| {
        gauges.push(Gauge { name, read });
    };
    for coding in Coding::ALL {
        let ledger = Arc::clone(packer.ledger());
        push(
            Name::Memory(coding.token()),
            Box::new(move || ledger.held(coding)),
        );
    }
    let ledger = Arc::clone(packer.ledger());
    push(
        Name::Memory("inflated"),
        Box::new(move || ledger.inflated()),
    );
    for stage in Stage::ALL {
        let ledger = Arc::clone(packer.ledger());
        push(
            Name::Bodies(stage.word()),
            Box::new(move || ledger.bodies(stage)),
        );
    }
    let waits = Arc::clone(packer);
    push(
        Name::BodiesWaiting,
        Box::new(move || waits.waiting() as u64),
    );
    if let Some(cache) = cache.cloned() {
        push(Name::Cache, Box::new(move || cache.bytes()));
    }
    let connections = tally.clone();
    push(
        Name::Connections,
        Box::new(move || connections.connections()),
    );
    for why in Refusal::ALL {
        let refused = tally.clone();
        push(
            Name::Refused(why.word()),
            Box::new(move || refused.refused(why)),
        );
    }
    gauges
}
