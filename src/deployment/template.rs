//! What templates have in common, and policies in their words: the JSON of IAM as a block of YAML with `!Sub`, or as an
//! expression of HCL.

use serde_json::{Map, Value};

use crate::domain::{AccountId, Region};

/// What templates are filled in with, beside the place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// The account that keywatch runs in, if it is known.
    pub hub_account: Option<AccountId>,
    /// keywatch's own role: a name, or `path/name`.
    pub hub_role: String,
    /// `aws.home_region`.
    pub home_region: Region,
}

/// A file that is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateFile {
    /// Its name below the directory that it is written to.
    pub name: String,
    /// All of it.
    pub text: String,
}

/// Why a file can't be made.
#[derive(Debug, thiserror::Error)]
#[error("cannot fill in a template: {0}")]
pub struct TemplateError(#[from] askama::Error);

impl TemplateFile {
    pub(super) fn new(name: &str, text: String) -> Self {
        Self { name: name.to_owned(), text }
    }
}

/// A role's name and, if it has one, its path as IAM takes it (`/security/`).
pub(super) struct RoleName<'a> {
    pub name: &'a str,
    pub path: Option<String>,
}

impl<'a> RoleName<'a> {
    pub fn of(role: &'a str) -> Self {
        match role.trim_start_matches('/').rsplit_once('/') {
            Some((path, name)) => Self { name, path: Some(format!("/{path}/")) },
            None => Self { name: role, path: None },
        }
    }
}

/// Every line of a text that is not empty, moved to the right by so many spaces.
pub(super) fn indented(text: &str, by: usize) -> String {
    let line = |line: &str| if line.is_empty() { String::new() } else { format!("{}{line}", " ".repeat(by)) };
    text.trim_end().lines().map(line).collect::<Vec<_>>().join("\n")
}

/// The value as a block of YAML, each line indented by so many spaces. A text with a reference of CloudFormation in it
/// becomes a `!Sub`.
pub(super) fn yaml(value: &Value, indent: usize) -> String {
    let mut out = String::new();
    match value {
        Value::Object(fields) => yaml_fields(fields, indent, &mut out),
        Value::Array(items) => yaml_items(items, indent, &mut out),
        other => out = format!("{}{}\n", " ".repeat(indent), yaml_scalar(other)),
    }
    out.truncate(out.trim_end().len());
    out
}

fn yaml_fields(fields: &Map<String, Value>, indent: usize, out: &mut String) {
    for (name, value) in fields {
        out.push_str(&" ".repeat(indent));
        out.push_str(&yaml_text(name));
        out.push(':');
        yaml_below(value, indent, out);
    }
}

fn yaml_items(items: &[Value], indent: usize, out: &mut String) {
    for item in items {
        if let Value::Object(fields) = item {
            let mut block = String::new();
            yaml_fields(fields, indent + 2, &mut block);
            block.replace_range(indent..indent + 1, "-");
            out.push_str(&block);
        } else {
            out.push_str(&format!("{}- {}\n", " ".repeat(indent), yaml_scalar(item)));
        }
    }
}

fn yaml_below(value: &Value, indent: usize, out: &mut String) {
    match value {
        Value::Object(fields) => {
            out.push('\n');
            yaml_fields(fields, indent + 2, out);
        }
        Value::Array(items) => {
            out.push('\n');
            yaml_items(items, indent + 2, out);
        }
        other => out.push_str(&format!(" {}\n", yaml_scalar(other))),
    }
}

fn yaml_scalar(value: &Value) -> String {
    match value {
        Value::String(text) if text.contains("${") => format!("!Sub {}", Value::from(text.as_str())),
        Value::String(text) => yaml_text(text),
        other => other.to_string(),
    }
}

/// Plain where that can be read in one way only, else quoted as in JSON, which YAML reads, too.
fn yaml_text(text: &str) -> String {
    let word = |part: &str| {
        part.bytes().next().is_some_and(|byte| byte.is_ascii_alphabetic())
            && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'/')
    };
    let other_meaning = ["true", "false", "yes", "no", "on", "off", "null", "y", "n"];
    if text.split(':').all(word) && !other_meaning.contains(&text.to_ascii_lowercase().as_str()) {
        text.to_owned()
    } else {
        Value::from(text).to_string()
    }
}

/// The value as an expression of HCL, its lines after the first indented by so many spaces. `${…}` is HCL's own.
pub(super) fn hcl(value: &Value, indent: usize) -> String {
    let inner = " ".repeat(indent + 2);
    let end = " ".repeat(indent);
    match value {
        Value::Object(fields) => {
            let fields: Vec<(String, &Value)> =
                fields.iter().map(|(name, value)| (hcl_name(name), value)).collect();
            let lines = fields.iter().enumerate().map(|(at, (name, value))| {
                let width = width(&fields, at);
                format!("{inner}{name:width$} = {}\n", hcl(value, indent + 2))
            });
            format!("{{\n{}{end}}}", lines.collect::<String>())
        }
        Value::Array(items) => {
            let lines = items.iter().map(|item| format!("{inner}{},\n", hcl(item, indent + 2)));
            format!("[\n{}{end}]", lines.collect::<String>())
        }
        other => other.to_string(),
    }
}

/// How wide the name at that place is written: as `terraform fmt` does it, the equals signs of neighbours that take one
/// line each stand below each other.
fn width(fields: &[(String, &Value)], at: usize) -> usize {
    let is_short = |(_, value): &&(String, &Value)| !matches!(value, Value::Object(_) | Value::Array(_));
    if !is_short(&&fields[at]) {
        return 0;
    }
    let before = fields[..at].iter().rev().take_while(is_short);
    before
        .chain(fields[at..].iter().take_while(is_short))
        .map(|(name, _)| name.len())
        .max()
        .unwrap_or_default()
}

fn hcl_name(name: &str) -> String {
    let plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if plain { name.to_owned() } else { Value::from(name).to_string() }
}
