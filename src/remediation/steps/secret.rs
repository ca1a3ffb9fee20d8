use std::fmt;

/// A password. It can't be printed, so that it never reaches a log, an error or a file.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Takes the text as it is.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text, for the call.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// What the names of the environment variables below begin with.
    pub const PREFIX: &'static str = "KEYWATCH_SECRET_";

    /// The environment variable in which what belongs at that path of the input is given: `KEYWATCH_SECRET_PASSWORD`,
    /// `KEYWATCH_SECRET_KAFKASETTINGS_SASLPASSWORD`.
    pub fn variable(path: &str) -> String {
        format!("{}{}", Self::PREFIX, path.replace('.', "_").to_ascii_uppercase())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}
