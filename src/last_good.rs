//! The last good snapshot of a site, kept in files: a node that starts onto a broken site has it to
//! serve until the site is mended.
//!
//! A thread for each site, at the lowest priority there is, writes what is not there yet once publications have come
//! to rest: each body once, by its hash, and a [`manifest`] of all resources. Nothing waits for it.
//!
//! **Invariant:** what comes back has the root hash it was kept with, or it counts as missing.
//! **Invariant:** knows neither requests nor what a site is made of.
#![expect(
    clippy::disallowed_methods,
    reason = "files that were too large for memory are looked at again where they lie"
)]

mod manifest;

use std::{
    collections::HashSet,
    fs::File,
    io,
    path::Path,
    sync::{
        Arc, Weak,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, SystemTime},
};

use bytes::{Buf, BufMut, Bytes};
use rayon::prelude::*;
use tokio::{runtime, sync::watch, time};

use self::manifest::{Entry, Kept, Manifest};
use crate::{
    cache::{Area, Cache},
    idle,
    pack::{self, Packer},
    publish::{Live, News},
    site::{Coding, Content, Hash, LargeFile, Packed, Page, Resource, Rules, Snapshot, Stored},
};

/// Where the last good snapshots of a node are kept.
#[derive(Debug)]
pub(crate) struct Shelf {
    packer: Arc<Packer>,
    /// By hash: what several sites and generations have is there once.
    bodies: Area,
    /// By site.
    manifests: Area,
    told: AtomicBool,
}

/// Which site, as its operator names it: the folder where a link may lead to another release
/// tomorrow, and what else decides what is made of it.
#[derive(Debug, Clone)]
pub(crate) struct SiteName(Hash);

impl SiteName {
    /// The site in `root`, read with `terms`.
    pub(crate) fn new(root: &Path, terms: &[&[u8]]) -> Self {
        let root = std::path::absolute(root).unwrap_or_else(|_| root.to_owned());
        let root = [root.as_os_str().as_encoded_bytes()];
        let fields = root.iter().chain(terms);
        Self(Hash::of_fields(fields.copied()))
    }
}

impl Shelf {
    /// The shelf in `cache`; what comes from it is packed by `packer`.
    pub(crate) fn new(cache: &Arc<Cache>, packer: Arc<Packer>) -> Self {
        Self {
            packer,
            bodies: Area::of(Arc::clone(cache), "bodies"),
            manifests: Area::of(Arc::clone(cache), "sites"),
            told: AtomicBool::new(false),
        }
    }

    /// The last good snapshot of a site, if all of it is there.
    pub(crate) fn find(&self, site: &SiteName) -> Option<Snapshot> {
        let manifest = Manifest::read(self.manifests.find(&site.0)?)?;
        let resources: Option<Vec<_>> = manifest
            .entries
            .into_par_iter()
            .map(|entry| Some(self.packer.resource(self.page(entry)?)))
            .collect();
        let snapshot = self.packer.snapshot(resources?, &manifest.base_path);
        // What was wrong with them was told when they were published.
        let (rules, _) = Rules::read(manifest.rules);
        let snapshot = snapshot.ruled_by(Arc::new(rules));
        (snapshot.root_hash == manifest.root_hash).then_some(snapshot)
    }

    /// Keeps what is on the air as `live`, now and after each publication, until it is dropped.
    pub(crate) fn follow(self: &Arc<Self>, site: SiteName, live: &Arc<Live>) -> io::Result<()> {
        let runtime = runtime::Builder::new_current_thread()
            .enable_time()
            .build()?;
        let keeper = Keeper {
            shelf: Arc::clone(self),
            site,
            live: Arc::downgrade(live),
            known: HashSet::new(),
        };
        let news = live.news();
        thread::Builder::new()
            .name("last-good".to_owned())
            .spawn(move || runtime.block_on(keeper.run(news)))?;
        Ok(())
    }

    fn page(&self, entry: Entry) -> Option<Page> {
        let content = match entry.content {
            Kept::Body(hash) => Content::Bytes(body(self.bodies.find(&hash)?)?),
            Kept::Large(file) => Content::Large(reopened(file)?),
            Kept::Redirect { to, html } => Content::Redirect { to, html },
        };
        Some(Page {
            path: entry.path,
            status: entry.status,
            media_type: entry.media_type,
            content,
            modified: entry.modified,
        })
    }

