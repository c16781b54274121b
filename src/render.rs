//! A [`Source`](crate::site::Source) becomes pages and problems.

pub(crate) mod markdown;

pub(crate) fn pages(
    source: &crate::site::Source,
) -> (Vec<crate::site::Page>, Vec<crate::site::Problem>) {
    todo!("{source:?}")
}

pub(crate) fn base_path(base_url: &str) -> &str {
    todo!("{base_url}")
}
