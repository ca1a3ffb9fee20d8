//! Any sequence of scans, checked after each step against a model as plain as it can be.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::Value;

use super::{
    build::*,
    past::Remembered,
    plain::{Accepted, Dump, Model},
    prune::only_the_past_goes,
    trend::agrees_with_the_views,
};
use crate::{
    domain::{
        AccountState, CoverageReason, Covers, Exception, JudgedResource, PartRecord, Reading, Reason,
        ResourceType, Status, TargetRecord,
    },
    history::{NewScan, Reader, ScanId, Writer},
};

const REGIONS: [&str; 2] = ["eu-west-1", "us-east-1"];
const NAMES: [&str; 3] = ["a", "b", "c"];

/// How a resource stands.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Kind {
    AwsManaged,
    DefaultKey,
    Unknown,
    Good,
    /// The customer's key, disabled: the first check passes and the second fails.
    Disabled,
}

#[derive(Debug, Clone)]
enum Seen {
    All(BTreeMap<usize, Kind>),
    /// The instances were read, the endpoints were not.
    Half(BTreeMap<usize, Kind>),
    /// The endpoints were read, the instances were not.
    OtherHalf,
    Failed,
    Skipped(CoverageReason),
}

/// What happens until a scan, and what it sees.
#[derive(Debug, Clone)]
pub(crate) struct Step {
    /// Of the two accounts: present, suspended, or gone.
    accounts: [u8; 2],
    complete_roster: bool,
    seen: BTreeMap<(u64, usize), Seen>,
    slice: usize,
    /// The process dies after so many slices.
    killed_after: Option<usize>,
    /// Hours until the next scan.
    pause: i64,
    /// Before it, an exception begins for a resource or an account with an open finding, with the hours that it
    /// lasts; or one is removed.
    accepts: Option<(usize, bool, i64)>,
    removes: Option<usize>,
}

fn kind() -> impl Strategy<Value = Kind> {
    prop::sample::select(vec![Kind::AwsManaged, Kind::DefaultKey, Kind::Unknown, Kind::Good, Kind::Disabled])
}

fn seen() -> impl Strategy<Value = Seen> {
    // Dense enough that most resources meet most steps: what comes, goes and changes must often be the same one.
    let listed = || {
        prop::array::uniform3(prop::option::weighted(0.7, kind())).prop_map(|kinds: [_; NAMES.len()]| {
            kinds.into_iter().enumerate().filter_map(|(at, kind)| Some((at, kind?))).collect()
        })
    };
    let skipped = prop::sample::select(vec![
        CoverageReason::RegionExcluded,
        CoverageReason::AccountExcluded,
        CoverageReason::RegionNotEnabled,
    ]);
    prop_oneof![
        6 => listed().prop_map(Seen::All),
        1 => listed().prop_map(Seen::Half),
        1 => Just(Seen::OtherHalf),
        1 => Just(Seen::Failed),
        1 => skipped.prop_map(Seen::Skipped),
    ]
}

pub(crate) fn step() -> impl Strategy<Value = Step> {
    (
        prop::array::uniform2(prop_oneof![6 => Just(0_u8), 1 => Just(1), 1 => Just(2)]),
        prop::bool::weighted(0.8),
        prop::array::uniform4(prop::option::weighted(0.7, seen())).prop_map(|seen| {
            let places = [(1, 0), (1, 1), (2, 0), (2, 1)];
            places.into_iter().zip(seen).filter_map(|(place, seen)| Some((place, seen?))).collect()
        }),
        1..4_usize,
        prop::option::weighted(0.2, 0..3_usize),
        prop_oneof![3 => 0..4_i64, 1 => 20..60_i64, 1 => 150..200_i64],
        prop::option::weighted(0.7, (0..8_usize, prop::bool::weighted(0.3), 2..300_i64)),
        prop::option::weighted(0.3, 0..8_usize),
    )
        .prop_map(|(accounts, complete_roster, seen, slice, killed_after, pause, accepts, removes)| {
            Step { accounts, complete_roster, seen, slice, killed_after, pause, accepts, removes }
        })
}