    /// Says once why nothing is kept, and what to do about it.
    fn tell(&self, error: &io::Error, bytes: u64) {
        if !self.told.swap(true, Ordering::Relaxed) {
            tracing::warn!("{}", self.complaint(error, bytes));
        }
    }

    fn complaint(&self, error: &io::Error, bytes: u64) -> String {
        // A full disk has a number of the system; what is full without one is the half of the cache.
        let is_bound = error.kind() == io::ErrorKind::StorageFull && error.raw_os_error().is_none();
        if is_bound {
            let bytes_max = bytes.saturating_mul(2).saturating_add(SPARE_BYTES);
            format!(
                "the last good snapshot of a site finds no room in the cache, which keeps half of its bytes_max for \
                 that: a start onto a broken site would be refused; raise bytes_max in [cache] to {bytes_max} or more"
            )
        } else {
            let folder = self.bodies.folder().display();
            format!(
                "the last good snapshot of a site can't be kept in {folder}: {error}: a start onto a broken site would \
                 be refused; see that there is room, and that the node may write there"
            )
        }
    }
}

/// What a thread keeps, and for whom.
struct Keeper {
    shelf: Arc<Shelf>,
    site: SiteName,
    live: Weak<Live>,
    /// The bodies that were seen to be whole, or written, by this process.
    known: HashSet<Hash>,
}

impl Keeper {
    async fn run(mut self, mut news: watch::Receiver<News>) {
        idle::step_back();
        let mut kept = 0;
        while let Some(live) = self.live.upgrade() {
            let published = live.load_full();
            // Not for longer than needed: whoever drops the site ends this thread.
            drop(live);
            if published.generation != kept {
                kept = published.generation;
                self.keep_or_tell(&published.snapshot);
            }
            drop(published);
            if news.changed().await.is_err() {
                return;
            }
            rest(&mut news).await;
        }
    }

    fn keep_or_tell(&mut self, snapshot: &Snapshot) {
        let bytes = bytes(snapshot);
        if let Err(error) = self.keep(snapshot, bytes) {
            self.shelf.tell(&error, bytes);
        }
    }

    /// The manifest last: it never speaks of what is not there.
    fn keep(&mut self, snapshot: &Snapshot, bytes: u64) -> io::Result<()> {
        if bytes > self.shelf.bodies.bytes_max() {
            return Err(io::ErrorKind::StorageFull.into());
        }
        let mut known = HashSet::with_capacity(self.known.len());
        for resource in snapshot.resources.values() {
            if let Stored::Memory(body) = &resource.stored
                && known.insert(body.hash())
            {
                self.shelf.packer.wait_for_publishers();
                self.keep_body(body)?;
            }
        }
        self.known = known;
        let manifest = Manifest::of(snapshot);
        let shelf = &self.shelf;
        shelf.manifests.keep(&self.site.0, &manifest.write())?;
        shelf.bodies.retain(&shelf.named()?, SystemTime::now())?;
        let root_hash = snapshot.root_hash;
        tracing::debug!(?root_hash, "kept as the last good snapshot");
        Ok(())
    }

    /// What is there from an earlier process is looked at once, since it may be damaged.
    fn keep_body(&self, body: &Packed) -> io::Result<()> {
        let (hash, bodies) = (body.hash(), &self.shelf.bodies);
        let there = match self.known.contains(&hash) {
            true => bodies.has(&hash),
            false => bodies.find(&hash).is_some(),
        };
        if there {
            return Ok(());
        }
        let length = body.forms().in_coding(Coding::Identity).map(|v| v.length);
        let (coding, bytes) = pack::compact(body);
        let mut entry = Vec::with_capacity(BODY_HEAD_BYTES + bytes.len());
        let coding = Coding::ALL.iter().position(|one| *one == coding);
        let coding = coding.and_then(|place| u8::try_from(place).ok());
        entry.put_u8(coding.expect("each coding is one of a few"));
        entry.put_u64_le(length.unwrap_or_default());
        entry.put_slice(&bytes);
        bodies.keep(&hash, &entry)
    }
}

