//! Taxonomies: which terms there are, and which pages carry each.

use std::collections::BTreeMap;

use lexical_sort::natural_lexical_cmp;

use super::{address, address::Addresses, library::newest_first};
use crate::site::{Config, Problem, Source, TaxonomyConfig, nearest, slugify};

/// One taxonomy in one language.
#[derive(Debug)]
pub(super) struct Taxonomy {
    pub(super) config: TaxonomyConfig,
    pub(super) lang: String,
    /// `/tags/`.
    pub(super) path: String,
    pub(super) permalink: String,
    /// By name.
    pub(super) terms: Vec<Term>,
}

/// One term of a taxonomy.
#[derive(Debug)]
pub(super) struct Term {
    /// As the first page that uses it writes it.
    pub(super) name: String,
    pub(super) slug: String,
    /// `/tags/tides/`.
    pub(super) path: String,
    pub(super) permalink: String,
    /// The newest first.
    pub(super) pages: Vec<usize>,
}

impl Taxonomy {
    /// The term that a page calls `name`.
    pub(super) fn term(&self, name: &str, config: &Config) -> Option<&Term> {
        let slug = slugify(name, config.slugify.taxonomies);
        let exact = self.terms.iter().find(|term| term.name == name);
        exact.or_else(|| self.terms.iter().find(|term| term.slug == slug))
    }
}

/// The taxonomies of each language.
pub(super) fn of(source: &Source, addresses: &Addresses) -> BTreeMap<String, Vec<Taxonomy>> {
    let mut by_language: BTreeMap<String, Vec<Taxonomy>> = BTreeMap::new();
    for (lang, language) in &source.config.languages {
        let taxonomies = language.taxonomies.iter().map(|config| {
            let mut taxonomy = empty(&source.config, lang, config);
            taxonomy.terms = terms(source, addresses, &taxonomy);
            taxonomy
        });
        by_language.insert(lang.clone(), taxonomies.collect());
    }
    by_language
}

fn empty(config: &Config, lang: &str, taxonomy: &TaxonomyConfig) -> Taxonomy {
    let lang_folder = (lang != config.default_language).then_some(lang);
    let root = config
        .taxonomy_root
        .as_deref()
        .map(|root| root.trim_matches('/'));
    let parts: Vec<_> = lang_folder
        .into_iter()
        .chain(root)
        .chain([&*taxonomy.slug])
        .collect();
    let path = format!("/{}/", parts.join("/"));
    Taxonomy {
        config: taxonomy.clone(),
        lang: lang.to_owned(),
        permalink: address::permalink(config, &path),
        terms: Vec::new(),
        path,
    }
}

fn terms(source: &Source, addresses: &Addresses, taxonomy: &Taxonomy) -> Vec<Term> {
    let config = &source.config;
    let mut by_slug: BTreeMap<String, Term> = BTreeMap::new();
    for (number, page) in source.pages.iter().enumerate() {
        if page.file.lang != taxonomy.lang {
            continue;
        }
        let names = page
            .front
            .taxonomies
            .iter()
            .filter(|(name, _)| *name == taxonomy.config.name);
        for name in names.flat_map(|(_, names)| names) {
            let slug = slugify(name, config.slugify.taxonomies);
            let term = by_slug.entry(slug).or_insert_with_key(|slug| {
                let path = format!("{}{slug}/", taxonomy.path);
                let permalink = address::permalink(config, &path);
                Term {
                    name: name.clone(),
                    slug: slug.clone(),
                    path,
                    permalink,
                    pages: Vec::new(),
                }
            });
            if term.pages.last() != Some(&number) {
                term.pages.push(number);
            }
        }
    }
    let mut terms: Vec<_> = by_slug.into_values().collect();
    for term in &mut terms {
        newest_first(source, addresses, &mut term.pages);
    }
    terms.sort_by(|a, b| natural_lexical_cmp(&a.name, &b.name));
    terms
}

/// Pages that use a taxonomy which is not configured for their language.
pub(super) fn problems(source: &Source) -> Vec<Problem> {
    let mut problems = Vec::new();
    for page in &source.pages {
        let language = source.config.languages.get(&page.file.lang);
        let known: Vec<&str> = language
            .map(|language| {
                language
                    .taxonomies
                    .iter()
                    .map(|t| t.name.as_str())
                    .collect()
            })
            .unwrap_or_default();
        for (name, _) in page
            .front
            .taxonomies
            .iter()
            .filter(|(n, _)| !known.contains(&&**n))
        {
            let lang = &page.file.lang;
            let what = format!("the taxonomy `{name}` is not configured for the language `{lang}`");
            let config = &source.config.file;
            let way_out = match nearest(name, known.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("add {{ name = \"{name}\" }} to `taxonomies` in {config}"),
            };
            let file = format!("content/{}", page.file.relative);
            let text = source.files.read(&file).unwrap_or_default();
            let text = String::from_utf8_lossy(&text);
            let line = text
                .lines()
                .position(|line| line.trim_start().starts_with(name));
            let problem = Problem::error(what).in_file(file).way_out(way_out);
            problems.push(match line {
                Some(index) => problem.at_line(&text, index + 1).marked(name),
                None => problem,
            });
        }
    }
    problems
}
