//! `content/` becomes pages and sections: which file is what, in which language, with which assets.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use rayon::prelude::*;

use super::{
    Options, date,
    disk::{self, Disk, Found},
    front_matter,
    keys::Place,
};
use crate::site::{
    Asset, Body, Config, ContentFile, PageSource, Problem, SectionFront, SectionSource,
};

/// Pages and sections, each sorted by path.
pub(super) struct Content {
    pub(super) sections: Vec<SectionSource>,
    pub(super) pages: Vec<PageSource>,
}

/// One Markdown file, parsed.
enum Parsed {
    Page(PageSource),
    Section(SectionSource),
}

/// Reads every Markdown file below `content/`, and the assets beside them. Drafts and all that
/// lies below a drafted section are left out unless `options` ask for them.
pub(super) fn read(disk: &Disk, config: &Config, options: &Options) -> (Content, Vec<Problem>) {
    let (found, mut problems) = disk.list("content");
    let ignored = disk::globs(disk, &config.ignored_content, config, &mut problems);
    let visible = found
        .into_iter()
        .filter(|found| !is_hidden(&found.relative) && !found.is_ignored_content(&ignored));
    let (texts, others): (Vec<_>, Vec<_>) =
        visible.partition(|found| found.relative.ends_with(".md"));
    let mut others: Vec<_> = others
        .into_iter()
        .filter(|found| is_asset(&found.relative))
        .collect();
    others.sort_by_cached_key(|found| found.relative.to_lowercase());
    let parsed: Vec<_> = texts
        .into_par_iter()
        .map(|found| parse(disk, config, &found))
        .collect();
    let (mut sections, mut pages) = (Vec::new(), Vec::new());
    for (parsed, found) in parsed {
        problems.extend(found);
        match parsed {
            Some(Parsed::Page(page)) => pages.push(page),
            Some(Parsed::Section(section)) => sections.push(section),
            None => {}
        }
    }
    if !options.drafts {
        drop_drafts(&mut sections, &mut pages);
    }
    problems.extend(attach_assets(disk, others, &mut sections, &mut pages));
    add_roots(config, &mut sections);
    sections.sort_by(|a, b| a.file.relative.cmp(&b.file.relative));
    (Content { sections, pages }, problems)
}

fn is_hidden(relative: &str) -> bool {
    relative.split('/').any(|part| part.starts_with('.'))
}

/// `Makefile`, `LICENSE`: what has no ending is a note to the author, never an asset; and so is
/// what an editor leaves behind.
fn is_asset(relative: &str) -> bool {
    let name = relative.rsplit('/').next().unwrap_or(relative);
    name.rsplit_once('.')
        .is_some_and(|(_, ending)| !EDITORS_ENDINGS.contains(&ending))
}

const EDITORS_ENDINGS: [&str; 4] = ["___jb_tmp___", "swp", "swx", "tmp"];

fn parse(disk: &Disk, config: &Config, found: &Found) -> (Option<Parsed>, Vec<Problem>) {
    let text = match disk.text(&found.file) {
        Ok(text) => text,
        Err(problem) => return (None, vec![*problem]),
    };
    let (file, is_section) = content_file(&found.relative, config);
    let parts = match front_matter::split(&text) {
        Ok(parts) => parts,
        Err(problem) => return (None, vec![problem.in_file(found.file.as_str())]),
    };
    let place = Place {
        file: &found.file,
        text: &text,
        called: "",
        table: "",
    };
    let (body, assets) = (parts.body, Vec::new());
    if is_section {
        let (front, problems) = front_matter::section(parts.front, place);
        return (
            Some(Parsed::Section(SectionSource {
                file,
                front,
                body,
                assets,
            })),
            problems,
        );
    }
    let (front, mut problems) = front_matter::page(parts.front, place);
    problems.extend(unknown_language(&file, config));
    let mut page = PageSource {
        file,
        front,
        body,
        assets,
    };
    take_date_of_name(&mut page, config);
    (Some(Parsed::Page(page)), problems)
}

