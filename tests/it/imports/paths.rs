//! Reads the paths out of Rust source: just enough of the language to know what a file names.

/// A path as the source names it, `crate::domain::Region`, with braces opened up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedPath {
    /// Its segments; `super` and `self` in front are resolved to `crate::…`.
    pub segments: Vec<String>,
    /// Whether it stands in code that is compiled for tests only.
    pub in_test: bool,
    /// The line it begins on, from 1.
    pub line: usize,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Word(String),
    Colons,
    Sign(char),
}

/// Every path in the source of a module, whose own path is given without `crate`.
pub fn named_paths(source: &str, module: &[&str]) -> Vec<NamedPath> {
    let mut reader = Reader {
        tokens: tokens(source),
        at: 0,
        module: module.iter().map(|name| (*name).to_owned()).collect(),
        blocks: Vec::new(),
        found: Vec::new(),
    };
    reader.read();
    reader.found
}

struct Reader {
    tokens: Vec<(Token, usize)>,
    at: usize,
    module: Vec<String>,
    /// One entry for each open brace: whether it opened a module, and whether that one is for tests.
    blocks: Vec<Block>,
    found: Vec<NamedPath>,
}

#[derive(Clone, Copy, PartialEq)]
enum Block {
    Other,
    Module,
    TestModule,
}

impl Reader {
    fn peek(&self, ahead: usize) -> Option<&Token> {
        self.tokens.get(self.at + ahead).map(|(token, _)| token)
    }

    fn word(&self, ahead: usize) -> Option<&str> {
        match self.peek(ahead) {
            Some(Token::Word(word)) => Some(word),
            _ => None,
        }
    }

    fn read(&mut self) {
        let mut for_tests = false;
        while let Some(token) = self.peek(0).cloned() {
            match token {
                Token::Sign('#') => for_tests |= self.is_cfg_test(),
                Token::Sign(';') => for_tests = false,
                Token::Sign('{') => {
                    self.blocks.push(Block::Other);
                    for_tests = false;
                }
                Token::Sign('}') => self.leave_block(),
                Token::Word(word) if word == "mod" && self.peek(2) == Some(&Token::Sign('{')) => {
                    let name = self.word(1).unwrap_or_default().to_owned();
                    self.module.push(name);
                    self.blocks.push(if for_tests { Block::TestModule } else { Block::Module });
                    for_tests = false;
                    self.at += 2;
                }
                Token::Word(_) => {
                    self.tree(&[]);
                    continue;
                }
                _ => {}
            }
            self.at += 1;
        }
    }

    fn leave_block(&mut self) {
        if self.blocks.pop().is_some_and(|block| block != Block::Other) {
            self.module.pop();
        }
    }

    /// Whether `#[cfg(test)]` stands here.
    fn is_cfg_test(&self) -> bool {
        let (cfg, test) = (self.word(2) == Some("cfg"), self.word(4) == Some("test"));
        cfg && test && self.peek(5) == Some(&Token::Sign(')'))
    }

    /// Reads one path, and every path of the braces it ends in.
    fn tree(&mut self, prefix: &[String]) {
        let line = self.tokens[self.at].1;
        let mut segments = prefix.to_vec();
        while let Some(word) = self.word(0) {
            segments.push(word.to_owned());
            self.at += 1;
            if self.peek(0) != Some(&Token::Colons) {
                break;
            }
            self.at += 1;
            if self.peek(0) == Some(&Token::Sign('{')) {
                self.at += 1;
                self.branches(&segments);
                return;
            }
        }
        let segments = self.resolve(segments);
        let in_test = self.blocks.contains(&Block::TestModule);
        self.found.push(NamedPath { segments, in_test, line });
    }

    fn branches(&mut self, prefix: &[String]) {
        while let Some(token) = self.peek(0) {
            match token {
                Token::Sign('}') => {
                    self.at += 1;
                    return;
                }
                Token::Word(word) if word == "as" => self.at += 2,
                Token::Word(_) => self.tree(prefix),
                _ => self.at += 1,
            }
        }
    }

    fn resolve(&self, segments: Vec<String>) -> Vec<String> {
        let supers = segments.iter().take_while(|segment| *segment == "super").count();
        let from_here = supers > 0 || segments[0] == "self" && segments.len() > 1;
        if !from_here {
            return segments;
        }
        let kept = self.module.len().saturating_sub(supers);
        let rest = segments[supers.max(1)..].iter().cloned();
        std::iter::once("crate".to_owned()).chain(self.module[..kept].iter().cloned()).chain(rest).collect()
    }
}

/// The source without comments and literals.
fn tokens(source: &str) -> Vec<(Token, usize)> {
    let text: Vec<char> = source.chars().collect();
    let mut tokens = Vec::new();
    let (mut at, mut line) = (0, 1);
    while at < text.len() {
        let start = at;
        let rest = &text[at..];
        match rest {
            ['/', '/', ..] => at += length(rest, |c| c != '\n'),
            ['/', '*', ..] => at += block_comment(rest),
            ['"', ..] => at += string(rest),
            ['b' | 'c', '"', ..] => at += 1 + string(&rest[1..]),
            ['r', '"' | '#', ..] if raw_string(&rest[1..]).is_some() => {
                at += 1 + raw_string(&rest[1..]).unwrap_or_default();
            }
            ['b' | 'c', 'r', '"' | '#', ..] if raw_string(&rest[2..]).is_some() => {
                at += 2 + raw_string(&rest[2..]).unwrap_or_default();
            }
            ['\'', '\\', ..] => at += 3 + length(&rest[3..], |c| c != '\'') + 1,
            ['\'', _, '\'', ..] => at += 3,
            ['\'', ..] => at += 1 + length(&rest[1..], is_word),
            [':', ':', ..] => {
                tokens.push((Token::Colons, line));
                at += 2;
            }
            [first, ..] if is_word(*first) => {
                at += length(rest, is_word);
                tokens.push((Token::Word(text[start..at].iter().collect()), line));
            }
            [first, ..] => {
                if !first.is_whitespace() {
                    tokens.push((Token::Sign(*first), line));
                }
                at += 1;
            }
            [] => {}
        }
        line += text[start..at.min(text.len())].iter().filter(|c| **c == '\n').count();
    }
    tokens
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn length(text: &[char], holds: impl Fn(char) -> bool) -> usize {
    text.iter().take_while(|c| holds(**c)).count()
}

fn block_comment(text: &[char]) -> usize {
    let (mut at, mut depth) = (0, 0);
    while at < text.len() {
        match &text[at..] {
            ['/', '*', ..] => (at, depth) = (at + 2, depth + 1),
            ['*', '/', ..] => (at, depth) = (at + 2, depth - 1),
            _ => at += 1,
        }
        if depth == 0 {
            break;
        }
    }
    at
}

fn string(text: &[char]) -> usize {
    let mut at = 1;
    while at < text.len() && text[at] != '"' {
        at += if text[at] == '\\' { 2 } else { 1 };
    }
    at + 1
}

/// The length of `##"…"##`, if the text begins with a raw string's body.
fn raw_string(text: &[char]) -> Option<usize> {
    let hashes = length(text, |c| c == '#');
    (text.get(hashes) == Some(&'"')).then_some(())?;
    let mut end = vec!['"'];
    end.resize(hashes + 1, '#');
    let body = &text[hashes + 1..];
    let at = body.windows(end.len()).position(|window| window == end)?;
    Some(hashes + 1 + at + end.len())
}
