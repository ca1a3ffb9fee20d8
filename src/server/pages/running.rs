use super::view::When;
use crate::server::{ScanProgress, State};

/// The scan on its way, for the pages that show it.
pub(super) struct Running {
    pub began: When,
    pub progress: ScanProgress,
}

impl Running {
    /// The one of this process, if it makes one now.
    pub fn of(state: &State) -> Option<Self> {
        let (began, progress) = state.scans.progress()?;
        Some(Self { began: When::of(began, (state.now)()), progress })
    }
}