/// What the path of a Markdown file says, and whether it is a section's.
fn content_file(relative: &str, config: &Config) -> (ContentFile, bool) {
    let (folder, name) = relative.rsplit_once('/').unwrap_or(("", relative));
    let stem = name.strip_suffix(".md").unwrap_or(name);
    let (stem, lang) = match stem.rsplit_once('.') {
        Some((stem, code)) if is_language(config, stem, code) => (stem, code),
        _ => (stem, config.default_language.as_str()),
    };
    let mut folders: Vec<String> = folder
        .split('/')
        .filter(|part| !part.is_empty())
        .map(Into::into)
        .collect();
    let canonical = if folder.is_empty() {
        stem.into()
    } else {
        format!("{folder}/{stem}")
    };
    let is_section = stem == "_index";
    let colocated = (stem == "index" && !folder.is_empty()).then(|| format!("{folder}/"));
    let name = match &colocated {
        Some(_) => folders.pop().unwrap_or_default(),
        None => stem.to_owned(),
    };
    let relative = relative.to_owned();
    let file = ContentFile {
        relative,
        folders,
        name,
        colocated,
        lang: lang.into(),
        canonical,
    };
    (file, is_section)
}

/// Whether `code` behind `stem` names the language of a text. The default language is not written, so
/// that `notes.en.md` is called `notes.en` there; only an index can mean nothing else by it.
fn is_language(config: &Config, stem: &str, code: &str) -> bool {
    let is_default = code == config.default_language;
    config.languages.contains_key(code) && (!is_default || matches!(stem, "index" | "_index"))
}

/// A warning for a name that ends in what looks like a language the site does not have.
fn unknown_language(file: &ContentFile, config: &Config) -> Option<Problem> {
    let (_, code) = file.name.rsplit_once('.')?;
    let (family, region) = code.split_once('-').unwrap_or((code, "XX"));
    let is_code = family.len() == 2 && family.chars().all(|c| c.is_ascii_lowercase());
    let is_code = is_code && region.len() == 2 && region.chars().all(|c| c.is_ascii_uppercase());
    if !is_code || config.languages.len() < 2 || config.languages.contains_key(code) {
        return None;
    }
    let what = format!("`{code}` in the file's name is no language of this site");
    let way_out = format!(
        "add `[languages.{code}]` to {}, or rename the file",
        config.file
    );
    let file = format!("content/{}", file.relative);
    Some(Problem::warning(what).in_file(file).way_out(way_out))
}

/// A date at the head of the name dates the page and, as a rule, stays out of its URL.
fn take_date_of_name(page: &mut PageSource, config: &Config) {
    let Some((date, name)) = date::in_name(&page.file.name) else {
        return;
    };
    let name = name.map(ToOwned::to_owned);
    page.front.date.get_or_insert(date);
    if let (Some(name), false) = (name, config.slugify.paths_keep_dates) {
        page.file.name = name;
    }
}

fn drop_drafts(sections: &mut Vec<SectionSource>, pages: &mut Vec<PageSource>) {
    let drafted: Vec<(Vec<String>, String)> = sections
        .iter()
        .filter(|section| section.front.draft)
        .map(|section| (section.file.folders.clone(), section.file.lang.clone()))
        .collect();
    let in_draft = |file: &ContentFile| {
        drafted
            .iter()
            .any(|(folders, lang)| *lang == file.lang && file.folders.starts_with(folders))
    };
    sections.retain(|section| !in_draft(&section.file));
    pages.retain(|page| !page.front.draft && !in_draft(&page.file));
}

/// Each language has a root section, with or without a file.
fn add_roots(config: &Config, sections: &mut Vec<SectionSource>) {
    let have: HashSet<String> = sections
        .iter()
        .filter(|section| section.file.folders.is_empty())
        .map(|section| section.file.lang.clone())
        .collect();
    for lang in config.languages.keys().filter(|lang| !have.contains(*lang)) {
        let is_default = *lang == config.default_language;
        let relative = if is_default {
            "_index.md".into()
        } else {
            format!("_index.{lang}.md")
        };
        let file = ContentFile {
            relative,
            name: "_index".into(),
            lang: lang.clone(),
            canonical: "_index".into(),
            ..ContentFile::default()
        };
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
        sections.push(SectionSource {
            file,
            front,
            body: Body::default(),
            assets: Vec::new(),
        });
    }
}

