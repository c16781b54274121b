//! What the arguments of `load_data` ask of an address.

use serde_json::Value;

use super::format::Format;
use crate::{
    render::functions::Args,
    site::{Fetch, Method},
};

/// The fetch of `url`, whose answer should be in `format`.
pub(super) fn fetch(args: &Args<'_>, url: &str, format: Format) -> Result<Fetch, String> {
    let is_whole = ["http://", "https://"]
        .iter()
        .any(|scheme| url.starts_with(scheme));
    if !is_whole {
        return Err(format!(
            "`url` begins with http:// or https://, and is \"{url}\"\nname a file of the site \
             by `path`"
        ));
    }
    let method = match args.string("method")?.map(str::to_uppercase).as_deref() {
        None | Some("GET") => Method::Get,
        Some("POST") => Method::Post,
        Some(other) => return Err(format!("`method` is GET or POST, and not {other}")),
    };
    let mut headers = headers(args)?;
    let (content_type, body) = (args.string("content_type")?, args.string("body")?);
    let mut sent = String::new();
    if method == Method::Post {
        let content_type = content_type.map(|value| ("content-type".to_owned(), value.to_owned()));
        headers.extend(content_type);
        sent.push_str(body.unwrap_or_default());
    }
    headers.push(("accept".to_owned(), format.media_type().to_owned()));
    Ok(Fetch {
        url: url.to_owned(),
        method,
        headers,
        body: sent,
    })
}

/// The list `["name=value"]`.
fn headers(args: &Args<'_>) -> Result<Vec<(String, String)>, String> {
    let Some(value) = args.value("headers") else {
        return Ok(Vec::new());
    };
    let wrong = |what: &Value| {
        format!("`headers` is a list of strings like \"accept=text/html\", and has {what}")
    };
    let list = value.as_array().ok_or_else(|| wrong(value))?;
    list.iter()
        .map(|item| {
            let pair = item.as_str().and_then(|text| text.split_once('='));
            let (name, value) = pair.ok_or_else(|| wrong(item))?;
            Ok((name.to_owned(), value.to_owned()))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of(arguments: &Value) -> Result<Fetch, String> {
        let map = arguments.as_object().unwrap();
        fetch(&Args { map }, "http://a.example/", Format::Json)
    }

    #[test]
    fn arguments_become_a_question() {
        for (arguments, method, headers, body) in [
            (
                json!({"body": "unsent", "content_type": "text/plain"}),
                Method::Get,
                vec![("accept", "application/json")],
                "",
            ),
            (
                json!({"method": "post", "body": "a", "content_type": "b/c", "headers": ["x=y=z"]}),
                Method::Post,
                vec![
                    ("x", "y=z"),
                    ("content-type", "b/c"),
                    ("accept", "application/json"),
                ],
                "a",
            ),
        ] {
            let fetch = of(&arguments).unwrap();
            let sent = fetch.headers.iter().map(|(n, v)| (n.as_str(), v.as_str()));
            assert_eq!(sent.collect::<Vec<_>>(), headers, "{arguments}");
            assert_eq!((fetch.method, fetch.body.as_str()), (method, body));
        }
    }

    #[test]
    fn a_wrong_question_is_not_asked() {
        for arguments in [
            json!({"method": "PUT"}),
            json!({"headers": "a=b"}),
            json!({"headers": ["a"]}),
            json!({"headers": [1]}),
        ] {
            assert!(of(&arguments).is_err(), "{arguments}");
        }
        let map = serde_json::Map::new();
        for url in ["", "nonsense", "ftp://a.example/", "file:///a"] {
            assert!(
                fetch(&Args { map: &map }, url, Format::Plain).is_err(),
                "{url}"
            );
        }
    }
}
