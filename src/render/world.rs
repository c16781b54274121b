//! What templates, shortcodes and Markdown may ask of the site while it is rendered.
//!
//! It grows as the site is rendered: addresses are known first, then texts, then values.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, PoisonError, Weak},
};

use bytes::Bytes;
use once_cell::sync::OnceCell;
use serde_json::{Map, Value};

use super::{
    address::Addresses,
    engine::Engine,
    functions,
    library::Library,
    markdown::{Call, ShortcodeKind, World as Asked, highlight::Shelf},
    value,
};
use crate::{
    images,
    site::{Problem, SortBy, Source, nearest_path},
};

/// One site, while it is rendered.
pub(super) struct World {
    pub(super) source: Source,
    pub(super) addresses: Addresses,
    pub(super) library: Library,
    pub(super) engine: Engine,
    /// `config` for the templates of each language.
    pub(super) configs: BTreeMap<String, Value>,
    /// Style sheets made from Sass, by path: `css/site.css`.
    pub(super) sheets: HashMap<String, Bytes>,
    /// What code is painted with.
    pub(super) shelf: Shelf,
    neighbours: Neighbours,
    /// Whether a template reads the text of a page's neighbours, which is long.
    neighbours_texts: bool,
    /// Whether the template of headings' links speaks of the configuration.
    anchors_know_config: bool,
    /// The images that templates asked for in other sizes, by path. A lock, since pages are rendered
    /// side by side; it is held for an insertion.
    images: Mutex<BTreeMap<String, Order>>,
    /// The digests of files, for templates that ask.
    pub(super) digests: functions::Digests,
    /// What templates loaded.
    pub(super) loaded: functions::Loaded,
    /// Search indexes, by path, once the values are known.
    pub(super) indexes: OnceCell<HashMap<String, Bytes>>,
    /// The values of pages and sections, once every text is rendered.
    pub(super) values: OnceCell<Values>,
}

/// An image that a template asked for.
pub(super) struct Order {
    /// As the template called it.
    pub(super) path: String,
    pub(super) source: Bytes,
    pub(super) plan: images::Plan,
}

/// How the templates speak of a page's neighbours: what none speaks of need not be copied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Neighbours {
    /// By today's names, and by those of years ago.
    Retired,
    /// By today's names.
    Today,
    /// Not at all.
    Unknown,
}

/// What templates are given to list and to fetch.
#[derive(Debug, Default)]
pub(super) struct Values {
    /// In the order of [`Source::pages`].
    pub(super) pages: Vec<Value>,
    /// In the order of [`Source::sections`], without their pages.
    pub(super) sections: Vec<Value>,
}

impl World {
    /// The world of `source`, before any text is rendered.
    pub(super) fn of(
        source: Source,
        sheets: HashMap<String, Bytes>,
        shelf: Shelf,
    ) -> (Arc<Self>, Vec<Problem>) {
        let (mut engine, mut problems) = Engine::of(&source);
        let addresses = Addresses::of(&source);
        let library = Library::of(&source, &addresses);
        problems.extend(library.problems(&source));
        let languages = source.config.languages.keys();
        let configs = languages
            .map(|lang| (lang.clone(), value::config(&source.config, lang)))
            .collect();
        let world = Arc::new_cyclic(|world: &Weak<Self>| {
            functions::register(&mut engine, world);
            let neighbours = Neighbours::of(&engine);
            let neighbours_texts = reads_neighbours_texts(&engine);
            let anchors_know_config = engine.text("anchor-link.html").is_some_and(|text| {
                ["config", "include", "import", "extends", "__tera_context"]
                    .iter()
                    .any(|word| text.contains(word))
            });
            let values = OnceCell::new();
            Self {
                source,
                addresses,
                library,
                engine,
                configs,
                sheets,
                shelf,
                neighbours,
                neighbours_texts,
                anchors_know_config,
                digests: functions::Digests::default(),
                images: Mutex::default(),
                loaded: functions::Loaded::default(),
                indexes: OnceCell::new(),
                values,
            }
        });
        (world, problems)
    }

