use clap::Args;

use super::Format;
use crate::domain::AccountId;

/// `doctor`.
#[derive(Debug, Args)]
#[command(after_help = "\
Looks over the config, the credentials, the organization, the audit role in one account of each
unit, the Regions, DMS and KMS in one of them, the database, its disk, the clock and the time
zones. It changes nothing, there or here.

Exit codes: 0 all is well (there may be warnings), 1 something failed, 2 config error.

  keywatch doctor
  keywatch doctor --account 111122223333 --format json")]
pub struct DoctorArgs {
    /// Look into this account instead of one of each unit
    #[arg(long, value_name = "ID")]
    pub account: Option<AccountId>,
    /// Form of the output
    #[arg(long, value_enum, default_value = "table")]
    pub format: Format,
}
