//! What messages and queries of the contracts cost on a chain, at a realistic state, beside what
//! peers cost.

mod chart;
mod compare;
mod delegation;
mod files;
mod governance;
mod growth;
mod node;
mod peers;
mod report;
mod subject;
mod table;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;

use compare::Changes;
use table::Table;

/// Gas of messages and queries; prints it as Markdown.
#[derive(Debug, Parser)]
struct Arguments {
    /// Measures our messages and queries only, not the peers.
    #[arg(long)]
    short: bool,
    /// Shows every access to the store of messages and queries with this text in their names.
    #[arg(long, value_name = "TEXT")]
    trace: Option<String>,
    /// Fails if something costs over 3 % more than in this file, or than in bench/figures.json.
    #[arg(long, value_name = "FILE", num_args = 0..=1, default_missing_value = files::FIGURES)]
    compare: Option<PathBuf>,
    /// Writes all figures and charts into bench/ in the repository's root, and the main figures into
    /// its README.
    #[arg(long, conflicts_with = "short")]
    write: bool,
    /// Writes the figures into this file.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Measures instead how cost grows, and writes tables and charts into this folder; with --short
    /// without the largest sizes.
    #[arg(long, value_name = "FOLDER", conflicts_with_all = ["write", "compare", "json", "trace"])]
    growth: Option<PathBuf>,
}

fn main() -> anyhow::Result<ExitCode> {
    let arguments = Arguments::parse();
    if let Some(folder) = arguments.growth {
        growth::measure(!arguments.short).write(&folder)?;
        return Ok(ExitCode::SUCCESS);
    }
    let committed = arguments.compare.as_deref().map(files::read).transpose()?;
    let mut table = Table {
        trace: arguments.trace,
        ..Table::default()
    };
    node::measure(&mut table);
    delegation::measure(&mut table);
    if !arguments.short {
        peers::measure(&mut table);
    }
    println!("{}", report::markdown(&table));
    if let Some(file) = arguments.json {
        std::fs::write(file, report::json(&table)?)?;
    }
    if arguments.write {
        files::write(&table, &growth::measure(true))?;
    }
    let changes = committed.map(|committed| Changes::between(&committed, &table));
    let changes = changes.unwrap_or_default();
    eprint!("{}", changes.text());
    Ok(match changes.failed() {
        true => ExitCode::FAILURE,
        false => ExitCode::SUCCESS,
    })
}
