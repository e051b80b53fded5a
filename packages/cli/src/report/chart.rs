//! Small charts as SVG whose colours are the page's variables.
//!
//! Each is drawn ten times too large, because the backend places on whole pixels, and shown at
//! its natural size by the view box.

use std::fmt::Display;
use std::ops::Range;

use plotters::coord::types::RangedCoordf64;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::ReportError;

/// Pixels drawn per pixel shown.
const SCALE: u32 = 10;

/// Width and height in shown pixels.
#[derive(Clone, Copy)]
pub struct Canvas {
    width: u32,
    height: u32,
    x_labels: usize,
}

/// Across the page.
pub const FULL: Canvas = Canvas {
    width: 1_056,
    height: 290,
    x_labels: 10,
};
/// Half of the page.
pub const HALF: Canvas = Canvas {
    width: 504,
    height: 260,
    x_labels: 8,
};
/// Across a phone.
pub const NARROW: Canvas = Canvas {
    width: 342,
    height: 250,
    x_labels: 6,
};

/// A colour of the page, as drawn and as shown.
#[derive(Clone, Copy)]
pub struct Ink {
    drawn: RGBColor,
    /// Name of the CSS variable.
    pub variable: &'static str,
}

/// Words and numbers on axes.
pub const TEXT: Ink = Ink {
    drawn: RGBColor(1, 2, 1),
    variable: "--muted",
};
/// Lines behind the data.
pub const GRID: Ink = Ink {
    drawn: RGBColor(1, 2, 2),
    variable: "--grid",
};
/// Reference lines.
pub const LIMIT: Ink = Ink {
    drawn: RGBColor(1, 2, 3),
    variable: "--ink",
};
/// Staked nodes; the main series of a chart with one.
pub const STAKED: Ink = Ink {
    drawn: RGBColor(1, 2, 4),
    variable: "--staked",
};
/// Unstaked nodes.
pub const UNSTAKED: Ink = Ink {
    drawn: RGBColor(1, 2, 5),
    variable: "--unstaked",
};
/// Held keys.
pub const HELD: Ink = Ink {
    drawn: RGBColor(1, 2, 6),
    variable: "--held",
};
/// The global pool.
pub const POOL: Ink = Ink {
    drawn: RGBColor(1, 2, 7),
    variable: "--pool",
};
/// The treasury.
pub const TREASURY: Ink = Ink {
    drawn: RGBColor(1, 2, 8),
    variable: "--treasury",
};
/// What is carried.
pub const CARRIED: Ink = Ink {
    drawn: RGBColor(1, 2, 9),
    variable: "--carried",
};

const INKS: [Ink; 9] = [
    TEXT, GRID, LIMIT, STAKED, UNSTAKED, HELD, POOL, TREASURY, CARRIED,
];

/// What the axes show.
pub struct Axes<'a> {
    /// Range of the horizontal axis.
    pub x: Range<f64>,
    /// Name and unit of the horizontal axis.
    pub x_name: &'a str,
    /// Label of a horizontal tick.
    pub x_label: &'a dyn Fn(f64) -> String,
    /// Ticks of the horizontal axis, when it isn't for the canvas to decide.
    pub x_ticks: Option<usize>,
    /// Top of the vertical axis, which begins at 0.
    pub top: f64,
    /// Name and unit of the vertical axis.
    pub y_name: &'a str,
    /// Label of a vertical tick.
    pub y_label: &'a dyn Fn(f64) -> String,
}

/// What is drawn between the axes.
pub enum Mark {
    /// A filled box: left, right, bottom, top.
    Bar(Ink, [f64; 4]),
    /// A line through points.
    Line(Ink, Vec<(f64, f64)>),
    /// The surface under a line, faint.
    Surface(Ink, Vec<(f64, f64)>),
    /// A dashed level or diagonal, from point to point.
    Limit((f64, f64), (f64, f64)),
}

type Plot<'a, 'b> = ChartContext<'a, SVGBackend<'b>, Cartesian2d<RangedCoordf64, RangedCoordf64>>;

