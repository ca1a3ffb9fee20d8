//! `query`.

use std::{
    fs,
    io::{self, Read},
    ops::ControlFlow,
    path::Path,
};

use super::{
    args::{Format, QueryArgs},
    exit::Failed,
    output::{AnswerWriter, Out, counted, table},
};
use crate::history::{Answer, Ended, Limits, Reader};

/// A table is laid out whole, so it is held in memory; the other formats have no limit.
const TABLE_ROWS: u64 = 10_000;

/// `query`.
pub async fn run(reader: &Reader, args: &QueryArgs, out: &mut Out) -> Result<(), Failed> {
    let sql = statement(args)?;
    if args.format == Format::Table {
        return as_table(reader, &sql, out).await;
    }
    let mut writer = AnswerWriter::new(args.format);
    let answer = reader.query(&sql, &Limits::default(), |piece| writer.take(out, piece)).await;
    writer.end(out, answer)
}

async fn as_table(reader: &Reader, sql: &str, out: &mut Out) -> Result<(), Failed> {
    let (mut columns, mut rows) = (Vec::new(), Vec::new());
    let limits = Limits { max_rows: Some(TABLE_ROWS), ..Limits::default() };
    let ended = reader
        .query(sql, &limits, |answer| {
            match answer {
                Answer::Columns(names) => columns = names,
                Answer::Row(row) => rows.push(row),
            }
            ControlFlow::Continue(())
        })
        .await?;
    out.text(&table(&columns, &rows, out.look))?;
    if ended == Ended::MaxRows {
        tracing::warn!(
            "the answer has more than {}; --format json or csv gives them all",
            counted(TABLE_ROWS, "row")
        );
    }
    Ok(())
}

fn statement(args: &QueryArgs) -> Result<String, Failed> {
    let Some(file) = &args.file else {
        return args.sql.clone().ok_or_else(|| Failed::usage("there is no statement"));
    };
    let text = if file == Path::new("-") {
        let mut text = String::new();
        io::stdin().read_to_string(&mut text).map(|_| text)
    } else {
        fs::read_to_string(file)
    };
    text.map_err(|error| Failed::usage(format!("cannot read the statement from {}: {error}", file.display())))
}
