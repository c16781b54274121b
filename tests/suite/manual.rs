//! What the manual says of the program is what the program says of itself.

use std::{fs, path::Path};

use crate::node::littoral;

#[test]
fn it_names_every_setting_of_a_node_with_its_default() {
    let page = page("configuration.md");
    let sample = read("packaging/littoral.toml");
    let settings = sample
        .lines()
        .filter_map(|line| line.strip_prefix('#'))
        .filter(|line| line.starts_with(|c: char| c.is_ascii_lowercase()) && line.contains(" = "));
    let missing: Vec<_> = settings
        .filter(|setting| !page.contains(&format!("`{setting}`")))
        .collect();
    assert!(
        missing.is_empty(),
        "content/configuration.md lacks {missing:?}"
    );
}

#[test]
fn it_names_every_setting_of_a_site() {
    let page = page("site-settings.md");
    let moving = self::page("moving-from-zola.md");
    let asked = ["config.rs", "markdown_config.rs", "retired.rs"]
        .map(|file| read(&format!("src/load/{file}")));
    let keys = asked
        .iter()
        .flat_map(|text| text.split("keys.").skip(1))
        .filter_map(|call| {
            let (_, argument) = call.split_once("(\"")?;
            let (key, _) = argument.split_once('"')?;
            let is_first = call.find('(') == call.find("(\"");
            is_first.then_some(key)
        });
    let missing: Vec<_> = keys
        .filter(|key| !page.contains(key) && !moving.contains(key))
        .collect();
    assert!(
        missing.is_empty(),
        "content/site-settings.md lacks {missing:?}"
    );
}

#[test]
fn it_names_every_option_of_the_command_line() {
    let page = page("command-line.md");
    let help = littoral(&["--help"]).exits_with(0).stdout;
    let commands: Vec<_> = help
        .lines()
        .skip_while(|line| *line != "Commands:")
        .skip(1)
        .take_while(|line| !line.trim().is_empty())
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    assert!(commands.contains(&"serve"), "{help}");
    for command in commands {
        assert!(
            page.contains(&format!("littoral {command}")),
            "content/command-line.md lacks `{command}`"
        );
        let help = littoral(&[command, "--help"]).exits_with(0).stdout;
        for option in options(&help) {
            assert!(
                page.contains(&option),
                "content/command-line.md lacks `{option}` of `{command}`"
            );
        }
    }
}

/// The long options that a help text explains.
fn options(help: &str) -> Vec<String> {
    let explained = help.lines().map(str::trim_start);
    let explained = explained.filter(|line| line.starts_with('-'));
    explained
        .filter_map(|line| line.split([' ', ',']).find(|word| word.starts_with("--")))
        .filter(|option| !["--help", "--version"].contains(option))
        .map(str::to_owned)
        .collect()
}

fn page(name: &str) -> String {
    read(&format!("content/{name}"))
}

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}
