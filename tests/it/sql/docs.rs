//! docs/sql.md stays true: its columns are those of the views, and each of its statements is run.
//!
//! `KEYWATCH_WRITE_DOCS=1 cargo test --test it sql::docs` writes the answers anew; read the difference.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::PathBuf,
};

use keywatch::history::NamedQuery;

use super::keywatch;

fn file() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("docs/sql.md")
}

/// A fenced block: its language and its lines, which end with a newline each.
struct Block {
    language: String,
    text: String,
}

/// The page in pieces: text outside of blocks, and blocks, by turns.
fn pieces(page: &str) -> Vec<Result<Block, String>> {
    let mut pieces = vec![Err(String::new())];
    for line in page.split_inclusive('\n') {
        match (line.strip_prefix("```"), pieces.last_mut()) {
            (Some(_), Some(Ok(_))) => pieces.push(Err(String::new())),
            (Some(language), _) => {
                pieces.push(Ok(Block { language: language.trim().to_owned(), text: String::new() }));
            }
            (None, Some(Ok(block))) => block.text.push_str(line),
            (None, Some(Err(text))) => text.push_str(line),
            (None, None) => {}
        }
    }
    pieces
}

#[test]
fn every_statement_answers_what_the_page_says() {
    let page = fs::read_to_string(file()).unwrap();
    let mut pieces = pieces(&page);
    let (mut asked, mut shown) = (0, 0);
    for at in 0..pieces.len() {
        let Ok(block) = &pieces[at] else { continue };
        if block.language != "sql" {
            continue;
        }
        let answer = keywatch(&["query", &block.text]).exits(0).stdout;
        asked += 1;
        // The answer is the next block, after a blank line; some have none.
        let Some([Err(between), Ok(next)]) = pieces.get_mut(at + 1..at + 3) else { continue };
        if between.trim().is_empty() && next.language == "text" {
            next.text = answer.lines().map(|line| line.trim_end().to_owned() + "\n").collect();
            assert!(next.text.lines().count() > 1, "nothing is answered: {answer}");
            shown += 1;
        }
    }
    assert!(asked > shown && shown >= 20, "{asked} statements, {shown} answers");
    let anew: String = pieces
        .iter()
        .map(|piece| match piece {
            Ok(block) => format!("```{}\n{}```\n", block.language, block.text),
            Err(text) => text.clone(),
        })
        .collect();
    if std::env::var_os("KEYWATCH_WRITE_DOCS").is_some() {
        fs::write(file(), &anew).unwrap();
    } else {
        for (at, (page, anew)) in page.lines().zip(anew.lines()).enumerate() {
            assert_eq!(page, anew, "docs/sql.md, line {}", at + 1);
        }
        assert_eq!(page, anew);
    }
}

/// The rows of the tables under each `### name`, cell by cell.
fn tables(page: &str) -> BTreeMap<String, Vec<Vec<String>>> {
    let mut tables: BTreeMap<String, Vec<Vec<String>>> = BTreeMap::new();
    let mut heading = String::new();
    for line in page.lines() {
        if let Some(name) = line.strip_prefix("### ").or(line.strip_prefix("## ")) {
            heading = name.to_owned();
        } else if let Some(row) = line.strip_prefix("| `") {
            let cells = row.trim_end_matches(" |").split(" | ");
            let cells = cells.map(|cell| cell.trim_end_matches('`').to_owned()).collect();
            tables.entry(heading.clone()).or_default().push(cells);
        }
    }
    tables
}

#[test]
fn every_view_has_its_columns_with_their_types() {
    let mut tables = tables(&fs::read_to_string(file()).unwrap());
    let named = tables.remove("The named queries").unwrap();
    let told: Vec<(String, String)> =
        NamedQuery::all().map(|query| (query.name.to_owned(), query.title().to_owned())).collect();
    assert_eq!(named.into_iter().map(|row| (row[0].clone(), row[1].clone())).collect::<Vec<_>>(), told);

    let blocks = ["placed_change", "suppressed_verdict", "suppression", "verdict_change"];
    let views = keywatch(&[
        "query",
        "--format",
        "json",
        "SELECT v.name AS view, group_concat(c.name) AS columns
         FROM pragma_table_list v, pragma_table_info(v.name) c WHERE v.type = 'view' GROUP BY v.name",
    ])
    .exits(0)
    .json();
    let views: BTreeMap<String, String> = views
        .as_array()
        .unwrap()
        .iter()
        .map(|row| (row["view"].as_str().unwrap().to_owned(), row["columns"].as_str().unwrap().to_owned()))
        .filter(|(view, _)| !blocks.contains(&view.as_str()))
        .collect();
    let names = |rows: &Vec<Vec<String>>| rows.iter().map(|row| row[0].clone()).collect::<Vec<_>>().join(",");
    let told: BTreeMap<String, String> =
        tables.iter().map(|(view, rows)| (view.clone(), names(rows))).collect();
    assert_eq!(told, views);

    for (view, rows) in &tables {
        for row in rows {
            let sql = format!("SELECT DISTINCT typeof(\"{}\") AS type FROM {view}", row[0]);
            let types = keywatch(&["query", "--format", "json", &sql]).exits(0).json();
            let types: BTreeSet<&str> =
                types.as_array().unwrap().iter().map(|row| row["type"].as_str().unwrap()).collect();
            let told = row[1].as_str();
            assert!(
                types.iter().all(|found| *found == "null" || *found == told),
                "{view}.{}: {types:?}, not {told}",
                row[0]
            );
        }
    }
}
