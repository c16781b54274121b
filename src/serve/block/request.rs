//! The fields of a block become a request, or are refused (RFC 9113 §8.2 and §8.3, RFC 9114 §4.2 and §4.3).

use super::Block;
use crate::serve::{
    app::{Asked, Authority, Transport},
    lines::Lines,
    reply::RequestHead,
};

/// A request.
#[derive(Debug, Default, PartialEq, Eq)]
pub(in crate::serve) struct Request<'b> {
    pub(in crate::serve) method: &'b str,
    /// In origin form, or `*`.
    pub(in crate::serve) target: &'b str,
    pub(in crate::serve) authority: Option<&'b str>,
    /// What it expects beside word (RFC 9110 §10.1.1), which nobody here can do.
    pub(in crate::serve) expects_more: bool,
    /// Of RFC 9218: 0 is the most urgent of eight.
    pub(in crate::serve) urgency: u8,
    /// Whether parts of it are of use (RFC 9218 §4.2).
    pub(in crate::serve) is_incremental: bool,
}

/// A request that no client may send.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::serve) struct Malformed;

/// What follows the fields of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::serve) enum Rest {
    Body,
    Nothing,
}

/// Reads a request that has this `rest`.
pub(in crate::serve) fn read(block: &Block, rest: Rest) -> Result<Request<'_>, Malformed> {
    let mut seen = Seen::default();
    for span in &block.spans {
        let (name, value) = span.parts(&block.bytes);
        let value = text(value)?;
        match name.strip_prefix(b":") {
            Some(name) => seen.pseudo(name, value)?,
            None => seen.field(name, value, rest)?,
        }
    }
    seen.finish()
}

impl<'b> Request<'b> {
    /// As the gates see it, with its fields, which lie in `lines` and are of a block of `head_bytes`.
    pub(in crate::serve) fn asked<'r>(
        &self,
        lines: &'r Lines<'r>,
        head_bytes: usize,
        transport: Transport,
    ) -> Asked<'r>
    where
        'b: 'r,
    {
        Asked {
            head: RequestHead {
                method: self.method,
                target: self.target,
                fields: lines,
            },
            authority: self.authority.map_or(Authority::Wrong, Authority::Named),
            transport,
            head_bytes,
        }
    }
}

#[derive(Default)]
struct Seen<'b> {
    method: Option<&'b str>,
    scheme: Option<&'b str>,
    path: Option<&'b str>,
    authority: Option<&'b str>,
    host: Option<&'b str>,
    priority: Option<&'b str>,
    expects_more: bool,
    /// Whether a field that is none of the request line came.
    has_fields: bool,
}

impl<'b> Seen<'b> {
    fn pseudo(&mut self, name: &[u8], value: &'b str) -> Result<(), Malformed> {
        let place = match name {
            b"method" => &mut self.method,
            b"scheme" => &mut self.scheme,
            b"path" => &mut self.path,
            b"authority" => &mut self.authority,
            _ => return Err(Malformed),
        };
        // They come first, and once.
        match (self.has_fields, place.replace(value)) {
            (false, None) => Ok(()),
            _ => Err(Malformed),
        }
    }

