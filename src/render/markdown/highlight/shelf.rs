//! The grammars and themes of one site: those built in, and in front of them its own.

use std::collections::{BTreeMap, HashMap};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use syntect::highlighting::Theme;
use syntect::parsing::{SyntaxDefinition, SyntaxReference, SyntaxSet, SyntaxSetBuilder};

use super::textmate::{self, Grammar};
use super::themes::{self, Palette};
use super::{languages, theme_file, written};
use crate::site::{ColourSource, Hash, Problem};

/// What code can be read and painted with.
#[derive(Clone, Default)]
pub(crate) struct Shelf {
    own: Option<Arc<Own>>,
}

/// What a site brings itself.
#[derive(Default)]
struct Own {
    grammars: Vec<Grammar>,
    /// None if no file is in this format.
    sublime: Option<SyntaxSet>,
    /// Both kinds, by what they are called in small letters.
    languages: HashMap<String, Place>,
    /// By name in small letters.
    themes: BTreeMap<String, Theme>,
    problems: Vec<Problem>,
}

/// Where a language's own grammar is.
#[derive(Clone, Copy)]
enum Place {
    /// Among [`Own::grammars`].
    TextMate(usize),
    /// Among the syntaxes of [`Own::sublime`].
    Sublime(usize),
}

/// A language, and what reads it.
#[derive(Clone, Copy)]
pub(super) struct Language<'s> {
    /// As it is told in `data-lang`.
    pub(super) name: &'s str,
    pub(super) grammar: Reading<'s>,
}

/// What reads code.
#[derive(Clone, Copy)]
pub(super) enum Reading<'s> {
    /// Nothing does.
    Plain,
    Sublime(&'s SyntaxSet, &'s SyntaxReference),
    /// By its number.
    TextMate(&'s [Grammar], usize),
}

impl Shelf {
    /// With the grammars and themes of `files`, and what to tell their author about them.
    ///
    /// A grammar takes longer to prepare than a page to render: what was prepared last time is used
    /// again as long as the files say the same.
    pub(in crate::render) fn of(files: &[Arc<ColourSource>]) -> (Self, Vec<Problem>) {
        static LAST: Mutex<Vec<(Hash, Shelf)>> = Mutex::new(Vec::new());
        if files.is_empty() {
            return (Self::default(), Vec::new());
        }
        let fields = files.iter().flat_map(|file| [&file.file, &file.text]);
        let hash = Hash::of_fields(fields.map(|field| field.as_bytes()));
        let last = || LAST.lock().unwrap_or_else(PoisonError::into_inner);
        let known = last()
            .iter()
            .find(|(known, _)| *known == hash)
            .map(|(_, shelf)| shelf.clone());
        let shelf = known.unwrap_or_else(|| {
            let own = Some(Arc::new(Own::of(files)));
            let mut last = last();
            last.truncate(KEPT_MAX - 1);
            last.insert(0, (hash, Self { own: own.clone() }));
            Self { own }
        });
        let problems = shelf.own.as_ref().map(|own| own.problems.clone());
        (shelf, problems.unwrap_or_default())
    }

    /// The language that is called `written`, in whatever case.
    pub(super) fn language<'s>(&'s self, written: &'s str) -> Option<Language<'s>> {
        self.own_language(written)
            .or_else(|| languages::named(written))
    }

    fn own_language<'s>(&'s self, written: &'s str) -> Option<Language<'s>> {
        let own = self.own.as_deref()?;
        match *own.languages.get(&written.to_lowercase())? {
            Place::TextMate(number) => {
                let grammar = own.grammars.get(number)?;
                Some(Language {
                    name: grammar.name(),
                    grammar: Reading::TextMate(&own.grammars, number),
                })
            }
            // Sites with such a grammar were made when the name was told as it was written.
            Place::Sublime(number) => {
                let set = own.sublime.as_ref()?;
                Some(Language {
                    name: written,
                    grammar: Reading::Sublime(set, set.syntaxes().get(number)?),
                })
            }
        }
    }

