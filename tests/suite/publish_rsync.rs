//! Real rsync into the folder of a node under load: whole or not at all.
//!
//! Every version of the site writes its number in three places that arrive as different files: the
//! configuration, the template and each page. Every answer carries all three. A reader who ever sees
//! two numbers in one answer, an older answer after a newer one, an error or a closed connection, has
//! seen half a deploy.

mod readers;
mod versions;

use std::{
    fs,
    os::unix::fs::symlink,
    path::Path,
    sync::atomic::{AtomicBool, Ordering},
    thread,
};

use self::{readers::Readers, versions::version};
use crate::node::{Node, Setup, rsync};

#[test]
fn plain_rsync_is_seen_whole() {
    deploys(100, &[&[], &[], &[]]);
}

#[test]
fn rsync_that_deletes_is_seen_whole() {
    deploys(
        100,
        &[&["--delete"], &["--delete-delay"], &["--delete-excluded"]],
    );
}

#[test]
fn rsync_that_delays_updates_is_seen_whole() {
    deploys(
        100,
        &[
            &["--delay-updates"],
            &["--delay-updates", "--delete", "--delete-delay"],
            &["--delay-updates", "--checksum"],
        ],
    );
}

#[test]
fn rsync_of_many_files_is_seen_whole() {
    deploys(
        2_000,
        &[&["--delete"], &["--delay-updates", "--delete-delay"]],
    );
}

#[test]
fn a_machine_without_a_moment_to_spare_publishes_all_the_same() {
    let node = site(300).start();
    let next = node.beside("next");
    version(&next, 2, 300);
    let is_over = AtomicBool::new(false);
    thread::scope(|scope| {
        let hogs = 2 * thread::available_parallelism().unwrap().get();
        (0..hogs).for_each(|_| drop(scope.spawn(|| hog(&is_over))));
        let _end = End(&is_over);
        node.rsync(&next, &[]);
        node.told("published");
    });
    arrives(&node, 2);
}

/// Takes a processor until it `is_over`.
fn hog(is_over: &AtomicBool) {
    while !is_over.load(Ordering::Relaxed) {
        std::hint::spin_loop();
    }
}

/// Ends what waits for it, also if a test fails.
struct End<'a>(&'a AtomicBool);

impl Drop for End<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[test]
fn a_slow_rsync_is_waited_for() {
    // The temporary name of a large file is there for longer than any silence between two events.
    let large = "0123456789abcdef".repeat(1 << 16);
    let node = site(20).start();
    let readers = Readers::start(&node, 20);
    let next = node.beside("next");
    version(&next, 2, 20);
    fs::write(next.join("static/large.txt"), large).unwrap();
    node.rsync(&next, &["--bwlimit=300"]);
    arrives(&node, 2);
    readers.saw_only_whole_versions(2);
}

#[test]
fn a_file_too_large_for_memory_is_seen_whole() {
    let film = |number: u8| vec![b'0' + number; 1 << 20];
    let write = |root: &Path, number: u8| {
        version(root, usize::from(number), 5);
        fs::write(root.join("static/film.mp4"), film(number)).unwrap();
    };
    let setup = Setup::empty().write_beside(
        "littoral.toml",
        "[[site]]\nroot = 'site'\n[limits]\nmemory_file_bytes_max = 1000\n",
    );
    write(&setup.root(), 1);
    let node = setup.start_with_config("littoral.toml");
    let next = node.beside("next");
    write(&next, 2);
    node.rsync(&next, &["--ignore-times", "--delete"]);
    // The new file is in its place, and not published yet or just now.
    node.wait_for("the new film", |node| {
        let seen = node.get("/film.mp4").is(200);
        let number = seen.bytes[0] - b'0';
        assert!(seen.bytes == film(number), "a mixture");
        number == 2
    });
    fs::remove_file(node.root().join("static/film.mp4")).unwrap();
    node.wait_for("its end", |node| match node.get("/film.mp4") {
        gone if gone.status == 404 => true,
        there => {
            assert!(there.is(200).bytes == film(2), "a mixture");
            false
        }
    });
}

