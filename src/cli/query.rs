//! `query`.

use std::{
    fs,
    io::{self, Read},
    ops::ControlFlow,
    path::Path,
};

use serde_json::Value;

use super::{
    args::{Format, QueryArgs},
    exit::Failed,
    output::{JsonStream, Out, counted, table},
};
use crate::history::{Answer, Ended, Limits, Reader};

/// A table is laid out whole, so it is held in memory; the other formats have no limit.
const TABLE_ROWS: u64 = 10_000;

/// `query`.
pub async fn run(reader: &Reader, args: &QueryArgs, out: &mut Out) -> Result<(), Failed> {
    let sql = statement(args)?;
    match args.format {
        Format::Table => as_table(reader, &sql, out).await,
        Format::Json => {
            let mut json = JsonStream::new(&[]);
            stream(reader, &sql, out, |out, answer| match answer {
                Answer::Columns(columns) => {
                    json = JsonStream::new(&columns);
                    Ok(())
                }
                Answer::Row(row) => out.text(&json.row(&row)),
            })
            .await?;
            out.text(json.end())
        }
        Format::Csv => {
            stream(reader, &sql, out, |out, answer| match answer {
                Answer::Columns(columns) => {
                    out.csv_line(&columns.into_iter().map(Value::from).collect::<Vec<_>>())
                }
                Answer::Row(row) => out.csv_line(&row),
            })
            .await
        }
    }
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

/// Hands each piece to `write` until the answer, the reader of our output, or the disk comes to an end.
async fn stream(
    reader: &Reader,
    sql: &str,
    out: &mut Out,
    mut write: impl FnMut(&mut Out, Answer) -> Result<(), Failed>,
) -> Result<(), Failed> {
    let mut failed = None;
    let answer = reader
        .query(sql, &Limits::default(), |answer| {
            if let Err(error) = write(out, answer) {
                failed = Some(error);
                return ControlFlow::Break(());
            }
            if out.is_closed() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })
        .await;
    match failed {
        Some(failed) => Err(failed),
        None => answer.map(|_| ()).map_err(Failed::from),
    }
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
