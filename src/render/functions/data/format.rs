//! The formats that data comes in, and how each becomes a value.

use serde_json::{Value, json};

use super::{bibtex, xml};
use crate::site::{Problem, nearest, toml, yaml_value};

/// How data is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Format {
    Bibtex,
    Csv,
    Json,
    Plain,
    Toml,
    Xml,
    Yaml,
}

/// By the word for each: of the argument `format`, and of a file's ending.
const FORMATS: [(&str, Format); 8] = [
    ("toml", Format::Toml),
    ("json", Format::Json),
    ("csv", Format::Csv),
    ("bibtex", Format::Bibtex),
    ("yaml", Format::Yaml),
    ("yml", Format::Yaml),
    ("xml", Format::Xml),
    ("plain", Format::Plain),
];

impl Format {
    /// The format that a template calls `name`, in any case.
    pub(super) fn named(name: &str) -> Result<Self, String> {
        let lower = name.to_lowercase();
        let words = FORMATS.map(|(word, _)| word);
        known(&lower).ok_or_else(|| match nearest(&lower, words) {
            Some(near) => format!("there is no format \"{name}\"\ndid you mean \"{near}\"?"),
            None => format!(
                "there is no format \"{name}\"\nthere are {}",
                words.join(", ")
            ),
        })
    }

    /// What the ending of a file says; without a known one it is text.
    pub(super) fn of_file(path: &str) -> Self {
        let ending = path.rsplit_once('.').map_or("", |(_, ending)| ending);
        known(&ending.to_lowercase()).unwrap_or(Self::Plain)
    }

    /// The media type that is asked for, of an address.
    pub(super) fn media_type(self) -> &'static str {
        match self {
            Self::Bibtex => "application/x-bibtex",
            Self::Csv => "text/csv",
            Self::Json => "application/json",
            Self::Plain => "text/plain",
            Self::Toml => "application/toml",
            Self::Xml => "text/xml",
            Self::Yaml => "application/x-yaml",
        }
    }

    /// As people write it.
    fn word(self) -> &'static str {
        match self {
            Self::Bibtex => "BibTeX",
            Self::Csv => "CSV",
            Self::Json => "JSON",
            Self::Plain => "text",
            Self::Toml => "TOML",
            Self::Xml => "XML",
            Self::Yaml => "YAML",
        }
    }
}

fn known(word: &str) -> Option<Format> {
    let mut formats = FORMATS.iter();
    formats
        .find(|(name, _)| *name == word)
        .map(|(_, format)| *format)
}

/// Where in a text a mistake is, if that is known, and what it is.
pub(super) type Mistake = (Option<usize>, String);

/// Reads `text`; a mistake is told with its line, and with the name that the text is `called` by.
pub(super) fn parse(text: &str, format: Format, called: &str) -> Result<Value, String> {
    let read = match format {
        Format::Bibtex => bibtex::parse(text),
        Format::Csv => csv(text),
        Format::Json => json(text),
        Format::Plain => Ok(Value::from(text)),
        Format::Toml => toml(text).map(Value::Object).map_err(mistake),
        Format::Xml => xml::parse(text),
        Format::Yaml => yaml_value(text).map_err(mistake),
    };
    read.map_err(|(line, what)| {
        let line = line.map_or_else(String::new, |line| format!("line {line}: "));
        let way_out = "mend it, or name the `format` that it has";
        format!(
            "{called} can't be read as {}: {line}{what}\n{way_out}",
            format.word()
        )
    })
}

fn mistake(problem: Problem) -> Mistake {
    let line = problem.line.and_then(|line| usize::try_from(line).ok());
    (line, problem.what)
}

fn json(text: &str) -> Result<Value, Mistake> {
    serde_json::from_str(text).map_err(|error| {
        let (line, whole) = (error.line(), error.to_string());
        let what = whole.split(" at line ").next().unwrap_or(&whole).to_owned();
        ((line > 0).then_some(line), what)
    })
}

fn csv(text: &str) -> Result<Value, Mistake> {
    let told = |error: csv::Error| {
        let line = error
            .position()
            .and_then(|at| usize::try_from(at.line()).ok());
        let what = match error.kind() {
            csv::ErrorKind::UnequalLengths {
                expected_len, len, ..
            } => {
                format!("it has {len} fields where the first line has {expected_len}")
            }
            _ => error.to_string(),
        };
        (line, what)
    };
    let mut reader = csv::ReaderBuilder::new().from_reader(text.as_bytes());
    let headers: Value = reader
        .headers()
        .map_err(told)?
        .iter()
        .map(Value::from)
        .collect();
    let mut records = Vec::new();
    for record in reader.records() {
        let record = record.map_err(told)?;
        records.push(record.iter().map(Value::from).collect::<Value>());
    }
    Ok(json!({ "headers": headers, "records": records }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_each_format() {
        for (text, format, value) in [
            ("a = 1", "toml", json!({"a": 1})),
            ("{\"a\":1}", "JSON", json!({"a": 1})),
            ("a: 1", "yaml", json!({"a": 1})),
            ("- 1\n- x\n", "yml", json!([1, "x"])),
            ("# nothing", "yaml", json!(null)),
            (
                "a,b\n1,2\n",
                "csv",
                json!({"headers": ["a", "b"], "records": [["1", "2"]]}),
            ),
            ("<a b='1'/>", "xml", json!({"a": {"@b": 1}})),
            ("anything", "plain", json!("anything")),
        ] {
            let format = Format::named(format).unwrap();
            assert_eq!(parse(text, format, "it"), Ok(value), "{text}");
        }
    }

    #[test]
    fn a_mistake_has_its_line() {
        for (text, format, told) in [
            (
                "a = 1\nb = ",
                Format::Toml,
                "`x` can't be read as TOML: line 2: ",
            ),
            (
                "{\n\"a\": 1,,}",
                Format::Json,
                "`x` can't be read as JSON: line 2: ",
            ),
            ("a: [1", Format::Yaml, "`x` can't be read as YAML: line 1: "),
            (
                "a,b\n1\n",
                Format::Csv,
                "`x` can't be read as CSV: line 2: it has 1 fields where the first line has 2\n",
            ),
            (
                "<a>\n<b></a>",
                Format::Xml,
                "`x` can't be read as XML: line 2: ",
            ),
            (
                "\n@book{a, ",
                Format::Bibtex,
                "`x` can't be read as BibTeX: line 2: ",
            ),
        ] {
            let why = parse(text, format, "`x`").unwrap_err();
            assert!(why.starts_with(told), "{why}");
        }
    }

    #[test]
    fn the_ending_says_the_format() {
        for (path, format) in [
            ("a/b.Toml", Format::Toml),
            ("b.yml", Format::Yaml),
            ("b.bibtex", Format::Bibtex),
            ("b.bib", Format::Plain),
            ("b", Format::Plain),
        ] {
            assert_eq!(Format::of_file(path), format, "{path}");
        }
        assert_eq!(
            Format::named("tmol").unwrap_err(),
            "there is no format \"tmol\"\ndid you mean \"toml\"?"
        );
    }
}
