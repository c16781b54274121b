//! Digests of answers.

use std::hash::{DefaultHasher, Hash, Hasher};

use serde_json::{Map, Value};

use super::Digest;

/// The digest of anything that can be hashed.
pub(in crate::render) fn digest(what: impl Hash) -> Digest {
    let mut hasher = DefaultHasher::new();
    what.hash(&mut hasher);
    hasher.finish()
}

/// An answer as it is noted: 0 stands for none.
pub(in crate::render) fn some(digest: Digest) -> Digest {
    digest.max(1)
}

/// The digest of a value.
pub(in crate::render) fn digest_value(value: &Value) -> Digest {
    let mut hasher = DefaultHasher::new();
    hash_value(value, &mut hasher);
    hasher.finish()
}

// Its order shows where a template goes through it.
fn hash_map(map: &Map<String, Value>, hasher: &mut DefaultHasher) {
    (5_u8, map.len()).hash(hasher);
    for (key, value) in map {
        key.hash(hasher);
        hash_value(value, hasher);
    }
}

fn hash_value(value: &Value, hasher: &mut DefaultHasher) {
    match value {
        Value::Null => 0_u8.hash(hasher),
        Value::Bool(flag) => (1_u8, flag).hash(hasher),
        Value::Number(number) => (2_u8, number).hash(hasher),
        Value::String(text) => (3_u8, text).hash(hasher),
        Value::Array(items) => {
            (4_u8, items.len()).hash(hasher);
            items.iter().for_each(|item| hash_value(item, hasher));
        }
        Value::Object(map) => hash_map(map, hasher),
    }
}
