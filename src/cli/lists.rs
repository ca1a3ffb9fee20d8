//! Lists, in the format asked for.

use super::{
    args::Format,
    exit::Failed,
    output::{AnswerWriter, Look, Out},
};
use crate::{
    domain::Rows,
    history::{List, Reader},
};

/// Prints a list; `people` lays it out as a table, for which it is held in memory.
pub async fn print(
    reader: &Reader,
    list: List<'_>,
    format: Format,
    people: impl FnOnce(&Rows, Look) -> String,
    out: &mut Out,
) -> Result<(), Failed> {
    if format == Format::Table {
        let rows = reader.list(list).await?;
        return out.rows(&rows, format, people);
    }
    let mut writer = AnswerWriter::new(format);
    let answer = reader.each(list, |piece| writer.take(out, piece)).await;
    writer.end(out, answer)
}
