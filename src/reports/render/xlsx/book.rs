//! A workbook made of tables: how a value of ours becomes a cell of Excel's.

use rust_xlsxwriter::{
    Chart, Color, DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder, Workbook, Worksheet,
    XlsxError,
};

use crate::reports::{
    Weekly,
    render::{
        table::{Cell, Column},
        text::cut,
    },
};

/// Excel's limits. Source: support.microsoft.com, "Excel specifications and limits".
const CELL_LENGTH: usize = 32_767;
const ROWS: usize = 1_048_576;
const A4: u8 = 9;
/// A third of the time of the usual one, for a file that is a quarter larger.
const COMPRESSION: u8 = 2;

/// A workbook on its way.
pub struct Book {
    workbook: Workbook,
    formats: Formats,
    rows_a_sheet: usize,
}

struct Formats {
    header: Format,
    moment: Format,
    hours: Format,
    share: Format,
}

/// A sheet on its way: tables below each other.
pub struct Sheet<'b> {
    sheet: &'b mut Worksheet,
    formats: &'b Formats,
    name: &'b str,
    row: u32,
    widths: Vec<u16>,
}

/// Where a table stands in its sheet: the rows of its first and its last line of values.
#[derive(Debug, Clone, Copy)]
pub struct Rows {
    /// The first.
    pub first: u32,
    /// The last; before the first where there are none.
    pub last: u32,
}

impl Book {
    /// For a report. It says that it was made at the moment of which it tells, so that the same report is the same
    /// bytes.
    pub fn new(weekly: &Weekly) -> Result<Self, XlsxError> {
        let period = &weekly.period;
        let properties = DocProperties::new()
            .set_title(format!("keywatch, {}", period.week))
            .set_author(format!("keywatch {}", period.keywatch_version))
            .set_creation_datetime(&ExcelDateTime::parse_from_str(&period.as_of)?);
        let mut workbook = Workbook::new();
        workbook.set_properties(&properties).set_zip_compression_level(COMPRESSION);
        Ok(Self { workbook, formats: Formats::new(), rows_a_sheet: ROWS })
    }

    /// A further sheet.
    pub fn sheet<'b>(&'b mut self, name: &'b str) -> Result<Sheet<'b>, XlsxError> {
        let sheet = self.workbook.add_worksheet();
        sheet.set_name(name)?.set_landscape().set_paper_size(A4).set_print_fit_to_pages(1, 0);
        sheet.set_freeze_panes(1, 0)?.set_repeat_rows(0, 0)?.set_footer("&L&A&RPage &P of &N");
        Ok(Sheet { sheet, formats: &self.formats, name, row: 0, widths: Vec::new() })
    }

    /// A sheet with one table, which goes on in further sheets where one is too short for it.
    pub fn table<'a, T: 'a>(
        &mut self,
        name: &str,
        columns: &[Column<T>],
        rows: impl IntoIterator<Item = &'a T>,
    ) -> Result<(), XlsxError> {
        let header: Vec<(&str, u16)> = columns.iter().map(|column| (column.name, column.width)).collect();
        let mut rows = rows.into_iter().peekable();
        let most = self.rows_a_sheet - 1;
        for part in 1.. {
            let name = if part == 1 { name.to_owned() } else { format!("{name} {part}") };
            let cells = |row| columns.iter().map(move |column| (column.cell)(row));
            self.sheet(&name)?.table(&header, rows.by_ref().take(most).map(cells))?;
            if rows.peek().is_none() {
                break;
            }
        }
        Ok(())
    }

    /// The file.
    pub fn finish(mut self) -> Result<Vec<u8>, XlsxError> {
        self.workbook.save_to_buffer()
    }

    #[cfg(test)]
    pub fn with_rows_a_sheet(mut self, rows: usize) -> Self {
        self.rows_a_sheet = rows;
        self
    }
}

impl Sheet<'_> {
    /// The sheet's name, for a chart that refers to it.
    pub fn name(&self) -> &str {
        self.name
    }

    /// A table below what the sheet has so far. The first one can be filtered, and its header stays in sight.
    pub fn table<'a, R: IntoIterator<Item = Cell<'a>>>(
        &mut self,
        header: &[(&str, u16)],
        rows: impl IntoIterator<Item = R>,
    ) -> Result<Rows, XlsxError> {
        let is_first = self.row == 0;
        if !is_first {
            self.row += 1;
        }
        let top = self.row;
        for (column, (name, width)) in (0..).zip(header) {
            self.sheet.write_string_with_format(top, column, plain(name), &self.formats.header)?;
            self.widen(column, *width)?;
        }
        self.row += 1;
        for row in rows {
            for (column, cell) in (0..).zip(row) {
                self.write(column, &cell)?;
            }
            self.row += 1;
        }
        if is_first && let Some(last) = header.len().checked_sub(1) {
            self.sheet.autofilter(top, 0, self.row - 1, u16::try_from(last).unwrap_or(u16::MAX))?;
        }
        Ok(Rows { first: top + 1, last: self.row - 1 })
    }

    /// A chart below what the sheet has so far.
    pub fn chart(&mut self, chart: &Chart) -> Result<(), XlsxError> {
        self.sheet.insert_chart(self.row + 1, 0, chart)?;
        Ok(())
    }

    /// Makes a column as wide as the widest of its tables needs it.
    fn widen(&mut self, column: u16, width: u16) -> Result<(), XlsxError> {
        let at = usize::from(column);
        self.widths.resize(self.widths.len().max(at + 1), 0);
        if width > self.widths[at] {
            self.widths[at] = width;
            self.sheet.set_column_width(column, f64::from(width))?;
        }
        Ok(())
    }

    fn write(&mut self, column: u16, cell: &Cell) -> Result<(), XlsxError> {
        let (sheet, row, formats) = (&mut *self.sheet, self.row, self.formats);
        match cell {
            Cell::Empty => return Ok(()),
            // `write_string`, unlike `write`, makes neither formulas nor links of it.
            Cell::Text(text) => sheet.write_string(row, column, plain(text))?,
            Cell::Moment(at) => match ExcelDateTime::parse_from_str(at) {
                Ok(moment) => sheet.write_datetime_with_format(row, column, &moment, &formats.moment)?,
                // Excel's days begin in 1900; what it can't show as a date it shows as it is.
                Err(_) => sheet.write_string(row, column, plain(at))?,
            },
            Cell::Whole(number) => sheet.write_number(row, column, *number as f64)?,
            Cell::Hours(hours) => sheet.write_number_with_format(row, column, *hours, &formats.hours)?,
            Cell::Share(share) => sheet.write_number_with_format(row, column, *share, &formats.share)?,
        };
        Ok(())
    }
}

impl Formats {
    fn new() -> Self {
        Self {
            header: Format::new()
                .set_bold()
                .set_background_color(Color::RGB(0xE7_EC_F2))
                .set_border_bottom(FormatBorder::Thin)
                .set_align(FormatAlign::Top),
            moment: Format::new().set_num_format("yyyy-mm-dd hh:mm:ss"),
            hours: Format::new().set_num_format("0.0"),
            share: Format::new().set_num_format("0.0%"),
        }
    }
}

/// The text as a cell takes it.
fn plain(text: &str) -> String {
    let text = cut(text, CELL_LENGTH - 1);
    // The writer takes such a text for markup of its own, and would put it into the file unescaped.
    if text.starts_with("<r>") { format!("'{text}") } else { text.into_owned() }
}
