//! Where paths lead: the file `_redirects`, a rule on each line.
//!
//! `from [name=value ...] to [status][!]`, and behind a `#` whatever its author wants to remember.

use std::collections::HashMap;

use percent_encoding::percent_decode_str;

use super::{
    pattern::{Captures, PathPattern, is_of_name, without_slash},
    template::Template,
};
use crate::site::Problem;

/// Where one pattern of paths leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Rule {
    from: PathPattern,
    /// What the query has to say.
    query: Vec<Parameter>,
    to: Template,
    turn: Turn,
    /// Whether it goes before a page that stands there.
    is_forced: bool,
}

/// What becomes of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Turn {
    /// The client is sent elsewhere, with this status.
    Away(u16),
    /// The client is shown what stands elsewhere, with this status.
    Show(u16),
}

/// What a rule makes of a request.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Led {
    pub(crate) turn: Turn,
    /// A URL, or a path of this host with its query, percent-encoded.
    pub(crate) to: String,
}

/// `name=value`, or `name=:placeholder` for any value.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Parameter {
    name: Box<str>,
    value: Wanted,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Wanted {
    This(Box<str>),
    Any(Box<str>),
}

/// All rules. The first one that is of a request counts.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Redirects {
    rules: Vec<Rule>,
    /// Those of one path each, by that.
    exact: HashMap<Box<str>, Vec<usize>>,
    /// The others.
    patterned: Vec<usize>,
}

impl Redirects {
    /// These, in their order.
    pub(crate) fn of(rules: Vec<Rule>) -> Self {
        let mut exact = HashMap::<Box<str>, Vec<usize>>::new();
        let mut patterned = Vec::new();
        for (number, rule) in rules.iter().enumerate() {
            match rule.from.only() {
                Some(path) => exact.entry(path.into()).or_default().push(number),
                None => patterned.push(number),
            }
        }
        Self {
            rules,
            exact,
            patterned,
        }
    }

    /// Whether there are none.
    pub(crate) fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    /// Where a request leads, whatever stands there. `path` is decoded, `query` is not.
    pub(crate) fn before_pages(&self, path: &str, query: Option<&str>) -> Option<Led> {
        self.lead(path, query, |rule| rule.is_forced)
    }

    /// Where a request leads, if nothing stands there.
    pub(crate) fn behind_pages(&self, path: &str, query: Option<&str>) -> Option<Led> {
        self.lead(path, query, |rule| !rule.is_forced)
    }

    fn lead(
        &self,
        path: &str,
        query: Option<&str>,
        is_wanted: impl Fn(&Rule) -> bool,
    ) -> Option<Led> {
        if self.rules.is_empty() {
            return None;
        }
        let try_one = |number: &usize| {
            let rule = self.rules.get(*number).filter(|rule| is_wanted(rule))?;
            Some((*number, rule.lead(path, query)?))
        };
        let exact = self.exact.get(without_slash(path)).into_iter().flatten();
        let exact = exact.clone().find_map(try_one);
        let before = exact.as_ref().map_or(usize::MAX, |(number, _)| *number);
        let mut earlier = self.patterned.iter().take_while(|number| **number < before);
        let patterned = earlier.find_map(try_one);
        patterned.or(exact).map(|(_, led)| led)
    }
}

impl Rule {
    /// From `from`, whose query says what `query` says, to `to`; with a status, and `!` behind it where it goes before
    /// pages.
    pub(crate) fn new(from: &str, query: &[&str], to: &str, status: &str) -> Result<Self, Problem> {
        let from: PathPattern = from.parse().map_err(|error| {
            Problem::error(format!(
                "`{from}` is no path that can be sent elsewhere: {error}"
            ))
        })?;
        let query: Vec<_> = query.iter().filter_map(|text| parameter(text)).collect();
        let captured = query.iter().filter_map(|parameter| match &parameter.value {
            Wanted::Any(name) => Some(&**name),
            Wanted::This(_) => None,
        });
        let names: Vec<&str> = from.names().chain(captured).collect();
        let is_forced = status.ends_with('!');
        let turn = turn(status.trim_end_matches('!'), to)?;
        check_target(to, &names)?;
        Ok(Self {
            to: Template::new(to, &names),
            from,
            query,
            turn,
            is_forced,
        })
    }