/// Draws a chart; `label` describes it to those who can't see it.
pub fn draw(
    canvas: Canvas,
    axes: &Axes<'_>,
    marks: &[Mark],
    label: &str,
) -> Result<String, ReportError> {
    let mut svg = String::new();
    {
        let size = (
            canvas.width.saturating_mul(SCALE),
            canvas.height.saturating_mul(SCALE),
        );
        let area = SVGBackend::with_string(&mut svg, size).into_drawing_area();
        let top = if axes.top > 0.0 { axes.top } else { 1.0 };
        let mut plot = ChartBuilder::on(&area)
            .margin_top(px(28))
            .margin_right(px(24))
            .x_label_area_size(px(44))
            .y_label_area_size(px(48))
            .build_cartesian_2d(axes.x.clone(), 0.0..top)
            .map_err(wrong)?;
        draw_mesh(&mut plot, canvas, axes)?;
        let at = (whole(px(4)), whole(px(4)));
        area.draw_text(axes.y_name, &text(Pos::new(HPos::Left, VPos::Top)), at)
            .map_err(wrong)?;
        marks
            .iter()
            .try_for_each(|mark| draw_mark(&mut plot, mark))?;
        area.present().map_err(wrong)?;
    }
    Ok(finish(&svg, canvas, label))
}

fn draw_mesh(plot: &mut Plot<'_, '_>, canvas: Canvas, axes: &Axes<'_>) -> Result<(), ReportError> {
    plot.configure_mesh()
        .disable_x_mesh()
        .light_line_style(TRANSPARENT)
        .bold_line_style(GRID.drawn.stroke_width(SCALE))
        .axis_style(GRID.drawn.stroke_width(SCALE))
        .set_all_tick_mark_size(px(3))
        .x_labels(axes.x_ticks.unwrap_or(canvas.x_labels))
        .y_labels(5)
        .x_label_formatter(&|x| (axes.x_label)(*x))
        .y_label_formatter(&|y| (axes.y_label)(*y))
        .x_desc(axes.x_name)
        .axis_desc_style(text(Pos::new(HPos::Center, VPos::Center)))
        .label_style(text(Pos::new(HPos::Center, VPos::Center)))
        .draw()
        .map_err(wrong)
}

fn draw_mark(plot: &mut Plot<'_, '_>, mark: &Mark) -> Result<(), ReportError> {
    match mark {
        Mark::Bar(ink, [left, right, bottom, top]) => {
            let bar = Rectangle::new([(*left, *bottom), (*right, *top)], ink.drawn.filled());
            plot.draw_series([bar]).map_err(wrong)?;
        }
        Mark::Line(ink, points) => {
            let style = ink.drawn.stroke_width(px(2));
            plot.draw_series(LineSeries::new(points.iter().copied(), style))
                .map_err(wrong)?;
        }
        Mark::Surface(ink, points) => {
            let faint = ink.drawn.mix(0.16);
            let surface = AreaSeries::new(points.iter().copied(), 0.0, faint);
            plot.draw_series(surface).map_err(wrong)?;
        }
        Mark::Limit(from, to) => {
            let style = LIMIT.drawn.stroke_width(px(1));
            let line = DashedLineSeries::new([*from, *to], px(5), px(4), style);
            plot.draw_series(line).map_err(wrong)?;
        }
    }
    Ok(())
}

fn text(pos: Pos) -> TextStyle<'static> {
    // The backend shows text at 1 / 1.24 of the size asked for.
    TextStyle::from(("sans-serif", px(15)).into_font())
        .color(&TEXT.drawn)
        .pos(pos)
}

/// Puts in the page's colours and lets the page set the size.
fn finish(svg: &str, canvas: Canvas, label: &str) -> String {
    let body = svg
        .find('>')
        .and_then(|end| svg.get(end.saturating_add(1)..))
        .unwrap_or("");
    let coloured = INKS.iter().fold(body.to_owned(), |body, ink| {
        let RGBColor(r, g, b) = ink.drawn;
        body.replace(
            &format!("\"#{r:02X}{g:02X}{b:02X}\""),
            &format!("\"var({})\"", ink.variable),
        )
    });
    let (width, height) = (canvas.width, canvas.height);
    let (w, h) = (width.saturating_mul(SCALE), height.saturating_mul(SCALE));
    let label = label
        .replace('&', "&amp;")
        .replace('"', "&quot;")
        .replace('<', "&lt;");
    let body = coloured
        .replace("opacity=\"1\" ", "")
        .replace("font-family=\"sans-serif\" ", "");
    format!(
        "<svg role=\"img\" aria-label=\"{label}\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {w} {h}\">{}",
        body.lines().collect::<String>()
    )
}

fn px(shown: u32) -> u32 {
    shown.saturating_mul(SCALE)
}

fn whole(pixels: u32) -> i32 {
    i32::try_from(pixels).unwrap_or(i32::MAX)
}

fn wrong(error: impl Display) -> ReportError {
    ReportError::Chart(error.to_string())
}
