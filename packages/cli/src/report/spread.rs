//! How uptime and earnings are spread over keys and owners.

use super::chart::{self, Axes, Mark};
use super::figures::{count, denomination, Figure};
use super::ReportError;
use crate::format::{compact, float_units, percent};
use crate::results::{Role, RunResult};

/// Bars of a histogram.
const BINS: usize = 24;
/// Where a class of uptime ends and the next begins; the last class is exactly 100 %.
const UPTIME_BOUNDS: [f64; 6] = [f64::MIN_POSITIVE, 0.5, 0.8, 0.9, 0.95, 1.0];
const UPTIME_CLASSES: [&str; 7] = ["0", "<50", "<80", "<90", "<95", "≥95", "100"];

/// How earnings are spread over keys and owners.
pub fn earners(result: &RunResult) -> Result<Vec<Figure>, ReportError> {
    let mut figures = Vec::new();
    for denom in 0..result.network.denominations.len() {
        figures.push(per_key(result, denom)?);
        figures.push(concentration(result, denom)?);
    }
    Ok(figures)
}

/// Keys by the share of time in which they ran.
pub fn uptime(result: &RunResult) -> Result<Figure, ReportError> {
    let shares: Vec<f64> = result
        .keys
        .iter()
        .filter(|key| key.judged > 0)
        .map(|key| key.uptime())
        .collect();
    let mut classes = [0_u32; UPTIME_CLASSES.len()];
    for share in &shares {
        let class = UPTIME_BOUNDS
            .iter()
            .filter(|bound| **bound <= *share)
            .count();
        if let Some(keys) = classes.get_mut(class) {
            *keys = keys.saturating_add(1);
        }
    }
    let good = count(shares.iter().filter(|share| **share >= 0.95).count());
    let title = format!(
        "{} of keys ran at least 95\u{a0}% of the time",
        percent(good / count(shares.len()).max(1.0))
    );
    let caption = "Keys by the share of epochs with a quorum in which they ran.".to_owned();
    let bars: Vec<Mark> = (0_u8..)
        .zip(classes)
        .map(|(i, keys)| {
            let x = f64::from(i);
            Mark::Bar(chart::STAKED, [x - 0.42, x + 0.42, 0.0, f64::from(keys)])
        })
        .collect();
    let axes = Axes {
        x: -0.5..count(UPTIME_CLASSES.len()) - 0.5,
        x_name: "uptime, %",
        x_ticks: Some(UPTIME_CLASSES.len()),
        x_label: &|x| {
            let class = (0_u8..)
                .zip(UPTIME_CLASSES)
                .find(|(i, _)| (f64::from(*i) - x).abs() < 0.01);
            class.map(|(_, name)| name.to_owned()).unwrap_or_default()
        },
        top: f64::from(classes.into_iter().max().unwrap_or(0)) * 1.08,
        y_name: "keys",
        y_label: &compact,
    };
    Figure::new(title, caption, &axes, &bars)
}

fn per_key(result: &RunResult, denom: usize) -> Result<Figure, ReportError> {
    let (name, decimals) = denomination(result, denom);
    let mut earned: Vec<f64> = result
        .keys
        .iter()
        .filter_map(|key| key.earned.get(denom))
        .map(|units| float_units(*units, decimals))
        .collect();
    earned.sort_by(f64::total_cmp);
    let median = earned.get(earned.len() / 2).copied().unwrap_or(0.0);
    let width = nice_step(earned.last().copied().unwrap_or(0.0) / count(BINS));
    let marks = histogram(&earned, width);
    let title = format!(
        "Half of all keys earned more than {} {name}",
        compact(median)
    );
    let caption = format!("Keys by what they earned for their owners in the run, in {name}.");
    let axes = Axes {
        x: 0.0..width * (earned.last().copied().unwrap_or(0.0) / width).floor() + width,
        x_name: &format!("{name} per key"),
        x_ticks: None,
        x_label: &compact,
        top: top_of(&marks) * 1.08,
        y_name: "keys",
        y_label: &compact,
    };
    Figure::new(title, caption, &axes, &marks)
}

/// One bar per width from 0 to the largest value; the values ascend.
pub(super) fn histogram(sorted: &[f64], width: f64) -> Vec<Mark> {
    let below = |bound: f64| sorted.partition_point(|value| *value < bound);
    (0_u32..)
        .map(|bin| f64::from(bin) * width)
        .take_while(|left| sorted.last().is_some_and(|last| left <= last))
        .map(|left| {
            let keys = below(left + width).saturating_sub(below(left));
            let gap = width * 0.05;
            Mark::Bar(
                chart::STAKED,
                [left + gap, left + width - gap, 0.0, count(keys)],
            )
        })
        .collect()
}

/// The top of the highest bar.
pub(super) fn top_of(marks: &[Mark]) -> f64 {
    let tops = marks.iter().map(|mark| match mark {
        Mark::Bar(_, [_, _, _, y]) => *y,
        _ => 0.0,
    });
    tops.fold(0.0, f64::max)
}

fn concentration(result: &RunResult, denom: usize) -> Result<Figure, ReportError> {
    let (name, decimals) = denomination(result, denom);
    let ranked = result.earnings(denom, &[Role::Node]);
    let owners = count(ranked.len()).max(1.0);
    let total: f64 = ranked
        .iter()
        .map(|(_, units)| float_units(*units, decimals))
        .sum();
    let mut points = vec![(0.0, 0.0)];
    let mut sum = 0.0;
    for (rank, (_, units)) in (1_u32..).zip(&ranked) {
        sum += float_units(*units, decimals);
        points.push((f64::from(rank) / owners, sum / total.max(f64::MIN_POSITIVE)));
    }
    let tenth = points.iter().take_while(|(share, _)| *share <= 0.1).last();
    let title = format!(
        "The largest tenth of owners earned {} of the nodes' {name}",
        percent(tenth.map_or(0.0, |(_, earned)| *earned))
    );
    let caption = format!(
        "Owners from the largest to the smallest, and the share of the nodes' {name} that they \
         earned together. Dashed: everybody earning the same."
    );
    let label = |share: f64| format!("{:.0} %", share * 100.0);
    let axes = Axes {
        x: 0.0..1.0,
        x_name: "share of owners",
        x_ticks: None,
        x_label: &label,
        top: 1.04,
        y_name: "share of earnings",
        y_label: &label,
    };
    let marks = [
        Mark::Surface(chart::STAKED, points.clone()),
        Mark::Line(chart::STAKED, points),
        Mark::Limit((0.0, 0.0), (1.0, 1.0)),
    ];
    Figure::new(title, caption, &axes, &marks)
}

/// The next larger of 1, 2, 2.5, 5 times a power of ten.
pub(super) fn nice_step(width: f64) -> f64 {
    if width <= 0.0 {
        return 1.0;
    }
    let power = 10_f64.powf(width.log10().floor());
    let step = [1.0, 2.0, 2.5, 5.0, 10.0]
        .into_iter()
        .find(|step| step * power >= width);
    step.unwrap_or(10.0) * power
}