    fn lead(&self, path: &str, query: Option<&str>) -> Option<Led> {
        let captures = self.from.captures(path)?;
        let values: Option<Vec<_>> = self.query.iter().map(|one| one.value_in(query)).collect();
        let values = values?;
        let mut found: Vec<(&str, &str)> = captures.0;
        for (parameter, value) in self.query.iter().zip(&values) {
            if let Wanted::Any(name) = &parameter.value {
                found.push((name, value));
            }
        }
        let mut to = self.to.fill(&Captures(found));
        if let (Turn::Away(_), Some(query), true) = (self.turn, query, self.query.is_empty())
            && !to.contains('?')
        {
            let end = to.find('#').unwrap_or(to.len());
            to.insert_str(end, &format!("?{query}"));
        }
        // Two slashes would be followed by a host of the visitor's choice.
        if let Some(rest) = to.strip_prefix("//") {
            to = format!("/{}", rest.trim_start_matches('/'));
        }
        // Who is sent where he is would come again, and again.
        (!is_same(&to, path)).then_some(Led {
            turn: self.turn,
            to,
        })
    }
}

impl Parameter {
    /// Its value in a query, decoded; None if that is not what is wanted.
    fn value_in(&self, query: Option<&str>) -> Option<String> {
        let pairs = query?.split('&').filter_map(|pair| pair.split_once('='));
        let decoded = |text: &str| {
            let text = text.replace('+', " ");
            percent_decode_str(&text).decode_utf8_lossy().into_owned()
        };
        let (_, value) = pairs
            .map(|(name, value)| (decoded(name), decoded(value)))
            .find(|(name, _)| **name == *self.name)?;
        match &self.value {
            Wanted::This(wanted) => (*value == **wanted).then_some(value),
            Wanted::Any(_) => Some(value),
        }
    }
}

/// Reads the file. A rule with a mistake is left out.
pub(super) fn read(text: &str) -> (Vec<Rule>, Vec<Problem>) {
    let (mut rules, mut problems) = (Vec::new(), Vec::new());
    for (number, line) in (1..).zip(text.lines()) {
        match rule(&words(line)) {
            Ok(rule) => rules.extend(rule),
            Err(problem) => problems.push(problem.at_line(text, number)),
        }
    }
    let patterned = rules.iter().filter(|rule| rule.from.only().is_none());
    if patterned.count() > PATTERNED_MAX {
        let what = format!("there are more than {PATTERNED_MAX} rules with `*` or `:name`");
        let way_out =
            "each of them is tried for a path that has no page: write one `*` for several of them";
        problems.push(Problem::error(what).way_out(way_out));
    }
    (rules, problems)
}

/// What is wrong with the file in a site that has something only at the paths that `is_there` knows: rules that show what is
/// nowhere.
pub(super) fn dangling(text: &str, is_there: impl Fn(&str) -> bool) -> Vec<Problem> {
    let lines = (1..).zip(text.lines());
    let dangling = lines.filter_map(|(number, line)| {
        let rule = rule(&words(line)).ok()??;
        let to = rule.to.fixed().filter(|_| matches!(rule.turn, Turn::Show(_)))?;
        let path = to.split(['?', '#']).next().unwrap_or_default();
        let path = percent_decode_str(path).decode_utf8_lossy();
        let problem = || {
            let what = format!("the rule shows `{to}`, and nothing is there");
            let way_out = "visitors get the page for what is missing instead: name the path of a page, with its slash, or a file";
            Problem::warning(what).way_out(way_out).at_line(text, number).marked(to)
        };
        (!is_there(&path)).then(problem)
    });
    dangling.collect()
}

