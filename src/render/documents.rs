//! All documents of a site, and the order in which they are served. Of a site that is as it was but for some
//! texts, files or data, only those documents are looked at that asked about them.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use rayon::prelude::*;

use super::{
    ask::Question,
    assets,
    changes::Changes,
    feeds,
    job::{Done, Job, Shop},
    last::{Image, Jobs, Last, User},
    outcome::{self, Placed, Sorted},
    sections, sitemap, taxonomies,
    world::World,
    written,
};
use crate::site::Problem;

/// Makes what is not known, and gives all, with what is wrong.
pub(super) fn make(shop: &Shop<'_>) -> (Jobs, Vec<Problem>) {
    let (pages, listings) = match shop.world.settled() {
        Some(last) => changed(shop, last),
        None => {
            let pages = sections::pages(shop.world);
            // The pages last: what is not listed any more need not stay in memory.
            let listings = shop.make(listings(shop.world), pages.len());
            (shop.make(pages, 0), listings)
        }
    };
    let (mut jobs, mut problems) = (Jobs::default(), Vec::new());
    jobs.all.reserve_exact(pages.len() + listings.len());
    let mut take = |done: Done| {
        for result in done {
            match result {
                Ok(job) => jobs.all.push(job),
                Err(problem) => problems.push(problem),
            }
        }
        jobs.all.len()
    };
    let of_pages = take(pages);
    take(listings);
    jobs.of_pages = of_pages;
    if shop.world.source.config.outputs.minify_html {
        let told = jobs.all.iter().flat_map(|job| job.problems().iter());
        problems.extend(told.cloned());
    }
    (jobs, problems)
}

/// All that is to be made of a site besides its pages.
fn listings(world: &World) -> Vec<Job<'_>> {
    let makers: [fn(&World) -> Vec<Job<'_>>; 6] = [
        sections::sections,
        taxonomies::taxonomies,
        sitemap::files,
        feeds::feeds,
        assets::assets,
        written::files,
    ];
    makers.iter().flat_map(|make| make(world)).collect()
}

/// Makes again what asked something that is answered otherwise now.
fn changed(shop: &Shop<'_>, last: &Last) -> (Done, Done) {
    let dirty = dirty(shop, last);
    let of_pages = last.jobs.of_pages;
    let before = last.jobs.all.iter().take(of_pages).cloned();
    let mut pages: Done = before.map(Ok).collect();
    let numbers = dirty.par_iter().map(|number| *number as usize);
    let made = numbers
        .filter(|number| *number < of_pages)
        .filter_map(|number| {
            let before = last.jobs.all.get(number)?;
            let job = sections::job_of_page(shop.world, &before.key)?;
            Some((number, shop.made(&job)))
        });
    for (number, result) in made.collect::<Vec<_>>() {
        if let Some(slot) = pages.get_mut(number) {
            *slot = result;
        }
    }
    let listings = listings(shop.world);
    (pages, shop.make_dirty(&listings, of_pages, &dirty))
}

/// The numbers of the jobs that asked something that is answered otherwise now.
fn dirty(shop: &Shop<'_>, last: &Last) -> BTreeSet<u32> {
    let changes = Changes::of_files(shop.world, last).with_texts(last);
    let may_differ = |question: &Question| changes.may_touch(question);
    let answer = |question: &Question| shop.world.answer(question);
    let questions = shop.asking.differing(may_differ, answer);
    let users = questions.iter().flat_map(|question| last.users(*question));
    let jobs = users.filter_map(|user| match user {
        User::Job(number) => Some(number),
        User::Text(_) => None,
    });
    jobs.collect()
}

/// All that was made, in the order in which it is served.
pub(super) fn sorted(world: &World, jobs: &Jobs, images: &HashMap<Arc<str>, Arc<Image>>) -> Sorted {
    if let Some(last) = world.settled()
        && images.is_empty()
        && last.images.is_empty()
        // Where two stood at one path, what is told of them shows lines that may have moved.
        && last.sorted.problems.is_empty()
        && last.jobs.all.len() == jobs.all.len()
    {
        let pairs = last.jobs.all.iter().zip(&jobs.all).enumerate();
        let changes = pairs.filter(|(_, (before, now))| !Arc::ptr_eq(before, now));
        let changes = changes.map(|(at, (before, now))| (at, &before.placed, &now.placed));
        if let Some(sorted) = last.sorted.with(changes) {
            return sorted;
        }
    }
    let documents = jobs.all.iter().map(|job| &job.placed);
    let pictures = images.values().map(|image| &image.placed);
    let outputs: Vec<&Placed> = documents.chain(pictures).collect();
    outcome::sorted(&outputs, &world.source.files)
}
