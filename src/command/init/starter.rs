//! The files of the starter site, which lie beside this one in `starter/` and travel in the program.

/// Each file: its path in the new site, and its content.
pub(super) const FILES: &[(&str, &[u8])] =
    &[("config.toml", include_bytes!("starter/config.toml"))];

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, path::Path};

    use walkdir::WalkDir;

    use super::*;

    #[test]
    fn names_every_file_of_the_folder() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/command/init/starter");
        let there: BTreeSet<_> = WalkDir::new(&folder)
            .into_iter()
            .filter_map(Result::ok)
            .filter(|entry| entry.file_type().is_file())
            .map(|entry| entry.path().strip_prefix(&folder).unwrap().to_owned())
            .collect();
        let named: BTreeSet<_> = FILES
            .iter()
            .map(|(name, _)| Path::new(name).to_owned())
            .collect();
        assert_eq!(there, named);
    }
}
