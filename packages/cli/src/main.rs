//! `noderev`: runs a node network's revenue through the contracts and shows who earned what.

use std::io::{stdout, ErrorKind, Write};
use std::process::ExitCode;

use clap::Parser;
use noderev::cli::Arguments;

fn main() -> ExitCode {
    // Wrong usage ends in clap with exit code 2.
    match Arguments::parse().execute() {
        Ok(text) => print(text.trim_end()),
        Err(error) => {
            eprintln!("noderev: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Prints the answer. Whoever stops reading early, as `head` does, has what he wants.
fn print(text: &str) -> ExitCode {
    match writeln!(stdout(), "{text}") {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            eprintln!("noderev: standard output: {error}");
            ExitCode::FAILURE
        }
        _ => ExitCode::SUCCESS,
    }
}