impl Shelf {
    /// The hashes of all bodies that some manifest speaks of, those of other processes too.
    fn named(&self) -> io::Result<HashSet<Hash>> {
        let mut named = HashSet::new();
        for manifest in self.manifests.entries()? {
            let entries = Manifest::read(manifest).map(|manifest| manifest.entries);
            named.extend(
                entries
                    .into_iter()
                    .flatten()
                    .filter_map(|entry| match entry.content {
                        Kept::Body(hash) => Some(hash),
                        Kept::Large(_) | Kept::Redirect { .. } => None,
                    }),
            );
        }
        Ok(named)
    }
}

/// Waits until nothing more is published for a while, or for too long. To keep a snapshot takes a look at each file of
/// the last one, and much of that in the kernel, where it gives way to nobody: one edit after another would have it
/// done without a pause.
async fn rest(news: &mut watch::Receiver<News>) {
    let calm = async { while let Ok(Ok(())) = time::timeout(CALM, news.changed()).await {} };
    // Either way it is time.
    time::timeout(CALM_AFTER_MAX, calm)
        .await
        .unwrap_or_default();
}

/// What [`Keeper::keep_body`] wrote.
fn body(mut entry: Bytes) -> Option<Bytes> {
    let coding = *Coding::ALL.get(usize::from(entry.try_get_u8().ok()?))?;
    let length = entry.try_get_u64_le().ok()?;
    pack::expand(coding, &entry, length)
}

/// A large file, if it still is what it was.
fn reopened(file: LargeFile) -> Option<LargeFile> {
    let mut opened = File::open(&file.file).ok()?;
    let same = opened.metadata().ok()?.len() == file.bytes
        && Hash::of_reader(&mut opened).ok()? == file.hash;
    same.then_some(file)
}

/// About how much room a snapshot takes.
fn bytes(snapshot: &Snapshot) -> u64 {
    let resources = snapshot.resources.values();
    let bodies = resources.map(|resource: &Arc<Resource>| match &resource.stored {
        Stored::Memory(body) => pack::compact(body).1.len() as u64,
        Stored::Large(_) | Stored::Redirect(_) => 0,
    });
    bodies.map(|bytes| bytes + RESOURCE_BYTES).sum()
}

const BODY_HEAD_BYTES: usize = 9;

/// How long nothing is published before what is on the air is kept. Tests have nobody to disturb.
const CALM: Duration = Duration::from_millis(if cfg!(test) { 0 } else { 1_000 });

/// How long that is waited for.
const CALM_AFTER_MAX: Duration = Duration::from_secs(30);

/// What a resource takes beside its body: a seal, and its line in the manifest.
const RESOURCE_BYTES: u64 = 200;

/// So that the advice holds when the site has grown a little.
const SPARE_BYTES: u64 = 16 << 20;

#[cfg(test)]
mod tests {
    use std::{fs, path::PathBuf};

    use super::*;
    use crate::{
        pack::Holding,
        site::{Redirect, UrlPath},
    };

    fn page(path: &str, media_type: &str, content: Content) -> Page {
        Page {
            path: UrlPath::new(path).unwrap(),
            status: if path == "/404.html" { 404 } else { 200 },
            media_type: media_type.into(),
            content,
            modified: (path == "/").then_some(-1),
        }
    }

    fn shelf(folder: &Path, bytes_max: u64) -> Arc<Shelf> {
        let cache = Arc::new(Cache::open(folder.join("cache"), bytes_max));
        let packer = Packer::encoding(Holding::default(), None);
        Arc::new(Shelf::new(&cache, Arc::new(packer)))
    }

    fn pages(film: &Path, text: &str) -> Vec<Page> {
        let body = |text: &str| Content::Bytes(Bytes::from(text.to_owned()));
        let large = LargeFile {
            file: film.to_owned(),
            bytes: 4,
            hash: Hash::of(b"film"),
            held: None,
        };
        let redirect = Content::Redirect {
            to: "/".into(),
            html: Bytes::from_static(b"<p>moved"),
        };
        vec![
            page("/", "text/html; charset=utf-8", body(&text.repeat(100))),
            page("/404.html", "text/html", body("gone")),
            page("/a.png", "image/png", body("")),
            page("/film.mp4", "video/mp4", Content::Large(large)),
            page("/old/", "text/html", redirect),
        ]
    }

