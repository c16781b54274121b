//! A reader that remembers, and one that does not, over random sites and what may happen to them.

use std::{
    fs::{self, File},
    sync::atomic::{AtomicU64, Ordering},
    time::UNIX_EPOCH,
};

use proptest::{prelude::*, sample::select};

use super::*;
use crate::{load::Mode, site::SassCompiler};

/// Something that happens to a site between two readings; places are numbers in [`PLACES`], contents in
/// [`TEXTS`].
#[derive(Debug, Clone)]
enum Edit {
    Write(usize, usize),
    Remove(usize),
    Rename(usize, usize),
    /// A folder moves, or away, or back.
    Move(&'static str, &'static str),
    /// The configuration is another.
    Configure(usize),
}

/// What is edited between two readings, whether events tell of it, and whether texts are let go after.
type Round = (Vec<Edit>, bool, bool);

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_memory_makes_no_difference(rounds in prop::collection::vec(round(), 1..6)) {
        let folder = tempfile::tempdir().unwrap();
        let mut reader = reader(folder.path());
        for place in [0, 1, 4, 9, 12] {
            apply(folder.path(), &Edit::Write(place, place));
        }
        apply(folder.path(), &Edit::Configure(0));
        let mut news = News::Everything;
        let mut last = None;
        for (edits, told, released) in rounds {
            let look = reader.look_at(&news, LATER);
            if look == Look::Beyond {
                reader.look_at(&News::Everything, LATER);
            }
            let (source, problems) = match (look, last.take()) {
                (Look::Same, Some(last)) => last,
                _ => reader.read(),
            };
            prop_assert!(reader.is_whole(&News::Everything));
            let mut fresh = self::reader(folder.path());
            let (expected, expected_problems) = fresh.read();
            prop_assert_eq!(told_of(&problems), told_of(&expected_problems));
            prop_assert_eq!(source.is_some(), expected.is_some());
            prop_assert_eq!(reader.tree.held_bytes(), fresh.tree.held_bytes());
            if let (Some(source), Some(expected)) = (&source, &expected) {
                same(source, expected);
                prop_assert_eq!(reader.known.held_bytes(), fresh.known.held_bytes());
            }
            if released {
                reader.release();
            }
            last = Some((source, problems));
            news = if told { News::default() } else { News::Everything };
            for edit in &edits {
                for path in apply(folder.path(), edit) {
                    news.add(path.into());
                }
            }
        }
    }

    #[test]
    fn what_did_not_change_is_the_very_same(place in 0..PLACES.len(), text in 0..TEXTS.len()) {
        let folder = tempfile::tempdir().unwrap();
        for place in 0..PLACES.len() {
            apply(folder.path(), &Edit::Write(place, 0));
        }
        apply(folder.path(), &Edit::Configure(0));
        let mut reader = reader(folder.path());
        let before = reader.read().0.unwrap();
        for path in apply(folder.path(), &Edit::Write(place, text)) {
            let told = News::Paths([PathBuf::from(path)].into());
            prop_assert_eq!(reader.look_at(&told, LATER), Look::Differs);
        }
        let after = reader.read().0.unwrap();
        for page in &after.pages {
            let same = before.pages.iter().find(|before| before == &page);
            prop_assert!(same.is_none_or(|same| Arc::ptr_eq(same, page)), "{:?}", page.file);
        }
        for asset in &after.statics {
            let same = before.statics.iter().find(|before| before == &asset);
            prop_assert!(same.is_none_or(|same| Arc::ptr_eq(same, asset)), "{}", asset.file);
        }
        for template in &after.templates {
            let same = before.templates.iter().find(|before| before == &template);
            prop_assert!(same.is_none_or(|same| Arc::ptr_eq(same, template)), "{}", template.name);
        }
        let section = |source: &Source| source.sections.iter().map(Arc::as_ptr).collect::<Vec<_>>();
        // A page that comes or goes may take its files from a section, or leave them to it.
        let is_own = PLACES[place].contains("_index") || PLACES[place].ends_with("png");
        let is_same = section(&before) == section(&after);
        prop_assert!(is_own || before.pages.len() != after.pages.len() || is_same);
    }
}

fn round() -> impl Strategy<Value = Round> {
    (
        prop::collection::vec(edit(), 0..4),
        any::<bool>(),
        any::<bool>(),
    )
}

fn edit() -> impl Strategy<Value = Edit> {
    let place = || 0..PLACES.len();
    prop_oneof![
        6 => (place(), 0..TEXTS.len()).prop_map(|(place, text)| Edit::Write(place, text)),
        2 => place().prop_map(Edit::Remove),
        2 => (place(), place()).prop_map(|(from, to)| Edit::Rename(from, to)),
        1 => select(&MOVES[..]).prop_map(|(from, to)| Edit::Move(from, to)),
        2 => (0..CONFIGS.len()).prop_map(Edit::Configure),
    ]
}

