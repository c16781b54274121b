//! `content/` becomes pages and sections: which file is what, in which language, with which assets.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
    time::Duration,
};

use super::{
    beside::Beside,
    date,
    disk::{self, Disk, Found},
    front_matter,
    keys::Place,
    listing::Listing,
    memory::{Held, Made, Memory},
    words::Words,
};
use crate::site::{
    Asset, Body, Config, ContentFile, PageSource, Problem, SectionFront, SectionSource,
};

/// Pages and sections, each sorted by path.
pub(super) struct Content {
    pub(super) sections: Vec<Arc<SectionSource>>,
    pub(super) pages: Vec<Arc<PageSource>>,
}

/// What is known of files of `content/`.
#[derive(Debug, Default)]
pub(super) struct Known {
    listing: Listing,
    texts: Memory<Parsed>,
    assets: Memory<Arc<Asset>>,
    /// Whether anything ever lay beside a text.
    had_assets: bool,
    /// The root sections without a file, by language.
    roots: BTreeMap<String, Arc<SectionSource>>,
    /// What taxonomies and their terms are called.
    words: Words,
    manner: Manner,
}

/// One Markdown file, parsed.
#[derive(Debug, Clone)]
enum Parsed {
    Page(Arc<PageSource>),
    /// A page, too: whoever leaves drafts out need not look into all pages for them.
    Draft(Arc<PageSource>),
    Section(Arc<SectionSource>),
}

/// What of the configuration counts for how a Markdown file is read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Manner {
    /// The configuration's own file, which problems name.
    file: String,
    default_language: Arc<str>,
    languages: BTreeSet<Arc<str>>,
    keeps_dates: bool,
}

/// Reads every Markdown file below `content/`, and the assets beside them: what is not `known`, and what
/// is not as it was. Unless there are to be `drafts`, they are left out, and all that lies below a drafted
/// section.
pub(super) fn read(
    disk: &Disk<'_>,
    config: &Config,
    drafts: Drafts,
    (known, now): (&mut Known, Duration),
) -> (Content, Vec<Problem>) {
    let mut problems = Vec::new();
    let globs = disk::globs(disk, &config.ignored_content, config, &mut problems);
    known.listing.refresh(
        disk,
        (&config.ignored_content, &globs),
        (&mut known.texts, &mut known.assets),
    );
    problems.splice(..0, known.listing.problems.iter().cloned());
    let manner = Manner::of(config);
    if known.manner != manner {
        known.texts.doubt();
    }
    let parse = |found: &Found| parse(disk, (&manner, &known.words), found);
    let (parsed, found) = known.texts.read(now, parse, Parsed::says_the_same);
    problems.extend(found);
    known.words.forget_unsaid();
    known.manner = manner;
    let (mut sections, mut pages) = (Vec::new(), Vec::with_capacity(parsed.len()));
    for parsed in parsed {
        match parsed {
            Parsed::Page(page) => pages.push(page),
            Parsed::Draft(page) if drafts == Drafts::Kept => pages.push(page),
            Parsed::Draft(_) => {}
            Parsed::Section(section) => sections.push(section),
        }
    }
    if drafts == Drafts::LeftOut {
        drop_drafted(&mut sections, &mut pages);
    }
    let make = |found: &Found| disk.asset(found);
    let (assets, found) = known.assets.read(now, make, PartialEq::eq);
    problems.extend(found);
    // Where nothing lies beside any text, nor did, none need be asked.
    if !assets.is_empty() || known.had_assets {
        let beside = Beside::of(&assets, &pages);
        let mut changed = HashMap::new();
        beside.attach_to_pages(&mut pages, |page| {
            changed.insert(page.file.path().to_owned(), Parsed::page(Arc::clone(page)));
        });
        beside.attach_to_sections(&mut sections, |section| {
            let path = section.file.path().to_owned();
            changed.insert(path, Parsed::Section(Arc::clone(section)));
        });
        known.texts.put(changed);
    }
    known.had_assets |= !assets.is_empty();
    add_roots(config, &mut known.roots, &mut sections);
    sections.sort_by(|a, b| a.file.relative().cmp(b.file.relative()));
    (Content { sections, pages }, problems)
}

/// What becomes of drafts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Drafts {
    Kept,
    LeftOut,
}

impl Known {
    /// The files that are served as they are.
    pub(super) fn assets(&self) -> impl Iterator<Item = &Arc<Asset>> {
        self.assets.all()
    }

