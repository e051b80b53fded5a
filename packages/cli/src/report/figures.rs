//! The charts of the report, each under a title that says what it shows.

use super::chart::{self, Axes, Canvas, Ink, Mark, FULL, HALF, NARROW};
use super::{spread, ReportError};
use crate::format::{compact, float_units, percent};
use crate::results::{EpochRow, PotSplit, RunResult};

/// A chart with its words.
pub struct Figure {
    pub title: String,
    pub caption: String,
    pub legend: Vec<(&'static str, &'static str)>,
    pub wide: String,
    pub narrow: String,
    pub full: bool,
}

/// Names and colours of the parts of a pot, bottom first.
const PARTS: [(Ink, &str); 6] = [
    (chart::STAKED, "staked nodes"),
    (chart::UNSTAKED, "unstaked nodes"),
    (chart::HELD, "held keys"),
    (chart::POOL, "global pool"),
    (chart::TREASURY, "treasury"),
    (chart::CARRIED, "carried on"),
];

/// Revenue of a denomination, and where it went.
pub fn money(result: &RunResult, denom: usize) -> Result<Vec<Figure>, ReportError> {
    Ok(vec![revenue(result, denom)?, split(result, denom)?])
}

/// Nodes, pool and uptime.
pub fn network(result: &RunResult) -> Result<Vec<Figure>, ReportError> {
    Ok(vec![
        running(result)?,
        funding(result)?,
        spread::uptime(result)?,
    ])
}

impl Figure {
    pub(super) fn new(
        title: String,
        caption: String,
        axes: &Axes<'_>,
        marks: &[Mark],
    ) -> Result<Self, ReportError> {
        Self::sized(HALF, title, caption, axes, marks)
    }

    fn sized(
        canvas: Canvas,
        title: String,
        caption: String,
        axes: &Axes<'_>,
        marks: &[Mark],
    ) -> Result<Self, ReportError> {
        let label = format!("{title}. {caption}");
        Ok(Self {
            wide: chart::draw(canvas, axes, marks, &label)?,
            narrow: chart::draw(NARROW, axes, marks, &label)?,
            legend: Vec::new(),
            full: false,
            title,
            caption,
        })
    }

    pub(super) fn across(
        title: String,
        caption: String,
        axes: &Axes<'_>,
        marks: &[Mark],
    ) -> Result<Self, ReportError> {
        Ok(Self {
            full: true,
            ..Self::sized(FULL, title, caption, axes, marks)?
        })
    }

