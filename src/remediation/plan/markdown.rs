use std::fmt::Write;

use crate::domain::visible;

/// A text from elsewhere in a code span: visible, on one line, and never markup.
pub(super) fn code(text: &str) -> String {
    if text.is_empty() {
        return "(none)".to_owned();
    }
    let text = visible(text).replace('|', "\u{2758}");
    let mut longest = 0;
    let mut run = 0;
    for letter in text.chars() {
        run = if letter == '`' { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    let fence = "`".repeat(longest + 1);
    // A space keeps a backtick at the edge apart from the fence; Markdown drops it.
    let edge = if text.starts_with(['`', ' ']) || text.ends_with(['`', ' ']) { " " } else { "" };
    format!("{fence}{edge}{text}{edge}{fence}")
}

/// A page of Markdown. What comes from elsewhere goes through [`code`] or into a block.
#[derive(Default)]
pub(super) struct Page {
    text: String,
}

impl Page {
    pub fn heading(&mut self, level: usize, text: &str) {
        self.gap();
        let _ = writeln!(self.text, "{} {text}", "#".repeat(level));
    }

    pub fn paragraph(&mut self, text: &str) {
        self.gap();
        let _ = writeln!(self.text, "{text}");
    }

    pub fn list(&mut self, items: &[String]) {
        self.gap();
        for item in items {
            let _ = writeln!(self.text, "- {item}");
        }
    }

    pub fn table(&mut self, columns: &[&str], rows: &[Vec<String>]) {
        self.gap();
        let _ = writeln!(self.text, "| {} |", columns.join(" | "));
        let _ = writeln!(self.text, "|{}", " --- |".repeat(columns.len()));
        for row in rows {
            let _ = writeln!(self.text, "| {} |", row.join(" | "));
        }
    }

    /// Lines to copy. Values in them are quoted for bash, or are part of a document that holds no such fence.
    pub fn block(&mut self, language: &str, lines: &str) {
        self.gap();
        let fence = if lines.contains("```") { "~~~~~~" } else { "```" };
        let _ = writeln!(self.text, "{fence}{language}\n{}\n{fence}", lines.trim_end());
    }

    pub fn into_text(self) -> String {
        self.text
    }

    fn gap(&mut self) {
        if !self.text.is_empty() {
            self.text.push('\n');
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_stays_in_its_code_span() {
        assert_eq!(code("orders"), "`orders`");
        assert_eq!(code("a`b"), "``a`b``");
        assert_eq!(code("```"), "```` ``` ````");
        assert_eq!(code("a|b\n# c"), "`a❘b\\n# c`");
        assert_eq!(code(""), "(none)");
    }
}
