//! Pages and sections become documents, each with the redirects that lead to it.

use std::{borrow::Cow, collections::BTreeSet};

use rayon::prelude::*;
use serde_json::{Map, Value};

use super::{
    address::{self, Address},
    field::Fields,
    job::Job,
    last::{Key, Kind},
    outcome::{Made, Output, Rank},
    pager,
    world::{Document, World},
};
use crate::site::{ContentFile, PageSource, Problem, SectionSource};

/// Every page that is to be rendered, and its aliases.
pub(super) fn pages(world: &World) -> Vec<Job<'_>> {
    let templates = (0..world.source.pages.len()).map(|number| template_of(world, number));
    let templates: BTreeSet<&str> = templates.collect();
    // A text that other pages show would be rendered for each of them.
    let shows_others = |template: &&str| {
        let others = world.engine.bounded_view(template).others;
        others.has_any(Fields::OF_TEXT)
    };
    let is_last = !templates.iter().any(shows_others);
    let pages = (0..world.source.pages.len()).into_par_iter();
    let jobs = pages.flat_map_iter(|number| {
        let jobs = of_page(world, number);
        jobs.map(move |job| match is_last && job.key.kind == Kind::Page {
            true => job.releasing(Document::Page(number)),
            false => job,
        })
    });
    jobs.collect()
}

/// A page and its aliases.
fn of_page(world: &World, number: usize) -> impl Iterator<Item = Job<'_>> {
    let place = world.library.pages.get(number);
    let parts = world
        .source
        .pages
        .get(number)
        .zip(world.addresses.pages.get(number));
    let parts = parts.zip(place);
    parts.into_iter().flat_map(move |((page, address), place)| {
        let is_rendered = page.front.render && !place.left_out;
        let document = is_rendered.then(|| self::page(world, number, page, address));
        let aliases = aliases(world, &page.file, page.front.aliases(), address);
        document.into_iter().chain(aliases)
    })
}

/// The job of [`pages`] with this key.
pub(super) fn job_of_page<'w>(world: &'w World, key: &Key) -> Option<Job<'w>> {
    let file = match key.name.split_once('\n') {
        Some((_, file)) => file,
        None => &key.name,
    };
    let file = file.strip_prefix("content/")?;
    let number = world.addresses.page(file)?;
    of_page(world, number).find(|job| job.key == *key)
}

fn page<'w>(
    world: &'w World,
    number: usize,
    page: &'w PageSource,
    address: &'w Address,
) -> Job<'w> {
    let template = template_of(world, number);
    let dated = page.front.dated();
    let dated = dated.map(|date| date.seconds);
    let terms = (template, &address.path, &address.permalink, dated);
    Job::new((Kind::Page, page.file.shared_path(), 0), terms, move || {
        let file = content_name(&page.file);
        let view = world.engine.view(template);
        let mut context = world.base(page.file.lang(), &view);
        locate(&mut context, address);
        context.insert(
            "page".into(),
            world.page_with_neighbours(number, view.page, view.others),
        );
        let html = render(world, template, context, (&file, &file))?;
        let output = Output::html(&address.path, html).map_err(|p| p.in_file(file.as_str()))?;
        Ok(output.from(page.file.shared_path()).modified(dated))
    })
}

/// The template of a page: its own, or the one that the nearest section above says its pages have.
fn template_of(world: &World, page: usize) -> &str {
    let own = world
        .source
        .pages
        .get(page)
        .and_then(|page| page.front.template());
    let inherited = || {
        let mut sections = world.library.folders_above(&world.source, page);
        sections.find_map(|section| section.page_template.as_deref())
    };
    own.or_else(inherited).unwrap_or("page.html")
}

/// Every section that is to be rendered, its pagers, and its aliases.
pub(super) fn sections(world: &World) -> Vec<Job<'_>> {
    let sections = world.source.sections.iter().zip(&world.addresses.sections);
    let jobs = sections
        .enumerate()
        .flat_map(|(number, (section, address))| {
            let mut jobs = self::section(world, number, section, address);
            let front = &section.front;
            jobs.extend(aliases(world, &section.file, &front.aliases, address));
            jobs
        });
    jobs.collect()
}

fn section<'w>(
    world: &'w World,
    number: usize,
    section: &'w SectionSource,
    address: &'w Address,
) -> Vec<Job<'w>> {
    let front = &section.front;
    if !front.render {
        return Vec::new();
    }
    if let Some(to) = &front.redirect_to {
        return vec![redirect(
            world,
            address.path.clone(),
            to,
            content_name(&section.file),
        )];
    }
    let fallback = if section.file.folder().is_empty() {
        "index.html"
    } else {
        "section.html"
    };
    let template = front.template.as_deref().unwrap_or(fallback);
    let file = content_name(&section.file);
    if front.pagination.by > 0 {
        let listed = world.library.sections.get(number);
        let cut = pager::Cut {
            pages: listed.map_or(&[][..], |place| &place.pages),
            pagination: Cow::Borrowed(&front.pagination),
            path: &address.path,
        };
        let about = pager::About {
            kind: Kind::Section,
            lang: section.file.lang(),
            template: template.into(),
            name: "",
            file,
            rank: Rank::Content,
            note: Box::new(move |view| world.note_section(number, view.section)),
            context: Box::new(move |view| {
                let bare = world.bare_section(number, view.section);
                Map::from_iter([("section".to_owned(), bare)])
            }),
        };
        return pager::documents(world, cut, about);
    }
    let terms = (template, &address.path, &address.permalink);
    let job = Job::new(
        (Kind::Section, section.file.relative(), 0),
        terms,
        move || {
            let view = world.engine.view(template);
            let mut context = world.base(section.file.lang(), &view);
            locate(&mut context, address);
            let value = world.section(number, view.section, view.others);
            context.insert("section".into(), value);
            finish(world, template, context, (&address.path, &file))
        },
    );
    vec![job]
}

