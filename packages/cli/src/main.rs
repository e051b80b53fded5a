//! `noderev`: runs a node network's revenue through the contracts and shows who earned what.

use std::process::ExitCode;

use clap::Parser;
use noderev::cli::Arguments;

fn main() -> ExitCode {
    // Wrong usage ends in clap with exit code 2.
    match Arguments::parse().execute() {
        Ok(text) => {
            println!("{}", text.trim_end());
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("noderev: {error}");
            ExitCode::FAILURE
        }
    }
}
