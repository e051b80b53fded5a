//! How the cost of messages grows with the number of stakers, epochs, keys, validators and members.

mod delegations;
mod epochs;
mod keys;
mod scales;
mod stakers;
mod study;
mod text;

use std::path::Path;

use serde::Serialize;

use crate::chart;
use scales::Scales;
pub(crate) use study::{Series, Study, Unit};

/// All studies.
#[derive(Debug, Serialize)]
pub(crate) struct Growth {
    /// In the order in which they are shown.
    pub(crate) studies: Vec<Study>,
}

/// Measures everything; the short form leaves out the largest sizes.
pub(crate) fn measure(full: bool) -> Growth {
    let mut scales = Scales::new();
    let mut studies = vec![stakers::pool(&mut scales, full)];
    studies.extend(epochs::all(&mut scales, full));
    studies.extend(keys::all(&mut scales));
    studies.extend(delegations::all(&mut scales, full));
    Growth { studies }
}

impl Growth {
    /// Writes `growth.json`, `growth.md` and the charts into a folder.
    pub(crate) fn write(&self, folder: &Path) -> anyhow::Result<()> {
        std::fs::create_dir_all(folder)?;
        let mut json = serde_json::to_string_pretty(self)?;
        json.push('\n');
        std::fs::write(folder.join("growth.json"), json)?;
        std::fs::write(folder.join("growth.md"), self.markdown())?;
        for study in &self.studies {
            if let Some(file) = study.file() {
                std::fs::write(folder.join(file), chart::draw(study)?)?;
            }
        }
        Ok(())
    }
}

/// Those sizes that are not beyond the limit of the short form.
fn sizes(all: &[u32], full: bool, short: u32) -> Vec<u32> {
    let kept = all.iter().copied();
    kept.filter(|size| full || *size <= short).collect()
}