fn verdicts(kind: Kind) -> Vec<(&'static str, Status, Reason)> {
    match kind {
        Kind::AwsManaged => vec![(CHECK, Status::Fail, Reason::AwsManagedKey)],
        Kind::DefaultKey => vec![(CHECK, Status::Fail, Reason::DefaultKey)],
        Kind::Unknown => vec![(CHECK, Status::Unknown, Reason::KeyAccessDenied)],
        Kind::Good => vec![
            (CHECK, Status::Pass, Reason::CustomerManagedKey),
            (USABLE, Status::Pass, Reason::KeyEnabled),
        ],
        Kind::Disabled => vec![
            (CHECK, Status::Pass, Reason::CustomerManagedKey),
            (USABLE, Status::Fail, Reason::KeyDisabled),
        ],
    }
}

fn resource(name: usize, kind: Kind) -> JudgedResource {
    let (_, status, reason) = verdicts(kind)[0];
    let mut resource = instance(NAMES[name], status, reason);
    if kind == Kind::Disabled {
        resource.verdicts[1].status = Status::Fail;
        resource.verdicts[1].reason = Reason::KeyDisabled;
    }
    resource
}

fn records(step: &Step, h: i64) -> Vec<TargetRecord> {
    let listed = |found: &BTreeMap<usize, Kind>| {
        read(
            ResourceType::ReplicationInstance,
            found.iter().map(|(name, kind)| resource(*name, *kind)).collect(),
        )
    };
    let lost =
        |resource_type| PartRecord { resource_type, resources: Err(failure(CoverageReason::AccessDenied)) };
    let none = |resource_type| read(resource_type, vec![]);
    let (endpoint, config) = (ResourceType::Endpoint, ResourceType::ReplicationConfig);
    step.seen
        .iter()
        .filter(|((account, _), _)| step.accounts[*account as usize - 1] != 2)
        .map(|((account, region), seen)| {
            let reading = match seen {
                _ if step.accounts[*account as usize - 1] == 1 => skip(CoverageReason::AccountNotActive),
                Seen::All(found) => Reading::Read(vec![listed(found), none(endpoint), none(config)]),
                Seen::Half(found) => Reading::Read(vec![listed(found), lost(endpoint), none(config)]),
                Seen::OtherHalf => {
                    Reading::Read(vec![lost(ResourceType::ReplicationInstance), none(endpoint), none(config)])
                }
                Seen::Failed => Reading::Failed(failure(CoverageReason::AssumeRoleDenied)),
                Seen::Skipped(reason) => skip(*reason),
            };
            record(target(*account, REGIONS[*region]), h, reading)
        })
        .collect()
}

async fn dump(writer: &mut Writer) -> Dump {
    let parsed = |rows: Vec<Vec<Value>>| {
        let parse = |value: Value| match value.as_str() {
            Some(text) if text.starts_with('[') => serde_json::from_str(text).unwrap(),
            _ => value,
        };
        rows.into_iter().map(|row| row.into_iter().map(parse).collect()).collect()
    };
    let findings = rows(
        &mut writer.db,
        "SELECT json_array(account_id, region, resource_arn, check_id),
                json_array(state, status, reason, resolution, times_opened), json_array(opened_at, last_seen_at),
                (SELECT json_group_array(printf('%s %s>%s %s', event, coalesce(from_status, '-'),
                                                coalesce(to_status, '-'), reason) ORDER BY event_id)
                 FROM finding_events e WHERE e.finding_id = f.finding_id)
         FROM findings f ORDER BY account_id, region, resource_arn, check_id",
    )
    .await;
    let coverage = rows(
        &mut writer.db,
        "SELECT json_array(account_id, region), json_array(outcome, reason), since, last_attempt_at
         FROM coverage ORDER BY account_id, region",
    )
    .await;
    let evaluations = rows(
        &mut writer.db,
        "SELECT json_array(account_id, region, resource_arn, check_id), json_array(status, reason)
         FROM evaluations WHERE valid_to IS NULL ORDER BY account_id, region, resource_arn, check_id",
    )
    .await;
    Dump { findings: parsed(findings), coverage: parsed(coverage), evaluations: parsed(evaluations) }
}

/// What no sequence may break.
async fn check_invariants(writer: &mut Writer) {
    let report = crate::history::check::check(&mut writer.db, 3).await.unwrap();
    assert_eq!(report.broken, []);
}

