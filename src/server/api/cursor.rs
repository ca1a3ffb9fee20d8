use std::fmt::Write;

use sha2::{Digest, Sha256};

use super::values::Value;

/// Goes with every change of what a cursor says.
const VERSION: &str = "keywatch cursor 1";

/// Where a page ended, as clients hand it back: sixteen digits of the key, and sixteen that hold it to the list and
/// the filters it was made for. It is no secret: whoever makes one up reads what they may read anyway.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Cursor {
    key: i64,
    seal: [u8; 8],
}

impl Cursor {
    /// Behind the row of this key, in the list with these filters.
    pub(super) fn behind(key: i64, list: &str) -> Self {
        Self { key, seal: seal(key, list) }
    }

    /// The key; `None` if it was made for another list or other filters, or by nobody.
    pub(super) fn key(&self, list: &str) -> Option<i64> {
        (self.seal == seal(self.key, list)).then_some(self.key)
    }

    /// As it is sent.
    pub(super) fn text(&self) -> String {
        let mut text = format!("{:016x}", self.key);
        for byte in self.seal {
            // Writing to a String cannot fail.
            let _ = write!(text, "{byte:02x}");
        }
        text
    }
}

fn seal(key: i64, list: &str) -> [u8; 8] {
    let digest =
        Sha256::new().chain_update(VERSION).chain_update(key.to_be_bytes()).chain_update(list).finalize();
    std::array::from_fn(|at| digest[at])
}

impl Value for Cursor {
    fn read(text: &str) -> Result<Self, String> {
        let wanted = || "the `next` of the page before, as it was given".to_owned();
        let digits = text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
        if text.len() != 32 || !digits {
            return Err(wanted());
        }
        let (key, seal) = text.split_at(16);
        let read = |half: &str| u64::from_str_radix(half, 16).map_err(|_| wanted());
        Ok(Self { key: read(key)?.cast_signed(), seal: read(seal)?.to_be_bytes() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_comes_back_and_holds_to_its_list() {
        for key in [0, 1, -1, 13_150, 999_999_999_999, i64::MAX, i64::MIN] {
            let text = Cursor::behind(key, "findings of a").text();
            let read = Cursor::read(&text).unwrap();
            assert_eq!((text.len(), read.key("findings of a")), (32, Some(key)));
            assert_eq!(read.key("findings of b"), None);
        }
    }

    #[test]
    fn no_digit_of_it_can_be_changed() {
        let text = Cursor::behind(4711, "findings").text();
        for at in 0..text.len() {
            let mut other = text.clone().into_bytes();
            other[at] = if other[at] == b'0' { b'1' } else { b'0' };
            let other = String::from_utf8(other).unwrap();
            assert_eq!(Cursor::read(&other).unwrap().key("findings"), None, "{other}");
        }
        for bad in ["", "0", &text[1..], &format!("{text}0"), &text.to_uppercase(), &"ü".repeat(16)] {
            assert!(Cursor::read(bad).is_err(), "{bad:?}");
        }
    }
}
