//! The chart of lines.

use std::io;

use plotters::{
    chart::{ChartBuilder, LabelAreaPosition},
    coord::Shift,
    drawing::{DrawingAreaErrorKind, IntoDrawingArea as _},
    element::PathElement,
    prelude::{DrawingArea, SVGBackend},
    style::{Color as _, FontFamily, FontStyle, IntoFont as _, TRANSPARENT, TextStyle, text_anchor},
};

use super::{
    Chart, legend,
    scale::{Axis, shown_labels, tick_name, ticks},
    svg::{AXIS, Frame, GRID, TEXT, visible, with_classes},
};

/// In the units of the SVG's own coordinates, like all lengths here: the page decides how wide it is.
pub(super) const WIDTH: u32 = 600;
/// Without the legend.
const HEIGHT: u32 = 200;
/// The size of texts.
pub(super) const FONT: i32 = 12;
/// Below the chart, for the labels.
const BELOW: u32 = 24;
/// Above it, so that a mark at the top is not cut.
const ABOVE: u32 = 8;
/// Every point has a mark up to so many; beyond, only those that stand alone and the last.
const MOST_MARKS: usize = 24;

pub(super) type Drawn = Result<(), DrawingAreaErrorKind<io::Error>>;

/// The chart as one `<svg>`.
pub fn line_chart(chart: &Chart) -> String {
    let size = (WIDTH, HEIGHT + legend::height(chart).unsigned_abs());
    let mut drawn = String::new();
    draw(&SVGBackend::with_string(&mut drawn, size).into_drawing_area(), chart)
        .expect("an SVG in memory has no font to miss and no disk to fail");
    let tones: Vec<_> = chart.lines.iter().map(|line| line.tone).collect();
    let Chart { id, title, description, .. } = chart;
    Frame { id, title, description, class: "chart", size }.around(&with_classes(&drawn, &tones))
}

fn draw(root: &DrawingArea<SVGBackend<'_>, Shift>, chart: &Chart) -> Drawn {
    legend::draw(root, chart)?;
    let values = || {
        chart
            .lines
            .iter()
            .flat_map(|line| line.points.iter().copied().flatten())
            .filter(|value| value.is_finite())
    };
    let ticks = ticks(chart.unit, values().fold(0.0, f64::max));
    let top = ticks.last().copied().unwrap_or(1.0);
    let names: Vec<String> = ticks.iter().map(|at| tick_name(chart.unit, *at)).collect();
    let left = names.iter().map(|name| text_width(name)).max().unwrap_or(0) + 2 * FONT;

    let count = chart.labels.len();
    let widest = chart.labels.iter().map(|label| text_width(label) + FONT).max().unwrap_or(0);
    let shown = shown_labels(count, f64::from(widest), f64::from(WIDTH) - f64::from(left));
    // Half a step is left free on both sides, so that one label alone stands in the middle.
    let x = Axis::new(-0.5..count.max(1) as f64 - 0.5, shown.iter().map(|at| *at as f64).collect());
    let mut context = ChartBuilder::on(root)
        .margin_top(ABOVE + legend::height(chart).unsigned_abs())
        .set_label_area_size(LabelAreaPosition::Left, left)
        .set_label_area_size(LabelAreaPosition::Bottom, BELOW)
        .build_cartesian_2d(x, Axis::new(0.0..top, ticks))?;
    context
        .configure_mesh()
        .disable_x_mesh()
        .light_line_style(TRANSPARENT)
        .bold_line_style(GRID.mix(0.2))
        // Drawn below, and only the one at the bottom.
        .axis_style(TRANSPARENT)
        .set_all_tick_mark_size(FONT / 2)
        .x_label_offset(0)
        .label_style(text_style())
        .x_label_formatter(&|x| label(chart, *x))
        .y_label_formatter(&|y| tick_name(chart.unit, *y))
        .draw()?;

    let end = |x: f64| context.backend_coord(&(x, 0.0));
    root.draw(&PathElement::new([end(-0.5), end(count.max(1) as f64 - 0.5)], AXIS.mix(0.6)))?;

    if values().next().is_none() {
        let middle =
            text_style().pos(text_anchor::Pos::new(text_anchor::HPos::Center, text_anchor::VPos::Center));
        let (x, y) = context.backend_coord(&((count.max(1) as f64 - 1.0) / 2.0, top / 2.0));
        return root.draw_text("no data", &middle, (x, y));
    }
    draw_lines(root, chart, |at, value| context.backend_coord(&(at as f64, value)))
}

fn draw_lines(
    root: &DrawingArea<SVGBackend<'_>, Shift>,
    chart: &Chart,
    place: impl Fn(usize, f64) -> (i32, i32),
) -> Drawn {
    let count = chart.labels.len();
    for (number, line) in chart.lines.iter().enumerate() {
        for run in runs(&line.points) {
            let places: Vec<(i32, i32)> = run.iter().map(|&(at, value)| place(at, value)).collect();
            let alone = places.len() == 1;
            if !alone {
                root.draw(&PathElement::new(places.clone(), legend::stroke(number)))?;
            }
            for (place, (at, _)) in places.into_iter().zip(run) {
                if alone || count <= MOST_MARKS || at + 1 == count {
                    legend::mark(root, number, place)?;
                }
            }
        }
    }
    Ok(())
}

/// The points between two gaps, with their places.
pub(super) fn runs(points: &[Option<f64>]) -> Vec<Vec<(usize, f64)>> {
    let known: Vec<(usize, Option<f64>)> =
        points.iter().map(|point| point.filter(|value| value.is_finite())).enumerate().collect();
    known
        .split(|(_, point)| point.is_none())
        .map(|run| run.iter().filter_map(|&(at, point)| Some((at, point?))).collect())
        .filter(|run: &Vec<_>| !run.is_empty())
        .collect()
}

fn label(chart: &Chart, x: f64) -> String {
    // A tick is the place of a label by construction.
    chart.labels.get(x.round() as usize).map(|label| label.chars().map(visible).collect()).unwrap_or_default()
}

/// The style of all texts. plotters writes a font's size divided by 1.24.
pub(super) fn text_style() -> TextStyle<'static> {
    let font = (FontFamily::SansSerif, f64::from(FONT) * 1.24, FontStyle::Normal).into_font();
    TextStyle::from(font).color(&TEXT)
}

/// About how wide a text is drawn; which font it will be, nobody knows.
pub(super) fn text_width(text: &str) -> i32 {
    (text.chars().count() as f64 * f64::from(FONT) * 0.6).ceil() as i32
}