/// Renders one document of `file` at `path`.
pub(super) fn finish(
    world: &World,
    template: &str,
    context: Map<String, Value>,
    place: (&str, &str),
) -> Made {
    finish_lent(world, template, context, place).0
}

/// The same, and gives the context back.
pub(super) fn finish_lent(
    world: &World,
    template: &str,
    context: Map<String, Value>,
    (path, file): (&str, &str),
) -> (Made, Map<String, Value>) {
    // What no text was written for is known by its address.
    let during = match file == world.source.config.file {
        true => path,
        false => file,
    };
    let (html, context) = render_lent(world, template, context, (file, during));
    let made = html.and_then(|html| {
        let output = Output::html(path, html).map_err(|problem| problem.in_file(file))?;
        Ok(output.from(file))
    });
    (made, context)
}

/// Renders what is known as `during`. A template that is not there is the mistake of the file that names
/// it.
pub(super) fn render(
    world: &World,
    template: &str,
    context: Map<String, Value>,
    place: (&str, &str),
) -> Result<String, Problem> {
    render_lent(world, template, context, place).0
}

fn render_lent(
    world: &World,
    template: &str,
    context: Map<String, Value>,
    (file, during): (&str, &str),
) -> (Result<String, Problem>, Map<String, Value>) {
    if world.engine.has(template) {
        let (rendered, context) = world.engine.render_lent(template, context);
        return (rendered.map_err(|problem| problem.during(during)), context);
    }
    let problem = world.engine.missing(template);
    let problem = match problem.file {
        Some(_) => problem,
        None => named_in(world, problem, template, file),
    };
    (Err(problem.during(during)), context)
}

/// Where `template` is named: in `file`, or in a section above it.
fn named_in(world: &World, problem: Problem, template: &str, file: &str) -> Problem {
    let names = |text: &str| {
        let quoted = ['"', '\''].map(|quote| format!("{quote}{template}{quote}"));
        let bare = text.find(&format!("template: {template}"));
        quoted.iter().find_map(|quoted| text.find(quoted)).or(bare)
    };
    let above = file
        .match_indices('/')
        .rev()
        .filter_map(|(end, _)| file.get(..=end));
    let above = above.map(|folder| format!("{folder}_index.md"));
    for file in [file.to_owned()].into_iter().chain(above) {
        let text = world.source.files.read(&file).unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        if let Some(offset) = names(&text) {
            return problem.in_file(file).at_offset(&text, offset);
        }
    }
    problem.in_file(file)
}

/// Adds where a document is.
pub(super) fn locate(context: &mut Map<String, Value>, address: &Address) {
    context.insert("current_path".into(), address.path.as_str().into());
    context.insert("current_url".into(), address.permalink.as_str().into());
}

fn aliases<'w>(
    world: &'w World,
    file: &ContentFile,
    aliases: &'w [String],
    address: &'w Address,
) -> impl Iterator<Item = Job<'w>> + use<'w> {
    let name = content_name(file);
    // Sites that came from elsewhere list a page's own address too, where a redirect would go round.
    let others = aliases
        .iter()
        .map(|alias| alias_path(alias))
        .filter(|alias| *alias != address.path);
    others.map(move |alias| redirect(world, alias, &address.path, name.clone()))
}

fn redirect<'w>(world: &'w World, path: String, to: &'w str, file: String) -> Job<'w> {
    let key = format!("{path}\n{file}");
    Job::new((Kind::Redirect, key, 0), to, move || {
        let output = Output::redirect(world, &path, to);
        Ok(output
            .map_err(|problem| problem.in_file(file.as_str()))?
            .from(file.as_str()))
    })
}

/// `old`, `/old/` and `old/page.html` as paths.
fn alias_path(alias: &str) -> String {
    let folder = if alias.trim().ends_with('/') { "/" } else { "" };
    let alias = address::joined(alias.trim().split('/')) + folder;
    let alias = alias.trim_start_matches('/');
    let slash = if alias.ends_with(".html") || alias.is_empty() || alias.ends_with('/') {
        ""
    } else {
        "/"
    };
    format!("/{alias}{slash}")
}

/// The file of a text, relative to the site's root.
pub(super) fn content_name(file: &ContentFile) -> String {
    file.path().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn aliases_are_folders_or_files() {
        for (alias, path) in [
            ("old", "/old/"),
            ("/old/", "/old/"),
            ("a/b", "/a/b/"),
            ("old/page.html", "/old/page.html"),
            ("/", "/"),
            ("a//b", "/a/b/"),
        ] {
            assert_eq!(alias_path(alias), path);
        }
    }
}
