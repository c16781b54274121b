//! `littoral completions` and `littoral man`: what is generated from the command line's description.

use std::{
    io::{self, Write},
    process::ExitCode,
};

use clap::{Command, CommandFactory};

use crate::cli::{Cli, Completions};

/// Prints the completions for a shell.
pub(super) fn completions(typed: &Completions) -> anyhow::Result<ExitCode> {
    let mut script = Vec::new();
    clap_complete::generate(typed.shell, &mut Cli::command(), "littoral", &mut script);
    io::stdout().write_all(&script)?;
    Ok(ExitCode::SUCCESS)
}

/// Prints the manual page: the program, then each command with its options and examples.
pub(super) fn man() -> anyhow::Result<ExitCode> {
    let mut cli = Cli::command();
    cli.build();
    let mut page = Vec::new();
    let whole = clap_mangen::Man::new(cli.clone());
    whole.render_title(&mut page)?;
    whole.render_name_section(&mut page)?;
    whole.render_synopsis_section(&mut page)?;
    whole.render_description_section(&mut page)?;
    for command in cli
        .get_subcommands()
        .filter(|command| !command.is_hide_set())
    {
        writeln!(
            page,
            ".SH \"LITTORAL {}\"",
            command.get_name().to_uppercase()
        )?;
        let one = clap_mangen::Man::new(command.clone());
        for section in [
            clap_mangen::Man::render_description_section,
            clap_mangen::Man::render_synopsis_section,
            clap_mangen::Man::render_options_section,
        ] {
            let mut text = Vec::new();
            section(&one, &mut text)?;
            page.extend(as_subsection(&text));
        }
        page.extend(after_help(command, ".SS"));
    }
    page.extend(after_help(&cli, ".SH"));
    whole.render_version_section(&mut page)?;
    io::stdout().write_all(&page)?;
    Ok(ExitCode::SUCCESS)
}

/// Turns a section of a page of its own into a subsection of the common one.
fn as_subsection(roff: &[u8]) -> Vec<u8> {
    String::from_utf8_lossy(roff)
        .replace(".SH ", ".SS ")
        .into_bytes()
}

/// What the long help says after the options, line by line as it is there; each line without an
/// indent is a heading, set by `heading`.
fn after_help(command: &Command, heading: &str) -> Vec<u8> {
    let text = command.get_after_long_help().map(ToString::to_string);
    let mut roff = String::new();
    for line in text.unwrap_or_default().lines() {
        let line = line.replace('\\', "\\e").replace('-', "\\-");
        match line.strip_suffix(':').filter(|_| !line.starts_with(' ')) {
            Some(title) => {
                roff += &format!(".fi\n{heading} \"{}\"\n.nf\n", title.to_uppercase());
            }
            None => roff += &format!("\\&{line}\n"),
        }
    }
    format!("{roff}.fi\n").into_bytes()
}
