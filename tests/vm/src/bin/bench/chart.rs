//! Charts of growth as SVG.
//!
//! There is no background, and all colours have about the same contrast on a white and on a nearly
//! black page. Each chart is drawn ten times too large, because the backend places on whole pixels,
//! and shown at its natural size by the view box.

use std::fmt::Display;

use anyhow::anyhow;
use plotters::coord::types::RangedCoordf64;
use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use crate::growth::{Series, Study, Unit};
use noderev_vm::figures::figure;

/// Pixels drawn per pixel shown.
const SCALE: u32 = 10;
const WIDTH: u32 = 880;
const HEIGHT: u32 = 400;
/// Room for title and name of the vertical axis, tick labels, and names of the lines.
const TOP: u32 = 76;
const BOTTOM: u32 = 58;
const LEFT: u32 = 62;
const RIGHT: u32 = 262;
/// Least distance of two names of lines.
const LINE_HEIGHT: i32 = 19;

const TEXT: RGBColor = RGBColor(0x77, 0x7d, 0x84);
const INKS: [RGBColor; 6] = [
    RGBColor(0x2f, 0x7f, 0xd8),
    RGBColor(0xc8, 0x65, 0x1b),
    RGBColor(0x2c, 0x8f, 0x57),
    RGBColor(0x9a, 0x5f, 0xd0),
    RGBColor(0xd1, 0x4d, 0x72),
    RGBColor(0x8f, 0x7a, 0x12),
];
const FONTS: &str = "system-ui, 'Segoe UI', Helvetica, Arial, sans-serif";

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;
type Plot<'a, 'b> = ChartContext<'a, SVGBackend<'b>, Cartesian2d<RangedCoordf64, RangedCoordf64>>;

/// Draws a study.
pub(crate) fn draw(study: &Study) -> anyhow::Result<String> {
    let mut svg = String::new();
    {
        let size = (WIDTH * SCALE, HEIGHT * SCALE);
        let area = SVGBackend::with_string(&mut svg, size).into_drawing_area();
        draw_on(&area, study).map_err(|text| anyhow!("{}: {text}", study.id))?;
        area.present().map_err(|error| anyhow!("{error}"))?;
    }
    Ok(finish(&svg, study))
}

fn draw_on(area: &Area<'_>, study: &Study) -> Result<(), String> {
    let xs = sizes(study);
    let range = match (xs.first(), xs.last()) {
        (Some(first), Some(last)) if first < last => place(*first)..place(*last),
        _ => return Err("one size is no growth".into()),
    };
    let mut plot = ChartBuilder::on(area)
        .margin_top(px(TOP))
        .margin_right(px(RIGHT))
        .x_label_area_size(px(BOTTOM))
        .y_label_area_size(px(LEFT))
        .build_cartesian_2d(range.clone(), 0.0..top(study))
        .map_err(wrong)?;
    plot.configure_mesh()
        .disable_x_mesh()
        .disable_x_axis()
        .light_line_style(TRANSPARENT)
        .bold_line_style(TEXT.mix(0.25).stroke_width(SCALE))
        .axis_style(TEXT.mix(0.25).stroke_width(SCALE))
        .set_all_tick_mark_size(px(3))
        .y_labels(6)
        .y_label_formatter(&|thousands| figure(thousands.round() as u64))
        .label_style(text(TEXT, 13, HPos::Right))
        .draw()
        .map_err(wrong)?;
    title(area, study)?;
    ticks(area, &plot, study, &xs)?;
    for (series, ink) in study.series.iter().zip(INKS) {
        line(&mut plot, study.unit, series, ink)?;
    }
    names(area, &plot, study)
}

/// All sizes of a study.
fn sizes(study: &Study) -> Vec<u32> {
    let points = study.series.iter().flat_map(|series| &series.points);
    let mut sizes: Vec<u32> = points.map(|point| point.x).collect();
    sizes.sort_unstable();
    sizes.dedup();
    sizes
}

/// Where a size is on the horizontal axis: logarithmic, none where a tenth would be.
fn place(size: u32) -> f64 {
    match size {
        0 => -1.0,
        size => f64::from(size).log10(),
    }
}

fn thousands(gas: f64) -> f64 {
    gas / 1_000.0
}

/// What a series may cost at the most.
fn limit(series: &Series, unit: Unit) -> Option<f64> {
    let bound = series.bound?;
    Some(thousands(series.first(unit) * bound.factor))
}

/// The highest point or limit, and some air.
fn top(study: &Study) -> f64 {
    let all = study.series.iter().flat_map(|series| {
        let dearest = thousands(series.dearest(study.unit));
        [Some(dearest), limit(series, study.unit)]
    });
    all.flatten().fold(1.0, f64::max) * 1.04
}

fn title(area: &Area<'_>, study: &Study) -> Result<(), String> {
    let title = text(TEXT, 17, HPos::Left);
    area.draw_text(study.title, &title, shown(8, 18))
        .map_err(wrong)?;
    let limited = study.series.iter().any(|series| series.bound.is_some());
    let unit = match study.unit {
        Unit::Message => "Thousand gas of virtual machine and store",
        Unit::Each => "Thousand gas of virtual machine and store for each",
    };
    let limits = match limited {
        true => "; dashed: bounds; ×: growth",
        false => "; ×: growth",
    };
    let limits = match study.unit {
        Unit::Message => limits,
        Unit::Each => "",
    };
    area.draw_text(
        &format!("{unit}{limits}"),
        &text(TEXT, 13, HPos::Left),
        shown(8, 46),
    )
    .map_err(wrong)
}

