//! Rows as a table, JSON or CSV. Data goes to stdout; a reader that closes it early is no error.

mod answer;
mod stream;
mod table;

use std::io::{self, IsTerminal, Write};

use serde_json::Value;

pub use crate::domain::{counted, thousands, visible, visible_json};
pub use answer::AnswerWriter;
pub use stream::{JsonStream, row_object};
pub use table::{Look, table};

use super::{args::Format, exit::Failed};
use crate::domain::Rows;

/// Where a command's data goes.
pub struct Out {
    to: Box<dyn Write>,
    /// Whether it is a terminal, how wide, and whether in colour.
    pub look: Look,
    closed: bool,
}

impl Out {
    /// Standard output.
    pub fn stdout() -> Self {
        let stdout = io::stdout();
        let terminal = stdout.is_terminal();
        // Asked of the terminal itself; a width of 0 is a terminal that does not know.
        let width = terminal.then(|| comfy_table::Table::new().width().filter(|&width| width > 0)).flatten();
        let look = Look { width: width.or(terminal.then_some(80)), color: terminal && color_allowed() };
        Self::new(Box::new(io::BufWriter::with_capacity(64 * 1024, stdout)), look)
    }

    /// Any other place.
    pub fn new(to: Box<dyn Write>, look: Look) -> Self {
        Self { to, look, closed: false }
    }

    /// Whether the reader has gone; nothing more needs to be written.
    pub fn is_closed(&self) -> bool {
        self.closed
    }

    /// Writes a text.
    pub fn text(&mut self, text: &str) -> Result<(), Failed> {
        self.bytes(text.as_bytes())
    }

    /// Writes a document as it is.
    pub fn document(&mut self, content: &[u8]) -> Result<(), Failed> {
        self.bytes(content)
    }

    /// Writes one JSON value over several lines.
    pub fn json(&mut self, value: &Value) -> Result<(), Failed> {
        self.text(&visible_json(&format!("{value:#}\n")))
    }

    /// Writes a list in the format asked for; `people` lays it out as a table.
    pub fn rows(
        &mut self,
        rows: &Rows,
        format: Format,
        people: impl FnOnce(&Rows, Look) -> String,
    ) -> Result<(), Failed> {
        match format {
            Format::Table => self.text(&people(rows, self.look)),
            Format::Json => {
                let mut json = JsonStream::new(&rows.columns);
                for row in &rows.rows {
                    self.text(&json.row(row))?;
                }
                self.text(json.end())
            }
            Format::Csv => {
                self.csv_line(&rows.columns.iter().map(|name| name.as_str().into()).collect::<Vec<_>>())?;
                rows.rows.iter().try_for_each(|row| self.csv_line(row))
            }
        }
    }

    /// Writes one CSV record. It is faithful to the value, except that a terminal never gets raw control
    /// characters.
    pub fn csv_line(&mut self, values: &[Value]) -> Result<(), Failed> {
        let line = stream::csv_line(values, self.look.width.is_some()).map_err(Failed::could_not_run)?;
        self.bytes(&line)
    }

    /// Sends on what is still held back; to be called before the process ends.
    pub fn finish(&mut self) -> Result<(), Failed> {
        let result = self.to.flush();
        self.settle(result)
    }

    fn bytes(&mut self, bytes: &[u8]) -> Result<(), Failed> {
        if self.closed {
            return Ok(());
        }
        let result = self.to.write_all(bytes);
        self.settle(result)
    }

    fn settle(&mut self, result: io::Result<()>) -> Result<(), Failed> {
        match result {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                self.closed = true;
                Ok(())
            }
            Err(error) => Err(Failed::could_not_run(format!("cannot write the output: {error}"))),
            Ok(()) => Ok(()),
        }
    }
}

/// Whether the environment lets a terminal have colour. Source: no-color.org; `TERM=dumb` has none.
pub fn color_allowed() -> bool {
    let set = |name| std::env::var_os(name).filter(|value| !value.is_empty());
    set("NO_COLOR").is_none() && set("TERM").is_none_or(|term| term != "dumb")
}

#[cfg(test)]
mod tests;
