//! Two things at one path: whether that is a mistake, and whose.
//!
//! Knows front matter as text only, to show the line that asks for the path.

use super::outcome::{Placed, Rank};
use crate::site::{Files, Problem};

/// What there is to tell of two outputs at one path. It is a mistake if both were written as content, or
/// both as aliases; what nobody gets to see is worth a word.
pub(super) fn problem(a: &Placed, b: &Placed, files: &Files) -> Option<Problem> {
    if a.origin.is_some() && a.origin == b.origin {
        // One file that lies with two pages, one below the other; or one alias, written twice.
        return None;
    }
    let (low, high) = if a.rank <= b.rank { (a, b) } else { (b, a) };
    match (low.rank, high.rank) {
        (Rank::Content, Rank::Static) if is_text(low) => Some(hidden(low, high, "static file")),
        (Rank::Default, _) | (_, Rank::Static) => None,
        (Rank::Redirect, _) => Some(alias(low, high, files)),
        (_, Rank::Taxonomy) => Some(hidden(low, high, "taxonomy")),
        _ => Some(two_texts(low, high, files)),
    }
}

fn is_text(output: &Placed) -> bool {
    let origin = output.origin.as_deref().unwrap_or_default();
    origin.ends_with(".md")
}

fn name(output: &Placed) -> String {
    match &output.origin {
        Some(file) => format!("`{file}`"),
        None => "the site itself".to_owned(),
    }
}

/// What is written comes second to something else.
fn hidden(low: &Placed, high: &Placed, kind: &str) -> Problem {
    let what = format!(
        "two things are at {}: {} and {}; the {kind} is what is served",
        low.resource.path,
        name(low),
        name(high)
    );
    let problem = Problem::warning(what).way_out("give one of them another name, or take it away");
    match &low.origin {
        Some(file) => problem.in_file(&**file),
        None => problem,
    }
}

/// Two aliases contradict each other; one of where something is has no effect.
fn alias(low: &Placed, high: &Placed, files: &Files) -> Problem {
    let path = &low.resource.path;
    let problem = match high.rank {
        Rank::Redirect => Problem::error(format!(
            "{} and {} both have the alias {path}",
            name(low),
            name(high)
        )),
        _ => Problem::warning(format!(
            "the alias {path} of {} has no effect: {} is there",
            name(low),
            name(high)
        )),
    };
    let problem = problem.way_out("take the alias away, or give it another address");
    blamed(problem, [low, high], files, &["aliases"])
}

fn two_texts(a: &Placed, b: &Placed, files: &Files) -> Problem {
    let (first, second) = if a.origin <= b.origin { (a, b) } else { (b, a) };
    let folder = |output: &Placed, file: &str| {
        let origin = output.origin.as_deref().unwrap_or_default();
        origin.strip_suffix(file).map(ToOwned::to_owned)
    };
    if let (Some(folder), true) = (
        folder(first, "/_index.md"),
        folder(first, "/_index.md") == folder(second, "/index.md"),
    ) {
        let what = format!("`{folder}/` is a section (`_index.md`) and a page (`index.md`)");
        return blamed(Problem::error(what), [second, first], files, &[])
            .way_out("keep one of the two, or give the page another name");
    }
    let what = format!(
        "two things are at {}: {} and {}",
        a.resource.path,
        name(first),
        name(second)
    );
    blamed(
        Problem::error(what),
        [second, first],
        files,
        &["slug", "path"],
    )
    .way_out("give one of them another file name, `slug` or `path`")
}

/// Puts `problem` where one of the front matters asks for the path, or into the first file.
fn blamed(problem: Problem, outputs: [&Placed; 2], files: &Files, keys: &[&str]) -> Problem {
    let path = outputs
        .first()
        .map_or_else(String::new, |output| output.resource.path.to_string());
    let word = path
        .trim_end_matches('/')
        .rsplit('/')
        .next()
        .unwrap_or_default();
    for output in outputs {
        let Some(file) = &output.origin else { continue };
        let text = files.read(file).unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        let asks = |line: &str| keys.iter().any(|key| line.starts_with(key)) && line.contains(word);
        if let Some(index) = text.lines().take(FRONT_LINES_MAX).position(asks) {
            return problem
                .in_file(&**file)
                .at_line(&text, index + 1)
                .marked(word);
        }
    }
    match outputs.iter().find_map(|output| output.origin.as_ref()) {
        Some(file) => problem.in_file(&**file),
        None => problem,
    }
}

/// Where front matter is looked for.
const FRONT_LINES_MAX: usize = 100;