    fn files(folder: &Path) -> Vec<PathBuf> {
        let walk = walkdir::WalkDir::new(folder).into_iter();
        let files = walk.filter(|entry| entry.as_ref().unwrap().file_type().is_file());
        files.map(|entry| entry.unwrap().into_path()).collect()
    }

    #[test]
    fn what_is_published_comes_back_or_nothing_does() {
        let folder = tempfile::tempdir().unwrap();
        let film = folder.path().join("film.mp4");
        fs::write(&film, "film").unwrap();
        let name = SiteName::new(Path::new("/srv/site"), &[b"terms"]);
        let first = shelf(folder.path(), 1 << 20);
        let pack = |text| first.packer.pack(pages(&film, text), "/book");
        let live = Arc::new(Live::new(pack("one, two "), vec![]));
        first.follow(name.clone(), &live).unwrap();
        let kept = |root_hash| {
            while first
                .find(&name)
                .is_none_or(|found| found.root_hash != root_hash)
            {
                thread::yield_now();
            }
        };
        kept(live.load().snapshot.root_hash);
        live.publish(pack("three, four "), vec![]);
        let root_hash = live.load().snapshot.root_hash;
        kept(root_hash);
        drop(live);

        let found = || shelf(folder.path(), 1 << 20).find(&name);
        let again = found().unwrap();
        assert_eq!((again.root_hash, &*again.base_path), (root_hash, "/book"));
        assert_eq!(again.resources["/"].modified, Some(-1));
        assert_eq!(again.not_found.unwrap().status, 404);
        let Stored::Redirect(redirect) = &again.resources["/old/"].stored else {
            panic!("not a redirect");
        };
        let Redirect { to, html } = &**redirect;
        assert_eq!((&**to, &html[..]), ("/", &b"<p>moved"[..]));
        let other = SiteName::new(Path::new("/srv/site"), &[b"other"]);
        assert!(shelf(folder.path(), 1 << 20).find(&other).is_none());

        fs::write(&film, "FILM").unwrap();
        assert!(found().is_none(), "the large file is another");
        fs::write(&film, "film").unwrap();
        assert!(found().is_some());
        for path in files(&folder.path().join("cache")) {
            let bytes = fs::read(&path).unwrap();
            let mut changed = bytes.clone();
            *changed.last_mut().unwrap() ^= 1;
            fs::write(&path, changed).unwrap();
            // What belongs to the first generation alone is not missed.
            let missed = found().is_none();
            fs::write(&path, bytes).unwrap();
            fs::remove_file(&path).unwrap();
            assert_eq!(found().is_none(), missed);
            if missed {
                return;
            }
        }
        panic!("nothing that was damaged was missed");
    }

    #[test]
    fn a_full_disk_is_told_as_one() {
        let folder = tempfile::tempdir().unwrap();
        let shelf = shelf(folder.path(), 1 << 20);
        let error = io::Error::from(rustix::io::Errno::NOSPC);
        assert_eq!(error.kind(), io::ErrorKind::StorageFull);
        let complaint = shelf.complaint(&error, 1);
        assert!(!complaint.contains("bytes_max"), "{complaint}");
        assert!(
            complaint.contains(&folder.path().display().to_string()),
            "{complaint}"
        );
        assert!(complaint.contains("No space left"), "{complaint}");
    }

    #[test]
    fn what_finds_no_room_is_told_once() {
        let folder = tempfile::tempdir().unwrap();
        let shelf = shelf(folder.path(), 1 << 10);
        let noise: Vec<u8> = (0..64u8).flat_map(|n| *Hash::of(&[n]).as_bytes()).collect();
        let content = Content::Bytes(Bytes::from(noise));
        let snapshot = shelf.packer.pack(vec![page("/", "image/png", content)], "");
        let mut keeper = Keeper {
            shelf: Arc::clone(&shelf),
            site: SiteName::new(Path::new("/"), &[]),
            live: Weak::new(),
            known: HashSet::new(),
        };
        let error = keeper.keep(&snapshot, bytes(&snapshot)).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::StorageFull);
        let complaint = shelf.complaint(&error, 1);
        assert!(
            complaint.contains("raise bytes_max in [cache]"),
            "{complaint}"
        );
        shelf.tell(&error, 1);
        assert!(shelf.told.load(Ordering::Relaxed));
    }
}
