use std::collections::{BTreeMap, BTreeSet};

use super::{DmsQuotas, KeySpec, Orderable, OrganizationalUnit, RegionKind, Role, SandboxAccount, World};
use crate::domain::{AccountId, AccountState, KeyManager, Partition, Region, Timestamp};

/// The name AWS gives every organization's root.
pub const ROOT_NAME: &str = "Root";

/// When everything that is not told otherwise was made: 2024-01-01T00:00:00Z.
const BEGINNING: i64 = 1_704_067_200;

/// The Regions of each partition where DMS exists, opt-in ones behind the bar. Source: botocore's
/// `endpoints.json` and the Account Management reference guide, "Enable or disable AWS Regions".
const fn region_names(partition: Partition) -> (&'static str, &'static str) {
    match partition {
        Partition::Aws => (
            "ap-northeast-1 ap-northeast-2 ap-northeast-3 ap-south-1 ap-southeast-1 ap-southeast-2 \
             ca-central-1 eu-central-1 eu-north-1 eu-west-1 eu-west-2 eu-west-3 sa-east-1 us-east-1 \
             us-east-2 us-west-1 us-west-2",
            "af-south-1 ap-east-1 ap-east-2 ap-south-2 ap-southeast-3 ap-southeast-4 ap-southeast-5 \
             ap-southeast-6 ap-southeast-7 ca-west-1 eu-central-2 eu-south-1 eu-south-2 il-central-1 \
             me-central-1 me-south-1 mx-central-1",
        ),
        Partition::China => ("cn-north-1 cn-northwest-1", ""),
        Partition::UsGov => ("us-gov-east-1 us-gov-west-1", ""),
        Partition::Eusc => ("eusc-de-east-1", ""),
        Partition::Iso => ("us-iso-east-1 us-iso-west-1", ""),
        Partition::IsoB => ("us-isob-east-1 us-isob-west-1", ""),
        Partition::IsoE => ("eu-isoe-west-1", ""),
        Partition::IsoF => ("us-isof-east-1 us-isof-south-1", ""),
    }
}

