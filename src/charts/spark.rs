//! The small line beside a number.

use plotters::{
    coord::Shift,
    drawing::IntoDrawingArea as _,
    element::{Circle, PathElement},
    prelude::{DrawingArea, SVGBackend},
    style::Color as _,
};

use super::{
    Tone, legend,
    lines::{Drawn, runs},
    svg::{Frame, line_color, with_classes},
};

/// In the units of the SVG's own coordinates.
const SIZE: (u32, u32) = (120, 28);
/// Left free at each side, for the mark and the line's own thickness.
const FREE: f64 = 4.0;

/// One line without axes and words: from the lowest value to the highest, with a mark at the last one.
///
/// It shows how a number moved, not how large it is: beside it stands the number. The ids in it begin with `id`, which
/// is unique in its page; `title` says what it shows, `description` in a sentence what it says.
pub fn sparkline(id: &str, title: &str, description: &str, tone: Tone, points: &[Option<f64>]) -> String {
    let mut drawn = String::new();
    draw(&SVGBackend::with_string(&mut drawn, SIZE).into_drawing_area(), points)
        .expect("an SVG in memory has no font to miss and no disk to fail");
    Frame { id, title, description, class: "sparkline", size: SIZE }.around(&with_classes(&drawn, &[tone]))
}

fn draw(root: &DrawingArea<SVGBackend<'_>, Shift>, points: &[Option<f64>]) -> Drawn {
    let known = || points.iter().copied().flatten().filter(|value| value.is_finite());
    let low = known().fold(f64::INFINITY, f64::min);
    let span = known().fold(f64::NEG_INFINITY, f64::max) - low;
    let steps = points.len().saturating_sub(1).max(1) as f64;
    let (width, height) = (f64::from(SIZE.0) - 2.0 * FREE, f64::from(SIZE.1) - 2.0 * FREE);
    let place = |(at, value): (usize, f64)| {
        // All the same: neither high nor low.
        let share = if span > 0.0 { (value - low) / span } else { 0.5 };
        ((FREE + width * at as f64 / steps).round() as i32, (FREE + height * (1.0 - share)).round() as i32)
    };
    for run in runs(points) {
        let places: Vec<(i32, i32)> = run.iter().copied().map(place).collect();
        match places[..] {
            [alone] => root.draw(&Circle::new(alone, 2, line_color(0).filled()))?,
            _ => root.draw(&PathElement::new(places, legend::stroke(0)))?,
        }
        if let Some(&last) = run.last().filter(|(at, _)| at + 1 == points.len()) {
            root.draw(&Circle::new(place(last), 3, line_color(0).filled()))?;
        }
    }
    Ok(())
}