    fn field(&mut self, name: &[u8], value: &'b str, rest: Rest) -> Result<(), Malformed> {
        self.has_fields = true;
        let is_name = |byte: &u8| *byte > b' ' && *byte < 0x7f && !byte.is_ascii_uppercase();
        if name.is_empty() || !name.iter().all(is_name) || name.contains(&b':') {
            return Err(Malformed);
        }
        match name {
            b"connection" | b"proxy-connection" | b"keep-alive" | b"transfer-encoding"
            | b"upgrade" => Err(Malformed),
            b"te" if value != "trailers" => Err(Malformed),
            b"content-length" if rest == Rest::Nothing && value != "0" => Err(Malformed),
            b"host" => match self.host.replace(value) {
                None => Ok(()),
                Some(_) => Err(Malformed),
            },
            b"expect" => {
                self.expects_more |= !value.eq_ignore_ascii_case("100-continue");
                Ok(())
            }
            b"priority" => {
                self.priority = Some(value);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn finish(self) -> Result<Request<'b>, Malformed> {
        let method = self.method.filter(|method| !method.is_empty());
        let method = method.ok_or(Malformed)?;
        let is_connect = method == "CONNECT";
        let target = match (is_connect, self.scheme, self.path) {
            // RFC 9113 §8.5. Nobody is connected to anything here.
            (true, None, None) => "*",
            (false, Some(_), Some(path)) if path.starts_with('/') => path,
            (false, Some(_), Some("*")) if method == "OPTIONS" => "*",
            _ => return Err(Malformed),
        };
        let is_visible = |byte: u8| byte > b' ' && byte != 0x7f && byte != b'#';
        if !target.bytes().all(is_visible) || !method.bytes().all(is_visible) {
            return Err(Malformed);
        }
        if let (Some(authority), Some(host)) = (self.authority, self.host)
            && !authority.eq_ignore_ascii_case(host)
        {
            return Err(Malformed);
        }
        let (urgency, is_incremental) = priority(self.priority.unwrap_or_default());
        Ok(Request {
            method,
            target,
            authority: self.authority.or(self.host),
            expects_more: self.expects_more,
            urgency,
            is_incremental,
        })
    }
}

/// A value without anything that no value may have (RFC 9113 §8.2.1).
fn text(value: &[u8]) -> Result<&str, Malformed> {
    let is_space = |byte: Option<&u8>| matches!(byte, Some(b' ' | b'\t'));
    let is_foul = value
        .iter()
        .any(|byte| matches!(byte, 0..=8 | 10..=31 | 0x7f));
    match is_foul || is_space(value.first()) || is_space(value.last()) {
        true => Err(Malformed),
        // What is no UTF-8 matches nothing that is looked for here.
        false => Ok(std::str::from_utf8(value).unwrap_or_default()),
    }
}

/// How urgent, and whether in parts (RFC 9218 §4). What can't be read counts as not said.
fn priority(field: &str) -> (u8, bool) {
    let (mut urgency, mut is_incremental) = (URGENCY_USUAL, false);
    for parameter in field.split(',').map(str::trim) {
        match parameter.as_bytes() {
            [b'u', b'=', digit @ b'0'..=b'7'] => urgency = digit - b'0',
            b"i" | b"i=?1" => is_incremental = true,
            b"i=?0" => is_incremental = false,
            _ => {}
        }
    }
    (urgency, is_incremental)
}

const URGENCY_USUAL: u8 = 3;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::serve::lines::Span;

    fn block(fields: &[(&str, &str)]) -> Block {
        let mut block = Block::default();
        for (name, value) in fields {
            let begins = block.bytes.len();
            block.bytes.extend(name.as_bytes());
            let middle = block.bytes.len();
            block.bytes.extend(value.as_bytes());
            let span = Span::new((begins, middle), (middle, block.bytes.len()));
            block.spans.push(span);
        }
        block
    }

    const LINE: [(&str, &str); 4] = [
        (":method", "GET"),
        (":scheme", "https"),
        (":path", "/a?b"),
        (":authority", "a.test"),
    ];

    #[test]
    fn a_request_is_read() {
        let more = [
            ("priority", "u=1, i"),
            ("te", "trailers"),
            ("host", "A.test"),
        ];
        let fields: Vec<_> = LINE.into_iter().chain(more).collect();
        let block = block(&fields);
        let request = read(&block, Rest::Nothing).unwrap();
        let expected = Request {
            method: "GET",
            target: "/a?b",
            authority: Some("a.test"),
            expects_more: false,
            urgency: 1,
            is_incremental: true,
        };
        assert_eq!(request, expected);
    }

    #[test]
    fn what_no_client_may_send_is_refused() {
        for field in [
            ("Accept", "a"),
            ("a b", "a"),
            ("", "a"),
            ("a:b", "a"),
            ("a", "b\r\nc: d"),
            ("a", "b\0"),
            ("a", " b"),
            ("a", "b\t"),
            (":method", "GET"),
            (":status", "200"),
            ("connection", "close"),
            ("transfer-encoding", "chunked"),
            ("upgrade", "h2c"),
            ("keep-alive", "1"),
            ("te", "gzip"),
            ("content-length", "5"),
            ("host", "b.test"),
        ] {
            let fields: Vec<_> = LINE.into_iter().chain([field]).collect();
            assert_eq!(
                read(&block(&fields), Rest::Nothing),
                Err(Malformed),
                "{field:?}"
            );
        }
        for missing in 0..3 {
            let mut fields = LINE.to_vec();
            fields.remove(missing);
            assert_eq!(
                read(&block(&fields), Rest::Nothing),
                Err(Malformed),
                "{missing}"
            );
        }
        for (place, value) in [
            (2, "a"),
            (2, ""),
            (2, "*"),
            (2, "/a b"),
            (2, "/a#b"),
            (0, "CONNECT"),
            (0, ""),
        ] {
            let mut fields = LINE.to_vec();
            fields[place].1 = value;
            assert_eq!(
                read(&block(&fields), Rest::Nothing),
                Err(Malformed),
                "{value}"
            );
        }
        let late = [("a", "b"), LINE[0], LINE[1], LINE[2]];
        assert_eq!(read(&block(&late), Rest::Nothing), Err(Malformed));
    }
}
