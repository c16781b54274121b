//! What is known of a resource beside its bytes: found once, and kept as long as it lives.

mod document;
mod style_sheet;

use std::sync::atomic::Ordering;

use base64::{Engine, prelude::BASE64_STANDARD};
use rayon::prelude::*;

use super::{Packer, worked_out};
use crate::site::{
    Coding, Facts, Hash, Hashes, Reference, Resource, Root, Snapshot, Stored, essence,
};

/// What is known of `resource`; None if it is no document and no style sheet, or not in memory.
pub(crate) fn facts(resource: &Resource) -> Option<&Facts> {
    let read = match essence(&resource.media_type) {
        "text/html" => document::read,
        "text/css" => style_sheet::read,
        _ => return None,
    };
    let Stored::Memory(body) = &resource.stored else {
        return None;
    };
    let found = resource.facts.get_or_try_init(|| {
        let forms = body.forms();
        // While so much is being worked out that this has to wait, nothing is known, and nothing is kept of that.
        let bytes = worked_out(body, &forms, Coding::Identity).ok_or(())?;
        let own = Reference {
            root: Root::Site,
            path: resource.path.encoded().into(),
        };
        Ok::<_, ()>(Box::new(read(&String::from_utf8_lossy(&bytes), &own)))
    });
    found.ok()
}

impl Packer {
    /// Has what is known of documents be found before they go on the air, since their answers tell of it.
    pub(crate) fn tell_ahead(&self) {
        self.tells.store(true, Ordering::Relaxed);
    }

    /// Finds what is known of the documents of `snapshot`, if their answers tell of it.
    pub(crate) fn look_ahead(&self, snapshot: &Snapshot) {
        if self.tells.load(Ordering::Relaxed) || snapshot.rules.has_policies() {
            let resources: Vec<_> = snapshot.resources.values().collect();
            resources.into_par_iter().for_each(|resource| {
                facts(resource);
            });
        }
    }
}

/// The hashes of `texts`.
pub(crate) fn hashes<'t>(texts: impl IntoIterator<Item = &'t str>) -> Hashes {
    let mut collected = Collected::default();
    texts.into_iter().for_each(|text| collected.add(text));
    collected.into_hashes()
}

/// Collects [`Hashes`].
#[derive(Debug, Default)]
struct Collected(Vec<String>);

impl Collected {
    fn add(&mut self, text: &str) {
        let digest = BASE64_STANDARD.encode(Hash::of(text.as_bytes()).as_bytes());
        let hash = format!("'sha256-{digest}'");
        if !self.0.contains(&hash) {
            self.0.push(hash);
        }
    }

    fn into_hashes(self) -> Hashes {
        Hashes(self.0.join(" ").into())
    }
}