    /// The theme called `name`, or a stand-in that is as dark as the name says.
    pub(super) fn palette(&self, name: &str) -> Arc<Palette<'_>> {
        let own = self.own.as_deref();
        let theme = own.and_then(|own| own.themes.get(&name.to_lowercase()));
        match theme {
            Some(theme) => Arc::new(Palette::of(theme)),
            None => themes::named(name),
        }
    }

    /// What to tell the author of a site about its theme `name`.
    pub(super) fn theme_complaint(&self, name: &str) -> Option<String> {
        let own = self.own.as_deref();
        if own.is_some_and(|own| own.themes.contains_key(&name.to_lowercase())) {
            return None;
        }
        themes::complaint(name)
    }
}

impl Own {
    fn of(files: &[Arc<ColourSource>]) -> Self {
        let mut own = Self::default();
        let mut sublime = Vec::new();
        let mut read = Vec::new();
        for file in files {
            let result = own.read(file, &mut sublime, &mut read);
            match result {
                Ok(None) => {}
                Ok(Some(losses)) => own.tell(file, losses),
                Err(why) => own.tell(
                    file,
                    format!("this can't be read, and has no effect: {why}"),
                ),
            }
        }
        for (number, file) in read.into_iter().enumerate() {
            if let Some(losses) = textmate::losses(number, &own.grammars) {
                own.tell(
                    file,
                    format!("a part of this grammar has no effect: {losses}"),
                );
            }
        }
        own.build_sublime(sublime);
        own
    }

    /// Reads `file` by what it is. Gives back what of it has no effect.
    fn read<'f>(
        &mut self,
        file: &'f ColourSource,
        sublime: &mut Vec<SyntaxDefinition>,
        read: &mut Vec<&'f ColourSource>,
    ) -> Result<Option<String>, String> {
        if file.text.len() > FILE_BYTES_MAX {
            let most = FILE_BYTES_MAX / 1_000_000;
            return Err(format!("it is larger than {most} MB"));
        }
        if file.file.ends_with(".sublime-syntax") {
            sublime.push(definition(file)?);
            return Ok(None);
        }
        self.take(file, read)
    }

    /// Takes a grammar or a theme, whatever `file` is. Gives back what of it has no effect.
    fn take<'f>(
        &mut self,
        file: &'f ColourSource,
        read: &mut Vec<&'f ColourSource>,
    ) -> Result<Option<String>, String> {
        let value = written::read(&file.text)?;
        if let Some((theme, losses)) = theme_file::theme(&value) {
            let names = [theme.name.clone().unwrap_or_default(), stem(&file.file)];
            for name in names.into_iter().filter(|name| !name.is_empty()) {
                self.themes.insert(name.to_lowercase(), theme.clone());
            }
            return Ok(losses.map(|losses| format!("a part of this theme has no effect: {losses}")));
        }
        let Some(grammar) = Grammar::of(value) else {
            return Err("it has neither `scopeName` and `patterns`, as a grammar, nor `tokenColors`, as a theme".into());
        };
        let place = Place::TextMate(self.grammars.len());
        let stem = stem(&file.file);
        let names = grammar.other_names().into_iter().chain([stem.as_str()]);
        self.name(grammar.name(), names, place);
        self.grammars.push(grammar);
        read.push(file);
        Ok(None)
    }

    /// The name proper is kept for the language whose it is; others are for who comes first.
    fn name<'n>(&mut self, name: &str, others: impl Iterator<Item = &'n str>, place: Place) {
        for other in others {
            self.languages.entry(other.to_lowercase()).or_insert(place);
        }
        self.languages.insert(name.to_lowercase(), place);
    }

    fn build_sublime(&mut self, definitions: Vec<SyntaxDefinition>) {
        if definitions.is_empty() {
            return;
        }
        // The syntaxes built in are there for those that include them.
        let mut builder: SyntaxSetBuilder = languages::grammars().clone().into_builder();
        let first = languages::grammars().syntaxes().len();
        for (number, definition) in definitions.into_iter().enumerate() {
            let (name, others) = (definition.name.clone(), definition.file_extensions.clone());
            let others = others.iter().map(String::as_str);
            self.name(&name, others, Place::Sublime(first + number));
            builder.add(definition);
        }
        self.sublime = Some(builder.build());
    }

    fn tell(&mut self, file: &ColourSource, what: String) {
        self.problems
            .push(Problem::warning(what).in_file(file.file.as_str()));
    }
}

