use clap::Args;

use crate::app::Clock;
#[cfg(feature = "sandbox")]
use crate::domain::Timestamp;

/// The time that a command goes by.
#[derive(Debug, Clone, Copy, Args)]
pub struct ClockArgs {
    /// Do as if it were that moment now: every time that is recorded is shifted
    #[cfg(feature = "sandbox")]
    #[arg(long, value_name = "TIME", hide = true)]
    pub sandbox_now: Option<Timestamp>,
    /// Let that many seconds pass in one
    #[cfg(feature = "sandbox")]
    #[arg(long, value_name = "N", hide = true, requires = "sandbox_now", default_value_t = 1.0)]
    pub sandbox_speed: f64,
}

impl ClockArgs {
    /// The clock.
    pub fn clock(self) -> Clock {
        #[cfg(feature = "sandbox")]
        if let Some(moment) = self.sandbox_now {
            return Clock::set_to(moment).at_speed(self.sandbox_speed);
        }
        Clock::system()
    }
}