/// The views of time say what the model says, and the trend what the views say.
async fn check_time(lab: &mut Lab, reader: &Reader, model: &Model) {
    let daily = "SELECT * FROM compliance_daily ORDER BY day, check_id, account_id, region";
    let mut expected = model.daily();
    expected.sort_by_key(|row| row[..4].iter().map(ToString::to_string).collect::<Vec<_>>());
    assert_eq!(lab.rows(daily).await, expected);
    agrees_with_the_views(lab, reader).await;
    // A week ends as its last day does.
    let weeks = lab
        .rows(
            "SELECT w.week, c.check_id, c.account_id, c.region, c.pass, c.fail, c.unknown, c.suppressed, c.compliance
             FROM week w JOIN compliance_daily c
               ON c.day = (SELECT max(day) FROM day d WHERE d.day <= w.sunday)
             ORDER BY 1, 2, 3, 4",
        )
        .await;
    let weekly = "SELECT * FROM compliance_weekly ORDER BY week, check_id, account_id, region";
    assert_eq!(lab.rows(weekly).await, weeks);
}

async fn targets(lab: &mut Lab, scan: ScanId) -> i64 {
    sqlx::query_scalar("SELECT targets FROM scans WHERE scan_id = ?")
        .bind(scan.0)
        .fetch_one(&mut lab.writer.db)
        .await
        .unwrap()
}

/// Polls a future so many times at most, then drops it.
async fn up_to<T>(mut polls: usize, future: impl Future<Output = T>) -> Option<T> {
    let mut future = std::pin::pin!(future);
    std::future::poll_fn(|cx| {
        if polls == 0 {
            return std::task::Poll::Ready(None);
        }
        polls -= 1;
        future.as_mut().poll(cx).map(Some)
    })
    .await
}

async fn scan(lab: &mut Lab, model: Option<&mut Model>, step: &Step, h: i64, turned: bool) {
    let accounts: Vec<_> = (1..=2)
        .filter(|n| step.accounts[*n - 1] != 2)
        .map(|n| {
            let mut account = account(n as u64);
            if step.accounts[n - 1] == 1 {
                account.state = AccountState::Suspended;
            }
            account
        })
        .collect();
    let new = NewScan {
        trigger: "manual",
        started_at: hour(h),
        accounts: &accounts,
        complete_roster: step.complete_roster,
        scope: None,
        resumes: None,
    };
    let id = lab.writer.begin_scan(&new).await.unwrap();
    lab.writer.settle_exceptions(Some(id), &[], hour(h)).await.unwrap();
    let all = records(step, h);
    let slices: Vec<Vec<TargetRecord>> = all.chunks(step.slice).map(<[_]>::to_vec).collect();
    let done = step.killed_after.unwrap_or(slices.len()).min(slices.len());
    if turned {
        // Where the other was killed, it applied its next slice afterwards.
        let done = slices.len().min(done + usize::from(step.killed_after.is_some()));
        let mut at_once: Vec<TargetRecord> = slices[..done].concat();
        at_once.reverse();
        lab.writer.apply(id, &at_once).await.unwrap();
        let middle = at_once.len() / 2;
        at_once.rotate_left(middle);
        let again = lab.writer.apply(id, &at_once).await.unwrap();
        assert_eq!(again.changed, 0);
    } else {
        for slice in &slices[..done] {
            lab.writer.apply(id, slice).await.unwrap();
        }
    }
    let mut done = done;
    if let Some(polls) = step.killed_after {
        if let (Some(next), false) = (slices.get(done), turned) {
            // Dropped somewhere inside: all of it is in, or nothing.
            let before = targets(lab, id).await;
            let _ = up_to(polls * 3 + 1, lab.writer.apply(id, next)).await;
            let added = targets(lab, id).await - before;
            assert!(added == 0 || added == next.len() as i64, "{added} of {}", next.len());
            done += usize::from(added > 0);
            // And the scan can go on.
            lab.writer.apply(id, next).await.unwrap();
            assert_eq!(targets(lab, id).await - before, next.len() as i64);
            done += usize::from(added == 0);
        }
    } else {
        lab.writer.settle_exceptions(Some(id), &[], hour(h)).await.unwrap();
        lab.finish(id, h).await;
    }
    if let Some(model) = model {
        model.begin(step.accounts, step.complete_roster);
        model.expire(h);
        model.settle(h);
        for record in slices[..done].iter().flatten() {
            model.apply(record, h);
        }
        model.settle(h);
        model.scanned(h);
    }
}