fn words(line: &str) -> Vec<&str> {
    let words = line.split_whitespace();
    words.take_while(|word| !word.starts_with('#')).collect()
}

fn rule(words: &[&str]) -> Result<Option<Rule>, Problem> {
    let Some((from, rest)) = words.split_first() else {
        return Ok(None);
    };
    if is_url(from) {
        let way_out = "give that host a `[[site]]` of its own in littoral.toml, with a `_redirects` of its own";
        let problem = Problem::warning("a rule of another host is passed over");
        return Err(problem.way_out(way_out).marked(from));
    }
    let of_query = rest.iter().take_while(|word| !is_target(word)).count();
    let (query, rest) = rest.split_at(of_query);
    let Some((to, rest)) = rest.split_first() else {
        let problem = Problem::error(format!("nothing says where `{from}` leads"));
        return Err(problem.way_out("write `/from /to`, and `301` or another status behind it"));
    };
    if let Some(word) = query.iter().find(|word| parameter(word).is_none()) {
        let problem = Problem::error(format!("`{word}` is no part of a rule"));
        let way_out = "before the target may stand what the query must say: `id=7`, or `id=:id` for any value";
        return Err(problem.way_out(way_out));
    }
    let (status, rest) = match rest.split_first() {
        Some((word, behind)) if word.starts_with(|c: char| c.is_ascii_digit()) => (*word, behind),
        _ => ("301", rest),
    };
    if let Some(word) = rest.first() {
        return Err(match CONDITIONS.iter().any(|name| word.starts_with(name)) {
            true => Problem::warning(format!("a rule with the condition `{word}` is passed over"))
                .way_out("every visitor gets the same here: take the condition away, or the rule"),
            false => Problem::error(format!("`{word}` is no part of a rule"))
                .way_out("write `/from /to 301`"),
        });
    }
    Rule::new(from, query, to, status).map(Some)
}

fn turn(status: &str, to: &str) -> Result<Turn, Problem> {
    let number = status.parse().unwrap_or_default();
    match number {
        301 | 302 | 303 | 307 | 308 => Ok(Turn::Away(number)),
        200 | 404 | 410 | 451 if is_url(to) => {
            let problem = Problem::warning(format!(
                "a rule that shows what `{to}` answers is passed over"
            ));
            Err(problem.way_out("nothing is fetched for a visitor here; send him there with 302"))
        }
        200 | 404 | 410 | 451 => Ok(Turn::Show(number)),
        _ => {
            let problem = Problem::error(format!("`{status}` is no status of a rule"));
            let way_out = "301, 302, 303, 307 and 308 send elsewhere; 200 shows another page, 404, 410 and 451 do so \
                           and say that nothing is there";
            Err(problem.way_out(way_out))
        }
    }
}

/// A client must not be sent to a host that he chose himself.
fn check_target(to: &str, names: &[&str]) -> Result<(), Problem> {
    if !is_target(to) || to.starts_with("//") {
        let problem = Problem::error(format!(
            "`{to}` is no target: it begins neither with `/` nor with `https://`"
        ));
        return Err(problem.way_out("write a path, or a whole URL"));
    }
    if to.chars().any(|c| c.is_control() || c == '\\') {
        return Err(Problem::error(format!("`{}` is no URL", to.escape_debug())));
    }
    let authority = to.split_once("://").map_or("", |(_, rest)| rest);
    let authority = authority.split(['/', '?', '#']).next().unwrap_or_default();
    let is_chosen = |name: &&str| authority.contains(&format!(":{name}"));
    if names.iter().any(is_chosen) {
        let problem = Problem::error("the host of the target is chosen by the visitor");
        return Err(problem.way_out("write the host out; placeholders stand behind it"));
    }
    let places = to.split(['/', '=']).skip(1);
    let called = places
        .filter_map(|place| place.strip_prefix(':'))
        .filter_map(name_of);
    let Some(unknown) = called.into_iter().find(|name| !names.contains(name)) else {
        return Ok(());
    };
    let problem = Problem::error(format!("nothing in the rule is called `:{unknown}`"));
    let known: Vec<_> = names.iter().map(|name| format!("`:{name}`")).collect();
    Err(match known.is_empty() {
        true => problem.way_out("a `*` is called `:splat`, and a segment `:name` by its name"),
        false => problem.way_out(format!("known are {}", known.join(", "))),
    })
}

