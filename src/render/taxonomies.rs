//! Taxonomies become documents: the list of terms, and each term with its pages.

use std::{borrow::Cow, sync::Arc};

use serde_json::{Map, Value};

use super::{
    address::Address,
    ask::{self, List, Question},
    engine::View,
    functions,
    job::Job,
    last::Kind,
    outcome::Rank,
    pager,
    sections::{finish, locate},
    taxonomy::{Taxonomy, Term},
    value,
    world::World,
};
use crate::site::Pagination;

/// Every list and every term of every language.
pub(super) fn taxonomies(world: &World) -> Vec<Job<'_>> {
    let all = world.library.taxonomies.values().flatten();
    let rendered = all.filter(|t| t.config.render && !t.terms.is_empty());
    let jobs = rendered.flat_map(|taxonomy| {
        let single: Arc<str> = template(world, taxonomy, "single").into();
        let terms = taxonomy.terms.iter().filter(|term| term.has_page());
        let terms = terms.flat_map(move |term| self::term(world, taxonomy, term, &single));
        terms.chain([list(world, taxonomy)])
    });
    jobs.collect()
}

fn list<'w>(world: &'w World, taxonomy: &'w Taxonomy) -> Job<'w> {
    let template = template(world, taxonomy, "list");
    let terms = (template.clone(), &taxonomy.permalink);
    Job::new(
        (Kind::TermList, taxonomy.path.as_str(), 0),
        terms,
        move || {
            let view = world.engine.view(&template);
            let at = (taxonomy.path.as_str(), taxonomy.permalink.as_str());
            let mut context = base(world, taxonomy, at, &view);
            ask::note(|| Question::Listing {
                list: List::Taxonomy(taxonomy.key()),
                fields: view.others,
                near: None,
            });
            let terms = taxonomy.terms.iter();
            let terms =
                terms.map(|term| value::term(term, functions::listed(world, term, view.others)));
            context.insert("terms".into(), terms.collect());
            let file = &world.source.config.file;
            let output = finish(world, &template, context, (&taxonomy.path, file))?;
            Ok(output.ranked(Rank::Taxonomy))
        },
    )
}

fn term<'w>(
    world: &'w World,
    taxonomy: &'w Taxonomy,
    term: &'w Term,
    template: &Arc<str>,
) -> Vec<Job<'w>> {
    let note = move |view: &View| {
        ask::note(|| Question::Listing {
            list: List::Term(taxonomy.key_of(term)),
            fields: view.others,
            near: None,
        });
    };
    let whole = move |view: &View| {
        note(view);
        let at = (term.path.as_str(), term.permalink.as_str());
        let mut context = base(world, taxonomy, at, view);
        let pages = functions::listed(world, term, view.others);
        context.insert("term".into(), value::term(term, pages));
        context
    };
    let file = world.source.config.file.clone();
    if let Some(pagination) = pagination(taxonomy) {
        let cut = pager::Cut {
            pages: &term.pages,
            pagination: Cow::Owned(pagination),
            path: &term.path,
        };
        let about = pager::About {
            kind: Kind::Term,
            lang: &taxonomy.lang,
            template: template.to_string().into(),
            name: &term.name,
            file,
            rank: Rank::Taxonomy,
            note: Box::new(note),
            context: Box::new(whole),
        };
        return pager::documents(world, cut, about);
    }
    let terms = (&**template, &term.name, &term.permalink);
    let template = Arc::clone(template);
    let job = Job::new((Kind::Term, term.path.as_str(), 0), terms, move || {
        let view = world.engine.view(&template);
        let output = finish(world, &template, whole(&view), (&term.path, &file))?;
        Ok(output.ranked(Rank::Taxonomy))
    });
    vec![job]
}

/// How the terms of a taxonomy are cut, if they are.
pub(super) fn pagination(taxonomy: &Taxonomy) -> Option<Pagination> {
    let by = taxonomy.config.paginate_by?;
    let path = taxonomy
        .config
        .paginate_path
        .clone()
        .unwrap_or_else(|| "page".into());
    Some(Pagination {
        by,
        path,
        reversed: false,
    })
}

fn base(
    world: &World,
    taxonomy: &Taxonomy,
    (path, permalink): (&str, &str),
    view: &View,
) -> Map<String, Value> {
    let mut context = world.base(&taxonomy.lang, view);
    let address = Address {
        path: path.into(),
        permalink: permalink.into(),
        ..Address::default()
    };
    locate(&mut context, &address);
    let config = serde_json::to_value(&taxonomy.config).unwrap_or_default();
    context.insert("taxonomy".into(), config);
    context
}

/// `tags/list.html` where there is one, else `taxonomy_list.html`.
fn template(world: &World, taxonomy: &Taxonomy, kind: &str) -> String {
    let own = format!("{}/{kind}.html", taxonomy.config.name);
    if world.engine.has(&own) {
        own
    } else {
        format!("taxonomy_{kind}.html")
    }
}