    pub(super) fn with_legend(mut self, legend: Vec<(Ink, &'static str)>) -> Self {
        self.legend = legend
            .into_iter()
            .map(|(ink, name)| (ink.variable, name))
            .collect();
        self
    }
}

fn revenue(result: &RunResult, denom: usize) -> Result<Figure, ReportError> {
    let (name, decimals) = denomination(result, denom);
    let of = |row: &EpochRow| {
        row.money
            .get(denom)
            .map_or(0.0, |money| float_units(money.revenue, decimals))
    };
    let values: Vec<(f64, f64)> = result.epochs.iter().map(|row| (at(row), of(row))).collect();
    let total: f64 = values.iter().map(|(_, value)| value).sum();
    let (peak_at, peak) = peak(&values);
    let title = format!(
        "{name} revenue came to {}, {} an epoch on average",
        compact(total),
        compact(total / count(values.len()).max(1.0))
    );
    let caption = format!(
        "Gross revenue per epoch, invoices spread over the time they cover. Highest: {} in epoch \
         {peak_at:.0}.",
        compact(peak)
    );
    let bars: Vec<Mark> = values
        .iter()
        .map(|(x, y)| Mark::Bar(chart::STAKED, [*x, x + 1.0, 0.0, *y]))
        .collect();
    Figure::across(
        title,
        caption,
        &epoch_axes(result, peak * 1.08, name, &compact),
        &bars,
    )
}

fn split(result: &RunResult, denom: usize) -> Result<Figure, ReportError> {
    let (name, decimals) = denomination(result, denom);
    let rule = result.network.params.remainder_to;
    let splits: Vec<(f64, PotSplit)> = result
        .epochs
        .iter()
        .map(|row| (at(row), row.split(denom, rule)))
        .collect();
    let highest = splits
        .iter()
        .map(|(_, split)| float_units(split.total(), decimals));
    let top = highest.fold(0.0, f64::max) * 1.08;
    let marks: Vec<Mark> = splits
        .iter()
        .flat_map(|(x, split)| stack(*x, &split.parts(), decimals))
        .collect();
    let present = |part: usize| splits.iter().any(|(_, split)| split.parts()[part] > 0);
    let legend = (0..PARTS.len())
        .filter(|part| present(*part))
        .map(|part| PARTS[part])
        .collect();
    let caption = format!(
        "Where each epoch's {name} went: revenue, and what earlier epochs carried on. An epoch \
         without a quorum pays nobody and carries the network's share on."
    );
    let axes = epoch_axes(result, top, name, &compact);
    Ok(Figure::across(split_title(name, &splits), caption, &axes, &marks)?.with_legend(legend))
}

fn split_title(name: &str, splits: &[(f64, PotSplit)]) -> String {
    let sum = |part: fn(&PotSplit) -> u128| -> f64 {
        splits.iter().map(|(_, split)| part(split) as f64).sum()
    };
    let (staked, unstaked) = (sum(|split| split.staked), sum(|split| split.unstaked));
    let (pool, treasury) = (sum(|split| split.pool), sum(|split| split.treasury));
    let all = (staked + unstaked + pool + treasury).max(1.0);
    let whole = |part: f64| format!("{:.0}\u{a0}%", part / all * 100.0);
    format!(
        "Of the {name} given out, {} went to staked nodes, {} to unstaked nodes, {} to the pool, \
         {} to the treasury",
        whole(staked),
        whole(unstaked),
        whole(pool),
        whole(treasury)
    )
}

fn running(result: &RunResult) -> Result<Figure, ReportError> {
    let mut marks = Vec::new();
    for row in result.epochs.iter().filter(|row| row.quorum) {
        let parts = [row.staked, row.unstaked, row.held].map(u128::from);
        marks.extend(stack(at(row), &parts, 0));
    }
    let issued: Vec<(f64, f64)> = result
        .epochs
        .iter()
        .flat_map(|row| [at(row), at(row) + 1.0].map(|x| (x, f64::from(row.issued))))
        .collect();
    let top = peak(&issued).1 * 1.12;
    marks.push(Mark::Line(chart::LIMIT, issued));
    let judged = || {
        result
            .epochs
            .iter()
            .filter(|row| row.quorum && row.running > 0)
    };
    let staked = |row: &EpochRow| f64::from(row.staked) / f64::from(row.running.max(1));
    let title = format!(
        "On average {} of the running nodes were staked, at the end {}",
        percent(judged().map(staked).sum::<f64>() / count(judged().count()).max(1.0)),
        percent(judged().next_back().map_or(0.0, staked))
    );
    let caption = "Running keys per epoch; gaps are epochs without a quorum.".to_owned();
    let axes = epoch_axes(result, top, "keys", &compact);
    let mut legend = vec![
        (chart::STAKED, "staked"),
        (chart::UNSTAKED, "unstaked"),
        (chart::LIMIT, "issued"),
    ];
    if result.epochs.iter().any(|row| row.held > 0) {
        legend.push((chart::HELD, "held"));
    }
    Ok(Figure::across(title, caption, &axes, &marks)?.with_legend(legend))
}

fn funding(result: &RunResult) -> Result<Figure, ReportError> {
    let points: Vec<(f64, f64)> = result
        .epochs
        .iter()
        .filter_map(|row| Some((at(row) + 0.5, row.funding()?)))
        .collect();
    let under = points.iter().filter(|(_, share)| *share < 1.0).count();
    let title = match (points.last(), under) {
        (None, _) => "No unstaked node ran, so the pool had nothing to fund".to_owned(),
        (Some(_), 0) => "The pool was fully funded throughout".to_owned(),
        (Some((_, last)), _) => format!(
            "The pool was underfunded in {under} of {} epochs and ends at {}",
            points.len(),
            percent(*last)
        ),
    };
    let caption = "QST in the global pool as a share of 200,000 QST (before splits) for each \
                   running unstaked node. Below the dashed line the pool gets only that part."
        .to_owned();
    let top = peak(&points).1.max(1.0) * 1.12;
    let end = count(result.epochs.len());
    let marks = [
        Mark::Surface(chart::POOL, points.clone()),
        Mark::Line(chart::POOL, points),
        Mark::Limit((0.0, 1.0), (end, 1.0)),
    ];
    let label = |share: f64| format!("{:.0} %", share * 100.0);
    Figure::new(
        title,
        caption,
        &epoch_axes(result, top, "% of the requirement", &label),
        &marks,
    )
}

/// The parts of a bar one epoch wide, bottom first.
fn stack(x: f64, parts: &[u128], decimals: u32) -> Vec<Mark> {
    stack_of(x, parts, &PARTS.map(|(ink, _)| ink), decimals)
}

/// As [`stack`], in these colours.
pub(super) fn stack_of(x: f64, parts: &[u128], inks: &[Ink], decimals: u32) -> Vec<Mark> {
    let mut bottom = 0.0;
    let mut marks = Vec::new();
    for (part, ink) in parts.iter().zip(inks).filter(|(part, _)| **part > 0) {
        let top = bottom + float_units(*part, decimals);
        marks.push(Mark::Bar(*ink, [x, x + 1.0, bottom, top]));
        bottom = top;
    }
    marks
}

pub(super) fn epoch_axes<'a>(
    result: &RunResult,
    top: f64,
    y_name: &'a str,
    y_label: &'a dyn Fn(f64) -> String,
) -> Axes<'a> {
    let first = result.epochs.first().map_or(0.0, at);
    let x = first..first + count(result.epochs.len()).max(1.0);
    Axes {
        x,
        x_name: "epoch",
        x_label: &|x| format!("{x:.0}"),
        x_ticks: None,
        top,
        y_name,
        y_label,
    }
}

pub(super) fn denomination(result: &RunResult, denom: usize) -> (&str, u32) {
    result
        .network
        .denominations
        .get(denom)
        .map_or(("", 0), |d| (d.name.as_str(), d.decimals))
}

/// The point with the highest value.
pub(super) fn peak(points: &[(f64, f64)]) -> (f64, f64) {
    points.iter().copied().fold(
        (0.0, 0.0),
        |best, point| if point.1 > best.1 { point } else { best },
    )
}

fn at(row: &EpochRow) -> f64 {
    row.epoch as f64
}

pub(super) fn count(number: usize) -> f64 {
    number as f64
}
