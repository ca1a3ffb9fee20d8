use comfy_table::{
    Attribute, Cell, CellAlignment, Color, ColumnConstraint, ContentArrangement, Table, Width, presets,
};
use serde_json::Value;

use crate::domain::visible;

/// The least width a column is squeezed to; below, its words would stand one letter a line.
const SQUEEZED: usize = 16;
const GAP: usize = 2;

/// How a table may look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Look {
    /// The terminal's columns; `None` where it is none: nothing is wrapped, one row is one line.
    pub width: Option<u16>,
    /// Whether colour may be used.
    pub color: bool,
}

/// One value for people.
pub fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => visible(text).into_owned(),
        other => other.to_string(),
    }
}

/// Lays the rows out: as a table; with wrapped cells where it is too wide for that; and where even that would
/// not read well, as one block of `name  value` lines per row.
pub fn table(columns: &[String], rows: &[Vec<Value>], look: Look) -> String {
    let cells: Vec<Vec<String>> = rows.iter().map(|row| row.iter().map(text).collect()).collect();
    let names: Vec<String> = columns.iter().map(|name| visible(name).into_owned()).collect();
    let mut table = Table::new();
    table.load_style(presets::NOTHING).force_no_tty();
    if look.color {
        table.enforce_styling();
    }
    table.set_header(names.iter().map(|name| {
        let cell = Cell::new(name);
        if look.color { cell.add_attribute(Attribute::Bold) } else { cell }
    }));
    for row in &cells {
        table.add_row(row.iter().map(|text| painted(text, look.color)));
    }
    let natural = widths(&table);
    let gaps = GAP * names.len().saturating_sub(1);
    let limit = look.width.map_or(usize::MAX, usize::from);
    let squeezed: usize = natural.iter().map(|&width| width.min(SQUEEZED)).sum();
    if squeezed + gaps > limit {
        return blocks(&names, &cells);
    }
    let numeric: Vec<bool> = (0..names.len()).map(|at| is_numeric(rows, at)).collect();
    if natural.iter().sum::<usize>() + gaps > limit {
        table.set_content_arrangement(ContentArrangement::Dynamic).set_width(look.width.unwrap_or(u16::MAX));
    } else {
        table.set_content_arrangement(ContentArrangement::Disabled);
    }
    let last = names.len().saturating_sub(1);
    for (at, column) in table.column_iter_mut().enumerate() {
        column.set_padding((0, if at == last { 0 } else { GAP as u16 }));
        if numeric[at] {
            column.set_cell_alignment(CellAlignment::Right);
        }
        if natural[at] <= SQUEEZED {
            let gap = if at == last { 0 } else { GAP };
            let width = u16::try_from(natural[at] + gap).unwrap_or(u16::MAX);
            column.set_constraint(ColumnConstraint::LowerBoundary(Width::Fixed(width)));
        }
    }
    let mut out = String::new();
    for line in table.lines() {
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}

fn blocks(names: &[String], cells: &[Vec<String>]) -> String {
    let mut measured = Table::new();
    measured.add_row(names);
    let widths = widths(&measured);
    let widest = widths.iter().copied().max().unwrap_or(0);
    let mut out = String::new();
    for (at, row) in cells.iter().enumerate() {
        if at > 0 {
            out.push('\n');
        }
        for ((name, width), cell) in names.iter().zip(&widths).zip(row).filter(|(_, cell)| !cell.is_empty()) {
            let pad = " ".repeat(widest - width + GAP);
            out.push_str(&format!("{name}{pad}{cell}\n"));
        }
    }
    out
}

/// The columns of a terminal that each column of the table needs.
fn widths(table: &Table) -> Vec<usize> {
    table.column_max_content_widths().into_iter().map(|width| usize::from(width.max(1))).collect()
}

fn is_numeric(rows: &[Vec<Value>], at: usize) -> bool {
    let mut values = rows.iter().filter_map(|row| row.get(at)).filter(|value| !value.is_null()).peekable();
    values.peek().is_some() && values.all(Value::is_number)
}

/// The words that must not be overlooked, in colour.
fn painted(text: &str, color: bool) -> Cell {
    let cell = Cell::new(text);
    if !color {
        return cell;
    }
    match text.split([' ', ':']).next().unwrap_or("") {
        "critical" | "failed" => cell.fg(Color::Red).add_attribute(Attribute::Bold),
        "high" | "fail" => cell.fg(Color::Red),
        "unknown" | "skipped" => cell.fg(Color::Yellow),
        "resolved" | "pass" | "complete" => cell.fg(Color::Green),
        _ => cell,
    }
}