/// Scrambles a number so that neighbours look unrelated (the finalizer of SplitMix64).
pub(super) const fn scramble(number: u64) -> u64 {
    let mut z = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

fn account_id(number: u64) -> AccountId {
    // Modulo 10^12 leaves at most twelve digits, so this always parses.
    format!("{:012}", number % 1_000_000_000_000).parse().unwrap_or(AccountId::NONE)
}

impl World {
    /// A management account, a hub that is a delegated administrator, one organizational unit
    /// (`Root/Workloads`), all Regions of the partition, and nothing in any of it.
    pub fn empty(partition: Partition) -> Self {
        let (default, opt_in) = region_names(partition);
        let kind =
            |names: &'static str, kind| names.split(' ').filter_map(move |n| Some((n.parse().ok()?, kind)));
        let (management_account, hub_account) = (account_id(111_111_111_111), account_id(222_222_222_222));
        let mut world = Self {
            partition,
            organization_id: "o-sandbox000".to_owned(),
            management_account,
            hub_account,
            hub_policies: None,
            delegated_administrators: BTreeSet::from([hub_account]),
            external_id: "sandbox-external-id".to_owned(),
            audit_role: "KeywatchAudit".to_owned(),
            remediation_role: "KeywatchRemediation".to_owned(),
            settling: 2,
            orderable: Orderable::default(),
            root: "r-sb01".to_owned(),
            ous: BTreeMap::new(),
            accounts: BTreeMap::new(),
            regions: kind(default, RegionKind::Default).chain(kind(opt_in, RegionKind::OptIn)).collect(),
            denied_regions: BTreeSet::new(),
            task_serial: 0,
            serial: 0,
        };
        let root = world.root.clone();
        world.insert_account(management_account, "management", &root);
        let workloads = world.add_ou(&root, "Workloads");
        world.insert_account(hub_account, "security-hub", &workloads);
        world
    }

    /// A number nobody has yet.
    pub(super) fn next(&mut self) -> u64 {
        self.serial += 1;
        scramble(self.serial)
    }

    /// A Region of the partition that every account has, the home of what isn't told otherwise.
    pub fn home_region(&self) -> Region {
        let home = match self.partition {
            Partition::Aws => "us-east-1",
            Partition::UsGov => "us-gov-west-1",
            Partition::China => "cn-northwest-1",
            _ => region_names(self.partition).0.split(' ').next().unwrap_or_default(),
        };
        home.parse().expect("the table above holds names of Regions")
    }

    /// A new active account with the audit role, in the first organizational unit that is left, or
    /// directly below the root.
    pub fn add_account(&mut self, name: &str) -> AccountId {
        let parent = self.ous.keys().next().unwrap_or(&self.root).clone();
        self.add_account_in(&parent, name)
    }

    /// A new active account with the audit role, below that root or organizational unit.
    pub fn add_account_in(&mut self, parent: &str, name: &str) -> AccountId {
        let mut id = account_id(self.next());
        while id == AccountId::NONE || self.accounts.contains_key(&id) {
            id = account_id(self.next());
        }
        self.insert_account(id, name, parent);
        id
    }

    fn insert_account(&mut self, id: AccountId, name: &str, parent: &str) {
        let role = Role {
            trusted_account: self.hub_account,
            external_id: Some(self.external_id.clone()),
            trust: None,
            policies: None,
            denied_actions: BTreeSet::new(),
            scp_denied: false,
            max_session: 3600,
        };
        let account = SandboxAccount {
            id,
            name: name.to_owned(),
            email: format!("aws+{id}@sandbox.test"),
            state: AccountState::Active,
            has_state_field: true,
            parent: parent.to_owned(),
            joined_at: beginning(),
            opted_in: BTreeSet::new(),
            roles: BTreeMap::from([
                (self.audit_role.clone(), role.clone()),
                (self.remediation_role.clone(), role),
            ]),
            resources: BTreeMap::new(),
            tasks: BTreeMap::new(),
            connections: BTreeMap::new(),
            subnet_groups: BTreeMap::new(),
            dms_quotas: DmsQuotas::default(),
            new_instances_end: None,
            keys: BTreeMap::new(),
            aliases: BTreeMap::new(),
        };
        self.accounts.insert(id, account);
    }

    /// The account, to change it.
    ///
    /// # Panics
    /// If there is no such account.
    pub fn account_mut(&mut self, id: AccountId) -> &mut SandboxAccount {
        self.accounts.get_mut(&id).unwrap_or_else(|| panic!("the sandbox has no account {id}"))
    }

    /// The audit role of an account, to change it.
    ///
    /// # Panics
    /// If there is no such account, or it has no such role.
    pub fn audit_role_mut(&mut self, id: AccountId) -> &mut Role {
        let name = self.audit_role.clone();
        self.account_mut(id).roles.get_mut(&name).unwrap_or_else(|| panic!("account {id} has no role {name}"))
    }

    /// Makes the management account the hub.
    pub fn hub_in_management_account(&mut self) {
        self.move_hub(self.management_account);
    }

    /// Makes the hub a member that may not read the organization, and lets it assume `role_name` in the
    /// management account, which may. Returns that role's ARN.
    pub fn hub_behind_reader_role(&mut self, role_name: &str) -> String {
        self.delegated_administrators.clear();
        let role = Role {
            trusted_account: self.hub_account,
            external_id: None,
            trust: None,
            policies: None,
            denied_actions: BTreeSet::new(),
            scp_denied: false,
            max_session: 3600,
        };
        let management = self.management_account;
        self.account_mut(management).roles.insert(role_name.to_owned(), role);
        format!("arn:{}:iam::{management}:role/{role_name}", self.partition)
    }

    fn move_hub(&mut self, hub: AccountId) {
        let before = std::mem::replace(&mut self.hub_account, hub);
        self.delegated_administrators.clear();
        for role in self.accounts.values_mut().flat_map(|account| account.roles.values_mut()) {
            if role.trusted_account == before {
                role.trusted_account = hub;
            }
        }
    }

    /// A new organizational unit below that root or unit; returns its id.
    pub fn add_ou(&mut self, parent: &str, name: &str) -> String {
        let suffix = self.root.trim_start_matches("r-").to_owned();
        let id = format!("ou-{suffix}-{:08x}", self.next() >> 32);
        self.ous.insert(id.clone(), OrganizationalUnit { name: name.to_owned(), parent: parent.to_owned() });
        id
    }

    /// A new key; returns its ARN.
    pub fn add_key(&mut self, account: AccountId, region: &Region, spec: KeySpec) -> String {
        let (a, b) = (self.next(), self.next());
        let id = if spec.multi_region.is_some() {
            format!("mrk-{a:016x}{b:016x}")
        } else {
            let hex = format!("{a:016x}{b:016x}");
            format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
        };
        self.add_key_with_id(account, region, &id, spec)
    }

    /// A key under an id that is already known, as a multi-Region replica's is; returns its ARN.
    pub fn add_key_with_id(
        &mut self,
        account: AccountId,
        region: &Region,
        id: &str,
        spec: KeySpec,
    ) -> String {
        self.account_mut(account).keys.entry(region.clone()).or_default().insert(id.to_owned(), spec);
        self.key_arn(account, region, id)
    }

    /// Points an alias (`alias/…`) at a key of the same account and Region, named by id or ARN.
    pub fn add_alias(&mut self, account: AccountId, region: &Region, alias: &str, key: &str) {
        let id = key.rsplit('/').next().unwrap_or(key).to_owned();
        self.account_mut(account).aliases.entry(region.clone()).or_default().insert(alias.to_owned(), id);
    }

    /// The ARN of the key that AWS manages there for a service (`dms`), made with its alias if this is
    /// the first use.
    pub fn aws_managed_key(&mut self, account: AccountId, region: &Region, service: &str) -> String {
        let alias = format!("alias/aws/{service}");
        let known = self.accounts.get(&account).and_then(|a| a.aliases.get(region)?.get(&alias));
        if let Some(id) = known {
            return self.key_arn(account, region, id);
        }
        let arn = self.add_key(account, region, KeySpec { manager: KeyManager::Aws, ..KeySpec::default() });
        self.add_alias(account, region, &alias, &arn);
        arn
    }
}

pub(super) fn beginning() -> Timestamp {
    Timestamp::from_second(BEGINNING).unwrap_or(Timestamp::UNIX_EPOCH)
}
