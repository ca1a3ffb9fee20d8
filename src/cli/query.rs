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
use crate::{
    app,
    history::{Answer, Ended, HistoryError, Limits, NamedQuery, Reader},
};

/// A table is laid out whole, so it is held in memory; the other formats have no limit.
const TABLE_ROWS: u64 = 10_000;

/// `query`.
pub async fn run(reader: &Reader, args: &QueryArgs, out: &mut Out) -> Result<(), Failed> {
    let question = Question::of(args)?;
    if args.format == Format::Table {
        return as_table(reader, &question, out).await;
    }
    let mut writer = AnswerWriter::new(args.format);
    let answer = question.ask(reader, &Limits::default(), |piece| writer.take(out, piece)).await;
    writer.end(out, answer)
}

/// `query --list`, and `query --name NAME --show`: what needs no history.
pub fn tell(args: &QueryArgs, out: &mut Out) -> Result<(), Failed> {
    match &args.name {
        Some(name) => out.text(named(name)?.sql),
        None => out.rows(&NamedQuery::list(), args.format, |rows, look| {
            let columns: Vec<String> = rows.columns.iter().map(|name| name.to_uppercase()).collect();
            table(&columns, &rows.rows, look)
        }),
    }
}

/// What is asked.
enum Question<'a> {
    Sql(String),
    Named(NamedQuery, &'a [(String, String)]),
}

impl<'a> Question<'a> {
    fn of(args: &'a QueryArgs) -> Result<Self, Failed> {
        match &args.name {
            Some(name) => Ok(Self::Named(named(name)?, &args.parameters)),
            None => statement(args).map(Self::Sql),
        }
    }

    async fn ask(
        &self,
        reader: &Reader,
        limits: &Limits,
        on: impl FnMut(Answer) -> ControlFlow<()>,
    ) -> Result<Ended, HistoryError> {
        match self {
            Self::Sql(sql) => reader.query(sql, limits, on).await,
            Self::Named(query, given) => reader.ask(*query, given, app::now(), limits, on).await,
        }
    }
}

fn named(name: &str) -> Result<NamedQuery, Failed> {
    NamedQuery::find(name).ok_or_else(|| {
        Failed::usage(format!("there is no query {name:?}; `keywatch query --list` shows all"))
    })
}

async fn as_table(reader: &Reader, question: &Question<'_>, out: &mut Out) -> Result<(), Failed> {
    let (mut columns, mut rows) = (Vec::new(), Vec::new());
    let limits = Limits { max_rows: Some(TABLE_ROWS), ..Limits::default() };
    let ended = question
        .ask(reader, &limits, |answer| {
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
