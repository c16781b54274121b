//! Parts of a body: one, several, of a coding, of a file on disk.

use super::*;

#[test]
fn ranges_are_cut_from_memory_and_disk() {
    let root = site("");
    for (target, range, status, content_range, length) in [
        ("/a.txt", "bytes=2-4", 206, Some("bytes 2-4/10"), 3),
        ("/a.txt", "bytes=-1", 206, Some("bytes 9-9/10"), 1),
        ("/a.txt", "bytes=0-", 206, Some("bytes 0-9/10"), 10),
        ("/a.txt", "bytes=2-1", 200, None, 10),
        ("/a.txt", "pages=1", 200, None, 10),
        (
            "/film.mp4",
            "bytes=990-",
            206,
            Some("bytes 990-999/1000"),
            10,
        ),
        ("/film.mp4", "bytes=0-0,5-9", 206, None, 238),
        ("/film.mp4", "none", 200, None, 1000),
        ("/empty", "none", 200, None, 0),
    ] {
        let reply = ask(&root, "GET", target, &[("range", range)]);
        assert_eq!(reply.status, status, "{target} {range}");
        assert_eq!(
            reply.field("content-range").as_deref(),
            content_range,
            "{target} {range}"
        );
        assert_eq!(reply.body.length(), Some(length), "{target} {range}");
        assert_eq!(
            reply.field("accept-ranges").as_deref(),
            Some("bytes"),
            "{target} {range}"
        );
    }
    let past = ask(&root, "GET", "/a.txt", &[("range", "bytes=10-")]);
    assert_eq!(
        (past.status, past.field("content-range").as_deref()),
        (416, Some("bytes */10"))
    );
    assert_eq!(
        ask(&root, "HEAD", "/a.txt", &[("range", "bytes=0-1")]).status,
        200
    );
}

#[test]
fn a_range_of_a_coding_counts_its_own_bytes() {
    let root = site("");
    let brotli = ("accept-encoding", "br");
    let Body::Whole(whole) = ask(&root, "GET", "/", &[brotli]).body else {
        panic!("not whole");
    };
    let part = ask(&root, "GET", "/", &[brotli, ("range", "bytes=1-3")]);
    let expected = format!("bytes 1-3/{}", whole.len());
    assert_eq!(part.field("content-range").as_deref(), Some(&*expected));
    assert_eq!(part.field("content-encoding").as_deref(), Some("br"));
    let Body::Pieces(pieces) = part.body else {
        panic!("not in pieces");
    };
    assert_eq!(pieces, [Piece::Bytes(whole.slice(1..4))]);
    let several = ask(&root, "GET", "/", &[brotli, ("range", "bytes=0-1,3-4")]);
    assert_eq!(several.status, 200);
}

#[test]
fn several_parts_carry_their_own_types() {
    let root = site("");
    let reply = ask(&root, "GET", "/a.txt", &[("range", "bytes=0-1,4-5")]);
    assert_eq!(reply.status, 206);
    let media_type = reply.field("content-type").unwrap();
    assert!(
        media_type.starts_with("multipart/byteranges; boundary="),
        "{media_type}"
    );
    assert_eq!(reply.field("content-range"), None);
}
