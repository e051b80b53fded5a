//! The report of a run: one HTML file, nothing fetched from elsewhere, light and dark, wide and
//! narrow.

mod chart;
mod delegations;
mod figures;
mod spread;
mod tables;
mod tiles;

use std::path::Path;

use askama::Template;
use thiserror::Error;

use crate::format::{date, duration, mebibytes, thousands};
use crate::input::{create_dir, write_text, WriteError};
use crate::results::RunResult;
use figures::Figure;
use tables::DataTable;
use tiles::Tile;

/// Name of the report inside the output folder.
pub const FILE: &str = "report.html";

/// Why a report can't be made.
#[derive(Debug, Error)]
pub enum ReportError {
    /// A chart can't be drawn.
    #[error("chart: {0}")]
    Chart(String),
    /// The page can't be put together.
    #[error("page: {0}")]
    Page(#[from] askama::Error),
    /// The file can't be written.
    #[error(transparent)]
    Write(#[from] WriteError),
}

/// A heading with figures and tables.
struct Section {
    heading: String,
    intro: String,
    figures: Vec<Figure>,
    tables: Vec<DataTable>,
}

#[derive(Template)]
#[template(path = "report.html")]
struct Page {
    name: String,
    period: String,
    tiles: Vec<Tile>,
    sections: Vec<Section>,
    footer: String,
}

/// The report as an HTML page.
pub fn render(result: &RunResult) -> Result<String, ReportError> {
    let page = Page {
        name: result.network.name.clone(),
        period: period(result),
        tiles: tiles::tiles(result),
        sections: sections(result)?,
        footer: footer(result),
    };
    Ok(page.render()?)
}

/// Writes the report into a folder, created if need be.
pub fn write(result: &RunResult, dir: &Path) -> Result<(), ReportError> {
    let page = render(result)?;
    create_dir(dir)?;
    Ok(write_text(dir, FILE, &page)?)
}

fn sections(result: &RunResult) -> Result<Vec<Section>, ReportError> {
    let mut sections = Vec::new();
    for (denom, known) in result.network.denominations.iter().enumerate() {
        sections.push(Section {
            heading: format!("{} in, {} out", known.name, known.name),
            intro: tiles::money_line(result, denom),
            figures: figures::money(result, denom)?,
            tables: Vec::new(),
        });
    }
    sections.push(Section {
        heading: "Nodes and the pool".into(),
        intro: tiles::nodes_line(result),
        figures: figures::network(result)?,
        tables: vec![tables::missed_quorums(result)],
    });
    sections.push(Section {
        heading: "Who earned".into(),
        intro: tiles::earners_line(result),
        figures: spread::earners(result)?,
        tables: vec![tables::top_earners(result)],
    });
    sections.extend(delegations::section(result)?);
    let mut books = vec![tables::books(result)];
    books.extend(delegations::books(result));
    books.push(tables::parameters(result));
    sections.push(Section {
        heading: "Nothing lost, nothing created".into(),
        intro: tiles::books_line(result),
        figures: Vec::new(),
        tables: books,
    });
    Ok(sections)
}

fn period(result: &RunResult) -> String {
    let length = match result.network.epoch_length {
        86_400 => "one day".to_owned(),
        seconds => format!("{} s", thousands(u128::from(seconds))),
    };
    match (result.epochs.first(), result.epochs.last()) {
        (Some(first), Some(last)) => format!(
            "{} epochs of {length}, {} to {}",
            result.epochs.len(),
            date(first.start),
            date(last.end)
        ),
        _ => "no epoch closed".to_owned(),
    }
}

fn footer(result: &RunResult) -> String {
    let phases: Vec<String> = result
        .phases
        .iter()
        .map(|phase| format!("{} {}", phase.name, duration(phase.seconds)))
        .collect();
    let memory = result
        .peak_memory
        .map(|bytes| format!("; peak memory {}", mebibytes(bytes)));
    format!(
        "Run in {} ({}){}.",
        duration(result.seconds()),
        phases.join(", "),
        memory.unwrap_or_default()
    )
}
