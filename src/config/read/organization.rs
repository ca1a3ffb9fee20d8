use std::time::Duration;

use super::{HomeRegion, check_not_both, distinct, role};
use crate::{
    config::{
        ManagementAccount, Organization, OuSelector,
        problem::Wrong,
        reader::{Item, Reader, Source},
        values::{Bounds, Given, Value, duration, one_of, show_duration, text},
    },
    domain::AccountId,
};

/// Source: STS API, AssumeRole: `DurationSeconds`.
const SESSION_DURATION: Bounds =
    Bounds { shortest: Duration::from_secs(15 * 60), longest: Duration::from_secs(12 * 3600) };
/// Source: IAM user guide, "Role chaining".
const CHAINED_SESSION: Duration = Duration::from_secs(3600);
const MANAGEMENT_ACCOUNT: [(&str, ManagementAccount); 3] = [
    ("assume", ManagementAccount::Assume),
    ("own_credentials", ManagementAccount::OwnCredentials),
    ("skip", ManagementAccount::Skip),
];

impl Organization {
    pub(super) fn read(from: &mut Reader, home: &HomeRegion) -> Self {
        let default = Self::default();
        let audit_role = from.read("organization.audit_role", default.audit_role, role::assumed_role);
        let external_id = from.read("organization.external_id", default.external_id, |given| {
            role::external_id(given).map(Some)
        });
        let session_name = from.read("organization.session_name", default.session_name, role::session_name);
        let session_duration = read_session_duration(from, default.session_duration);
        let reader_role_arn = from.read("organization.reader_role_arn", default.reader_role_arn, |given| {
            role::reader_role_arn(given, home).map(Some)
        });
        let management_account =
            from.read("organization.management_account", default.management_account, |given| {
                one_of(given, &MANAGEMENT_ACCOUNT)
            });
        let (include_ous, exclude_ous) = read_both(from, "ous", ou, |ou| match ou {
            OuSelector::Id(text) | OuSelector::Path(text) => text.clone(),
        });
        let (include_accounts, exclude_accounts) = read_both(from, "accounts", account, AccountId::to_string);
        Self {
            audit_role: audit_role.value,
            external_id: external_id.value,
            session_name: session_name.value,
            session_duration,
            reader_role_arn: reader_role_arn.value,
            management_account: management_account.value,
            include_ous,
            exclude_ous,
            include_accounts,
            exclude_accounts,
        }
    }
}

fn read_session_duration(from: &mut Reader, default: Duration) -> Duration {
    let key = "organization.session_duration";
    let setting = from.read(key, default, |given| {
        let duration = duration(given, &SESSION_DURATION)?;
        if duration.subsec_nanos() == 0 {
            return Ok(duration);
        }
        Err(Wrong::new(
            format!("{} is not a whole number of seconds", show_duration(duration)),
            "STS counts in seconds",
        ))
    });
    if let Source::Set(place) = setting.source
        && setting.value > CHAINED_SESSION
    {
        let wrong = Wrong::new(
            format!(
                "AWS refuses {} where keywatch's own credentials are a role's",
                show_duration(setting.value)
            ),
            "a role assumed by a role lasts at most 1h; the audit roles must allow the longer session, too",
        );
        from.warning(place, key, wrong);
    }
    setting.value
}

/// Reads `include_…` and `exclude_…`, and checks that nothing is in both.
fn read_both<T: PartialEq>(
    from: &mut Reader,
    what: &str,
    parse: impl Fn(&Given) -> Result<T, Wrong>,
    show: impl Fn(&T) -> String,
) -> (Vec<T>, Vec<T>) {
    let (include_key, exclude_key) =
        (format!("organization.include_{what}"), format!("organization.exclude_{what}"));
    let mut items = |key: &str| -> Vec<Item<T>> {
        from.read_list(key, &parse).map(|(_, items)| items).unwrap_or_default()
    };
    let (include, exclude) = (items(&include_key), items(&exclude_key));
    check_not_both(from, (&include_key, &include), (&exclude_key, &exclude), show);
    (distinct(include), distinct(exclude))
}

pub(super) fn account(given: &Given) -> Result<AccountId, Wrong> {
    if let Value::Integer(number) = given.value {
        return Err(Wrong::new(
            format!("{number} is a number, and a number loses its leading zeros"),
            format!("put the account id in quotes: \"{number:012}\""),
        ));
    }
    let id = text(given)?;
    id.parse().map_err(|_| {
        Wrong::new(format!("{id:?} is not an AWS account id"), "write twelve digits, as in \"012345678901\"")
    })
}

/// Source: Organizations API, `OrganizationalUnit$Id`, `Root$Id`, `OrganizationalUnit$Name`.
pub(super) fn ou(given: &Given) -> Result<OuSelector, Wrong> {
    let selector = text(given)?;
    let is_part = |part: &str, shortest: usize| {
        (shortest..=32).contains(&part.len())
            && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
    };
    let is_ou = |id: &str| id.split_once('-').is_some_and(|(root, ou)| is_part(root, 4) && is_part(ou, 8));
    if selector.strip_prefix("ou-").is_some_and(is_ou)
        || selector.strip_prefix("r-").is_some_and(|root| is_part(root, 4))
    {
        return Ok(OuSelector::Id(selector.to_owned()));
    }
    let mut names = selector.split('/');
    if names.next() == Some("Root") && names.all(|name| (1..=128).contains(&name.chars().count())) {
        return Ok(OuSelector::Path(selector.to_owned()));
    }
    Err(Wrong::new(
        format!("{selector:?} is not an organizational unit"),
        "write its id, \"ou-ab12-34cdefgh\", its root's, \"r-ab12\", or its path, \"Root/Workloads/Prod\"",
    ))
}
