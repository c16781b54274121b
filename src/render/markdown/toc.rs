//! The table of contents of a text.

use serde_json::Value;

/// The headings of a text, nested, as templates get them: in JSON. A large site has those of all its texts in
/// memory while it renders, and each heading for itself would be several places of different lengths, which leave
/// holes when they go.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub(crate) struct Toc(Box<str>);

/// A heading in the table of contents.
#[derive(Debug, serde::Serialize)]
pub(super) struct Heading {
    /// 1 to 6.
    pub(super) level: u8,
    /// Its `id`.
    pub(super) id: String,
    /// The page's permalink with `#id`.
    pub(super) permalink: String,
    /// Its text, without markup.
    pub(super) title: String,
    /// The headings below it.
    pub(super) children: Vec<Self>,
}

impl Toc {
    /// These headings, in the order of the text, each below the nearest one before it that is of a higher rank.
    pub(super) fn of(headings: Vec<Heading>) -> Self {
        match headings.is_empty() {
            true => Self::default(),
            false => {
                let json = serde_json::to_string(&nest(headings));
                Self(json.expect("headings are text and numbers").into())
            }
        }
    }

    /// Each with its `level`, `id`, `permalink`, `title` and `children`.
    pub(crate) fn value(&self) -> Value {
        match &*self.0 {
            "" => Value::Array(Vec::new()),
            json => serde_json::from_str(json).expect("it was written here"),
        }
    }
}

fn nest(flat: Vec<Heading>) -> Vec<Heading> {
    let mut top = Vec::new();
    let mut open: Vec<Heading> = Vec::new();
    for heading in flat {
        while let Some(done) = open.pop_if(|last| last.level >= heading.level) {
            open.last_mut()
                .map_or(&mut top, |parent| &mut parent.children)
                .push(done);
        }
        open.push(heading);
    }
    while let Some(done) = open.pop() {
        open.last_mut()
            .map_or(&mut top, |parent| &mut parent.children)
            .push(done);
    }
    top
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nests_by_rank() {
        let heading = |level| Heading {
            level,
            id: String::new(),
            permalink: String::new(),
            title: String::new(),
            children: Vec::new(),
        };
        fn shape(headings: &Value) -> String {
            let one =
                |heading: &Value| format!("{}[{}]", heading["level"], shape(&heading["children"]));
            headings.as_array().unwrap().iter().map(one).collect()
        }
        for (levels, expected) in [
            (vec![], ""),
            (vec![1, 2, 2, 3, 1], "1[2[]2[3[]]]1[]"),
            (vec![4, 2, 3, 1, 3, 3, 2], "4[]2[3[]]1[3[]3[]2[]]"),
        ] {
            let flat = levels.into_iter().map(heading).collect();
            assert_eq!(shape(&Toc::of(flat).value()), expected);
        }
    }
}
