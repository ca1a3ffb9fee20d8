//! docs/configuration.md: every key with its default, its variable and what it means, out of the types and the commented
//! reference, which `reference.rs` holds to each other. `KEYWATCH_WRITE_DOCS=1 cargo test --lib config::tests::page`
//! writes it anew.

use std::{env, fs, path::PathBuf};

use crate::config::{
    REFERENCE,
    names::{KEYS, variable},
    read::exceptions,
};

const HEAD: &str = "\
# Configuration

<!-- This page is made from config/keywatch.toml and the types in src/config; change those. -->

";

const TAIL: &str = "
## Variables that are no keys

| variable | what it does |
| --- | --- |
| `KEYWATCH_CONFIG` | the config file, where `--config` names none |
| `KEYWATCH_DB` | the history, as `database.path`; `--db` wins |
| `KEYWATCH_LOG` | what is logged, finer than `-v` and `-q`: `info,keywatch::aws=debug` |
| `NO_COLOR` | no colour, whatever the terminal can |
| `AWS_…` | the AWS SDK's own: `AWS_PROFILE`, `AWS_ENDPOINT_URL`, `AWS_CA_BUNDLE`, `AWS_WEB_IDENTITY_TOKEN_FILE`, … |
| `HTTPS_PROXY`, `NO_PROXY` | the way of notifications to the outside; calls to AWS don't go over it |
| `OTEL_EXPORTER_OTLP_ENDPOINT` | where traces are sent, in builds with the feature `otlp` |
";

/// One run of comment lines, or one key.
#[derive(Debug, PartialEq)]
enum Piece {
    Text(Vec<String>),
    Section(String),
    Key { name: String, value: String, example: bool },
}

fn pieces() -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut text: Vec<String> = Vec::new();
    for line in REFERENCE.lines() {
        let key = line.strip_prefix('#').and_then(|rest| rest.split_once(" = "));
        let piece = if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            Some(Piece::Section(name.to_owned()))
        } else if let Some((name, value)) = key.filter(|(name, _)| !name.starts_with(' ')) {
            let plain = value.strip_suffix("# example").map(str::trim_end);
            let (value, example) = (plain.unwrap_or(value).to_owned(), plain.is_some());
            Some(Piece::Key { name: name.to_owned(), value, example })
        } else {
            None
        };
        match piece {
            None if line.is_empty() => {
                if !text.is_empty() {
                    pieces.push(Piece::Text(std::mem::take(&mut text)));
                }
            }
            None => {
                let line = line.strip_prefix('#').expect("a comment");
                text.push(line.strip_prefix(' ').unwrap_or(line).to_owned());
            }
            Some(piece) => {
                if !text.is_empty() {
                    pieces.push(Piece::Text(std::mem::take(&mut text)));
                }
                pieces.push(piece);
            }
        }
    }
    pieces.extend((!text.is_empty()).then_some(Piece::Text(text)));
    pieces
}

/// Lines that are set in stay as they are; the others are prose.
fn prose(lines: &[String]) -> String {
    let mut page = String::new();
    let mut block = false;
    for line in lines {
        let set_in = line.starts_with("  ");
        if set_in != block {
            page.push_str(if set_in { "\n```text\n" } else { "```\n\n" });
            block = set_in;
        }
        page.push_str(&if set_in { line.clone() } else { markdown(line) });
        page.push('\n');
    }
    if block { page + "```\n" } else { page }
}

/// A line as Markdown that shows it as it is, with links to pages of the book.
fn markdown(line: &str) -> String {
    let mut code = false;
    let escaped: String = line
        .chars()
        .map(|letter| {
            code ^= letter == '`';
            match letter {
                '*' | '_' | '[' | ']' if !code => format!("\\{letter}"),
                '<' if !code => "&lt;".to_owned(),
                _ => letter.to_string(),
            }
        })
        .collect();
    escaped.split(' ').map(link).collect::<Vec<_>>().join(" ")
}

fn link(word: &str) -> String {
    let Some((before, rest)) = word.split_once("docs/") else { return word.to_owned() };
    let Some((name, after)) = rest.split_once(".md") else { return word.to_owned() };
    format!("{before}[{name}.md]({name}.md){after}")
}

/// The page, and the keys that it has.
fn page() -> (String, Vec<String>) {
    let (mut page, mut keys) = (HEAD.to_owned(), Vec::new());
    let pieces = pieces();
    let mut section = "";
    // A text belongs to all keys below it, so it comes after their headings.
    let mut of_keys = String::new();
    for (at, piece) in pieces.iter().enumerate() {
        let next = pieces.get(at + 1);
        match piece {
            Piece::Section(name) => section = name,
            Piece::Text(lines) => match next {
                Some(Piece::Key { .. }) => of_keys = prose(lines),
                Some(Piece::Section(name)) => {
                    page.push_str(&format!("\n## `[{name}]`\n\n{}", prose(lines)));
                }
                Some(Piece::Text(_)) => page.push_str(&prose(lines)),
                None => page.push_str(&format!("\n## `[[{}]]`\n\n{}", exceptions::NAME, prose(lines))),
            },
            Piece::Key { name, value, example } => {
                let key = format!("{section}.{name}");
                let given = if *example { "no default; for example" } else { "default" };
                page.push_str(&format!(
                    "\n### `{key}`\n\n{given} `{value}`, variable `{}`\n",
                    variable(&key)
                ));
                keys.push(key);
                if !matches!(next, Some(Piece::Key { .. })) && !of_keys.is_empty() {
                    page.push_str(&format!("\n{}", std::mem::take(&mut of_keys)));
                }
            }
        }
    }
    (page + TAIL, keys)
}

#[test]
fn has_every_key() {
    let (_, mut keys) = page();
    let mut all = KEYS.clone();
    keys.sort();
    all.sort();
    assert_eq!(keys, all);
}

#[test]
fn is_up_to_date() {
    let (made, _) = page();
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("docs/configuration.md");
    if env::var_os("KEYWATCH_WRITE_DOCS").is_some() {
        fs::write(&file, &made).unwrap();
    }
    let kept = fs::read_to_string(&file).unwrap_or_default();
    assert!(kept == made, "docs/configuration.md is behind: KEYWATCH_WRITE_DOCS=1 writes it anew");
}
