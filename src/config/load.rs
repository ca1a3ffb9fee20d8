use std::{
    io::ErrorKind,
    path::{Path, PathBuf},
};

use super::{
    Config, ConfigErrors, env, file,
    problem::{Place, Problem, Wrong, render_all},
    reader::Reader,
};

/// Where a config file is looked for if none is named.
const USUAL_PLACES: [&str; 2] = ["config/keywatch.toml", "/etc/keywatch/keywatch.toml"];

/// A configuration that was checked, and where it comes from.
#[derive(Debug, Clone, PartialEq)]
pub struct Loaded {
    /// The configuration.
    pub config: Config,
    /// What is allowed but risky, a line each.
    pub warnings: Vec<String>,
    /// The file that was read; `None` if there was none.
    pub path: Option<PathBuf>,
}

impl Config {
    /// Reads a config file's text, with the environment's overrides on top.
    ///
    /// # Errors
    /// With every problem of the file and of the `KEYWATCH_` variables at once; with those of the TOML
    /// syntax alone if it has any.
    pub fn load(
        file: Option<(&Path, &str)>,
        env: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Loaded, ConfigErrors> {
        let path = file.map(|(path, _)| path);
        let parsed = file.map_or(Ok(file::Parsed::default()), |(_, text)| file::parse(text));
        let in_file = parsed.map_err(|problems| ConfigErrors::new(problems, path))?;
        let environment = env::read(env);

        let mut reader = Reader::new(in_file.given.into_iter().chain(environment.given), in_file.exceptions);
        let config = Self::read(&mut reader);
        let (wrong_values, mut warnings) = reader.into_findings();
        let mut problems = in_file.problems;
        problems.extend(environment.problems);
        problems.extend(wrong_values);
        warnings.extend(environment.warnings);
        if problems.is_empty() {
            Ok(Loaded { config, warnings: render_all(warnings, path), path: path.map(Path::to_owned) })
        } else {
            Err(ConfigErrors::new(problems, path))
        }
    }
}

/// Finds the config file and loads it: the one named by `explicit`, else by `KEYWATCH_CONFIG`, else
/// `config/keywatch.toml` in the working directory, else `/etc/keywatch/keywatch.toml`, else none.
///
/// # Errors
/// As [`Config::load`]; also if a file that was named is not there, or one that is there can't be read.
pub fn find_and_load(
    explicit: Option<&Path>,
    env: impl IntoIterator<Item = (String, String)>,
) -> Result<Loaded, ConfigErrors> {
    let env: Vec<(String, String)> = env.into_iter().collect();
    let by_variable = env.iter().find(|(name, _)| name == "KEYWATCH_CONFIG").map(|(_, path)| Path::new(path));
    match find(explicit.or(by_variable), &USUAL_PLACES.map(Path::new))? {
        Some((path, text)) => Config::load(Some((&path, &text)), env),
        None => Config::load(None, env),
    }
}

/// The named file, or the first of the usual ones that is there.
pub(super) fn find(named: Option<&Path>, usual: &[&Path]) -> Result<Option<(PathBuf, String)>, ConfigErrors> {
    let places = named.map_or(usual.to_vec(), |path| vec![path]);
    for path in places {
        match std::fs::read_to_string(path) {
            Ok(text) => return Ok(Some((path.to_owned(), text))),
            Err(error) if error.kind() == ErrorKind::NotFound && named.is_none() => {}
            Err(error) => {
                let wrong = Wrong::new(
                    format!("cannot be read: {error}"),
                    "name a readable file with --config or KEYWATCH_CONFIG",
                );
                return Err(ConfigErrors::new(vec![Problem::new(Place::File, None, wrong)], Some(path)));
            }
        }
    }
    Ok(None)
}
