//! Documents as their authors wrote them, in Markdown, for those who would rather read that.

use pulldown_cmark::{Event, Options, Parser, Tag};

use super::{
    address::{Address, Addresses},
    ask::{self, Digest},
    job::Job,
    last::Kind,
    outcome::{Made, Output, Rank},
    world::World,
};
use crate::site::{Body, ContentFile, Problem, markdown_path};

/// The Markdown of every page and section that is rendered.
pub(super) fn files(world: &World) -> Vec<Job<'_>> {
    let source = &world.source;
    if !source.config.outputs.markdown {
        return Vec::new();
    }
    let pages = source.pages.iter().zip(&world.addresses.pages);
    let pages = pages.zip(&world.library.pages);
    let pages = pages.filter(|((page, _), place)| page.front.render && !place.left_out);
    let pages = pages.map(|((page, address), _)| {
        let written = Written {
            file: &page.file,
            title: page.front.title.as_deref(),
            body: &page.body,
            dated: page.front.dated().map(|date| date.seconds),
        };
        written.job(world, address)
    });
    let sections = source.sections.iter().zip(&world.addresses.sections);
    let sections =
        sections.filter(|(section, _)| section.front.render && section.front.redirect_to.is_none());
    let sections = sections.map(|(section, address)| {
        let written = Written {
            file: &section.file,
            title: section.front.title.as_deref(),
            body: &section.body,
            dated: None,
        };
        written.job(world, address)
    });
    pages.chain(sections).collect()
}

#[derive(Clone, Copy)]
struct Written<'w> {
    file: &'w ContentFile,
    title: Option<&'w str>,
    body: &'w Body,
    dated: Option<i64>,
}

impl<'w> Written<'w> {
    fn job(self, world: &'w World, address: &'w Address) -> Job<'w> {
        let body = self.body.hash();
        let terms = (
            &address.path,
            self.title,
            body.as_bytes(),
            self.dated,
            places(world),
        );
        let key = (Kind::Written, self.file.shared_path(), 0);
        Job::new(key, terms, move || self.made(world, address))
    }

    fn made(self, world: &World, address: &Address) -> Made {
        let text = self.body.text(&world.source.files, self.file);
        let text = text.map_err(|error| {
            Problem::error(format!("its text can't be read: {error}")).in_file(self.file.path())
        })?;
        let title = self.title.filter(|title| !title.trim().is_empty());
        let title = title.map_or_else(String::new, |title| format!("# {title}\n\n"));
        let text = linked(text.trim_start(), &world.addresses);
        let path = markdown_path(&address.path);
        let output = Output::document(&path, TYPE, title + &text)?;
        let output = output.from(self.file.shared_path()).modified(self.dated);
        Ok(output.ranked(Rank::Default))
    }
}

/// Where every document is: what links to them depends on.
fn places(world: &World) -> Digest {
    *world.arranged.order.places.get_or_init(|| {
        let Addresses {
            pages, sections, ..
        } = &*world.addresses;
        let all = pages.iter().chain(sections);
        let permalinks: Vec<&str> = all.map(|address| &*address.permalink).collect();
        ask::digest(permalinks)
    })
}

/// `markdown` with the links to files of the site, `@/blog/first.md`, as addresses: elsewhere nobody knows the files. What
/// stands in code is no link.
fn linked(markdown: &str, addresses: &Addresses) -> String {
    let parser = Parser::new_ext(markdown, Options::all());
    let definitions = parser.reference_definitions().iter();
    let mut links: Vec<_> = definitions
        .map(|(_, definition)| (definition.dest.to_string(), definition.span.clone()))
        .collect();
    links.extend(
        parser
            .into_offset_iter()
            .filter_map(|(event, range)| match event {
                Event::Start(Tag::Link { dest_url, .. }) => Some((dest_url.to_string(), range)),
                _ => None,
            }),
    );
    let mut places: Vec<(usize, &str, &str)> = links
        .iter()
        .filter_map(|(to, range)| {
            let file = to.strip_prefix("@/")?;
            let file = file.split('#').next().unwrap_or_default();
            let permalink = addresses.permalink(file)?;
            let at = markdown.get(range.clone())?.rfind("@/")?;
            Some((range.start + at, file, permalink))
        })
        .collect();
    places.sort_unstable();
    places.dedup();
    let mut written = String::with_capacity(markdown.len());
    let mut done = 0;
    for (at, file, permalink) in places {
        written.push_str(markdown.get(done..at).unwrap_or_default());
        written.push_str(permalink);
        done = at + "@/".len() + file.len();
    }
    written.push_str(markdown.get(done..).unwrap_or_default());
    written
}

const TYPE: &str = "text/markdown; charset=utf-8";