#[test]
fn rsync_that_changes_nothing_publishes_nothing() {
    let node = site(20).start();
    let next = node.beside("next");
    version(&next, 1, 20);
    node.rsync(&next, &["--ignore-times"]);
    node.rsync(&next, &["--ignore-times", "--delay-updates"]);
    version(&next, 2, 20);
    node.rsync(&next, &[]);
    arrives(&node, 2);
    assert_eq!(
        node.stderr().matches("published").count(),
        1,
        "{}",
        node.stderr()
    );
}

#[test]
fn a_renamed_folder_is_followed() {
    let node = site(50).start();
    let readers = Readers::start(&node, 50);
    for number in 2..=4 {
        let next = node.beside("next");
        version(&next, number, 50);
        fs::rename(node.root(), node.beside(&format!("old-{number}"))).unwrap();
        fs::rename(&next, node.root()).unwrap();
        arrives(&node, number);
    }
    // The watch hangs on the folder that is served now.
    let next = node.beside("next");
    version(&next, 5, 50);
    node.rsync(&next, &["--delay-updates"]);
    arrives(&node, 5);
    readers.saw_only_whole_versions(5);
}

#[test]
fn a_flipped_symlink_is_followed() {
    let setup = Setup::empty();
    let release = |root: &Path, number| root.join(format!("releases/{number}"));
    let beside = setup.beside("");
    version(&release(&beside, 1), 1, 50);
    fs::remove_dir(setup.root()).unwrap();
    symlink("releases/1", setup.root()).unwrap();
    let node = setup.start();
    let readers = Readers::start(&node, 50);
    for number in 2..=4 {
        let folder = release(&beside, number);
        version(&folder, number, 50);
        symlink(format!("releases/{number}"), node.beside("flip")).unwrap();
        fs::rename(node.beside("flip"), node.root()).unwrap();
        arrives(&node, number);
    }
    let next = node.beside("next");
    version(&next, 5, 50);
    rsync(&next, &release(&beside, 4), &[]);
    arrives(&node, 5);
    readers.saw_only_whole_versions(5);
}

#[test]
fn a_transfer_that_never_ends_holds_nothing_up_for_ever() {
    let setup = site(5).write_beside(
        "littoral.toml",
        "[[site]]\nroot = 'site'\n[watch]\ntransfer_stall_s = 1\n",
    );
    let node = setup.start_with_config("littoral.toml");
    // What an rsync leaves that was killed without mercy.
    node.write("content/.gone.md.a1B2c3", "half a pa");
    let next = node.beside("next");
    version(&next, 2, 5);
    node.rsync(&next, &[]);
    arrives(&node, 2);
}

/// Brings a new version in with each set of flags, under load.
fn deploys(pages: usize, all_flags: &[&[&str]]) {
    let node = site(pages).start();
    let readers = Readers::start(&node, pages);
    let (mut number, mut first_page_is) = (1, 200);
    for flags in all_flags {
        number += 1;
        let next = node.beside(&format!("next-{number}"));
        version(&next, number, pages);
        node.rsync(&next, flags);
        arrives(&node, number);
        if flags.iter().any(|flag| flag.starts_with("--delete")) {
            first_page_is = 404;
        }
        node.get("/only-1/").is(first_page_is);
    }
    readers.saw_only_whole_versions(number);
}

/// The first version, ready to be served.
fn site(pages: usize) -> Setup {
    let setup = Setup::empty();
    version(&setup.root(), 1, pages);
    setup
}

/// Waits until `number` is on the air, and compares its root hash with what a build of the same files
/// says.
fn arrives(node: &Node, number: usize) {
    let mark = format!("template={number} ");
    node.wait_for(&format!("version {number}"), |node| {
        node.get("/").body.contains(&mark)
    });
    let out = node.beside("out");
    let built = crate::node::littoral(&[
        "build",
        node.root().to_str().unwrap(),
        "-o",
        out.to_str().unwrap(),
    ]);
    let root_hash = built.exits_with(0).stdout;
    node.told(&format!("root_hash=\"{}\"", &root_hash[..12]));
}
