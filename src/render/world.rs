//! What templates, shortcodes and Markdown may ask of the site while it is rendered.
//!
//! It grows as the site is rendered: addresses are known first, then texts, then documents. Whoever asks
//! here has the question noted.

mod around;

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, PoisonError},
};

use bytes::Bytes;
use once_cell::sync::OnceCell;
use serde_json::{Map, Value};

pub(super) use self::around::Around;
use super::{
    address::{Address, Addresses},
    arranged::Arranged,
    ask::{self, List, Noting, Phase, Question},
    engine::{Engine, View},
    field::{Field, Fields},
    functions,
    known::Known,
    last::{Last, Text},
    library::Library,
    links::Links,
    markdown::{Rendered, highlight::Shelf},
    texts::Slot,
    value,
};
use crate::{
    images,
    site::{ContentFile, Problem, Source},
};

/// One site, while it is rendered.
pub(super) struct World {
    pub(super) source: Source,
    pub(super) arranged: Arc<Arranged>,
    pub(super) addresses: Arc<Addresses>,
    pub(super) library: Arc<Library>,
    pub(super) engine: Arc<Engine>,
    /// `config` for the templates of each language.
    pub(super) configs: BTreeMap<String, Value>,
    /// Style sheets made from Sass, by path: `css/site.css`.
    pub(super) sheets: HashMap<String, Bytes>,
    /// What code is painted with.
    pub(super) shelf: Arc<Shelf>,
    /// Whether it is noted what is asked, since the site will be rendered again.
    pub(super) noting: Noting,
    /// The images that templates asked for in other sizes, by path. A lock, since pages are rendered
    /// side by side; it is held for an insertion.
    images: Mutex<BTreeMap<String, Order>>,
    /// The digests of files, for templates that ask.
    pub(super) digests: functions::Digests,
    /// What templates loaded.
    pub(super) loaded: functions::Loaded,
    /// Search indexes, by path, once the texts are known.
    pub(super) indexes: OnceCell<HashMap<String, Bytes>>,
    /// Who links to whom, once the texts are known.
    pub(super) links: OnceCell<Arc<Links>>,
    /// The documents whose texts were looked at; those of all others are as they were.
    pub(super) looked_at: OnceCell<Vec<Document>>,
    /// What the last run found out.
    pub(super) last: Option<Arc<Last>>,
    /// The text of each page.
    pages: Vec<Slot>,
    /// The text of each section.
    sections: Vec<Slot>,
}

/// An image that a template asked for.
pub(super) struct Order {
    /// As the template called it.
    pub(super) path: String,
    pub(super) source: Bytes,
    pub(super) plan: images::Plan,
}

/// A page or a section, by its number in the source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Document {
    Page(usize),
    Section(usize),
}

impl World {
    /// The world of `source`, before any text is rendered; what is `known` and still holds is taken from
    /// there.
    pub(super) fn of(
        source: Source,
        sheets: HashMap<String, Bytes>,
        known: &mut Known,
        noting: Noting,
    ) -> (Arc<Self>, Vec<Problem>) {
        let (engine, mut problems) = known.engine(&source);
        let (shelf, found) = known.shelf(&source);
        problems.extend(found);
        let arranged = known.arranged(&source);
        problems.extend(arranged.order.problems(&source));
        let languages = source.config.languages.keys();
        let configs = languages
            .map(|lang| (lang.clone(), value::config(&source.config, lang)))
            .collect();
        let world = Arc::new(Self {
            last: known.last(),
            addresses: Arc::clone(&arranged.order.addresses),
            library: Arc::clone(&arranged.order.library),
            pages: slots(source.pages.len()),
            sections: slots(source.sections.len()),
            source,
            arranged,
            engine,
            configs,
            sheets,
            shelf,
            noting,
            images: Mutex::default(),
            digests: functions::Digests::default(),
            loaded: functions::Loaded::default(),
            indexes: OnceCell::new(),
            links: OnceCell::new(),
            looked_at: OnceCell::new(),
        });
        world.engine.seat.store(Arc::downgrade(&world));
        (world, problems)
    }

    /// Has an image made and served as `name`.
    pub(super) fn order_image(&self, name: String, order: Order) {
        ask::note_image(&name);
        let mut images = self.images.lock().unwrap_or_else(PoisonError::into_inner);
        images.entry(name).or_insert(order);
    }

