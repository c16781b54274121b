//! Taxonomies: which terms there are, and which pages carry each.

use std::{
    collections::{BTreeMap, HashMap, HashSet, btree_map::Entry},
    sync::Arc,
};

use super::{address, library::Newest};
use crate::site::{Config, Problem, Source, TaxonomyConfig, nearest, slugify};

/// One taxonomy in one language.
#[derive(Debug)]
pub(super) struct Taxonomy {
    pub(super) config: TaxonomyConfig,
    pub(super) lang: String,
    /// `/tags/`.
    pub(super) path: String,
    pub(super) permalink: String,
    /// By slug.
    pub(super) terms: Vec<Term>,
}

/// One term of a taxonomy.
#[derive(Debug)]
pub(super) struct Term {
    /// As pages write it; of several ways, the first in the order of their bytes.
    pub(super) name: String,
    pub(super) slug: String,
    /// `/tags/tides/`.
    pub(super) path: String,
    pub(super) permalink: String,
    /// The newest first.
    pub(super) pages: Vec<usize>,
}

impl Term {
    /// Whether there is a page for it: not if its name leaves nothing for a URL (`+`).
    pub(super) fn has_page(&self) -> bool {
        !self.slug.is_empty()
    }
}

impl Taxonomy {
    /// What tells it from all others.
    pub(super) fn key(&self) -> Arc<[String; 2]> {
        Arc::new([self.lang.clone(), self.config.name.clone()])
    }

    /// What tells one of its terms from all others.
    pub(super) fn key_of(&self, term: &Term) -> Arc<[String; 3]> {
        Arc::new([
            self.lang.clone(),
            self.config.name.clone(),
            term.slug.clone(),
        ])
    }

    /// The term that a page calls `name`.
    pub(super) fn term(&self, name: &str, config: &Config) -> Option<&Term> {
        let exact = self.terms.iter().find(|term| term.name == name);
        exact.or_else(|| {
            let slug = slugify(name, config.slugify.taxonomies);
            self.terms.iter().find(|term| term.slug == slug)
        })
    }
}

/// The taxonomies of each language.
pub(super) fn of(source: &Source, newest: &Newest) -> BTreeMap<String, Vec<Taxonomy>> {
    let mut by_language: BTreeMap<String, Vec<Taxonomy>> = BTreeMap::new();
    for (lang, language) in &source.config.languages {
        let taxonomies = language.taxonomies.iter().map(|config| {
            let mut taxonomy = empty(&source.config, lang, config);
            taxonomy.terms = terms(source, newest, &taxonomy);
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

/// Names that have one slug are one term, by the first of them in the order of their bytes; its pages
/// are those of each name in turn. A page that names a term twice is listed twice, as with Zola.
fn terms(source: &Source, newest: &Newest, taxonomy: &Taxonomy) -> Vec<Term> {
    let mut by_slug: BTreeMap<String, Term> = BTreeMap::new();
    for (name, mut pages) in pages_by_name(source, taxonomy) {
        newest.sort(&mut pages);
        let slug = slugify(name, source.config.slugify.taxonomies);
        match by_slug.entry(slug) {
            Entry::Vacant(entry) => {
                let term = term(&source.config, taxonomy, (name, entry.key()));
                entry.insert(Term { pages, ..term });
            }
            Entry::Occupied(mut entry) => {
                entry.get_mut().pages.extend(pages);
            }
        }
    }
    by_slug.into_values().collect()
}

fn pages_by_name<'s>(source: &'s Source, taxonomy: &Taxonomy) -> BTreeMap<&'s str, Vec<usize>> {
    let mut by_name: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    let pages = source.pages.iter().enumerate();
    for (number, page) in pages.filter(|(_, page)| page.file.lang() == taxonomy.lang) {
        let own = page.front.taxonomies.iter();
        let names = own.filter(|(name, _)| **name == *taxonomy.config.name);
        for name in names.flat_map(|(_, names)| names) {
            by_name.entry(name).or_default().push(number);
        }
    }
    by_name
}

fn term(config: &Config, taxonomy: &Taxonomy, (name, slug): (&str, &str)) -> Term {
    let path = if slug.is_empty() {
        taxonomy.path.clone()
    } else {
        format!("{}{slug}/", taxonomy.path)
    };
    Term {
        name: name.to_owned(),
        slug: slug.to_owned(),
        permalink: address::permalink(config, &path),
        path,
        pages: Vec::new(),
    }
}

/// A warning for each page that names one term twice, where it will be listed twice.
pub(super) fn repeated(source: &Source) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mode = source.config.slugify.taxonomies;
    let mut known: HashMap<&str, String> = HashMap::new();
    for page in &source.pages {
        let several = page
            .front
            .taxonomies
            .iter()
            .filter(|(_, names)| names.len() > 1);
        for (taxonomy, names) in several {
            for name in names {
                known.entry(name).or_insert_with(|| slugify(name, mode));
            }
            let mut slugs = HashSet::new();
            let mut named = names.iter();
            let again = named.find(|name| !slugs.insert(known.get::<str>(name)));
            problems.extend(again.map(|name| {
                let what = format!(
                    "`{name}` stands in `{taxonomy}` twice, so the page is listed twice there"
                );
                Problem::warning(what)
                    .in_file(page.file.path())
                    .way_out("take one of them away")
            }));
        }
    }
    problems
}

/// Terms of which nothing is left in a URL: a warning for each, since they have no page.
pub(super) fn nameless(
    by_language: &BTreeMap<String, Vec<Taxonomy>>,
    config: &Config,
) -> Vec<Problem> {
    let taxonomies = by_language.values().flatten();
    let nameless = taxonomies.flat_map(|taxonomy| {
        let terms = taxonomy.terms.iter().filter(|term| !term.has_page());
        terms.map(|term| (term, &taxonomy.config.name))
    });
    let told = nameless.map(|(term, taxonomy)| {
        let name = &term.name;
        let what = format!(
            "the term `{name}` of `{taxonomy}` has no letter or digit for a URL: it has no page"
        );
        let way_out = "call it something else, or write `taxonomies = \"safe\"` below `[slugify]`";
        Problem::warning(what)
            .in_file(config.file.as_str())
            .way_out(way_out)
    });
    told.collect()
}

/// Pages that use a taxonomy which is not configured for their language.
pub(super) fn problems(source: &Source) -> Vec<Problem> {
    let mut problems = Vec::new();
    for page in &source.pages {
        let language = source.config.languages.get(page.file.lang());
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
            let lang = page.file.lang();
            let what = format!("the taxonomy `{name}` is not configured for the language `{lang}`");
            let config = &source.config.file;
            let way_out = match nearest(name, known.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("add {{ name = \"{name}\" }} to `taxonomies` in {config}"),
            };
            let file = page.file.path();
            let text = source.files.read(file).unwrap_or_default();
            let text = String::from_utf8_lossy(&text);
            let line = text
                .lines()
                .position(|line| line.trim_start().starts_with(&**name));
            let problem = Problem::error(what).in_file(file).way_out(way_out);
            problems.push(match line {
                Some(index) => problem.at_line(&text, index + 1).marked(name),
                None => problem,
            });
        }
    }
    problems
}
