//! Patterns in words that our engine takes: it looks behind itself over texts of known length only,
//! and calls no groups.

/// `source` without calls of groups, and with a lookbehind of each length in place of those of
/// several lengths. None if that can't be said, or only at too great a length.
pub(super) fn reworded(source: &str) -> Option<String> {
    let source = without_calls(source)?;
    let mut reworded = String::new();
    let mut rest = source.as_str();
    while !rest.is_empty() {
        let piece = piece(rest)?;
        let looks = [("(?<=", true), ("(?<!", false)];
        let look = looks.iter().find(|(opens, _)| piece.starts_with(opens));
        match look {
            Some((opens, is_wanted)) => {
                let body = piece.strip_prefix(opens)?.strip_suffix(')')?;
                let lengths = lengths(body)?;
                let looks = lengths.iter().map(|body| format!("{opens}{body})"));
                let looks: Vec<_> = looks.collect();
                if *is_wanted {
                    reworded += &format!("(?:{})", looks.join("|"));
                } else {
                    reworded += &looks.concat();
                }
                // The groups behind this one keep their numbers.
                reworded += &"()".repeat(groups(body));
                rest = rest.strip_prefix(piece)?;
            }
            // What stands inside other groups is looked at in turn.
            None if piece.starts_with('(') => {
                reworded.push('(');
                rest = rest.strip_prefix('(')?;
            }
            None => {
                reworded += piece;
                rest = rest.strip_prefix(piece)?;
            }
        }
    }
    (reworded.len() <= BYTES_MAX).then_some(reworded)
}

/// The escape, class, group or character that `rest` begins with.
fn piece(rest: &str) -> Option<&str> {
    let mut classes = 0_usize;
    let mut groups = 0_usize;
    let mut is_escaped = false;
    let mut before = '\0';
    for (at, found) in rest.char_indices() {
        let is_literal = std::mem::take(&mut is_escaped);
        match found {
            _ if is_literal => {}
            '\\' => is_escaped = true,
            // A bracket that closes at once is one of the class.
            ']' if classes > 0 && (before == '[' || rest.get(..at)?.ends_with("[^")) => {}
            '[' => classes += 1,
            ']' => classes = classes.saturating_sub(1),
            '(' if classes == 0 => groups += 1,
            ')' if classes == 0 => groups = groups.saturating_sub(1),
            _ => {}
        }
        before = if is_literal { '\0' } else { found };
        if classes == 0 && groups == 0 && !is_escaped {
            let end = at + found.len_utf8();
            // A property is named behind its escape.
            let tail = rest
                .get(end..)
                .filter(|_| is_literal && matches!(found, 'p' | 'P' | 'x'));
            let named = tail.and_then(|tail| tail.strip_prefix('{')?.find('}'));
            return rest.get(..end + named.map_or(0, |named| named + 2));
        }
    }
    None
}

/// How many groups of `source` have a number.
fn groups(source: &str) -> usize {
    let mut rest = source;
    let mut groups = 0;
    while let Some(first) = rest.chars().next() {
        let skipped = match first {
            '\\' | '[' => piece(rest).map_or(1, str::len),
            _ => first.len_utf8(),
        };
        let is_named =
            rest.starts_with("(?<") && !rest.starts_with("(?<=") && !rest.starts_with("(?<!");
        let is_plain = first == '(' && !rest.starts_with("(?");
        groups += usize::from(is_named || is_plain);
        rest = rest.get(skipped..).unwrap_or_default();
    }
    groups
}

/// `body` as patterns of one length each.
fn lengths(body: &str) -> Option<Vec<String>> {
    let mut all = Vec::new();
    let mut branch = vec![String::new()];
    let mut rest = body;
    while !rest.is_empty() {
        let piece = piece(rest)?;
        rest = rest.strip_prefix(piece)?;
        if piece == "|" {
            all.append(&mut std::mem::replace(&mut branch, vec![String::new()]));
            continue;
        }
        let (least, most, tail) = repetition(rest);
        rest = tail;
        let one = match inside(piece) {
            Some(inside) => lengths(inside)?,
            None => vec![piece.to_owned()],
        };
        let mut repeated = branch.clone();
        let mut next = Vec::new();
        for times in 0..=most {
            if times >= least {
                next.extend_from_slice(&repeated);
            }
            if times < most {
                let pairs = repeated
                    .iter()
                    .flat_map(|head| one.iter().map(move |tail| (head, tail)));
                repeated = pairs.map(|(head, tail)| format!("{head}{tail}")).collect();
            }
            if next.len() + repeated.len() + all.len() > LENGTHS_MAX {
                return None;
            }
        }
        branch = next;
    }
    all.append(&mut branch);
    Some(all)
}

/// What a group that takes up room has inside.
fn inside(piece: &str) -> Option<&str> {
    let group = piece.strip_prefix('(')?.strip_suffix(')')?;
    match group.strip_prefix('?') {
        None => Some(group),
        Some(group) => match group.strip_prefix(':') {
            Some(inside) => Some(inside),
            None if group.starts_with("<=") || group.starts_with("<!") => None,
            None => Some(group.strip_prefix('<')?.split_once('>')?.1),
        },
    }
}

