//! Header fields as HTTP/3 packs them (RFC 9204), as long as nothing of the tables that one side could fill is used: none is
//! offered, so that no request ever waits for another.

use crate::serve::block::{Block, Malformed, Reader};

/// Unpacks a block, of which at most `size_max` bytes are kept, counted as RFC 9114 §4.2.2 counts them.
pub(super) fn decode(packed: &[u8], size_max: usize, block: &mut Block) -> Result<(), Malformed> {
    block.clear();
    let mut reader = Reader { rest: packed };
    // RFC 9204 §4.5.1: no entry is needed, and where the entries begin does not matter then.
    match (reader.integer(8)?, reader.integer(7)?) {
        (0, _) => {}
        _ => return Err(Malformed),
    }
    while let Some(first) = reader.rest.first() {
        let begins = block.bytes.len();
        let name_bytes = match first {
            0b1100_0000.. => {
                let (name, value) = entry(reader.integer(6)?)?;
                block.bytes.extend_from_slice(name);
                block.bytes.extend_from_slice(value);
                name.len()
            }
            0b0101_0000..=0b0101_1111 | 0b0111_0000..=0b0111_1111 => {
                let (name, _) = entry(reader.integer(4)?)?;
                block.bytes.extend_from_slice(name);
                reader.string(7, &mut block.bytes)?;
                name.len()
            }
            0b0010_0000..=0b0011_1111 => {
                reader.string(3, &mut block.bytes)?;
                let name_bytes = block.bytes.len() - begins;
                reader.string(7, &mut block.bytes)?;
                name_bytes
            }
            // Entries of a table that is empty.
            _ => return Err(Malformed),
        };
        block.note(begins, name_bytes, size_max);
    }
    Ok(())
}

fn entry(index: usize) -> Result<(&'static [u8], &'static [u8]), Malformed> {
    let (name, value) = STATIC.get(index).ok_or(Malformed)?;
    Ok((name.as_bytes(), value.as_bytes()))
}

