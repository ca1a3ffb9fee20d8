//! Wiring: builds clients and stores, runs a scan from end to end, owns the clock and the shutdown.
//!
//! The only place that knows all stages; it hands what one made to the next.

mod account;
mod clock;
mod connect;
mod daemon;
mod doctor;
mod due;
mod exceptions;
mod health;
mod listing;
mod notify;
mod progress;
mod record;
mod remediate;
mod report;
mod resume;
#[cfg(feature = "sandbox")]
mod sandbox;
mod scan;
mod shutdown;

pub use clock::{Clock, now};
pub use connect::Base;
pub use daemon::{DaemonOptions, Reload, STOP_DEADLINE, Signals, daemon};
pub use doctor::{CheckResult, Examined, Extra, Health, doctor, doctor_of_notifications};
pub use exceptions::{add_exception, check_exceptions, remove_exception};
pub use health::ask_health;
pub use notify::{Delivered, check_notify, deliver, send_test};
pub use progress::{Progress, Snapshot};
pub use remediate::{
    Applied, ApplyOptions, KeyOptions, OpenFinding, Planned, Prepared, Verified, Which, WrittenPlan,
    apply as apply_remediation, plan as plan_remediation, prepare as prepare_remediation, verify,
    write_plans,
};
pub use report::{render_report, weekly_report, write_files};
#[cfg(feature = "sandbox")]
pub use sandbox::{SandboxLife, SandboxPlan, ServedSandbox, serve_sandbox};
pub use scan::{Report, Scope, scan, scan_with};
pub use shutdown::on_signal;

pub use crate::targets::{Estimate, Size, estimate};
