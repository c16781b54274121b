//! The files with which a site's owner says where paths lead and which fields answers have.

use super::disk::Disk;
use crate::site::{HEADERS, Problem, REDIRECTS, RuleFile, RuleFiles, Rules};

/// Reads them: from the site's folder, or from `static/`, where other hosts look for them, or from the theme's.
pub(super) fn read(disk: &Disk<'_>, theme: Option<&str>) -> (Rules, Vec<Problem>) {
    let mut problems = Vec::new();
    let mut file = |name: &str| {
        let file = chosen(disk, theme, name, &mut problems)?;
        match disk.text(&file) {
            Ok(text) => Some(RuleFile { file, text }),
            Err(problem) => {
                problems.push(*problem);
                None
            }
        }
    };
    let (redirects, headers) = (file(REDIRECTS), file(HEADERS));
    let (rules, found) = Rules::read(RuleFiles { redirects, headers });
    problems.extend(found);
    (rules, problems)
}

fn chosen(
    disk: &Disk<'_>,
    theme: Option<&str>,
    name: &str,
    problems: &mut Vec<Problem>,
) -> Option<String> {
    let (root, inner) = (name.to_owned(), format!("static/{name}"));
    if disk.is_file(&root) && disk.is_file(&inner) {
        let what = format!("`{name}` stands here and in static/, and only one counts");
        let problem = Problem::error(what).in_file(&root);
        problems
            .push(problem.way_out("put what both say into one of them, and take the other away"));
    }
    let of_theme = theme.map(|theme| format!("{theme}/static/{name}"));
    let places = [Some(root), Some(inner), of_theme];
    let mut places = places.into_iter().flatten();
    places.find(|file| disk.is_file(file))
}