    /// Has an image made and served as `name`.
    pub(super) fn order_image(&self, name: String, order: Order) {
        let mut images = self.images.lock().unwrap_or_else(PoisonError::into_inner);
        images.entry(name).or_insert(order);
    }

    /// The images that were ordered, by path.
    pub(super) fn ordered_images(&self) -> Vec<(String, Order)> {
        let mut images = self.images.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *images).into_iter().collect()
    }

    /// A file that is made, not written: a style sheet or a search index.
    pub(super) fn made(&self, path: &str) -> Option<&Bytes> {
        self.sheets
            .get(path)
            .or_else(|| self.indexes.get()?.get(path))
    }

    /// What every template of language `lang` is given.
    pub(super) fn base(&self, lang: &str) -> Map<String, Value> {
        let config = self.configs.get(lang).cloned().unwrap_or_default();
        let mut context = Map::new();
        context.insert("config".into(), config);
        context.insert("lang".into(), lang.into());
        context.insert("zola_version".into(), ZOLA_VERSION.into());
        context
    }

    pub(super) fn page_value(&self, number: usize) -> Option<&Value> {
        self.values.get()?.pages.get(number)
    }

    /// A page with the ones before and after it, for its own template.
    pub(super) fn page_with_neighbours(&self, number: usize) -> Option<Value> {
        self.with_neighbours(number, |page| self.page_value(page).cloned())
    }

    /// A page as its section lists it: its neighbours are there too, but their texts only if some
    /// template reads them.
    fn listed_page(&self, number: usize) -> Option<Value> {
        self.with_neighbours(number, |page| {
            let whole = self.page_value(page)?;
            if self.neighbours_texts {
                return Some(whole.clone());
            }
            let fields = whole.as_object()?.iter();
            let short = fields.filter(|(name, _)| !TEXTS.contains(&name.as_str()));
            Some(Value::Object(
                short.map(|(k, v)| (k.clone(), v.clone())).collect(),
            ))
        })
    }

    fn with_neighbours(
        &self,
        number: usize,
        neighbour: impl Fn(usize) -> Option<Value>,
    ) -> Option<Value> {
        let mut page = self.page_value(number)?.clone();
        let place = self.library.pages.get(number)?;
        if self.neighbours == Neighbours::Unknown {
            return Some(page);
        }
        if let Value::Object(map) = &mut page {
            let lower = place.lower.and_then(&neighbour);
            let higher = place.higher.and_then(&neighbour);
            if self.neighbours == Neighbours::Retired
                && let Some([before, after]) = self.retired_neighbours(number)
            {
                map.insert(before.into(), lower.clone().unwrap_or_default());
                map.insert(after.into(), higher.clone().unwrap_or_default());
            }
            map.insert("lower".into(), lower.unwrap_or_default());
            map.insert("higher".into(), higher.unwrap_or_default());
        }
        Some(page)
    }

    /// What a page's neighbours were once called, which depended on the order they stand in.
    fn retired_neighbours(&self, number: usize) -> Option<[&'static str; 2]> {
        let section = self.library.pages.get(number)?.ancestors.last()?;
        match self.source.sections.get(*section)?.front.sort_by {
            SortBy::Date | SortBy::UpdateDate => Some(["later", "earlier"]),
            SortBy::Weight => Some(["lighter", "heavier"]),
            SortBy::Title | SortBy::TitleBytes => Some(["title_prev", "title_next"]),
            SortBy::None | SortBy::Slug | SortBy::Permalink => None,
        }
    }

    /// A section with its pages.
    pub(super) fn section_value(&self, number: usize) -> Option<Value> {
        let mut section = self.bare_section_value(number)?.clone();
        let pages = self.library.sections.get(number)?.pages.iter();
        let pages = pages.filter_map(|page| self.listed_page(*page));
        if let Value::Object(map) = &mut section {
            map.insert("pages".into(), pages.collect());
        }
        Some(section)
    }

    /// A section without its pages.
    pub(super) fn bare_section_value(&self, number: usize) -> Option<&Value> {
        self.values.get()?.sections.get(number)
    }
}