/// An exception begins, or one is removed, in each of these histories and in the model.
async fn except<const N: usize>(labs: [&mut Lab; N], model: &mut Model, step: &Step, h: i64) {
    let accepted = step.accepts.and_then(|(n, of_account, hours)| {
        let (account, _, arn, check) = model.nth("open", n)?;
        let (account, arn, check) =
            if of_account { (Some(account), None, Some(check)) } else { (None, Some(arn), None) };
        Some(Accepted { account, arn, check, expires: h + hours, ended: None })
    });
    let in_force: Vec<usize> =
        (0..model.accepted.len()).filter(|n| model.accepted[*n].ended.is_none()).collect();
    let removed = step.removes.and_then(|n| in_force.get(n % in_force.len().max(1)).copied());
    for lab in labs {
        if let Some(accepted) = &accepted {
            let covers = match (&accepted.account, &accepted.arn) {
                (Some(account), _) => Covers::Account(account.parse().unwrap()),
                (None, arn) => Covers::Resource(arn.clone().unwrap()),
            };
            let exception = Exception {
                check_id: accepted.check.clone(),
                covers,
                reason: "planned".to_owned(),
                owner: "somebody".to_owned(),
                expires_at: hour(accepted.expires),
            };
            let (id, _) = lab.writer.add_exception(&exception, hour(h)).await.unwrap();
            assert_eq!(id, model.accepted.len() as i64 + 1);
        }
        if let Some(n) = removed {
            // It may have expired a moment ago, which the model will know too.
            lab.writer.remove_exception(n as i64 + 1, hour(h)).await.unwrap();
        }
    }
    if let Some(accepted) = accepted {
        model.accept(accepted, h);
    }
    if let Some(n) = removed.filter(|n| model.accepted[*n].ended.is_none()) {
        model.remove(n, h);
    }
}

/// Plays a step from hour `h` on; returns the hour of its scan.
pub(crate) async fn play(lab: &mut Lab, model: &mut Model, step: &Step, h: i64) -> i64 {
    except([lab], model, step, h + 1).await;
    let h = h + 2 + step.pause;
    scan(lab, Some(model), step, h, false).await;
    h
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn any_sequence_of_scans_agrees_with_the_model(steps in prop::collection::vec(step(), 1..8), cut in 0..100_i64) {
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
            let (mut lab, mut turned, mut model) = (Lab::new().await, Lab::new().await, Model::default());
            let (reader, turned_reader) = (lab.reader().await, turned.reader().await);
            let (mut h, mut remembered) = (0, Remembered::default());
            for step in &steps {
                h += 1;
                except([&mut lab, &mut turned], &mut model, step, h).await;
                h += 1 + step.pause;
                scan(&mut lab, Some(&mut model), step, h, false).await;
                scan(&mut turned, None, step, h, true).await;
                let expected = model.dump();
                assert_eq!(dump(&mut lab.writer).await, expected, "hour {h}");
                assert_eq!(dump(&mut turned.writer).await, expected, "hour {h}, turned");
                check_invariants(&mut lab.writer).await;
                remembered.remember(&reader, h).await;
                check_time(&mut lab, &reader, &model).await;

                // The same once more: only times move.
                let before = sizes(&mut lab.writer.db).await;
                h += 1;
                let runs_out = model.accepted.iter().any(|one| one.ended.is_none() && one.expires <= h);
                scan(&mut lab, Some(&mut model), step, h, false).await;
                scan(&mut turned, None, step, h, true).await;
                // Unless an exception ran out in that hour.
                if !runs_out {
                    assert_eq!(sizes(&mut lab.writer.db).await, before, "hour {h}");
                }
                assert_eq!(dump(&mut lab.writer).await, model.dump(), "hour {h}, repeated");
                remembered.remember(&reader, h).await;
            }
            remembered.check(&reader, h).await;
            check_time(&mut turned, &turned_reader, &model).await;
            let counted = "SELECT sum(targets), sum(resources), sum(findings_opened), sum(findings_resolved) FROM scans";
            assert_eq!(lab.rows(counted).await, turned.rows(counted).await);

            // However much of the past is removed, the days after it stay as they were.
            let first = 2 + steps[0].pause;
            let cut = (first + 24 + (h + 24 - first) * cut / 100) / 24 * 24;
            only_the_past_goes(turned, cut, h + 48).await;
        });
    }
}
