//! A table of an author's own data, as it is remembered: a tenth of what its values take as they are.
//!
//! Each value is a byte that says of which kind it is, and then its bytes; lengths come before what they
//! are of. Nothing of this is written anywhere: a process reads what it packed itself.

use serde_json::{Map, Value};

/// The `[extra]` of a page or section, packed. Equal means: the same keys and values in the same order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub(crate) struct Extra(Box<[u8]>);

impl Extra {
    /// Packs `table`.
    pub(crate) fn of(table: &Map<String, Value>) -> Self {
        let mut bytes = Vec::new();
        if !table.is_empty() {
            push_table(&mut bytes, table);
        }
        Self(bytes.into())
    }

    /// The table again.
    pub(crate) fn table(&self) -> Map<String, Value> {
        let mut rest = Unpacking(&self.0);
        match self.0.is_empty() {
            true => Map::new(),
            false => rest.table().expect("it was packed by `push_table`"),
        }
    }

    /// What it takes in memory beside itself.
    pub(crate) fn held_bytes(&self) -> usize {
        self.0.len()
    }
}

fn push(bytes: &mut Vec<u8>, value: &Value) {
    match value {
        Value::Null => bytes.push(NULL),
        Value::Bool(false) => bytes.push(FALSE),
        Value::Bool(true) => bytes.push(TRUE),
        Value::Number(number) => {
            if let Some(number) = number.as_i64() {
                bytes.push(INTEGER);
                bytes.extend(number.to_le_bytes());
            } else if let Some(number) = number.as_u64() {
                bytes.push(LARGE);
                bytes.extend(number.to_le_bytes());
            } else {
                bytes.push(FLOAT);
                bytes.extend(number.as_f64().unwrap_or_default().to_le_bytes());
            }
        }
        Value::String(text) => {
            bytes.push(TEXT);
            push_text(bytes, text);
        }
        Value::Array(list) => {
            bytes.push(LIST);
            push_length(bytes, list.len());
            list.iter().for_each(|value| push(bytes, value));
        }
        Value::Object(table) => {
            bytes.push(TABLE);
            push_table(bytes, table);
        }
    }
}

fn push_table(bytes: &mut Vec<u8>, table: &Map<String, Value>) {
    push_length(bytes, table.len());
    for (key, value) in table {
        push_text(bytes, key);
        push(bytes, value);
    }
}

fn push_text(bytes: &mut Vec<u8>, text: &str) {
    push_length(bytes, text.len());
    bytes.extend(text.as_bytes());
}

/// Seven bits a byte, the lowest first; the eighth says that there are more.
fn push_length(bytes: &mut Vec<u8>, mut length: usize) {
    while length > LOW_BITS {
        bytes.push((length & LOW_BITS) as u8 | MORE);
        length >>= BITS;
    }
    bytes.push(length as u8);
}

/// What is left to unpack. Nothing, if that is no such thing.
struct Unpacking<'b>(&'b [u8]);

impl<'b> Unpacking<'b> {
    fn value(&mut self) -> Option<Value> {
        Some(match self.byte()? {
            NULL => Value::Null,
            FALSE => Value::Bool(false),
            TRUE => Value::Bool(true),
            INTEGER => i64::from_le_bytes(self.eight()?).into(),
            LARGE => u64::from_le_bytes(self.eight()?).into(),
            FLOAT => f64::from_le_bytes(self.eight()?).into(),
            TEXT => Value::String(self.text()?.to_owned()),
            LIST => {
                let length = self.length()?;
                let values = (0..length).map(|_| self.value());
                Value::Array(values.collect::<Option<_>>()?)
            }
            TABLE => Value::Object(self.table()?),
            _ => return None,
        })
    }

    fn table(&mut self) -> Option<Map<String, Value>> {
        let length = self.length()?;
        let mut table = Map::with_capacity(length);
        for _ in 0..length {
            table.insert(self.text()?.to_owned(), self.value()?);
        }
        Some(table)
    }

    fn text(&mut self) -> Option<&'b str> {
        let length = self.length()?;
        let (text, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        str::from_utf8(text).ok()
    }

    fn length(&mut self) -> Option<usize> {
        let (mut length, mut shift) = (0, 0);
        loop {
            let byte = self.byte()?;
            length |= (usize::from(byte) & LOW_BITS) << shift;
            shift += BITS;
            if byte & MORE == 0 {
                return Some(length);
            }
        }
    }

    fn eight(&mut self) -> Option<[u8; 8]> {
        let (bytes, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*bytes)
    }

    fn byte(&mut self) -> Option<u8> {
        let (byte, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*byte)
    }
}

const NULL: u8 = 0;
const FALSE: u8 = 1;
const TRUE: u8 = 2;
const INTEGER: u8 = 3;
/// A whole number that is too large for an `i64`.
const LARGE: u8 = 4;
const FLOAT: u8 = 5;
const TEXT: u8 = 6;
const LIST: u8 = 7;
const TABLE: u8 = 8;

/// Of a length in a byte.
const BITS: u32 = 7;
const LOW_BITS: usize = 0x7f;
const MORE: u8 = 0x80;

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_table_is_what_it_was() {
        let long = "ä".repeat(20_000);
        for value in [
            json!({}),
            json!({"": null}),
            json!({"z": true, "a": false, "m": [1, -1, u64::MAX, i64::MIN, 0.1, -1e300]}),
            json!({"deep": {"er": [[], {}, [{"a": "b"}]]}, "text": long}),
            json!({"list": vec![7; 300]}),
        ] {
            let Value::Object(table) = value else {
                unreachable!("all are tables")
            };
            let again = Extra::of(&table).table();
            assert_eq!(again, table);
            assert!(again.keys().eq(table.keys()), "in the same order");
        }
    }

    #[test]
    fn a_small_table_takes_few_bytes() {
        assert_eq!(Extra::default().held_bytes(), 0);
        assert_eq!(Extra::of(&Map::new()), Extra::default());
        let Value::Object(table) = json!({"author": "naber", "stars": 3}) else {
            unreachable!("it is a table")
        };
        assert_eq!(Extra::of(&table).held_bytes(), 30);
    }
}
