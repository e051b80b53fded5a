//! Holds the wasm of contracts against what it must keep to; prints a table, and fails with what is
//! wrong in which contract.

use std::path::{Path, PathBuf};

use anyhow::{ensure, Context};
use noderev_vm::gates::{table, Facts};

fn read(file: &Path) -> anyhow::Result<Facts> {
    let wasm = std::fs::read(file).with_context(|| file.display().to_string())?;
    let name = file.file_stem().unwrap_or_default().to_string_lossy();
    Facts::read(&name, &wasm)
}

fn main() -> anyhow::Result<()> {
    let files: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    ensure!(!files.is_empty(), "usage: gates FILE.wasm...");
    let all = files
        .iter()
        .map(|it| read(it))
        .collect::<anyhow::Result<Vec<_>>>()?;
    println!("{}", table(&all));
    let mut faults = 0;
    for it in &all {
        for fault in it.faults() {
            eprintln!("{}: {fault}", it.name);
            faults += 1;
        }
    }
    ensure!(
        faults == 0,
        "{faults} faults; nothing of this may go on chain"
    );
    Ok(())
}
