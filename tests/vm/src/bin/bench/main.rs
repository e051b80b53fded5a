//! What messages and queries of the contracts cost on a chain, at a realistic state.
//!
//! Prints Markdown; with `--json FILE` writes the same figures there. With `--trace TEXT` shows
//! every access to the store of what has this text in its name.

mod chart;
mod delegation;
mod growth;
mod node;
mod subject;
mod table;

use table::Table;

fn main() -> anyhow::Result<()> {
    let (mut table, mut file) = (Table::default(), None);
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        let value = args.next();
        match (arg.as_str(), value) {
            ("--json", Some(value)) => file = Some(value),
            ("--trace", Some(value)) => table.trace = Some(value),
            ("--growth", Some(folder)) => return growth::measure(true).write(folder.as_ref()),
            ("--growth-short", Some(folder)) => {
                return growth::measure(false).write(folder.as_ref())
            }
            _ => anyhow::bail!("usage: bench [--json FILE] [--trace TEXT]"),
        }
    }
    node::measure(&mut table);
    delegation::measure(&mut table);
    println!("{}", table.markdown());
    if let Some(file) = file {
        std::fs::write(file, table.json()?)?;
    }
    Ok(())
}
