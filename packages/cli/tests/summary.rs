//! The closing tables.

mod fixture;

use std::path::Path;

use noderev::input::Scenario;
use noderev::table::{progress, summary};

#[test]
fn the_summary_names_what_came_in_and_who_earned_it() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("samples/small");
    let text = summary(&fixture::run(&Scenario::read(&dir).unwrap()));
    println!("{text}");
    for shown in [
        "24,000.00",
        "8,467.95",
        "4,919.15",
        "9,600.00",
        "959.02",
        "9,040.97",
        "1,153.16",
        "84.40",
        "yes",
        "Twelve keys",
        "1 min 09 s",
    ] {
        assert!(text.contains(shown), "{shown}");
    }
    assert!(!text.contains("NO"));
}

#[test]
fn the_bar_is_hidden_without_a_terminal() {
    assert!(progress(10, "epochs").is_hidden());
}
