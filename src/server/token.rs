use std::{
    fs::File,
    io::{self, Read},
    path::Path,
};

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::ServerError;

/// Shorter ones can be guessed.
const SHORTEST: usize = 16;

/// More is no token but some other file.
const LONGEST: usize = 1024;

/// What lets someone read. Only its digest is kept, and of what is sent the digest is compared, in a time that
/// says nothing of either.
pub struct Token([u8; 32]);

impl Token {
    /// Reads the file anew.
    pub fn read(path: &Path) -> Result<Self, ServerError> {
        let source = |source| ServerError::ReadToken { path: path.to_owned(), source };
        let text = read(path).map_err(source)?;
        let token = text.trim_ascii();
        let is_one = (SHORTEST..=LONGEST).contains(&token.len()) && token.iter().all(u8::is_ascii_graphic);
        if !is_one {
            return Err(ServerError::BadToken(path.to_owned()));
        }
        Ok(Self(digest(token).finalize().into_bytes().into()))
    }

    /// Whether it is this one.
    pub fn is(&self, sent: &[u8]) -> bool {
        digest(sent).verify_slice(&self.0).is_ok()
    }
}

/// At most a little more than the longest, whatever the file is.
fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut text = Vec::new();
    File::open(path)?.take(LONGEST as u64 + 64).read_to_end(&mut text)?;
    Ok(text)
}

fn digest(text: &[u8]) -> Hmac<Sha256> {
    Hmac::<Sha256>::new_from_slice(b"keywatch server token")
        .expect("HMAC takes a key of any length")
        .chain_update(text)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn token(text: &str) -> Result<Token, ServerError> {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("token");
        fs::write(&file, text).unwrap();
        Token::read(&file)
    }

    #[test]
    fn only_the_whole_token_is_it() {
        let token = token("0123456789abcdef\n").unwrap();
        assert!(token.is(b"0123456789abcdef"));
        for other in ["", "0123456789abcde", "0123456789abcdef0", "0123456789abcdeF", "0123456789abcdef\n"] {
            assert!(!token.is(other.as_bytes()), "{other:?}");
        }
    }

    #[test]
    fn what_is_no_token_is_refused() {
        for text in
            ["", "\n", "too-short", "two words of 16 letters", "ümlaut-ümlaut-ümlaut", &"x".repeat(1025)]
        {
            let error = token(text).err().unwrap().to_string();
            assert!(error.contains("holds no token") && error.contains("openssl rand"), "{error}");
        }
        assert!(token(&"x".repeat(1024)).is_ok());
        let error = Token::read(Path::new("/no/such/file")).err().unwrap().to_string();
        assert!(error.contains("/no/such/file") && error.contains("server.token_file"), "{error}");
    }
}
