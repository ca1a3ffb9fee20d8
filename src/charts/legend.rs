//! Which line is which: a piece of each with its mark and its name, above the chart.

use plotters::{
    coord::Shift,
    element::{Circle, PathElement, Rectangle, TriangleMarker},
    prelude::{DrawingArea, SVGBackend},
    style::{Color as _, ShapeStyle},
};

use super::{
    Chart,
    lines::{Drawn, FONT, WIDTH, text_style, text_width},
    svg::{line_color, visible},
};

/// The length of a line's piece.
const PIECE: i32 = 26;
/// Between the piece and the name, and twice between two of them.
const SPACE: i32 = 8;
/// Half of a mark.
const MARK: i32 = 3;

/// How high the legend is: none for one line, and more rows where the names are long.
pub(super) fn height(chart: &Chart) -> i32 {
    match chart.lines.len() {
        0 | 1 => 0,
        _ => places(chart).last().map_or(0, |&(_, row)| (row + 1) * row_height() + SPACE),
    }
}

/// Draws it.
pub(super) fn draw(root: &DrawingArea<SVGBackend<'_>, Shift>, chart: &Chart) -> Drawn {
    if chart.lines.len() < 2 {
        return Ok(());
    }
    for (at, (line, (x, row))) in chart.lines.iter().zip(places(chart)).enumerate() {
        let y = row * row_height() + row_height() / 2;
        root.draw(&PathElement::new([(x, y), (x + PIECE, y)], stroke(at)))?;
        mark(root, at, (x + PIECE / 2, y))?;
        let name: String = line.name.chars().map(visible).collect();
        root.draw_text(&name, &text_style(), (x + PIECE + SPACE, y - FONT / 2))?;
    }
    Ok(())
}

/// The mark of the line of that number: no two lines have the same form.
pub(super) fn mark(root: &DrawingArea<SVGBackend<'_>, Shift>, at: usize, (x, y): (i32, i32)) -> Drawn {
    let filled = line_color(at).filled();
    match at % 4 {
        0 => root.draw(&Circle::new((x, y), MARK, filled)),
        1 => root.draw(&Rectangle::new([(x - MARK, y - MARK), (x + MARK, y + MARK)], filled)),
        2 => root.draw(&TriangleMarker::new((x, y), MARK + 2, filled)),
        _ => root.draw(&Circle::new((x, y), MARK, line_color(at).stroke_width(2))),
    }
}

/// How the line of that number is drawn.
pub(super) fn stroke(at: usize) -> ShapeStyle {
    line_color(at).stroke_width(2)
}

/// From where each entry begins, and in which row.
fn places(chart: &Chart) -> Vec<(i32, i32)> {
    let (mut x, mut row) = (0, 0);
    chart
        .lines
        .iter()
        .map(|line| {
            let width = PIECE + SPACE + text_width(&line.name);
            if x > 0 && x + width > WIDTH as i32 {
                (x, row) = (0, row + 1);
            }
            let place = (x, row);
            x += width + 2 * SPACE;
            place
        })
        .collect()
}

const fn row_height() -> i32 {
    FONT + SPACE
}
