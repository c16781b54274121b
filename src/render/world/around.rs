//! What Markdown may ask while a text is rendered: links, shortcodes, and what stands at headings.

use super::{Document, World};
use crate::{
    render::{
        ask::{self, Question},
        markdown::{Call, ShortcodeKind, World as Asked},
    },
    site::{Problem, nearest_path},
};

/// A text's view of the world: which page or section it belongs to, for its shortcodes.
pub(in crate::render) struct Around<'w> {
    pub(in crate::render) world: &'w World,
    pub(in crate::render) lang: &'w str,
    /// The page or section it is the text of; None in the `markdown` filter.
    pub(in crate::render) document: Option<Document>,
}

impl Asked for Around<'_> {
    fn permalink(&self, path: &str) -> Option<String> {
        ask::note(|| Question::Permalink(path.into()));
        self.world.addresses.permalink(path).map(ToOwned::to_owned)
    }

    fn nearest_path(&self, path: &str) -> Option<String> {
        ask::note(|| Question::Files);
        nearest_path(path, self.world.files()).map(Into::into)
    }

    fn shortcode(&self, name: &str) -> Option<ShortcodeKind> {
        ask::note(|| Question::Shortcodes);
        // One whose template is broken is a shortcode all the same: what is wrong is told of the template.
        let has = |ending: &str| {
            let template = format!("shortcodes/{name}.{ending}");
            self.world.engine.is_written(&template)
        };
        if has("md") {
            return Some(ShortcodeKind::Markdown);
        }
        has("html").then_some(ShortcodeKind::Html)
    }

    fn render_shortcode(&self, call: &Call) -> Result<String, Problem> {
        let ending = match self.shortcode(&call.name) {
            Some(ShortcodeKind::Markdown) => "md",
            _ => "html",
        };
        let template = format!("shortcodes/{}.{ending}", call.name);
        let view = self.world.engine.view(&template);
        let mut context = self.world.base(self.lang, &view);
        if let Some(document) = self.document {
            let (name, fields) = match document {
                Document::Page(_) => ("page", view.page),
                Document::Section(_) => ("section", view.section),
            };
            let value = self.world.head(document, fields);
            context.insert(name.to_owned(), value);
        }
        context.extend(call.args.clone());
        context.insert("nth".into(), call.nth.into());
        if let Some(body) = &call.body {
            context.insert("body".into(), body.as_str().into());
        }
        self.world.engine.render(&template, context)
    }

    fn anchor_link(&self, id: &str, level: u8) -> Result<String, Problem> {
        let view = self.world.engine.view("anchor-link.html");
        let mut context = self.world.base(self.lang, &view);
        context.insert("id".into(), id.into());
        context.insert("level".into(), level.into());
        self.world.engine.render("anchor-link.html", context)
    }

    fn summary_cutoff(&self) -> Result<String, Problem> {
        let view = self.world.engine.view("summary-cutoff.html");
        self.world
            .engine
            .render("summary-cutoff.html", self.world.base(self.lang, &view))
    }

    fn shortcode_names(&self) -> Vec<String> {
        ask::note(|| Question::Shortcodes);
        let names = self.world.engine.names("shortcodes/");
        let names = names
            .iter()
            .filter_map(|name| name.strip_prefix("shortcodes/"));
        names
            .filter_map(|name| Some(name.rsplit_once('.')?.0.to_owned()))
            .collect()
    }
}