/// How often what stands before `rest` is repeated, and what follows.
fn repetition(rest: &str) -> (usize, usize, &str) {
    let (least, most, tail) = match rest.chars().next() {
        Some('?') => (0, 1, rest.get(1..).unwrap_or_default()),
        Some('*') => (0, ENDLESS, rest.get(1..).unwrap_or_default()),
        Some('+') => (1, ENDLESS, rest.get(1..).unwrap_or_default()),
        Some('{') => match counted(rest) {
            Some(counted) => counted,
            None => return (1, 1, rest),
        },
        _ => return (1, 1, rest),
    };
    // Greedy or not is all the same behind.
    (least, most, tail.strip_prefix(['?', '+']).unwrap_or(tail))
}

fn counted(rest: &str) -> Option<(usize, usize, &str)> {
    let (counts, tail) = rest.strip_prefix('{')?.split_once('}')?;
    let (least, most) = counts.split_once(',').unwrap_or((counts, counts));
    let least = if least.is_empty() {
        0
    } else {
        least.parse().ok()?
    };
    let most = if most.is_empty() {
        ENDLESS
    } else {
        most.parse().ok()?
    };
    (least <= most && most <= LENGTHS_MAX).then_some((least, most, tail))
}

/// `source` with what a group says in place of its calls, as deep as [`CALLS_DEEP`].
fn without_calls(source: &str) -> Option<String> {
    let mut all = source.to_owned();
    for depth in 0..=CALLS_DEEP {
        if !all.contains("\\g<") {
            break;
        }
        let mut next = String::new();
        let mut rest = all.as_str();
        while let Some((before, after)) = rest.split_once("\\g<") {
            let (name, tail) = after.split_once('>')?;
            next += before;
            next += &match depth < CALLS_DEEP {
                true => format!("(?:{})", unnumbered(group(source, name)?)),
                false => "(?!)".to_owned(),
            };
            rest = tail;
        }
        next += rest;
        if next.len() > BYTES_MAX {
            return None;
        }
        all = next;
    }
    Some(all)
}

/// What the group called `name` has inside.
fn group<'s>(source: &'s str, name: &str) -> Option<&'s str> {
    let at = match name.parse::<usize>() {
        Ok(0) => return Some(source),
        Ok(number) => {
            let opens = source.match_indices('(').map(|(at, _)| at);
            let mut starts =
                opens.filter(|at| source.get(..*at).is_some_and(|s| !s.ends_with('\\')));
            starts.find(|at| {
                let opened = source
                    .get(..=*at)
                    .map_or(0, |head| groups(&format!("{head}x")));
                let tail = source.get(*at..).unwrap_or_default();
                opened == number && (!tail.starts_with("(?") || tail.starts_with("(?<"))
            })?
        }
        Err(_) => source.find(&format!("(?<{name}>"))?,
    };
    inside(piece(source.get(at..)?)?)
}

/// `source` with groups that have neither number nor name.
fn unnumbered(source: &str) -> String {
    let mut all = String::new();
    let mut rest = source;
    while let Some(first) = rest.chars().next() {
        let named = rest
            .strip_prefix("(?<")
            .filter(|rest| !rest.starts_with(['=', '!']));
        if let Some((_, tail)) = named.and_then(|rest| rest.split_once('>')) {
            all += "(?:";
            rest = tail;
            continue;
        }
        let taken = match first {
            '\\' | '[' => piece(rest).map_or(1, str::len),
            _ => first.len_utf8(),
        };
        let (taken, tail) = rest.split_at(taken);
        all += if first == '(' && !tail.starts_with('?') {
            "(?:"
        } else {
            taken
        };
        rest = tail;
    }
    all
}

/// How far back what has no end is looked for.
const ENDLESS: usize = 6;

/// Lookbehinds in place of one.
const LENGTHS_MAX: usize = 200;

/// Calls inside calls.
const CALLS_DEEP: usize = 2;

const BYTES_MAX: usize = 32 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lookbehinds_have_one_length_each() {
        let cases = [
            (r"(?<=a|bc)x", Some(r"(?:(?<=a)|(?<=bc))x")),
            (r"(?<!a?b)x", Some(r"(?<!b)(?<!ab)x")),
            (
                r"(?<=(^|[^:])\s)(y)",
                Some(r"(?:(?<=^\s)|(?<=[^:]\s))()(y)"),
            ),
            (
                r"(?<=\\(?:\h{1,2}|.))",
                Some(r"(?:(?<=\\\h)|(?<=\\\h\h)|(?<=\\.))"),
            ),
            (r"(a(?<=[])]?b))", Some(r"(a(?:(?<=b)|(?<=[])]b)))")),
            (r"\p{word}[()](?<name>x)", Some(r"\p{word}[()](?<name>x)")),
            (r"(?<=[ab]", None),
            (r"(?<=(a|b){9})", None),
        ];
        for (source, expected) in cases {
            assert_eq!(reworded(source).as_deref(), expected, "{source}");
        }
    }

    #[test]
    fn calls_become_what_they_call() {
        let cases = [
            (r"(?<w>a(b))-\g<w>", r"(?<w>a(b))-(?:a(?:b))"),
            (r"x(?:q)(\h)\g<1>", r"x(?:q)(\h)(?:\h)"),
            (
                r"(?<g>\((?:x|\g<g>)*\))",
                r"(?<g>\((?:x|(?:\((?:x|(?:\((?:x|(?!))*\)))*\)))*\))",
            ),
        ];
        for (source, expected) in cases {
            assert_eq!(reworded(source).as_deref(), Some(expected), "{source}");
        }
    }
}
