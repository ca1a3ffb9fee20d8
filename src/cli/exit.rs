//! How the process ends.

use std::{fmt, process::ExitCode};

use crate::history::HistoryError;

/// What the process's exit code says; scripts rely on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Done; for a scan: everything was seen, and nothing fails.
    Done = 0,
    /// It could not be done.
    CouldNotRun = 1,
    /// The command line or the config is wrong.
    Usage = 2,
    /// The scan saw everything, and there are open findings that fail.
    FindingsOpen = 3,
    /// At least one target could not be scanned, whatever was found in the others.
    CoverageIncomplete = 4,
}

impl Exit {
    /// The exit of a scan that ended: what was not seen weighs more than what was found.
    pub fn of_scan(targets_failed: u64, open_failing: u64) -> Self {
        match (targets_failed, open_failing) {
            (1.., _) => Self::CoverageIncomplete,
            (0, 1..) => Self::FindingsOpen,
            (0, 0) => Self::Done,
        }
    }

    /// The number.
    pub const fn code(self) -> u8 {
        self as u8
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

/// Why a command ended early: what to tell the user, and the exit code.
#[derive(Debug)]
pub struct Failed {
    /// The exit code's meaning.
    pub exit: Exit,
    /// What went wrong, whole, for people.
    pub message: String,
}

impl Failed {
    /// The command could not do its work.
    pub fn could_not_run(message: impl fmt::Display) -> Self {
        Self { exit: Exit::CouldNotRun, message: message.to_string() }
    }

    /// The user has to change the command line or the config.
    pub fn usage(message: impl fmt::Display) -> Self {
        Self { exit: Exit::Usage, message: message.to_string() }
    }
}

impl From<HistoryError> for Failed {
    fn from(error: HistoryError) -> Self {
        match error {
            HistoryError::NotARead(_)
            | HistoryError::NotCovered { .. }
            | HistoryError::ExceptionOfConfig(_)
            | HistoryError::Parameter(_) => Self::usage(error),
            _ => Self::could_not_run(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn the_codes_are_the_contracts() {
        let all = [Exit::Done, Exit::CouldNotRun, Exit::Usage, Exit::FindingsOpen, Exit::CoverageIncomplete];
        assert_eq!(all.map(Exit::code), [0, 1, 2, 3, 4]);
    }

    #[test]
    fn a_gap_in_coverage_wins_over_findings() {
        assert_eq!(Exit::of_scan(0, 0), Exit::Done);
        assert_eq!(Exit::of_scan(0, 7), Exit::FindingsOpen);
        assert_eq!(Exit::of_scan(1, 0), Exit::CoverageIncomplete);
        assert_eq!(Exit::of_scan(1, 7), Exit::CoverageIncomplete);
    }

    #[test]
    fn a_refused_statement_is_a_usage_error_and_a_failing_one_is_not() {
        let exit = |error: HistoryError| Failed::from(error).exit;
        assert_eq!(exit(HistoryError::NotARead("it writes".to_owned())), Exit::Usage);
        assert_eq!(exit(HistoryError::BadSql("no such column".to_owned())), Exit::CouldNotRun);
        assert_eq!(exit(HistoryError::TimeLimit(Duration::from_secs(30))), Exit::CouldNotRun);
        assert_eq!(exit(HistoryError::Missing("x.db".into())), Exit::CouldNotRun);
    }
}
