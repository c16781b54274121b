//! What a snapshot consists of, but for its bodies, as bytes.

use std::{ffi::OsString, os::unix::ffi::OsStringExt, sync::Arc};

use bytes::{Buf, BufMut, Bytes};

use crate::site::{Hash, LargeFile, RuleFile, RuleFiles, Snapshot, Stored, UrlPath};

/// Every resource of a snapshot.
pub(super) struct Manifest {
    pub(super) root_hash: Hash,
    pub(super) base_path: String,
    pub(super) rules: RuleFiles,
    pub(super) entries: Vec<Entry>,
}

/// One resource.
pub(super) struct Entry {
    pub(super) path: UrlPath,
    pub(super) status: u16,
    pub(super) media_type: Arc<str>,
    pub(super) modified: Option<i64>,
    pub(super) content: Kept,
}

/// How its content is kept.
pub(super) enum Kept {
    /// As a body that has this hash.
    Body(Hash),
    /// Where it lies.
    Large(LargeFile),
    /// Here.
    Redirect { to: Arc<str>, html: Bytes },
}

impl Manifest {
    /// The manifest of `snapshot`, in the order of paths.
    pub(super) fn of(snapshot: &Snapshot) -> Self {
        let entries = snapshot.resources.values().map(|resource| Entry {
            path: resource.path.clone(),
            status: resource.status,
            media_type: Arc::clone(&resource.media_type),
            modified: resource.modified,
            content: match &resource.stored {
                Stored::Memory(body) => Kept::Body(body.hash()),
                Stored::Large(file) => Kept::Large((**file).clone()),
                Stored::Redirect(redirect) => Kept::Redirect {
                    to: Arc::clone(&redirect.to),
                    html: redirect.html.clone(),
                },
            },
        });
        Self {
            root_hash: snapshot.root_hash,
            base_path: snapshot.base_path.to_string(),
            rules: snapshot.rules.files().clone(),
            entries: entries.collect(),
        }
    }

    pub(super) fn write(&self) -> Vec<u8> {
        let mut out = Vec::new();
        out.put_slice(FORMAT);
        out.put_slice(self.root_hash.as_bytes());
        put(&mut out, self.base_path.as_bytes());
        for file in [&self.rules.redirects, &self.rules.headers] {
            out.put_u8(u8::from(file.is_some()));
            if let Some(RuleFile { file, text }) = file {
                put(&mut out, file.as_bytes());
                put(&mut out, text.as_bytes());
            }
        }
        out.put_u64_le(self.entries.len() as u64);
        for entry in &self.entries {
            entry.write(&mut out);
        }
        out
    }

    /// None if it is not as [`Self::write`] makes them: one of another version.
    pub(super) fn read(mut bytes: Bytes) -> Option<Self> {
        let bytes = &mut bytes;
        if take(bytes, FORMAT.len())? != FORMAT {
            return None;
        }
        let (root_hash, base_path) = (hash(bytes)?, text(bytes)?);
        let rules = RuleFiles {
            redirects: rule_file(bytes)?,
            headers: rule_file(bytes)?,
        };
        let count = bytes.try_get_u64_le().ok()?;
        let entries: Option<_> = (0..count).map(|_| Entry::read(bytes)).collect();
        Some(Self {
            root_hash,
            base_path,
            rules,
            entries: entries?,
        })
    }
}

impl Entry {
    fn write(&self, out: &mut Vec<u8>) {
        put(out, self.path.as_str().as_bytes());
        out.put_u16_le(self.status);
        put(out, self.media_type.as_bytes());
        out.put_u8(u8::from(self.modified.is_some()));
        out.put_i64_le(self.modified.unwrap_or_default());
        match &self.content {
            Kept::Body(hash) => {
                out.put_u8(BODY);
                out.put_slice(hash.as_bytes());
            }
            Kept::Large(file) => {
                out.put_u8(LARGE);
                put(out, file.file.as_os_str().as_encoded_bytes());
                out.put_u64_le(file.bytes);
                out.put_slice(file.hash.as_bytes());
            }
            Kept::Redirect { to, html } => {
                out.put_u8(REDIRECT);
                put(out, to.as_bytes());
                put(out, html);
            }
        }
    }

    fn read(bytes: &mut Bytes) -> Option<Self> {
        let path = UrlPath::new(&text(bytes)?).ok()?;
        let status = bytes.try_get_u16_le().ok()?;
        let media_type = text(bytes)?.into();
        let dated = bytes.try_get_u8().ok()? == 1;
        let modified = bytes.try_get_i64_le().ok()?;
        let content = match bytes.try_get_u8().ok()? {
            BODY => Kept::Body(hash(bytes)?),
            LARGE => Kept::Large(LargeFile {
                file: OsString::from_vec(field(bytes)?.to_vec()).into(),
                bytes: bytes.try_get_u64_le().ok()?,
                hash: hash(bytes)?,
                held: None,
            }),
            REDIRECT => Kept::Redirect {
                to: text(bytes)?.into(),
                html: field(bytes)?,
            },
            _ => return None,
        };
        Some(Self {
            path,
            status,
            media_type,
            modified: dated.then_some(modified),
            content,
        })
    }
}

/// A field behind its length.
fn put(out: &mut Vec<u8>, field: &[u8]) {
    out.put_u64_le(field.len() as u64);
    out.put_slice(field);
}

fn field(bytes: &mut Bytes) -> Option<Bytes> {
    let length = bytes.try_get_u64_le().ok()?;
    take(bytes, usize::try_from(length).ok()?)
}

/// None if there is neither one nor word that there is none.
fn rule_file(bytes: &mut Bytes) -> Option<Option<RuleFile>> {
    match bytes.try_get_u8().ok()? {
        0 => Some(None),
        _ => Some(Some(RuleFile {
            file: text(bytes)?,
            text: text(bytes)?,
        })),
    }
}

fn text(bytes: &mut Bytes) -> Option<String> {
    String::from_utf8(field(bytes)?.to_vec()).ok()
}

fn hash(bytes: &mut Bytes) -> Option<Hash> {
    let mut hash = [0; 32];
    bytes.try_copy_to_slice(&mut hash).ok()?;
    Some(Hash::from_bytes(hash))
}

fn take(bytes: &mut Bytes, length: usize) -> Option<Bytes> {
    (length <= bytes.len()).then(|| bytes.split_to(length))
}

/// Changes with what is written.
const FORMAT: &[u8] = b"littoral snapshot 2\n";

const BODY: u8 = 0;
const LARGE: u8 = 1;
const REDIRECT: u8 = 2;