    /// Lets go of all texts.
    pub(super) fn release(&self) {
        for parsed in self.texts.all() {
            match parsed {
                Parsed::Page(page) | Parsed::Draft(page) => page.body.release(),
                Parsed::Section(section) => section.body.release(),
            }
        }
    }

    /// About what it takes in memory to know them.
    pub(super) fn held_bytes(&self) -> usize {
        self.texts.held_bytes() + self.assets.held_bytes()
    }

    /// The same of the words that they share.
    pub(super) fn words_bytes(&self) -> usize {
        self.words.held_bytes()
    }

    /// Has the assets read again, since what is held in memory is another now.
    pub(super) fn doubt_assets(&mut self) {
        self.assets.doubt();
    }
}

impl Parsed {
    fn page(page: Arc<PageSource>) -> Self {
        match page.front.draft {
            true => Self::Draft(page),
            false => Self::Page(page),
        }
    }

    /// Whether both say the same, whatever lies beside them.
    fn says_the_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Page(a), Self::Page(b)) | (Self::Draft(a), Self::Draft(b)) => {
                (&a.file, &a.front, &a.body) == (&b.file, &b.front, &b.body)
            }
            (Self::Section(a), Self::Section(b)) => {
                (&a.file, &a.front, &a.body) == (&b.file, &b.front, &b.body)
            }
            _ => false,
        }
    }
}

impl Held for Parsed {
    fn held_bytes(&self) -> usize {
        match self {
            Self::Page(page) | Self::Draft(page) => page.held_bytes(),
            Self::Section(section) => section.held_bytes(),
        }
    }
}

impl Manner {
    fn of(config: &Config) -> Self {
        Self {
            file: config.file.clone(),
            default_language: config.default_language.as_str().into(),
            languages: config
                .languages
                .keys()
                .map(|lang| lang.as_str().into())
                .collect(),
            keeps_dates: config.slugify.paths_keep_dates,
        }
    }

    /// The language called `code`.
    fn language(&self, code: &str) -> &Arc<str> {
        self.languages.get(code).unwrap_or(&self.default_language)
    }

    /// Whether `code` behind `stem` names the language of a text. The default language is not written, so
    /// that `notes.en.md` is called `notes.en` there; only an index can mean nothing else by it.
    fn names_language(&self, stem: &str, code: &str) -> bool {
        let is_default = code == &*self.default_language;
        self.languages.contains(code) && (!is_default || matches!(stem, "index" | "_index"))
    }
}

fn parse(disk: &Disk<'_>, (manner, words): (&Manner, &Words), found: &Found) -> Made<Parsed> {
    let text = match disk.text(&found.file) {
        Ok(text) => text,
        Err(problem) => return (None, vec![*problem]),
    };
    let (file, is_section) = content_file(&found.file, manner);
    let parts = match front_matter::split(&text) {
        Ok(parts) => parts,
        Err(problem) => return (None, vec![problem.in_file(&*found.file)]),
    };
    let place = Place {
        file: &found.file,
        text: &text,
        called: "",
        table: "",
    };
    let (body, assets) = (parts.body, Box::default());
    if is_section {
        let (front, problems) = front_matter::section(parts.front, place);
        let section = SectionSource {
            file,
            front,
            body,
            assets,
        };
        return (Some(Parsed::Section(Arc::new(section))), problems);
    }
    let (front, mut problems) = front_matter::page(parts.front, place, words);
    problems.extend(unknown_language(&file, manner));
    let mut page = PageSource {
        file,
        front,
        body,
        assets,
    };
    take_date_of_name(&mut page, manner);
    (Some(Parsed::page(Arc::new(page))), problems)
}

/// What the path of a Markdown file says, and whether it is a section's.
fn content_file(path: &Arc<str>, manner: &Manner) -> (ContentFile, bool) {
    let name = path.rsplit('/').next().unwrap_or_default();
    let stem = name.strip_suffix(".md").unwrap_or(name);
    let (stem, lang) = match stem.rsplit_once('.') {
        Some((stem, code)) if manner.names_language(stem, code) => (stem, manner.language(code)),
        _ => (stem, &manner.default_language),
    };
    let file = ContentFile::new(Arc::clone(path), stem, Arc::clone(lang));
    (file, stem == "_index")
}