/// Reads a `.sublime-syntax`.
fn definition(file: &ColourSource) -> Result<SyntaxDefinition, String> {
    let words = file
        .text
        .split(|c: char| !(c.is_alphanumeric() || matches!(c, '-' | '_')));
    if !textmate::admits(words.filter(|word| !word.is_empty() && word.len() < WORD_BYTES_MAX)) {
        return Err("it has too many different names".into());
    }
    let name = stem(&file.file);
    // The reader of this format is not ours to mend, should it stumble.
    let read = || SyntaxDefinition::load_from_str(&file.text, true, Some(&name));
    match catch_unwind(AssertUnwindSafe(read)) {
        Ok(read) => read.map_err(|error| error.to_string()),
        Err(_) => Err("it is broken".into()),
    }
}

/// `tide` of `syntaxes/tide.tmLanguage.json`.
fn stem(file: &str) -> String {
    let name = Path::new(file).file_name().and_then(|name| name.to_str());
    let name = name.unwrap_or_default();
    name.split_once('.')
        .map_or(name, |(stem, _)| stem)
        .to_owned()
}

/// The largest known grammar has 1 MB.
const FILE_BYTES_MAX: usize = 4_000_000;

/// Longer words are no names.
const WORD_BYTES_MAX: usize = 100;

/// Shelves that are kept: those of a few sites.
const KEPT_MAX: usize = 4;

#[cfg(test)]
mod tests {
    use super::*;

    fn file(file: &str, text: &str) -> Arc<ColourSource> {
        Arc::new(ColourSource {
            file: file.into(),
            text: text.into(),
        })
    }

    const TIDE: &str =
        r#"{"name": "Tide Lang", "scopeName": "source.tide", "fileTypes": ["td"], "patterns": []}"#;
    const SHORE: &str = "name: Shore\nfile_extensions: [shr]\nscope: source.shore\ncontexts:\n  main:\n    - match: a\n      scope: keyword\n";
    const THEME: &str = "<plist><dict><key>name</key><string>Reef</string><key>settings</key><array><dict><key>settings</key><dict><key>background</key><string>#102030</string></dict></dict></array></dict></plist>";

    #[test]
    fn languages_and_themes_are_found_by_their_names() {
        let (shelf, problems) = Shelf::of(&[
            file("g/tide.tmLanguage.json", TIDE),
            file("g/x.sublime-syntax", SHORE),
            file("t/night.tmTheme", THEME),
        ]);
        assert_eq!(problems, []);
        let cases = [
            ("tide lang", Some("Tide Lang")),
            ("TD", Some("Tide Lang")),
            ("tide", Some("Tide Lang")),
            ("shore", Some("shore")),
            ("shr", Some("shr")),
            ("rust", Some("rust")),
            ("nolang", None),
        ];
        for (written, expected) in cases {
            let language = shelf.language(written);
            assert_eq!(
                language.map(|language| language.name),
                expected,
                "{written}"
            );
        }
        for name in ["Reef", "reef", "night"] {
            assert_eq!(shelf.palette(name).background.r, 0x10, "{name}");
            assert_eq!(shelf.theme_complaint(name), None);
        }
        assert!(shelf.theme_complaint("nope").is_some());
    }

    #[test]
    fn what_has_no_effect_is_told() {
        let cases = [
            (
                "a.json",
                "{\"a\": 1}",
                "this can't be read, and has no effect: it has neither",
            ),
            (
                "a.json",
                "{\"a\": ",
                "this can't be read, and has no effect: EOF",
            ),
            (
                "a.sublime-syntax",
                "contexts: [",
                "this can't be read, and has no effect:",
            ),
            (
                "a.sublime-syntax",
                "name: X\nscope: source.x\ncontexts:\n  main:\n    - match: (\n",
                "this can't be read, and has no effect:",
            ),
            (
                "a.tmTheme",
                "<plist><dict>",
                "this can't be read, and has no effect: it is no property list",
            ),
            (
                "a.json",
                r##"{"scopeName": "source.a", "injections": {}, "patterns": [{"match": "("}, {"match": "a"}, {"include": "#b"}]}"##,
                "a part of this grammar has no effect: 1 of its 2 patterns can't be used (`(`); what it includes as `#b` is not there; `injections` are not followed",
            ),
        ];
        for (name, text, expected) in cases {
            let (_, problems) = Shelf::of(&[file(name, text)]);
            assert_eq!(problems.len(), 1, "{problems:?}");
            assert!(
                problems[0].what.starts_with(expected),
                "{}",
                problems[0].what
            );
            assert!(!problems[0].is_error());
        }
    }
}
