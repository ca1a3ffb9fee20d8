//! Whether a text is one statement that reads. SQLite's authorizer decides what may happen; this check
//! gives the better message, and holds back what takes effect before anything runs (some pragmas do).

use crate::history::HistoryError;

/// Refuses everything but one `SELECT`, `WITH`, `VALUES`, or `EXPLAIN` of these.
pub(super) fn check(sql: &str) -> Result<(), HistoryError> {
    if sql.contains('\0') {
        return Err(HistoryError::NotARead("the text has a NUL character".to_owned()));
    }
    let mut words = Words { rest: sql, depth: 0 };
    let mut verb = words.next_word()?;
    if verb.as_deref() == Some("EXPLAIN") {
        verb = words.next_word()?;
        if verb.as_deref() == Some("QUERY") {
            // PLAN; anything else is for SQLite to refuse.
            words.next_word()?;
            verb = words.next_word()?;
        }
    }
    match verb.as_deref() {
        Some("SELECT" | "VALUES") => {}
        Some("WITH") => words.main_verb()?,
        Some(other) => {
            return Err(HistoryError::NotARead(format!(
                "it begins with {other}; a query begins with SELECT, WITH, VALUES or EXPLAIN"
            )));
        }
        None => return Err(HistoryError::NotARead("it has no statement".to_owned())),
    }
    words.only_statement()
}

struct Words<'a> {
    rest: &'a str,
    depth: usize,
}

enum Token<'a> {
    Word(&'a str),
    Semicolon,
    Other,
}

impl<'a> Words<'a> {
    /// The next token that is no blank and no comment. Quoted text is one token.
    fn token(&mut self) -> Option<Token<'a>> {
        loop {
            let mut characters = self.rest.chars();
            let first = characters.next()?;
            let second = characters.next();
            match (first, second) {
                (' ' | '\t' | '\n' | '\r' | '\x0c', _) => self.skip(1),
                ('-', Some('-')) => self.skip_past("\n", 2),
                ('/', Some('*')) => self.skip_past("*/", 2),
                ('\'' | '"' | '`', _) => {
                    // A doubled quote is two quoted texts in a row, which ends at the same place.
                    self.skip_past(first.encode_utf8(&mut [0; 4]), 1);
                    return Some(Token::Other);
                }
                ('[', _) => {
                    self.skip_past("]", 1);
                    return Some(Token::Other);
                }
                (';', _) => {
                    self.skip(1);
                    return Some(Token::Semicolon);
                }
                _ if word(first) => {
                    let end = self.rest.find(|c| !word(c)).unwrap_or(self.rest.len());
                    let (found, rest) = self.rest.split_at(end);
                    self.rest = rest;
                    return Some(Token::Word(found));
                }
                _ => {
                    match first {
                        '(' => self.depth += 1,
                        ')' => self.depth = self.depth.saturating_sub(1),
                        _ => {}
                    }
                    self.skip(first.len_utf8());
                    return Some(Token::Other);
                }
            }
        }
    }

    fn skip(&mut self, bytes: usize) {
        self.rest = self.rest.get(bytes..).unwrap_or("");
    }

    fn skip_past(&mut self, end: &str, from: usize) {
        let body = self.rest.get(from..).unwrap_or("");
        self.rest = body.find(end).and_then(|at| body.get(at + end.len()..)).unwrap_or("");
    }

    fn next_word(&mut self) -> Result<Option<String>, HistoryError> {
        match self.token() {
            Some(Token::Word(found)) => Ok(Some(found.to_ascii_uppercase())),
            Some(Token::Semicolon) => self.next_word(),
            Some(Token::Other) => Err(HistoryError::NotARead("it does not begin with a word".to_owned())),
            None => Ok(None),
        }
    }

    /// Finds what a `WITH` is in front of.
    fn main_verb(&mut self) -> Result<(), HistoryError> {
        while let Some(token) = self.token() {
            let Token::Word(found) = token else { continue };
            if self.depth > 0 {
                continue;
            }
            match found.to_ascii_uppercase().as_str() {
                "SELECT" | "VALUES" => return Ok(()),
                verb @ ("INSERT" | "REPLACE" | "UPDATE" | "DELETE") => {
                    return Err(HistoryError::NotARead(format!("WITH … {verb} writes")));
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn only_statement(&mut self) -> Result<(), HistoryError> {
        let mut over = false;
        while let Some(token) = self.token() {
            match token {
                Token::Semicolon => over = true,
                _ if over => {
                    return Err(HistoryError::NotARead(
                        "there is another one after the semicolon".to_owned(),
                    ));
                }
                _ => {}
            }
        }
        Ok(())
    }
}

fn word(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '$' || !c.is_ascii()
}
