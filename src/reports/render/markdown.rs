//! The same for a wiki or a chat: GitHub's Markdown, with a line of blocks in the place of a chart.

mod escape;

use std::fmt::Write as _;

use escape::{code, escaped};

use crate::reports::{
    Summary, Weekly,
    document::{Block, Cell, ColumnKind, Document, Plot, Section, Table, document},
    words::sparkline,
};

/// The report in Markdown.
pub fn markdown(weekly: &Weekly) -> String {
    let Document { title, subtitle, lead, summary, figures, sections, colophon } = document(weekly);
    let mut out = String::new();
    heading(&mut out, 1, &title);
    for text in [&subtitle, &lead] {
        paragraph(&mut out, &escaped(text));
    }
    short(&mut out, &summary);
    if !figures.is_empty() {
        heading(&mut out, 3, "Numbers");
        for figure in figures {
            let [name, value, note] = [&figure.name, &figure.value, &figure.note].map(|text| escaped(text));
            line(&mut out, &format!("- {name}: **{value}** ({note})"));
        }
        out.push('\n');
    }
    for section in &sections {
        write_section(&mut out, section);
    }
    paragraph(&mut out, "---");
    out.push_str(&escaped(&colophon));
    out.push('\n');
    out
}

fn short(out: &mut String, summary: &Summary) {
    heading(out, 2, "In short");
    paragraph(out, &format!("**{}**", escaped(&summary.headline)));
    for note in &summary.notes {
        paragraph(out, &format!("> {}", escaped(note)));
    }
    for (title, lines) in [
        ("What got better", &summary.better),
        ("What got worse", &summary.worse),
        ("What was not seen", &summary.not_seen),
    ] {
        heading(out, 3, title);
        list(out, lines);
    }
}

fn write_section(out: &mut String, section: &Section) {
    heading(out, 2, section.heading);
    for block in &section.blocks {
        match block {
            Block::Heading(text) => heading(out, 3, text),
            Block::Text(text) => paragraph(out, &escaped(text)),
            Block::Notice(text) => paragraph(out, &format!("> {}", escaped(text))),
            Block::Steps(steps) => {
                for (at, step) in steps.iter().enumerate() {
                    line(out, &format!("{}. {}", at + 1, escaped(step)));
                }
                out.push('\n');
            }
            Block::Items(items) => list(out, items),
            Block::Commands(commands) => {
                for command in commands {
                    line(out, &format!("- {}  ", code(&command.line)));
                    line(out, &format!("  {}", escaped(&command.does)));
                }
                out.push('\n');
            }
            Block::Charts(plots) => {
                plots.iter().for_each(|plot| line(out, &chart(plot)));
                out.push('\n');
            }
            Block::Table(table) => write_table(out, table),
        }
    }
}

fn chart(plot: &Plot) -> String {
    // A blank at the end of a code span would be lost, and blanks are gaps.
    let drawn = |points: &[Option<f64>]| sparkline(points).replace(' ', "·");
    let lines: Vec<String> = plot.chart.lines.iter().map(|line| code(&drawn(&line.points))).collect();
    format!("- {}: {} {}", escaped(&plot.heading), lines.join(" "), escaped(&plot.way))
}

fn write_table(out: &mut String, table: &Table) {
    paragraph(out, &format!("*{}*", escaped(&table.caption)));
    let names: Vec<String> = table.columns.iter().map(|column| escaped(column.name)).collect();
    let rules: Vec<&str> = table
        .columns
        .iter()
        .map(|column| if column.kind == ColumnKind::Number { "---:" } else { "---" })
        .collect();
    line(out, &format!("| {} |", names.join(" | ")));
    line(out, &format!("| {} |", rules.join(" | ")));
    for row in &table.rows {
        let cells: Vec<String> = row.iter().map(cell).collect();
        line(out, &format!("| {} |", cells.join(" | ")));
    }
    out.push('\n');
    if let Some(more) = &table.more {
        paragraph(out, &escaped(more));
    }
}

fn cell(cell: &Cell) -> String {
    let parts = [Some(&cell.text), cell.code.as_ref(), cell.note.as_ref()];
    let parts: Vec<String> =
        parts.into_iter().flatten().filter(|part| !part.is_empty()).map(|part| escaped(part)).collect();
    parts.join("<br>")
}

fn list(out: &mut String, items: &[String]) {
    items.iter().for_each(|item| line(out, &format!("- {}", escaped(item))));
    out.push('\n');
}

fn heading(out: &mut String, level: usize, text: &str) {
    paragraph(out, &format!("{} {}", "#".repeat(level), escaped(text)));
}

fn paragraph(out: &mut String, text: &str) {
    line(out, text);
    out.push('\n');
}

fn line(out: &mut String, text: &str) {
    // Writing to a String cannot fail.
    let _ = writeln!(out, "{text}");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reports::sample;

    #[test]
    fn a_week() {
        insta::assert_snapshot!("markdown_week", markdown(&sample::weekly()));
    }

    #[test]
    fn names_that_try_to_be_markup() {
        insta::assert_snapshot!("markdown_hostile", markdown(&sample::hostile()));
    }

    #[test]
    fn a_first_week_without_anything() {
        insta::assert_snapshot!("markdown_empty", markdown(&sample::empty()));
    }

    #[test]
    fn before_any_scan_nothing_reads_as_good_news() {
        let mut weekly = sample::empty();
        (weekly.period.scans, weekly.coverage) = Default::default();
        let text = markdown(&weekly);
        assert!(text.contains("There was no scan yet, so nothing is known."), "{text}");
        assert!(!text.contains("No key is in danger") && !text.contains("Every target was seen"), "{text}");
    }

    #[test]
    fn no_name_breaks_a_line_or_a_table() {
        let (plain, hostile) = (markdown(&sample::weekly()), markdown(&sample::hostile()));
        assert_eq!(hostile, markdown(&sample::hostile()));
        let bars = |text: &str| text.lines().map(|line| line.matches('|').count()).collect::<Vec<_>>();
        assert_eq!(bars(&hostile), bars(&plain));
        // Our own line breaks aside, the only one is in a command.
        assert_eq!(hostile.replace("<br>", "").matches('<').count(), 1);
        assert!(!hostile.contains(|c: char| c.is_control() && c != '\n'));
    }
}
