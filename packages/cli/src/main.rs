//! `noderev`: runs a node network's contracts, embedded or on a chain, and shows who earned what.

use std::io::{stdout, ErrorKind, Write};
use std::process::ExitCode;

use clap::Parser;
use noderev::answer::Exit;
use noderev::cli::Arguments;

fn main() -> ExitCode {
    // Wrong usage ends in clap with exit code 2.
    match Arguments::parse().execute() {
        Ok(answer) => print(answer.text.trim_end(), answer.exit),
        Err(error) => {
            eprintln!("noderev: {error}");
            ExitCode::from(error.exit() as u8)
        }
    }
}

/// Prints the answer. Whoever stops reading early, as `head` does, has what he wants.
fn print(text: &str, exit: Exit) -> ExitCode {
    // A command that has written its answer itself has nothing more to say.
    if text.is_empty() {
        return ExitCode::from(exit as u8);
    }
    match writeln!(stdout(), "{text}") {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            eprintln!("noderev: standard output: {error}");
            ExitCode::FAILURE
        }
        _ => ExitCode::from(exit as u8),
    }
}
