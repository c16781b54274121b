//! Versions of a site, each with its number in every file.

use std::{
    fs,
    path::Path,
    time::{Duration, UNIX_EPOCH},
};

use crate::node::write;

/// Writes version `number` of a site with `pages` pages into `folder`, without the pages that only
/// earlier versions had.
pub(super) fn version(folder: &Path, number: usize, pages: usize) {
    let marks = format!("template={number} site={{{{ config.extra.version }}}} ");
    let config = format!("base_url = 'https://example.org'\n[extra]\nversion = {number}\n");
    write(&folder.join("config.toml"), &config);
    let index = format!(
        "{marks}{{{{ section.content | safe }}}}\
         {{% for page in section.pages %}}{{{{ page.title }}}} {{% endfor %}}"
    );
    write(&folder.join("templates/index.html"), &index);
    let page = format!("{marks}{{{{ page.title }}}} {{{{ page.content | safe }}}}");
    write(&folder.join("templates/page.html"), &page);
    write(&folder.join("templates/404.html"), &marks);
    let section = format!("+++\nsort_by = 'title'\n+++\ncontent={number}\n");
    write(&folder.join("content/_index.md"), &section);
    write(
        &folder.join("static/style.css"),
        &format!("/* content={number} */"),
    );
    for page in 0..pages {
        let text = format!("+++\ntitle = 'title={number}'\n+++\ncontent={number}\n");
        write(&folder.join(format!("content/{}.md", name(page))), &text);
    }
    // A page of this version only, for rsync to delete, or to leave there beside later ones.
    let only = folder.join(format!("content/only-{number}.md"));
    write(&only, "+++\ntitle = 'only'\n+++\n");
    date(folder, number);
}

/// Dates every file by its version: rsync takes files of one size and one second for the same.
fn date(folder: &Path, number: usize) {
    let time = UNIX_EPOCH + Duration::from_secs(1_700_000_000 + 60 * number as u64);
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            date(&path, number);
        } else {
            let file = fs::File::options().append(true).open(&path).unwrap();
            file.set_modified(time).unwrap();
        }
    }
}

/// The URL path of a page that every version has, without its slashes.
pub(super) fn name(page: usize) -> String {
    format!("p{page}")
}

/// The version of an answer: the number that all its marks carry, or what is wrong with it.
pub(super) fn of(body: &str) -> Result<usize, String> {
    let words = body.split(|c: char| c.is_whitespace() || c == '<' || c == '>');
    let mut numbers: Vec<usize> = words
        .filter_map(|word| word.split_once('='))
        .filter(|(mark, _)| ["template", "site", "title", "content"].contains(mark))
        .filter_map(|(_, number)| number.parse().ok())
        .collect();
    numbers.dedup();
    match numbers[..] {
        [number] => Ok(number),
        _ => Err(format!("the versions {numbers:?} in one answer")),
    }
}
