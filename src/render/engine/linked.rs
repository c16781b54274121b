//! Whether templates hold together: what they extend and import has to be there.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use tera::Tera;

use crate::site::{Problem, Source, TemplateSource, nearest};

/// Takes out templates whose parent or macro file is not there, and those that extend themselves,
/// until all that is left holds together. One that rests on a broken one is broken by the same
/// problem.
pub(super) fn drop_unlinked(
    tera: &mut Tera,
    source: &Source,
    broken: &mut HashMap<String, Problem>,
) {
    let files: HashMap<&str, &Arc<TemplateSource>> = source
        .templates
        .iter()
        .map(|t| (t.name.as_str(), t))
        .collect();
    loop {
        let names: BTreeSet<String> = tera.templates.keys().cloned().collect();
        let found = names
            .iter()
            .find_map(|name| unlinked(tera, name).map(|why| (name, why)));
        let Some((name, Unlinked { what, needs })) = found else {
            return;
        };
        tera.templates.remove(name);
        let Some(template) = files.get(name.as_str()) else {
            continue;
        };
        let problem = broken.get(&needs).cloned().unwrap_or_else(|| {
            let near = nearest(&needs, names.iter().map(String::as_str));
            let is_missing = !names.contains(&needs);
            let way_out = match near.filter(|near| *near != needs && near != name) {
                Some(near) => format!("did you mean `{near}`?"),
                None if is_missing => format!("create templates/{needs}"),
                None => "let one of them extend nothing".to_owned(),
            };
            let problem = Problem::error(what)
                .in_file(template.file.as_str())
                .way_out(way_out);
            problem.at_text(&template.text, &needs)
        });
        broken.insert(name.clone(), problem);
    }
}

/// Why a template can't be linked to others.
struct Unlinked {
    what: String,
    /// The template it can't have.
    needs: String,
}

fn unlinked(tera: &Tera, name: &str) -> Option<Unlinked> {
    let template = tera.templates.get(name)?;
    for (file, _) in &template.imported_macro_files {
        if !tera.templates.contains_key(file) {
            let what = format!(
                "the template `{file}`, from which macros are imported here, does not exist"
            );
            return Some(Unlinked {
                what,
                needs: file.clone(),
            });
        }
    }
    let mut seen = vec![name];
    let mut parent = template.parent.as_deref();
    while let Some(name) = parent {
        let Some(found) = tera.templates.get(name) else {
            let what = format!("the template `{name}`, which is extended here, does not exist");
            return Some(Unlinked {
                what,
                needs: name.to_owned(),
            });
        };
        if seen.contains(&name) {
            let first = seen.get(1).copied().unwrap_or(name);
            let circle = seen.join("` extends `");
            let what = format!("`{circle}` extends `{name}`, and so on without end");
            return Some(Unlinked {
                what,
                needs: first.to_owned(),
            });
        }
        seen.push(name);
        parent = found.parent.as_deref();
    }
    None
}