/// The name at the beginning of `text`, if one stands there.
fn name_of(text: &str) -> Option<&str> {
    let end = text.bytes().position(|byte| !is_of_name(byte));
    let name = text.get(..end.unwrap_or(text.len()))?;
    name.starts_with(|c: char| c.is_ascii_alphabetic())
        .then_some(name)
}

fn parameter(word: &str) -> Option<Parameter> {
    let (name, value) = word.split_once('=')?;
    Some(Parameter {
        name: name.into(),
        value: match value.strip_prefix(':') {
            Some(placeholder) => Wanted::Any(placeholder.into()),
            None => Wanted::This(value.into()),
        },
    })
}

fn is_target(word: &str) -> bool {
    word.starts_with('/') || is_url(word)
}

fn is_url(word: &str) -> bool {
    ["http://", "https://"]
        .iter()
        .any(|scheme| word.starts_with(scheme))
}

/// Whether `to` is `path` itself.
fn is_same(to: &str, path: &str) -> bool {
    let own = to.split(['?', '#']).next().unwrap_or_default();
    percent_decode_str(own)
        .decode_utf8()
        .is_ok_and(|own| own == path)
}

/// What Netlify asks of a visitor.
const CONDITIONS: [&str; 5] = ["Country=", "Language=", "Role=", "Cookie=", "Conditions="];

/// Each is tried for every path that has no page.
const PATTERNED_MAX: usize = 1_000;

#[cfg(test)]
mod tests {
    use super::*;

    fn redirects(text: &str) -> Redirects {
        let (rules, problems) = read(text);
        assert_eq!(problems, []);
        Redirects::of(rules)
    }

    #[test]
    fn a_path_leads_elsewhere() {
        let rules = redirects(
            "# moved\n\
             /old /new\n\
             /old/ /never\n\
             \n\
             /temporary  https://example.org/x  302  # for now\n\
             /blog/:year/:slug /posts/:year-:slug 308\n\
             /blog/* /archive/:splat 301\n\
             /store id=:id sort=up /item/:id?s=1 301\n\
             /store id=7 /seven\n\
             /anchor /new#there\n\
             /app/* /app/ 200\n\
             /gone /gone-page 410\n\
             /%C3%A4/* /a/:splat?q=:splat\n\
             /loop/* /loop/x\n\
             /slash /slash/\n\
             /open* /:splat\n\
             /by to=:to /:to\n",
        );
        use Turn::{Away, Show};
        for (path, query, expected) in [
            ("/old", None, Some((Away(301), "/new"))),
            ("/old/", None, Some((Away(301), "/new"))),
            ("/old", Some("a=b&c"), Some((Away(301), "/new?a=b&c"))),
            ("/older", None, None),
            (
                "/temporary",
                Some("a"),
                Some((Away(302), "https://example.org/x?a")),
            ),
            (
                "/blog/2024/tides",
                None,
                Some((Away(308), "/posts/2024-tides")),
            ),
            (
                "/blog/2024/05/tides",
                None,
                Some((Away(301), "/archive/2024/05/tides")),
            ),
            ("/blog", None, Some((Away(301), "/archive/"))),
            (
                "/store",
                Some("id=a%26b&sort=up"),
                Some((Away(301), "/item/a&b?s=1")),
            ),
            ("/store", Some("x=y&id=7"), Some((Away(301), "/seven"))),
            ("/store", Some("id=8"), None),
            ("/store", None, None),
            ("/anchor", Some("q=1"), Some((Away(301), "/new?q=1#there"))),
            ("/app/a/b", Some("q"), Some((Show(200), "/app/"))),
            ("/gone", None, Some((Show(410), "/gone-page"))),
            (
                "/ä/b c&d",
                None,
                Some((Away(301), "/a/b%20c&d?q=b%20c%26d")),
            ),
            ("/loop/y", None, Some((Away(301), "/loop/x"))),
            ("/loop/x", None, None),
            ("/slash", None, Some((Away(301), "/slash/"))),
            ("/slash/", None, None),
            ("/open/evil.test", None, Some((Away(301), "/evil.test"))),
            (
                "/by",
                Some("to=/evil.test/.."),
                Some((Away(301), "/%2Fevil.test%2F..")),
            ),
        ] {
            let led = rules.behind_pages(path, query);
            let led = led.as_ref().map(|led| (led.turn, &*led.to));
            assert_eq!(led, expected, "{path} {query:?}");
        }
    }

