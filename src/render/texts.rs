//! Every Markdown text is rendered, unless it was before and all that it asked is answered as then.

use std::{
    collections::BTreeSet,
    io,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use once_cell::sync::OnceCell;
use rayon::prelude::*;

use super::{
    ask::{self, Asking, Digest, Notes, Phase, Question, digest},
    changes::Changes,
    last::{Last, Text as Kept, User},
    markdown::{self, Rendered, Text, words},
    world::{Around, Document, World},
};
use crate::{
    idle,
    site::{Body, ContentFile, InsertAnchor, Problem},
};

/// The text of one page or section.
#[derive(Debug, Default)]
pub(super) struct Slot {
    /// A lock, held to take it or to put it there.
    rendered: Mutex<Option<Arc<Rendered>>>,
    measured: OnceCell<(u32, u32)>,
    /// What is known of the text, whether it was rendered in this run or before.
    kept: OnceCell<Arc<Kept>>,
}

impl Slot {
    /// The text, rendered now if it was not yet.
    pub(super) fn rendered(&self, world: &World, document: Document) -> Arc<Rendered> {
        if let Some(rendered) = &*self.cell() {
            return Arc::clone(rendered);
        }
        let (rendered, _) = render_one(world, document);
        *self.cell() = Some(Arc::clone(&rendered));
        rendered
    }

    /// Forgets the text: who still wants it has it rendered again.
    pub(super) fn release(&self) {
        *self.cell() = None;
    }

    fn cell(&self) -> MutexGuard<'_, Option<Arc<Rendered>>> {
        self.rendered.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many words it has, and how many minutes it takes to read.
    pub(super) fn measured(&self, world: &World, document: Document) -> (u32, u32) {
        *self.measured.get_or_init(|| {
            let before = world.text_before(document);
            let same = before.filter(|before| before.terms == terms(world, document));
            let known = self.kept.get().or(same).map(|kept| kept.measured);
            let count = || Some(words::count(&markdown(world, document)?.ok()?));
            known.or_else(count).unwrap_or_default()
        })
    }

    pub(super) fn kept(&self) -> Option<&Arc<Kept>> {
        self.kept.get()
    }
}

/// Renders the texts that are not known, side by side, and gives the problems of all.
pub(super) fn render(world: &World, asking: &Asking<'_>) -> Vec<Problem> {
    let documents = match world.settled() {
        Some(last) => suspects(world, last, asking),
        None => world.documents().collect(),
    };
    documents.par_iter().for_each(|document| {
        let kept = keep(world, *document, asking);
        if let Some(slot) = world.slot(*document) {
            slot.kept.set(kept).ok();
        }
        idle::give_way();
    });
    let elsewhere = world.settled().map_or(&[][..], |last| &last.troubled);
    let troubled: BTreeSet<_> = documents.iter().chain(elsewhere).copied().collect();
    let kept = troubled
        .into_iter()
        .filter_map(|document| world.kept(document));
    let problems = kept
        .flat_map(|kept| kept.problems().iter().cloned())
        .collect();
    world.looked_at.set(documents).ok();
    problems
}

/// The documents whose texts may be others than the last time, in a site that is in the same order and has
/// the same templates: their files differ, or what they asked may be answered otherwise.
fn suspects(world: &World, last: &Last, asking: &Asking<'_>) -> Vec<Document> {
    let mut documents: BTreeSet<Document> = last.differing(world).collect();
    let changes = Changes::of_files(world, last);
    let may_differ = |question: &Question| changes.may_touch_text(question);
    for question in asking.differing(may_differ, |question| world.answer(question)) {
        documents.extend(last.users(question).filter_map(|user| match user {
            User::Text(text) => Some(last.document(text)),
            User::Job(_) => None,
        }));
    }
    documents.into_iter().collect()
}

fn keep(world: &World, document: Document, asking: &Asking<'_>) -> Arc<Kept> {
    let terms = terms(world, document);
    if let Some(before) = world.text_before(document)
        && before.terms == terms
        && asking.agree(&before.questions, |question| world.answer(question))
    {
        return Arc::clone(before);
    }
    let (mut rendered, notes) = render_one(world, document);
    let questions = notes.map(|notes: Notes| {
        let images = notes.images.clone();
        (
            asking.number(notes, |question| world.answer(question)),
            images,
        )
    });
    let (questions, images) = questions.unwrap_or_default();
    let measured = world.measure(document);
    // Few are asked for once more, and those are read again.
    body(world, document).into_iter().for_each(Body::release);
    let kept = Kept::of(&rendered, terms, measured, questions, images);
    // They are kept otherwise by now.
    if let Some(rendered) = Arc::get_mut(&mut rendered) {
        rendered.anchors = Default::default();
        rendered.internal_links = Default::default();
    }
    if let Some(slot) = world.slot(document) {
        *slot.cell() = Some(rendered);
    }
    Arc::new(kept)
}

/// What a text is rendered from besides what it asks.
fn terms(world: &World, document: Document) -> Digest {
    let (Some(body), Some(address)) = (body(world, document), world.address(document)) else {
        return 0;
    };
    digest((
        body.hash(),
        body.first_line,
        &address.permalink,
        anchor(world, document).map(|anchor| anchor as u8),
        world.file(document).map(ContentFile::lang),
    ))
}

/// The text as it was when it was just rendered, with all that was found in it.
pub(super) fn render_one(world: &World, document: Document) -> (Arc<Rendered>, Option<Notes>) {
    let (rendered, notes) = ask::during(Phase::Texts, world.noting, || text(world, document));
    // What is wrong is told with all that could have been meant.
    if rendered.problems.is_empty() {
        return (Arc::new(rendered), notes);
    }
    let (rendered, notes) = ask::wholly(Phase::Texts, world.noting, || text(world, document));
    (Arc::new(rendered), notes)
}

fn text(world: &World, document: Document) -> Rendered {
    let parts = body(world, document)
        .zip(world.file(document))
        .zip(world.address(document));
    let Some(((body, file), address)) = parts else {
        return Rendered::default();
    };
    ask::note(|| Question::Settings);
    ask::note(|| Question::Colours);
    let around = Around {
        world,
        lang: file.lang(),
        document: Some(document),
    };
    let settings = &world.source.config.markdown;
    let name = file.path();
    let markdown = match body.text(&world.source.files, file) {
        Ok(markdown) => markdown,
        Err(error) => {
            let problem = Problem::error(format!("can't be read: {error}")).in_file(name);
            return Rendered {
                problems: vec![problem],
                ..Rendered::default()
            };
        }
    };
    let text = Text {
        markdown: &markdown,
        file: name,
        first_line: body.first_line as usize,
        permalink: &address.permalink,
        insert_anchor: anchor(world, document).unwrap_or(settings.insert_anchor_links),
        slug_anchors: world.source.config.slugify.anchors,
        settings,
        shelf: &world.shelf,
    };
    let mut rendered = markdown::render(&text, &around);
    rendered.html.shrink_to_fit();
    rendered
}

fn markdown(world: &World, document: Document) -> Option<io::Result<Arc<str>>> {
    let (body, file) = body(world, document).zip(world.file(document))?;
    Some(body.text(&world.source.files, file))
}

fn body(world: &World, document: Document) -> Option<&Body> {
    match document {
        Document::Page(n) => world.source.pages.get(n).map(|page| &page.body),
        Document::Section(n) => world.source.sections.get(n).map(|section| &section.body),
    }
}

/// Where the headings of a text get links, if its section or it itself says so.
fn anchor(world: &World, document: Document) -> Option<InsertAnchor> {
    match document {
        Document::Page(n) => {
            let section = world.library.folders_above(&world.source, n).next();
            section.and_then(|section| section.insert_anchor_links)
        }
        Document::Section(n) => world.source.sections.get(n)?.front.insert_anchor_links,
    }
}
