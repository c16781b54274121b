//! Taxonomies become documents: the list of terms, and each term with its pages.

use rayon::prelude::*;
use serde_json::{Map, Value};

use super::{
    address::Address,
    functions,
    outcome::{Made, Output, Rank},
    pager,
    sections::{finish, locate},
    taxonomy::{Taxonomy, Term},
    value,
    world::World,
};
use crate::site::Pagination;

/// Every list and every term of every language.
pub(super) fn taxonomies(world: &World) -> Vec<Made> {
    let all: Vec<&Taxonomy> = world.library.taxonomies.values().flatten().collect();
    let rendered = all
        .into_par_iter()
        .filter(|t| t.config.render && !t.terms.is_empty());
    rendered
        .flat_map(|taxonomy| {
            let terms = taxonomy.terms.par_iter().filter(|term| term.has_page());
            let terms = terms.flat_map(|term| self::term(world, taxonomy, term));
            let mut made: Vec<Made> = terms.collect();
            made.push(list(world, taxonomy));
            made.into_iter()
                .map(|made| made.map(over_content))
                .collect::<Vec<_>>()
        })
        .collect()
}

fn over_content(output: Output) -> Output {
    if output.rank == Rank::Content {
        output.ranked(Rank::Taxonomy)
    } else {
        output
    }
}

fn list(world: &World, taxonomy: &Taxonomy) -> Made {
    let mut context = base(world, taxonomy, &taxonomy.path, &taxonomy.permalink);
    let terms = taxonomy.terms.iter();
    let terms = terms.map(|term| value::term(term, functions::pages_of_term(world, term)));
    context.insert("terms".into(), terms.collect());
    let template = template(world, taxonomy, "list");
    finish(
        world,
        &template,
        context,
        (&taxonomy.path, &world.source.config.file),
    )
}

fn term(world: &World, taxonomy: &Taxonomy, term: &Term) -> Vec<Made> {
    let file = &world.source.config.file;
    let template = template(world, taxonomy, "single");
    let mut context = base(world, taxonomy, &term.path, &term.permalink);
    let pages = functions::pages_of_term(world, term);
    context.insert("term".into(), value::term(term, pages));
    let Some(pagination) = pagination(taxonomy) else {
        return vec![finish(world, &template, context, (&term.path, file))];
    };
    let cut = pager::Cut {
        pages: &term.pages,
        pagination: &pagination,
        path: &term.path,
    };
    pager::documents(world, &cut, &context, (&template, file))
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

fn base(world: &World, taxonomy: &Taxonomy, path: &str, permalink: &str) -> Map<String, Value> {
    let mut context = world.base(&taxonomy.lang);
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
