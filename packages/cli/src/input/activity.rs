//! One attester's row of a file as activity.csv, for a report to a chain.

use std::path::Path;

use super::error::{InputError, Reason};
use super::table::{read_text, Columns, Table};
use super::Bitmap;

/// Name of such files in refusals.
const FILE: &str = "activity.csv";
const COLUMNS: Columns = Columns {
    required: &["attester", "epoch", "bitmap"],
    optional: &[],
};

/// What an attester's file says of an epoch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Activity {
    /// Who ran.
    pub bitmap: Bitmap,
    /// The line of the file that says so, without its end.
    pub line: String,
}

/// What this attester's row says of an epoch, over keys 1 to `keys`; none if it has no row. Rows of
/// other attesters and epochs are read for their form only.
pub fn read_activity(
    path: &Path,
    attester: &str,
    epoch: u32,
    keys: u32,
) -> Result<Option<Activity>, InputError> {
    let text = read_text(Path::new(""), &path.to_string_lossy())?;
    parse(&text, attester, epoch, keys)
}

fn parse(
    text: &str,
    attester: &str,
    epoch: u32,
    keys: u32,
) -> Result<Option<Activity>, InputError> {
    let table = Table::parse(FILE, text, &COLUMNS)?;
    let mut found: Option<(u64, Activity)> = None;
    for row in table.rows() {
        let of = row.epoch(u64::from(u32::MAX).saturating_add(1))?;
        if row.text("attester")? != attester || of != u64::from(epoch) {
            continue;
        }
        if let Some((first, _)) = found {
            let what = format!("attester `{attester}`, epoch {epoch}");
            return Err(row.refuse(Reason::Duplicate { first, what }));
        }
        let bitmap = Bitmap::parse(row.raw("bitmap"), keys).map_err(|fault| row.refuse(fault))?;
        let mut lines = (1..).zip(text.lines());
        let line = lines.find(|(number, _)| *number == row.line);
        let line = line.map_or_else(String::new, |(_, line)| line.to_owned());
        found = Some((row.line, Activity { bitmap, line }));
    }
    Ok(found.map(|(_, activity)| activity))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_row_of_an_attester_and_epoch_is_found_with_its_line() {
        let text = "attester,epoch,bitmap\na,0,1-3\nb,0,0x1f\na,1,\"1-2,5\"\n";
        let of = |attester, epoch| parse(text, attester, epoch, 5).unwrap();
        let found = of("a", 1).unwrap();
        assert_eq!(found.line, "a,1,\"1-2,5\"");
        assert_eq!(found.bitmap.as_bytes(), [0b1_0011]);
        assert_eq!(of("b", 0).unwrap().bitmap.count(), 5);
        assert_eq!(of("b", 1), None);
    }

    #[test]
    fn what_does_not_fit_is_refused_with_its_line() {
        let refusal = |rows: &str| {
            let text = format!("attester,epoch,bitmap\n{rows}");
            parse(&text, "a", 0, 5).unwrap_err().to_string()
        };
        assert_eq!(
            refusal("b,0,1-9\na,0,1-6\n"),
            "activity.csv:3: bitmap: key 6 is outside 1 to 5"
        );
        assert_eq!(
            refusal("a,0,1\na,0,1\n"),
            "activity.csv:3: duplicate of line 2: attester `a`, epoch 0"
        );
        assert_eq!(
            refusal("a,x,1\n"),
            "activity.csv:2: epoch `x` is not a whole number in plain digits without leading zeros"
        );
    }
}
