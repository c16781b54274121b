//! Pages and sections become documents, each with the redirects that lead to it.

use rayon::prelude::*;
use serde_json::{Map, Value};

use super::{
    address::Address,
    outcome::{Made, Output},
    pager,
    world::World,
};
use crate::site::{ContentFile, PageSource, Problem, SectionSource};

/// Every page that is to be rendered, and its aliases.
pub(super) fn pages(world: &World) -> Vec<Made> {
    let pages = world
        .source
        .pages
        .par_iter()
        .zip(&world.addresses.pages)
        .enumerate();
    pages
        .flat_map_iter(|(number, (page, address))| {
            let left_out = world
                .library
                .pages
                .get(number)
                .is_some_and(|place| place.left_out);
            let document =
                (page.front.render && !left_out).then(|| self::page(world, number, page, address));
            let aliases = aliases(world, &page.file, &page.front.aliases, address);
            document.into_iter().chain(aliases)
        })
        .collect()
}

fn page(world: &World, number: usize, page: &PageSource, address: &Address) -> Made {
    let file = content_name(&page.file);
    let named = page.front.template.as_deref();
    let template = named
        .or_else(|| inherited_template(world, number))
        .unwrap_or("page.html");
    let mut context = world.base(&page.file.lang);
    locate(&mut context, address);
    context.insert(
        "page".into(),
        world.page_with_neighbours(number).unwrap_or_default(),
    );
    let html = render(world, template, context, &file)?;
    let dated = page.front.updated.as_ref().or(page.front.date.as_ref());
    let output = Output::html(&address.path, html).map_err(|p| p.in_file(file.as_str()))?;
    Ok(output.from(&file).modified(dated.map(|date| date.seconds)))
}

/// The template that the nearest section above says its pages have.
fn inherited_template(world: &World, page: usize) -> Option<&str> {
    let mut sections = world.library.folders_above(&world.source, page);
    sections.find_map(|section| section.page_template.as_deref())
}

/// Every section that is to be rendered, its pagers, and its aliases.
pub(super) fn sections(world: &World) -> Vec<Made> {
    let sections = world
        .source
        .sections
        .par_iter()
        .zip(&world.addresses.sections)
        .enumerate();
    sections
        .flat_map_iter(|(number, (section, address))| {
            let mut made = self::section(world, number, section, address);
            made.extend(aliases(
                world,
                &section.file,
                &section.front.aliases,
                address,
            ));
            made
        })
        .collect()
}

fn section(world: &World, number: usize, section: &SectionSource, address: &Address) -> Vec<Made> {
    let file = content_name(&section.file);
    let front = &section.front;
    if let Some(to) = &front.redirect_to {
        return vec![redirect(world, &address.path, to, &file)];
    }
    if !front.render {
        return Vec::new();
    }
    let fallback = if section.file.folders.is_empty() {
        "index.html"
    } else {
        "section.html"
    };
    let template = front.template.as_deref().unwrap_or(fallback);
    let mut context = world.base(&section.file.lang);
    locate(&mut context, address);
    if front.pagination.by == 0 {
        context.insert(
            "section".into(),
            world.section_value(number).unwrap_or_default(),
        );
        return vec![finish(world, template, context, (&address.path, &file))];
    }
    let bare = world
        .bare_section_value(number)
        .cloned()
        .unwrap_or_default();
    context.insert("section".into(), bare);
    let listed = world
        .library
        .sections
        .get(number)
        .map(|place| place.pages.as_slice());
    let cut = pager::Cut {
        pages: listed.unwrap_or_default(),
        pagination: &front.pagination,
        path: &address.path,
    };
    pager::documents(world, &cut, &context, (template, &file))
}

/// Renders one document of `file` at `path`.
pub(super) fn finish(
    world: &World,
    template: &str,
    context: Map<String, Value>,
    (path, file): (&str, &str),
) -> Made {
    let html = render(world, template, context, file)?;
    Ok(Output::html(path, html)
        .map_err(|problem| problem.in_file(file))?
        .from(file))
}

/// A template that is not there is the mistake of the file that names it.
fn render(
    world: &World,
    template: &str,
    context: Map<String, Value>,
    file: &str,
) -> Result<String, Problem> {
    if world.engine.has(template) {
        return world.engine.render(template, context);
    }
    let problem = world.engine.missing(template);
    if problem.file.is_some() {
        return Err(problem);
    }
    let problem = problem.in_file(file);
    let text = world.source.files.read(file).unwrap_or_default();
    Err(problem.at_text(&String::from_utf8_lossy(&text), &format!("\"{template}\"")))
}

/// Adds where a document is.
pub(super) fn locate(context: &mut Map<String, Value>, address: &Address) {
    context.insert("current_path".into(), address.path.as_str().into());
    context.insert("current_url".into(), address.permalink.as_str().into());
}

fn aliases(world: &World, file: &ContentFile, aliases: &[String], address: &Address) -> Vec<Made> {
    let name = content_name(file);
    // Sites that came from elsewhere list a page's own address too, where a redirect would go round.
    let others = aliases
        .iter()
        .map(|alias| alias_path(alias))
        .filter(|alias| *alias != address.path);
    others
        .map(|alias| redirect(world, &alias, &address.path, &name))
        .collect()
}

fn redirect(world: &World, path: &str, to: &str, file: &str) -> Made {
    let output = Output::redirect(world, path, to).map_err(|problem| problem.in_file(file))?;
    Ok(output.from(file))
}

/// `old`, `/old/` and `old/page.html` as paths.
fn alias_path(alias: &str) -> String {
    let alias = alias.trim().trim_start_matches('/');
    let is_file = alias.ends_with(".html") || alias.ends_with(".htm") || alias.ends_with(".xml");
    let slash = if is_file || alias.is_empty() || alias.ends_with('/') {
        ""
    } else {
        "/"
    };
    format!("/{alias}{slash}")
}

/// The file of a text, relative to the site's root.
pub(super) fn content_name(file: &ContentFile) -> String {
    format!("content/{}", file.relative)
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
        ] {
            assert_eq!(alias_path(alias), path);
        }
    }
}
