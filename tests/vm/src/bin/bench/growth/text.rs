//! The studies as Markdown.

use std::fmt::Write;

use super::study::{Point, Series, Study, Unit};
use super::Growth;
use noderev_vm::figures::figure;

const INTRODUCTION: &str = "\
# Growth

Gas of virtual machine and store, of all contracts that a message runs; loading codes is not in it.
The states that a message is measured on differ in one size only. Growth is the dearest size as a
multiple of the first; where it may not be more than a bound, it says whether that is met.
";

impl Growth {
    /// Verdicts, then a chart and a table of each study.
    pub(crate) fn markdown(&self) -> String {
        let mut text = format!("{INTRODUCTION}\n{}", self.verdicts());
        for study in &self.studies {
            let _ = write!(text, "\n{}", section(study));
        }
        text
    }

    fn verdicts(&self) -> String {
        let mut text = String::from(
            "| | message | from | to | first | dearest | growth | bound | |\n\
             |---|---|--:|--:|--:|--:|--:|--:|---|\n",
        );
        for study in &self.studies {
            for series in &study.series {
                let _ = writeln!(text, "{}", verdict(study, series));
            }
        }
        text
    }
}

fn verdict(study: &Study, series: &Series) -> String {
    let size = |point: Option<&Point>| point.map_or(String::new(), |it| figure(it.x.into()));
    let bound = series.bound.map(|bound| format!("{:.2}", bound.factor));
    let met = match series.verdict(study.unit) {
        None => "",
        Some(true) => "met",
        Some(false) => "**missed**",
    };
    format!(
        "| {} | {} | {} | {} | {} | {} | {:.3} | {} | {met} |",
        study.title,
        series.name,
        size(series.points.first()),
        size(series.points.last()),
        figure(series.first(study.unit).round() as u64),
        figure(series.dearest(study.unit).round() as u64),
        series.growth(study.unit),
        bound.unwrap_or_default(),
    )
}

fn section(study: &Study) -> String {
    let Study { title, notes, .. } = study;
    let chart = study.file();
    let chart = chart.map(|file| format!("![{title}]({file})\n\n"));
    let chart = chart.unwrap_or_default();
    let mut text = format!("## {title}\n\n{chart}{notes}\n\n");
    for series in &study.series {
        let _ = writeln!(text, "{}", table(study, series));
    }
    text.truncate(text.trim_end().len());
    text.push('\n');
    text
}

fn table(study: &Study, series: &Series) -> String {
    let each = study.unit == Unit::Each;
    let (each_head, each_line) = match each {
        true => (" for each |", "--:|"),
        false => ("", ""),
    };
    let mut text = format!(
        "| {}: {} | VM | store | VM + store |{each_head} reads | writes | iterated | calls | \
         messages |\n|--:|--:|--:|--:|{each_line}--:|--:|--:|--:|--:|\n",
        series.name, study.x_name,
    );
    for point in &series.points {
        let cost = &point.cost;
        let [vm, store, work] = [cost.vm, cost.store, cost.work].map(figure);
        let value = match each {
            true => format!(
                " {} |",
                figure(series.value(study.unit, point).round() as u64)
            ),
            false => String::new(),
        };
        let _ = writeln!(
            text,
            "| {} | {vm} | {store} | {work} |{value} {} | {} | {} | {} | {} |",
            figure(point.x.into()),
            cost.reads,
            cost.writes,
            cost.iterated,
            cost.calls,
            cost.messages,
        );
    }
    text
}