/// A warning for a name that ends in what looks like a language the site does not have.
fn unknown_language(file: &ContentFile, manner: &Manner) -> Option<Problem> {
    let (_, code) = file.slug_name().rsplit_once('.')?;
    let (family, region) = code.split_once('-').unwrap_or((code, "XX"));
    let is_code = family.len() == 2 && family.chars().all(|c| c.is_ascii_lowercase());
    let is_code = is_code && region.len() == 2 && region.chars().all(|c| c.is_ascii_uppercase());
    if !is_code || manner.languages.len() < 2 || manner.languages.contains(code) {
        return None;
    }
    let what = format!("`{code}` in the file's name is no language of this site");
    let way_out = format!(
        "add `[languages.{code}]` to {}, or rename the file",
        manner.file
    );
    let problem = Problem::warning(what).in_file(file.path());
    Some(problem.way_out(way_out))
}

/// A date at the head of the name dates the page and, as a rule, stays out of its URL.
fn take_date_of_name(page: &mut PageSource, manner: &Manner) {
    let Some((date, name)) = date::in_name(page.file.slug_name()) else {
        return;
    };
    let name_bytes = name.map(str::len);
    page.front.date.get_or_insert(date);
    if let (Some(bytes), false) = (name_bytes, manner.keeps_dates) {
        page.file.shorten_slug_name(bytes);
    }
}

/// Leaves out drafted sections and all that lies below them.
fn drop_drafted(sections: &mut Vec<Arc<SectionSource>>, pages: &mut Vec<Arc<PageSource>>) {
    let drafted: Vec<ContentFile> = sections
        .iter()
        .filter(|section| section.front.draft)
        .map(|section| section.file.clone())
        .collect();
    if drafted.is_empty() {
        return;
    }
    let is_below = |file: &ContentFile, drafted: &ContentFile| {
        drafted.lang() == file.lang() && file.folder().starts_with(drafted.folder())
    };
    let in_draft = |file: &ContentFile| drafted.iter().any(|drafted| is_below(file, drafted));
    sections.retain(|section| !in_draft(&section.file));
    pages.retain(|page| !in_draft(&page.file));
}

/// Each language has a root section, with or without a file.
fn add_roots(
    config: &Config,
    known: &mut BTreeMap<String, Arc<SectionSource>>,
    sections: &mut Vec<Arc<SectionSource>>,
) {
    let have: BTreeSet<&str> = sections
        .iter()
        .filter(|section| section.file.folder().is_empty())
        .map(|section| section.file.lang())
        .collect();
    let languages = config.languages.keys();
    let missing = languages.filter(|lang| !have.contains(lang.as_str()));
    let roots: Vec<_> = missing.map(|lang| root(config, lang)).collect();
    let mut before = std::mem::take(known);
    for root in roots {
        let root = match before.remove(root.file.lang()) {
            Some(before) if *before == root => before,
            _ => Arc::new(root),
        };
        known.insert(root.file.lang().to_owned(), Arc::clone(&root));
        sections.push(root);
    }
}

/// The root section of a language without a file.
fn root(config: &Config, lang: &str) -> SectionSource {
    let is_default = lang == config.default_language;
    let path = match is_default {
        true => "content/_index.md".into(),
        false => format!("content/_index.{lang}.md"),
    };
    let file = ContentFile::new(path.into(), "_index", lang.into());
    let pagination = crate::site::Pagination {
        path: "page".into(),
        ..Default::default()
    };
    let front = SectionFront {
        render: true,
        in_search_index: true,
        pagination,
        ..Default::default()
    };
    SectionSource {
        file,
        front,
        body: Body::default(),
        assets: Box::default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_the_language() {
        let text = "default_language = \"de\"\n[languages.fr]\n[languages.pt-BR]\n";
        let map = crate::site::toml(text).unwrap();
        let (config, _) = super::super::config::config(map, "config.toml", text);
        let manner = Manner::of(&config);
        for (relative, lang, name, warned) in [
            ("a.md", "de", "a", false),
            ("a.fr.md", "fr", "a", false),
            ("b/a.pt-BR.md", "pt-BR", "a", false),
            ("a.de.md", "de", "a.de", false),
            ("b/index.de.md", "de", "b", false),
            ("a.it.md", "de", "a.it", true),
            ("v1.2.md", "de", "v1.2", false),
        ] {
            let (file, _) = content_file(&format!("content/{relative}").into(), &manner);
            assert_eq!((file.lang(), file.slug_name()), (lang, name), "{relative}");
            let warning = unknown_language(&file, &manner);
            assert_eq!(warning.is_some(), warned, "{relative}");
        }
    }
}
