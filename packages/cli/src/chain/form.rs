//! The form of a list: for people, as JSON, or as CSV.

use clap::Args;
use serde::Serialize;

use super::CommandError;

/// The form of a list.
#[derive(Clone, Copy, Debug, Args)]
pub(super) struct Form {
    /// Print CSV instead of a table.
    #[arg(long)]
    csv: bool,
}

impl Form {
    /// The text of an answer: `value` as JSON, or these rows as CSV, or what `told` says to people.
    pub(super) fn text<const N: usize>(
        self,
        json: bool,
        value: &impl Serialize,
        columns: [&str; N],
        rows: impl IntoIterator<Item = [String; N]>,
        told: impl FnOnce() -> String,
    ) -> Result<String, CommandError> {
        match (json, self.csv) {
            (true, _) => Ok(serde_json::to_string(value).unwrap_or_default()),
            (false, true) => csv(columns, rows),
            (false, false) => Ok(told()),
        }
    }
}

fn csv<const N: usize>(
    columns: [&str; N],
    rows: impl IntoIterator<Item = [String; N]>,
) -> Result<String, CommandError> {
    let wrong = |error: csv::Error| CommandError::Usage(error.to_string());
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(columns).map_err(wrong)?;
    for row in rows {
        writer.write_record(row).map_err(wrong)?;
    }
    let bytes = writer.into_inner();
    let bytes = bytes.map_err(|error| CommandError::Usage(error.to_string()))?;
    Ok(String::from_utf8_lossy(&bytes).trim_end().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_told_in_the_form_that_was_asked_for() {
        let text = |json, csv| {
            let rows = [["1".to_owned(), "a, b".to_owned()]];
            let told = || "one".to_owned();
            let text = Form { csv }.text(json, &[1], ["key", "what"], rows, told);
            text.unwrap()
        };
        assert_eq!(text(false, false), "one");
        assert_eq!(text(false, true), "key,what\n1,\"a, b\"");
        assert_eq!(text(true, false), "[1]");
        assert_eq!(text(true, true), "[1]");
    }
}
