//! `load_data` and `get_env`: what comes into a template from outside of the pages.

use serde_json::{Value, json};

use super::{Args, files};
use crate::{
    render::world::World,
    site::{toml, yaml},
};

/// The data of a file or of a literal, as a value.
pub(super) fn load_data(world: &World, args: &Args<'_>) -> Result<Value, String> {
    let required = args.flag("required")?.unwrap_or(true);
    if let Some(url) = args.string("url")? {
        if !required {
            return Ok(Value::Null);
        }
        let way_out = "keep a copy of it in the site, or pass `required=false`";
        return Err(format!(
            "nothing is fetched from the network ({url}): {way_out}"
        ));
    }
    let format = args.string("format")?;
    if let Some(literal) = args.string("literal")? {
        return parse(literal, format.unwrap_or("plain"), "the literal");
    }
    let path = args
        .required("path")
        .map_err(|_| "give it `path`, `url` or `literal`".to_owned())?;
    let Some(bytes) = files::find(world, path) else {
        if required {
            return Err(files::missing(world, "file", path));
        }
        return Ok(Value::Null);
    };
    let text = String::from_utf8(bytes.into()).map_err(|_| format!("`{path}` is not UTF-8"))?;
    let ending = path.rsplit_once('.').map_or("", |(_, ending)| ending);
    parse(&text, format.unwrap_or(ending), &format!("`{path}`"))
}

fn parse(text: &str, format: &str, called: &str) -> Result<Value, String> {
    let broken = |why: String| format!("{called} can't be read as {format}: {why}");
    match format {
        "toml" => toml(text)
            .map(Value::Object)
            .map_err(|problem| broken(told(&problem))),
        "json" => serde_json::from_str(text).map_err(|error| broken(error.to_string())),
        "yaml" | "yml" => parse_yaml(text).map_err(broken),
        "csv" => parse_csv(text).map_err(broken),
        "xml" | "bibtex" | "bib" => Err(format!("{called}: {format} is not read yet")),
        _ => Ok(Value::from(text)),
    }
}

fn told(problem: &crate::site::Problem) -> String {
    match problem.line {
        Some(line) => format!("line {line}: {}", problem.what),
        None => problem.what.clone(),
    }
}

/// YAML of any shape; a mapping is read as front matter is.
fn parse_yaml(text: &str) -> Result<Value, String> {
    match yaml(text) {
        Ok(map) => Ok(Value::Object(map)),
        Err(problem) => serde_saphyr::from_str(text).map_err(|_| told(&problem)),
    }
}

fn parse_csv(text: &str) -> Result<Value, String> {
    let mut reader = csv::ReaderBuilder::new().from_reader(text.as_bytes());
    let headers: Vec<String> = reader
        .headers()
        .map_err(|error| error.to_string())?
        .iter()
        .map(ToOwned::to_owned)
        .collect();
    let mut records = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| error.to_string())?;
        records.push(record.iter().map(Value::from).collect::<Value>());
    }
    Ok(json!({ "headers": headers, "records": records }))
}

/// A variable of the environment littoral runs in.
#[expect(
    clippy::disallowed_methods,
    reason = "the template asks for the environment itself"
)]
pub(super) fn get_env(_: &World, args: &Args<'_>) -> Result<Value, String> {
    let name = args.required("name")?;
    match (std::env::var(name), args.value("default")) {
        (Ok(value), _) => Ok(Value::String(value)),
        (Err(_), Some(default)) => Ok(default.clone()),
        (Err(_), None) => Err(format!(
            "the environment has no variable `{name}`: set it, or pass `default`"
        )),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Map;

    use super::*;

    #[test]
    fn reads_each_format() {
        let map: Map<String, Value> = [("a".to_owned(), json!(1))].into_iter().collect();
        let object = Value::Object(map);
        for (text, format, value) in [
            ("a = 1", "toml", object.clone()),
            ("{\"a\":1}", "json", object.clone()),
            ("a: 1", "yaml", object),
            ("- 1\n- x\n", "yaml", json!([1, "x"])),
            (
                "a,b\n1,2\n",
                "csv",
                json!({"headers": ["a", "b"], "records": [["1", "2"]]}),
            ),
            ("anything", "plain", json!("anything")),
        ] {
            assert_eq!(parse(text, format, "it"), Ok(value), "{format}");
        }
        assert!(
            parse("a = ", "toml", "`x.toml`")
                .unwrap_err()
                .starts_with("`x.toml` can't be")
        );
    }
}