/// Has it happen, and gives the paths that events would tell.
fn apply(root: &Path, edit: &Edit) -> Vec<&'static str> {
    match *edit {
        Edit::Write(place, text) => {
            // A new folder is told, too.
            let above = Path::new(PLACES[place]).parent().unwrap();
            let made = above.ancestors().filter(|above| !root.join(above).exists());
            let told = made.filter_map(Path::to_str).chain([PLACES[place]]);
            let told = told.collect();
            write(&root.join(PLACES[place]), TEXTS[text]);
            told
        }
        Edit::Remove(place) => {
            fs::remove_file(root.join(PLACES[place])).ok();
            vec![PLACES[place]]
        }
        Edit::Rename(from, to) => {
            // Into a folder that is there: a new one would be told, too.
            fs::rename(root.join(PLACES[from]), root.join(PLACES[to])).ok();
            vec![PLACES[from], PLACES[to]]
        }
        Edit::Move(from, to) => {
            fs::rename(root.join(from), root.join(to)).ok();
            vec![from, to]
        }
        Edit::Configure(config) => {
            write(&root.join("config.toml"), CONFIGS[config]);
            vec!["config.toml"]
        }
    }
}

/// Writes a file that has a time of its own, so that no two have the same facts.
fn write(path: &Path, text: &str) {
    static TIME: AtomicU64 = AtomicU64::new(1_700_000_000);
    if fs::create_dir_all(path.parent().unwrap()).is_err() || fs::write(path, text).is_err() {
        return;
    }
    let time = Duration::from_secs(TIME.fetch_add(1, Ordering::Relaxed));
    let file = File::options().write(true).open(path).unwrap();
    file.set_modified(UNIX_EPOCH + time).unwrap();
}

fn reader(root: &Path) -> Reader {
    Reader::new(Options {
        root: root.to_owned(),
        config: None,
        base_url: None,
        drafts: false,
        minify: false,
        markdown: false,
        mode: Mode::Build,
        memory_file_bytes_max: 12,
        remote: crate::site::Remote::default(),
        sass_compiler: SassCompiler::new(|_, _| Vec::new()),
    })
}

fn same(source: &Source, expected: &Source) {
    assert_eq!(source.config, expected.config);
    assert_eq!(source.pages, expected.pages);
    assert_eq!(source.sections, expected.sections);
    assert_eq!(source.templates, expected.templates);
    assert_eq!(source.statics, expected.statics);
    assert_eq!(source.sass, expected.sass);
    assert_eq!(source.colours, expected.colours);
    assert_eq!(source.modified, expected.modified);
    for (page, expected_page) in source.pages.iter().zip(&expected.pages) {
        let text = page.body.text(&source.files, &page.file).unwrap();
        let expected_text = expected_page.body.text(&expected.files, &page.file);
        assert_eq!(text, expected_text.unwrap());
    }
}

fn told_of(problems: &[Problem]) -> Vec<String> {
    problems.iter().map(ToString::to_string).collect()
}

/// A moment at which every file is settled.
const LATER: Duration = Duration::from_secs(1 << 40);

fn cases() -> u32 {
    #[expect(clippy::disallowed_methods, reason = "who soaks says for how long")]
    let cases = std::env::var("LITTORAL_CASES").ok();
    cases.and_then(|cases| cases.parse().ok()).unwrap_or(CASES)
}

const CASES: u32 = 96;

const PLACES: [&str; 20] = [
    "content/a.md",
    "content/b.fr.md",
    "content/_index.md",
    "content/_index.fr.md",
    "content/post/index.md",
    "content/post/index.fr.md",
    "content/post/pic.png",
    "content/post/deep/pic.png",
    "content/post/deep/_index.md",
    "content/sec/_index.md",
    "content/sec/2024-05-01-tides.md",
    "content/sec/pic.png",
    "static/a.css",
    "static/b.txt",
    "templates/index.html",
    "templates/page.html",
    "themes/reef/templates/page.html",
    "themes/reef/static/a.css",
    "themes/reef/theme.toml",
    "sass/site.scss",
];

const TEXTS: [&str; 13] = [
    "+++\n+++\nOne\n",
    "+++\ntitle = 'A'\n+++\nOne\n",
    "+++\ntitle = 'A'\n+++\nTwo\n",
    "+++\ntitle = 'B'\ndraft = true\n+++\nOne\n",
    "+++\ntitle = \n+++\nbroken\n",
    "+++\ntitel = 'A'\n+++\nwarned of\n",
    "no front matter\n",
    "---\ntitle: A\n---\nOne\n",
    "extra = { a = 1 }\n",
    "p {}",
    "",
    "+++\n[extra]\na = 1\n+++\n",
    "<p>{{ page.title }}",
];

const CONFIGS: [&str; 8] = [
    "",
    "base_url = 'https://example.org'\n",
    "[languages.fr]\n",
    "default_language = 'fr'\n[languages.en]\n",
    "theme = 'reef'\ncompile_sass = true\n",
    "ignored_content = ['**/post/*', '*.png']\nignored_static = ['*.txt']\n",
    "[slugify]\npaths_keep_dates = true\n",
    "title = \n",
];

const MOVES: [(&str, &str); 5] = [
    ("content/post", "content/sec/post"),
    ("content/sec/post", "content/post"),
    ("content/sec", "away"),
    ("away", "content/sec"),
    ("themes", "static"),
];