    /// Whether any image was ordered.
    pub(super) fn has_orders(&self) -> bool {
        !self
            .images
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .is_empty()
    }

    /// The images that were ordered, by path.
    pub(super) fn ordered_images(&self) -> Vec<(String, Order)> {
        let mut images = self.images.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *images).into_iter().collect()
    }

    /// A file that is made, not written: a style sheet or a search index.
    pub(super) fn made(&self, path: &str) -> Option<&Bytes> {
        let indexed = || match ask::phase() {
            Phase::Texts => None,
            Phase::Documents => self.indexes.get()?.get(path),
        };
        self.sheets.get(path).or_else(indexed)
    }

    /// What every template of language `lang` is given that has this `view`.
    pub(super) fn base(&self, lang: &str, view: &View) -> Map<String, Value> {
        ask::note(|| Question::Settings);
        let config = match (self.configs.get(lang), &view.config) {
            (Some(Value::Object(config)), Some(keys)) => {
                let read = config.iter().filter(|(key, _)| keys.contains(*key));
                Value::Object(
                    read.map(|(key, value)| (key.clone(), value.clone()))
                        .collect(),
                )
            }
            (config, _) => config.cloned().unwrap_or_default(),
        };
        let mut context = Map::new();
        context.insert("config".into(), config);
        context.insert("lang".into(), lang.into());
        context.insert("zola_version".into(), ZOLA_VERSION.into());
        context
    }

    /// `fields` of a page alone.
    pub(super) fn page(&self, number: usize, fields: Fields) -> Value {
        self.note_document(Document::Page(number), fields, None);
        Value::Object(self.fields(Document::Page(number), fields))
    }

    /// `fields` of a page, and `near` of the ones before and after it.
    pub(super) fn page_with_neighbours(
        &self,
        number: usize,
        fields: Fields,
        near: Fields,
    ) -> Value {
        self.note_document(Document::Page(number), fields, Some(near));
        self.page_between(number, fields, near)
    }

    fn page_between(&self, number: usize, fields: Fields, near: Fields) -> Value {
        let mut page = self.fields(Document::Page(number), fields);
        if fields.has_any(Fields::NEIGHBOURS) {
            let place = self.library.pages.get(number);
            let neighbours = place.map_or([None, None], |place| [place.lower, place.higher]);
            let names = self.neighbours_names(number).into_iter().flatten();
            let pairs = names.flat_map(|names| names.into_iter().zip(neighbours));
            for (name, neighbour) in pairs.filter(|(name, _)| fields.has(*name)) {
                let value = neighbour.map(|n| self.fields(Document::Page(n), near));
                let value = value.map_or(Value::Null, Value::Object);
                page.insert(name.name().to_owned(), value);
            }
        }
        Value::Object(page)
    }

    /// Notes that `fields` of a section are read.
    pub(super) fn note_section(&self, number: usize, fields: Fields) {
        self.note_document(Document::Section(number), fields, None);
    }

    /// `fields` of a section, without its pages.
    pub(super) fn bare_section(&self, number: usize, fields: Fields) -> Value {
        self.note_document(Document::Section(number), fields, None);
        Value::Object(self.fields(Document::Section(number), fields))
    }

    /// `fields` of a section; `listed` of its pages, if they are among them.
    pub(super) fn section(&self, number: usize, fields: Fields, listed: Fields) -> Value {
        let mut section = self.bare_section(number, fields);
        if fields.has(Field::Pages)
            && let Some(doc) = self.arranged.order.ids.of(Document::Section(number))
            && let Value::Object(map) = &mut section
        {
            ask::note(|| Question::Listing {
                list: List::Section(doc),
                fields: listed,
                near: Some(listed),
            });
            let pages = self.library.sections.get(number).into_iter();
            let pages = pages.flat_map(|place| &place.pages);
            let pages = pages.map(|page| self.page_between(*page, listed, listed));
            map.insert(Field::Pages.name().to_owned(), pages.collect());
        }
        section
    }

    /// `fields` of each of `pages` alone, for a list that is noted already.
    pub(super) fn listed(&self, pages: &[usize], fields: Fields) -> Vec<Value> {
        let pages = pages.iter();
        pages
            .map(|page| Value::Object(self.fields(Document::Page(*page), fields)))
            .collect()
    }

    /// `fields` of a page or section as far as they are known before its text is rendered.
    pub(super) fn head(&self, document: Document, fields: Fields) -> Value {
        let fields = fields.without(Fields::OF_TEXT);
        self.note_document(document, fields, None);
        Value::Object(self.fields(document, fields))
    }

    fn note_document(&self, document: Document, fields: Fields, near: Option<Fields>) {
        if let Some(doc) = self.arranged.order.ids.of(document) {
            ask::note(|| Question::Document { doc, fields, near });
        }
    }

    pub(super) fn file(&self, document: Document) -> Option<&ContentFile> {
        match document {
            Document::Page(n) => self.source.pages.get(n).map(|page| &page.file),
            Document::Section(n) => self.source.sections.get(n).map(|section| &section.file),
        }
    }

    pub(super) fn address(&self, document: Document) -> Option<&Address> {
        match document {
            Document::Page(n) => self.addresses.pages.get(n),
            Document::Section(n) => self.addresses.sections.get(n),
        }
    }

    pub(super) fn title(&self, document: Document) -> Option<&str> {
        match document {
            Document::Page(n) => self.source.pages.get(n)?.front.title.as_deref(),
            Document::Section(n) => self.source.sections.get(n)?.front.title.as_deref(),
        }
    }

    /// The file of each, below `content/`.
    pub(super) fn files(&self) -> impl Iterator<Item = &str> + Clone {
        let pages = self.source.pages.iter().map(|page| page.file.relative());
        let sections = self.source.sections.iter();
        pages.chain(sections.map(|section| section.file.relative()))
    }

    /// Every page and every section.
    pub(super) fn documents(&self) -> impl Iterator<Item = Document> + use<> {
        let pages = (0..self.source.pages.len()).map(Document::Page);
        pages.chain((0..self.source.sections.len()).map(Document::Section))
    }

    pub(super) fn slot(&self, document: Document) -> Option<&Slot> {
        match document {
            Document::Page(n) => self.pages.get(n),
            Document::Section(n) => self.sections.get(n),
        }
    }

    /// The last run, if the site is in the same order as then and has the same templates.
    pub(super) fn settled(&self) -> Option<&Last> {
        let last = self.last.as_deref()?;
        let is_settled = self.is_in_order_of(last) && Arc::ptr_eq(&self.engine, &last.engine);
        is_settled.then_some(last)
    }

    fn is_in_order_of(&self, last: &Last) -> bool {
        Arc::ptr_eq(&self.arranged.order, &last.arranged.order)
    }

    /// What is known of a text, from this run or from the last.
    pub(super) fn kept(&self, document: Document) -> Option<&Arc<Text>> {
        let now = self.slot(document)?.kept();
        now.or_else(|| self.settled()?.text(document))
    }

    /// What the last run knew of a text.
    pub(super) fn text_before(&self, document: Document) -> Option<&Arc<Text>> {
        let last = self.last.as_deref()?;
        if self.is_in_order_of(last) {
            return last.text(document);
        }
        let doc = self.arranged.order.ids.of(document)?;
        last.text(last.arranged.order.ids.document(doc)?)
    }

    /// The rendered text of a page or section, rendered now if nobody needed it yet.
    pub(super) fn rendered(&self, document: Document) -> Arc<Rendered> {
        let slot = self.slot(document);
        slot.map(|slot| slot.rendered(self, document))
            .unwrap_or_default()
    }

    /// How many words a text has, and how many minutes it takes to read it.
    pub(super) fn measure(&self, document: Document) -> (u32, u32) {
        self.slot(document)
            .map_or((0, 0), |slot| slot.measured(self, document))
    }

    /// Who links to a page or section.
    pub(super) fn backlinks(&self, document: Document) -> Value {
        let links = self.links.get();
        links
            .map(|links| links.backlinks.of(self, document))
            .unwrap_or_default()
    }
}

fn slots(count: usize) -> Vec<Slot> {
    std::iter::repeat_with(Slot::default).take(count).collect()
}

/// The Zola whose dialect this is, for templates that ask.
const ZOLA_VERSION: &str = "0.22.1";