impl Neighbours {
    fn of(engine: &Engine) -> Self {
        // The last two show a whole page without naming what is in it.
        if engine.mentions(&RETIRED_NEIGHBOURS) {
            Self::Retired
        } else if engine.mentions(&["lower", "higher", "json_encode", "__tera_context"]) {
            Self::Today
        } else {
            Self::Unknown
        }
    }
}

/// The long fields of a page.
const TEXTS: [&str; 3] = ["content", "summary", "toc"];

/// What the ones before and after a page were once called.
const RETIRED_NEIGHBOURS: [&str; 6] = [
    "later",
    "earlier",
    "lighter",
    "heavier",
    "title_prev",
    "title_next",
];

/// Whether a template reads one of the long fields of a neighbour, as in `page.lower.content`.
fn reads_neighbours_texts(engine: &Engine) -> bool {
    let names = ["lower", "higher"].into_iter().chain(RETIRED_NEIGHBOURS);
    let mut fields = names.flat_map(|name| TEXTS.map(|text| format!("{name}.{text}")));
    fields.any(|field| engine.mentions(&[&field]))
}

/// The Zola whose dialect this is, for templates that ask.
const ZOLA_VERSION: &str = "0.22.1";

/// A text's view of the world: which page or section it belongs to, for its shortcodes.
pub(super) struct Around<'w> {
    pub(super) world: &'w World,
    pub(super) lang: &'w str,
    /// `page` or `section`, and its value as far as it is known; None in the `markdown` filter.
    pub(super) document: Option<(&'static str, &'w Value)>,
}

impl Asked for Around<'_> {
    fn permalink(&self, path: &str) -> Option<String> {
        self.world.addresses.permalink(path).map(ToOwned::to_owned)
    }

    fn nearest_path(&self, path: &str) -> Option<String> {
        let library = &self.world.library;
        let known = library.page_of.keys().chain(library.section_of.keys());
        nearest_path(path, known.map(String::as_str)).map(Into::into)
    }

    fn shortcode(&self, name: &str) -> Option<ShortcodeKind> {
        // One whose template is broken is a shortcode all the same: what is wrong is told of the template.
        let has = |ending: &str| {
            let template = format!("shortcodes/{name}.{ending}");
            self.world.engine.is_written(&template)
        };
        if has("md") {
            return Some(ShortcodeKind::Markdown);
        }
        has("html").then_some(ShortcodeKind::Html)
    }

    fn render_shortcode(&self, call: &Call) -> Result<String, Problem> {
        let ending = match self.shortcode(&call.name) {
            Some(ShortcodeKind::Markdown) => "md",
            _ => "html",
        };
        let mut context = self.world.base(self.lang);
        if let Some((name, value)) = self.document {
            context.insert(name.to_owned(), value.clone());
        }
        context.extend(call.args.clone());
        context.insert("nth".into(), call.nth.into());
        if let Some(body) = &call.body {
            context.insert("body".into(), body.as_str().into());
        }
        self.world
            .engine
            .render(&format!("shortcodes/{}.{ending}", call.name), context)
    }

    fn anchor_link(&self, id: &str, level: u8) -> Result<String, Problem> {
        // A page has many headings: what their template does not speak of need not be copied.
        let mut context = if self.world.anchors_know_config {
            self.world.base(self.lang)
        } else {
            Map::from_iter([("lang".to_owned(), self.lang.into())])
        };
        context.insert("id".into(), id.into());
        context.insert("level".into(), level.into());
        self.world.engine.render("anchor-link.html", context)
    }

    fn summary_cutoff(&self) -> Result<String, Problem> {
        self.world
            .engine
            .render("summary-cutoff.html", self.world.base(self.lang))
    }

    fn shortcode_names(&self) -> Vec<String> {
        let names = self.world.engine.names("shortcodes/");
        let names = names
            .iter()
            .filter_map(|name| name.strip_prefix("shortcodes/"));
        names
            .filter_map(|name| Some(name.rsplit_once('.')?.0.to_owned()))
            .collect()
    }
}