/// Sizes and what they count, under the horizontal axis.
fn ticks(area: &Area<'_>, plot: &Plot<'_, '_>, study: &Study, xs: &[u32]) -> Result<(), String> {
    let style = text(TEXT, 13, HPos::Center);
    for size in xs {
        let (x, y) = plot.backend_coord(&(place(*size), 0.0));
        let mark = PathElement::new(
            vec![(x, y), (x, y + shown_one(4))],
            TEXT.mix(0.5).stroke_width(SCALE),
        );
        area.draw(&mark).map_err(wrong)?;
        let label = figure(u64::from(*size));
        area.draw_text(&label, &style, (x, y + shown_one(15)))
            .map_err(wrong)?;
    }
    let ends = (xs.first(), xs.last());
    if let (Some(first), Some(last)) = ends {
        let (left, y) = plot.backend_coord(&(place(*first), 0.0));
        let (right, _) = plot.backend_coord(&(place(*last), 0.0));
        let at = ((left + right) / 2, y + shown_one(40));
        let name = format!("{} (logarithmic)", study.x_name);
        area.draw_text(&name, &style, at).map_err(wrong)?;
    }
    Ok(())
}

fn line(plot: &mut Plot<'_, '_>, unit: Unit, series: &Series, ink: RGBColor) -> Result<(), String> {
    let points: Vec<(f64, f64)> = series
        .points
        .iter()
        .map(|point| (place(point.x), thousands(series.value(unit, point))))
        .collect();
    let ends = (points.first(), points.last());
    if let (Some(limit), (Some(first), Some(last))) = (limit(series, unit), ends) {
        let style = ink.mix(0.75).stroke_width(SCALE);
        let ends = [(first.0, limit), (last.0, limit)];
        let dashes = DashedLineSeries::new(ends, px(5), px(5), style);
        plot.draw_series(dashes).map_err(wrong)?;
    }
    let style = ink.stroke_width(px(2));
    plot.draw_series(LineSeries::new(points.iter().copied(), style))
        .map_err(wrong)?;
    let dots = points
        .iter()
        .map(|point| Circle::new(*point, px(3), ink.filled()));
    plot.draw_series(dots).map_err(wrong)?;
    Ok(())
}

/// Names at the right ends of lines, moved apart where they would overlap.
fn names(area: &Area<'_>, plot: &Plot<'_, '_>, study: &Study) -> Result<(), String> {
    let mut names = Vec::new();
    for (series, ink) in study.series.iter().zip(INKS) {
        let Some(last) = series.points.last() else {
            continue;
        };
        let end = (place(last.x), thousands(series.value(study.unit, last)));
        let (x, y) = plot.backend_coord(&end);
        names.push((y, x, ink, name(study.unit, series)));
    }
    names.sort_by_key(|(y, ..)| *y);
    let (_, bottom) = plot.backend_coord(&(0.0, 0.0));
    for (at, y) in apart(names.iter().map(|(y, ..)| *y).collect(), bottom)
        .into_iter()
        .enumerate()
    {
        let (_, x, ink, name) = &names[at];
        area.draw_text(name, &text(*ink, 13, HPos::Left), (x + shown_one(12), y))
            .map_err(wrong)?;
    }
    Ok(())
}

/// What a message is called, and how much dearer it becomes.
fn name(unit: Unit, series: &Series) -> String {
    match unit {
        Unit::Message => format!("{} ×{:.2}", series.name, series.growth(unit)),
        Unit::Each => series.name.to_owned(),
    }
}

/// Heights that keep a distance: moved down from the top one, then up from the bottom.
fn apart(mut heights: Vec<i32>, bottom: i32) -> Vec<i32> {
    let distance = shown_one(LINE_HEIGHT);
    for at in 1..heights.len() {
        heights[at] = heights[at].max(heights[at - 1] + distance);
    }
    let mut lowest = bottom;
    for height in heights.iter_mut().rev() {
        *height = (*height).min(lowest);
        lowest = *height - distance;
    }
    heights
}

fn text(ink: RGBColor, size: u32, across: HPos) -> TextStyle<'static> {
    // The backend shows text at 1 / 1.24 of the size asked for.
    let size = px(size) * 124 / 100;
    TextStyle {
        font: ("sans-serif", size).into_font(),
        color: ink.to_backend_color(),
        pos: Pos::new(across, VPos::Center),
    }
}

/// Sets the natural size, fonts, and a description for those who can't see it.
fn finish(svg: &str, study: &Study) -> String {
    let body = svg.split_once('>').map_or("", |(_, body)| body);
    let body = body
        .replace("opacity=\"1\" ", "")
        .replace("font-family=\"sans-serif\" ", "");
    let (w, h) = (WIDTH * SCALE, HEIGHT * SCALE);
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" width=\"{WIDTH}\" \
         height=\"{HEIGHT}\" viewBox=\"0 0 {w} {h}\" font-family=\"{FONTS}\">\n\
         <title>{}: gas by {}</title>{body}",
        study.title, study.x_name
    )
}

fn px(shown: u32) -> u32 {
    shown * SCALE
}

fn shown_one(pixels: i32) -> i32 {
    pixels * SCALE as i32
}

fn shown(x: i32, y: i32) -> (i32, i32) {
    (shown_one(x), shown_one(y))
}

fn wrong(error: impl Display) -> String {
    error.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_keep_their_distance_and_stay_above_the_axis() {
        assert_eq!(apart(vec![100, 120, 900], 1_000), [100, 290, 900]);
        assert_eq!(apart(vec![990, 995, 1_000], 1_000), [620, 810, 1_000]);
    }
}