    #[test]
    fn the_first_rule_counts_and_a_forced_one_goes_before_pages() {
        let rules = redirects("/a/* /first\n/a/b /second\n/c /third\n/* /last 301!\n");
        let to = |led: Option<Led>| led.map(|led| led.to);
        assert_eq!(
            to(rules.behind_pages("/a/b", None)).as_deref(),
            Some("/first")
        );
        assert_eq!(
            to(rules.behind_pages("/c", None)).as_deref(),
            Some("/third")
        );
        assert_eq!(to(rules.behind_pages("/d", None)), None);
        assert_eq!(to(rules.before_pages("/c", None)).as_deref(), Some("/last"));
        assert_eq!(to(rules.before_pages("/last", None)), None);
    }

    #[test]
    fn mistakes_are_told_with_their_lines() {
        for (line, is_error, what) in [
            ("/a", true, "nothing says where `/a` leads"),
            (
                "a /b",
                true,
                "`a` is no path that can be sent elsewhere: a path begins with `/`",
            ),
            ("/a b", true, "nothing says where `/a` leads"),
            ("/a x=1 b /c", true, "`b` is no part of a rule"),
            ("/a /b 300", true, "`300` is no status of a rule"),
            ("/a /b 500", true, "`500` is no status of a rule"),
            ("/a /b 301 x", true, "`x` is no part of a rule"),
            (
                "/a /b Country=de",
                false,
                "a rule with the condition `Country=de` is passed over",
            ),
            (
                "https://a.test/* /b",
                false,
                "a rule of another host is passed over",
            ),
            (
                "/a/* https://b.test/:splat 200",
                false,
                "a rule that shows what",
            ),
            (
                "/a/* https://b.test/:splot",
                true,
                "nothing in the rule is called `:splot`",
            ),
            (
                "/:host https://:host/",
                true,
                "the host of the target is chosen by the visitor",
            ),
            (
                "/a id=:id https://b.test:id/",
                true,
                "the host of the target is chosen by the visitor",
            ),
            ("/a /b\\c", true, "is no URL"),
            ("/a //b.test", true, "is no target"),
        ] {
            let (rules, problems) = read(&format!("# x\n{line}\n/x /y\n"));
            let [problem] = &problems[..] else {
                panic!("{line}: {problems:?}")
            };
            assert!(problem.what.contains(what), "{line}: {problem}");
            assert_eq!(
                (problem.line, problem.is_error()),
                (Some(2), is_error),
                "{line}"
            );
            assert_eq!(rules.len(), 1, "the others are read");
        }
        let many: String = (0..=PATTERNED_MAX).map(|n| format!("/{n}/* /\n")).collect();
        assert_eq!(read(&many).1.len(), 1);
    }
}