/// What both sides know (RFC 9204 Appendix A).
static STATIC: [(&str, &str); 99] = [
    (":authority", ""),
    (":path", "/"),
    ("age", "0"),
    ("content-disposition", ""),
    ("content-length", "0"),
    ("cookie", ""),
    ("date", ""),
    ("etag", ""),
    ("if-modified-since", ""),
    ("if-none-match", ""),
    ("last-modified", ""),
    ("link", ""),
    ("location", ""),
    ("referer", ""),
    ("set-cookie", ""),
    (":method", "CONNECT"),
    (":method", "DELETE"),
    (":method", "GET"),
    (":method", "HEAD"),
    (":method", "OPTIONS"),
    (":method", "POST"),
    (":method", "PUT"),
    (":scheme", "http"),
    (":scheme", "https"),
    (":status", "103"),
    (":status", "200"),
    (":status", "304"),
    (":status", "404"),
    (":status", "503"),
    ("accept", "*/*"),
    ("accept", "application/dns-message"),
    ("accept-encoding", "gzip, deflate, br"),
    ("accept-ranges", "bytes"),
    ("access-control-allow-headers", "cache-control"),
    ("access-control-allow-headers", "content-type"),
    ("access-control-allow-origin", "*"),
    ("cache-control", "max-age=0"),
    ("cache-control", "max-age=2592000"),
    ("cache-control", "max-age=604800"),
    ("cache-control", "no-cache"),
    ("cache-control", "no-store"),
    ("cache-control", "public, max-age=31536000"),
    ("content-encoding", "br"),
    ("content-encoding", "gzip"),
    ("content-type", "application/dns-message"),
    ("content-type", "application/javascript"),
    ("content-type", "application/json"),
    ("content-type", "application/x-www-form-urlencoded"),
    ("content-type", "image/gif"),
    ("content-type", "image/jpeg"),
    ("content-type", "image/png"),
    ("content-type", "text/css"),
    ("content-type", "text/html; charset=utf-8"),
    ("content-type", "text/plain"),
    ("content-type", "text/plain;charset=utf-8"),
    ("range", "bytes=0-"),
    ("strict-transport-security", "max-age=31536000"),
    (
        "strict-transport-security",
        "max-age=31536000; includesubdomains",
    ),
    (
        "strict-transport-security",
        "max-age=31536000; includesubdomains; preload",
    ),
    ("vary", "accept-encoding"),
    ("vary", "origin"),
    ("x-content-type-options", "nosniff"),
    ("x-xss-protection", "1; mode=block"),
    (":status", "100"),
    (":status", "204"),
    (":status", "206"),
    (":status", "302"),
    (":status", "400"),
    (":status", "403"),
    (":status", "421"),
    (":status", "425"),
    (":status", "500"),
    ("accept-language", ""),
    ("access-control-allow-credentials", "FALSE"),
    ("access-control-allow-credentials", "TRUE"),
    ("access-control-allow-headers", "*"),
    ("access-control-allow-methods", "get"),
    ("access-control-allow-methods", "get, post, options"),
    ("access-control-allow-methods", "options"),
    ("access-control-expose-headers", "content-length"),
    ("access-control-request-headers", "content-type"),
    ("access-control-request-method", "get"),
    ("access-control-request-method", "post"),
    ("alt-svc", "clear"),
    ("authorization", ""),
    (
        "content-security-policy",
        "script-src 'none'; object-src 'none'; base-uri 'none'",
    ),
    ("early-data", "1"),
    ("expect-ct", ""),
    ("forwarded", ""),
    ("if-range", ""),
    ("origin", ""),
    ("purpose", "prefetch"),
    ("server", ""),
    ("timing-allow-origin", "*"),
    ("upgrade-insecure-requests", "1"),
    ("user-agent", ""),
    ("x-forwarded-for", ""),
    ("x-frame-options", "deny"),
    ("x-frame-options", "sameorigin"),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(packed: &[u8], size_max: usize) -> Result<Vec<(String, String)>, Malformed> {
        let mut block = Block::default();
        decode(packed, size_max, &mut block)?;
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        let fields = block.spans.iter().map(|span| {
            let (name, value) = span.parts(&block.bytes);
            (text(name), text(value))
        });
        Ok(fields.collect())
    }

    #[test]
    fn every_form_without_a_table_is_read() {
        let packed = [
            &[0, 0, 0xd1, 0xc1][..],
            // RFC 9204 B.1: a name of the table, and a value of its own.
            &[0x51, 0x0b],
            b"/index.html",
            // The same, never to be kept on the way.
            &[0x70, 1, b'a'],
            &[0x23, b'a', b'b', b'c', 2, b'd', b'e'],
            // RFC 7541 C.4.3: names and values in Huffman's code.
            &[0x2f, 0x01, 0x25, 0xa8, 0x49, 0xe9, 0x5b, 0xa9, 0x7d, 0x7f],
            &[0x89, 0x25, 0xa8, 0x49, 0xe9, 0x5b, 0xb8, 0xe8, 0xb4, 0xbf],
        ]
        .concat();
        let expected = [
            (":method", "GET"),
            (":path", "/"),
            (":path", "/index.html"),
            (":authority", "a"),
            ("abc", "de"),
            ("custom-key", "custom-value"),
        ];
        let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(fields(&packed, 1_000).unwrap(), expected);
    }

    #[test]
    fn what_needs_a_table_or_is_cut_off_is_refused() {
        for packed in [
            &[][..],
            &[0],
            &[1, 0],
            &[0, 0, 0x80],
            &[0, 0, 0x40, 1, b'a'],
            &[0, 0, 0x10],
            &[0, 0, 0x00, 1, b'a'],
            &[0, 0, 0xff, 0x24],
            &[0, 0, 0x51, 5, b'a'],
            &[0, 0, 0x23, b'a'],
            &[0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f],
        ] {
            assert_eq!(fields(packed, 1_000), Err(Malformed), "{packed:?}");
        }
    }

    #[test]
    fn what_is_too_large_is_left_out() {
        let mut block = Block::default();
        let bomb = [&[0, 0][..], &[0xc1; 10_000]].concat();
        decode(&bomb, 4_000, &mut block).unwrap();
        assert!(block.is_too_large && block.bytes.len() <= 4_000);
    }
}