/// Gives each other file to every page above it that has a folder of its own, else to the section of
/// its very folder.
fn attach_assets(
    disk: &Disk,
    others: Vec<Found>,
    sections: &mut [SectionSource],
    pages: &mut [PageSource],
) -> Vec<Problem> {
    let mut problems = Vec::new();
    let page_folders: BTreeSet<String> = pages
        .iter()
        .filter_map(|page| page.file.colocated.clone())
        .collect();
    let read: Vec<_> = others
        .into_par_iter()
        .map(|found| disk.asset(found))
        .collect();
    let mut by_folder: BTreeMap<String, Vec<Asset>> = BTreeMap::new();
    for read in read {
        match read {
            Ok(asset) => {
                for owner in owners(&asset.relative, &page_folders) {
                    by_folder.entry(owner).or_default().push(asset.clone());
                }
            }
            Err(problem) => problems.push(*problem),
        }
    }
    for page in pages {
        let folder = page.file.colocated.as_ref();
        page.assets = folder
            .and_then(|f| by_folder.get(f).cloned())
            .unwrap_or_default();
    }
    for section in sections {
        let folder = folder_of(&section.file.folders);
        let all = by_folder.get(&folder).cloned().unwrap_or_default();
        // A folder may be a section's and a page's: what lies deeper is the page's alone.
        let is_direct = |asset: &Asset| {
            let inner = asset.relative.strip_prefix(&folder);
            inner.is_some_and(|inner| !inner.contains('/'))
        };
        section.assets = all.into_iter().filter(is_direct).collect();
    }
    problems
}

/// The folders, each with a slash at its end, whose pages a file belongs to, or the one whose
/// section it belongs to.
fn owners(relative: &str, page_folders: &BTreeSet<String>) -> Vec<String> {
    let folders = relative
        .match_indices('/')
        .filter_map(|(at, _)| relative.get(..=at));
    let of_pages: Vec<String> = folders
        .filter(|folder| page_folders.contains(*folder))
        .map(Into::into)
        .collect();
    if !of_pages.is_empty() {
        return of_pages;
    }
    let own = relative.rfind('/').and_then(|at| relative.get(..=at));
    vec![own.unwrap_or_default().to_owned()]
}

fn folder_of(folders: &[String]) -> String {
    folders
        .iter()
        .flat_map(|part| [part.as_str(), "/"])
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_belong_to_the_pages_above_them() {
        let pages = BTreeSet::from(["a/".to_owned(), "a/b/".to_owned()]);
        for (relative, owners_) in [
            ("a/x.png", vec!["a/"]),
            ("a/b/x.png", vec!["a/", "a/b/"]),
            ("a/c/x.png", vec!["a/"]),
            ("c/x.png", vec!["c/"]),
            ("x.png", vec![""]),
        ] {
            assert_eq!(owners(relative, &pages), owners_, "{relative}");
        }
    }

    #[test]
    fn some_files_are_no_assets() {
        for (relative, expected) in [
            ("a/x.png", true),
            ("a.d/x.tar.gz", true),
            ("a.d/LICENSE", false),
            ("a/x.tmp", false),
            ("a/.x.png.swp", false),
        ] {
            assert_eq!(is_asset(relative), expected, "{relative}");
        }
    }

    #[test]
    fn names_tell_the_language() {
        let text = "default_language = \"de\"\n[languages.fr]\n[languages.pt-BR]\n";
        let map = crate::site::toml(text).unwrap();
        let (config, _) = super::super::config::config(map, "config.toml", text);
        for (relative, lang, name, warned) in [
            ("a.md", "de", "a", false),
            ("a.fr.md", "fr", "a", false),
            ("b/a.pt-BR.md", "pt-BR", "a", false),
            ("a.de.md", "de", "a.de", false),
            ("b/index.de.md", "de", "b", false),
            ("a.it.md", "de", "a.it", true),
            ("v1.2.md", "de", "v1.2", false),
        ] {
            let (file, _) = content_file(relative, &config);
            assert_eq!((&*file.lang, &*file.name), (lang, name), "{relative}");
            let warning = unknown_language(&file, &config);
            assert_eq!(warning.is_some(), warned, "{relative}");
        }
    }
}
