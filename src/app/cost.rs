use std::fmt;

/// Organizations' largest page.
const PAGE: u64 = 20;

/// Calls of a target: instances, endpoints, replication configs; further pages are the exception.
const PER_TARGET: f64 = 3.0;

/// US dollars for a management event in a second trail of CloudTrail (the first copy is free).
/// Source: aws.amazon.com/cloudtrail/pricing, us-east-1: 2.00 for 100,000.
const SECOND_TRAIL: f64 = 2.0 / 100_000.0;

/// US dollars for a management event that GuardDuty looks at.
/// Source: aws.amazon.com/guardduty/pricing, us-east-1: 4.00 for a million, the first 500 million a month.
const GUARD_DUTY: f64 = 4.0 / 1_000_000.0;

/// What an organization gives keywatch to read, and how often; the numbers that calls depend on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Load {
    /// Scans a day.
    pub scans: f64,
    /// Roots and organizational units.
    pub units: u64,
    /// Accounts of the organization.
    pub accounts: u64,
    /// Accounts that every scan enters, since some target of theirs is read each time.
    pub busy_accounts: u64,
    /// Targets that every scan reads.
    pub busy_targets: u64,
    /// Targets that are read less often.
    pub quiet_targets: u64,
    /// How often a day those are read, and their accounts entered for it.
    pub quiet_reads: f64,
    /// Keys that every scan asks for.
    pub keys: u64,
}

/// About how many calls a day that takes, by service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CallsADay {
    /// Organizations, charged to the account that lists it.
    pub organizations: u64,
    /// STS, charged to keywatch's own account.
    pub sts: u64,
    /// Account Management.
    pub account: u64,
    /// DMS.
    pub dms: u64,
    /// KMS.
    pub kms: u64,
}

impl Load {
    /// Estimates the calls; pages beyond a list's first and retries are left out.
    pub fn calls_a_day(&self) -> CallsADay {
        let quiet_accounts = self.accounts.saturating_sub(self.busy_accounts) as f64;
        let quiet_reads = self.quiet_reads.min(self.scans);
        let entered = self.busy_accounts as f64 * self.scans + quiet_accounts * quiet_reads;
        // The organization itself, its root, the pages of its accounts, and two lists of each unit.
        let listed = 2 + self.accounts.div_ceil(PAGE) + 2 * self.units;
        let targets = self.busy_targets as f64 * self.scans + self.quiet_targets as f64 * quiet_reads;
        let whole = |calls: f64| calls.round() as u64;
        CallsADay {
            organizations: whole(listed as f64 * self.scans),
            sts: whole(entered + self.scans),
            account: whole(entered),
            dms: whole(targets * PER_TARGET),
            kms: whole(self.keys as f64 * self.scans),
        }
    }
}

impl CallsADay {
    /// All of them.
    pub fn total(&self) -> u64 {
        self.organizations + self.sts + self.account + self.dms + self.kms
    }

    /// What they cost in a month of 30 days where a second trail of CloudTrail keeps them, in US dollars.
    pub fn second_trail_a_month(&self) -> f64 {
        self.total() as f64 * 30.0 * SECOND_TRAIL
    }

    /// What they cost in a month of 30 days where GuardDuty looks at them, in US dollars.
    pub fn guard_duty_a_month(&self) -> f64 {
        self.total() as f64 * 30.0 * GUARD_DUTY
    }
}

impl fmt::Display for CallsADay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { organizations, sts, account, dms, kms } = self;
        write!(
            f,
            "about {} calls a day (DMS {dms}, KMS {kms}, STS {sts}, Organizations {organizations}, Account {account}); \
             each is a management event of CloudTrail: ${:.2} a month where a second trail keeps it, ${:.2} where \
             GuardDuty looks at it",
            self.total(),
            self.second_trail_a_month(),
            self.guard_duty_a_month(),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 1,000 accounts in 50 units, 17 Regions, DMS in 5 % of the targets, a scan every six hours.
    const STEADY: Load = Load {
        scans: 4.0,
        units: 50,
        accounts: 1000,
        busy_accounts: 200,
        busy_targets: 850,
        quiet_targets: 16_150,
        quiet_reads: 1.0,
        keys: 300,
    };

    #[test]
    fn a_steady_organization_costs_a_fraction() {
        let steady = STEADY.calls_a_day();
        assert_eq!(steady.dms, 850 * 3 * 4 + 16_150 * 3);
        assert_eq!(steady.account, 200 * 4 + 800);
        assert_eq!(steady.sts, 200 * 4 + 800 + 4);
        assert_eq!(steady.organizations, (2 + 50 + 100) * 4);
        assert_eq!(steady.kms, 1200);
        let all = Load { busy_accounts: 1000, busy_targets: 17_000, quiet_targets: 0, ..STEADY };
        assert!(steady.total() * 3 < all.calls_a_day().total(), "{steady}");
    }

    #[test]
    fn nothing_is_read_more_often_than_there_are_scans() {
        let rare = Load { scans: 0.5, ..STEADY }.calls_a_day();
        assert_eq!(rare.dms, 17_000 * 3 / 2);
    }

    #[test]
    fn the_estimate_is_told_with_what_it_is_billed_for() {
        insta::assert_snapshot!(
            STEADY.calls_a_day(),
            @"about 63662 calls a day (DMS 58650, KMS 1200, STS 1604, Organizations 608, Account 1600); each is a management event of CloudTrail: $38.20 a month where a second trail keeps it, $7.64 where GuardDuty looks at it"
        );
    }
}
