//! Where figures are kept.

use std::path::Path;

use anyhow::Context;

use crate::growth::Growth;
use crate::report;
use crate::table::Table;

/// The committed figures.
pub(crate) const FIGURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../bench/figures.json");
/// Around the table in the README.
const MARKERS: [&str; 2] = ["<!-- costs: begin -->\n", "<!-- costs: end -->\n"];

/// Figures from a file.
pub(crate) fn read(file: &Path) -> anyhow::Result<Table> {
    let text = std::fs::read_to_string(file);
    let text = text.with_context(|| file.display().to_string())?;
    serde_json::from_str(&text).with_context(|| file.display().to_string())
}

/// Writes the figures and charts, and the main figures into the README.
pub(crate) fn write(table: &Table, growth: &Growth) -> anyhow::Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    growth.write(&root.join("bench"))?;
    std::fs::write(FIGURES, report::json(table)?)?;
    std::fs::write(root.join("bench/figures.md"), report::markdown(table))?;
    let readme = root.join("README.md");
    let text = std::fs::read_to_string(&readme)?;
    std::fs::write(&readme, replaced(&text, &report::readme(table))?)?;
    Ok(())
}

/// A text with something else between the markers.
fn replaced(text: &str, between: &str) -> anyhow::Result<String> {
    let [begin, end] = MARKERS;
    let parts = text.split_once(begin);
    let parts = parts.and_then(|(before, rest)| Some((before, rest.split_once(end)?.1)));
    let (before, after) = parts.context("README.md has no markers around the table of costs")?;
    Ok(format!("{before}{begin}{between}{end}{after}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_between_the_markers_is_replaced() {
        let [begin, end] = MARKERS;
        let text = format!("before\n{begin}old\n{end}after\n");
        let expected = format!("before\n{begin}new\n{end}after\n");
        assert_eq!(replaced(&text, "new\n").unwrap(), expected);
        assert!(replaced("before\nafter\n", "new\n").is_err());
    }
}
