//! A report to try the formats on: small, but with something in every part.

use super::*;

/// The report of 2026-W47.
pub(crate) fn weekly() -> Weekly {
    let text = str::to_owned;
    let period = ReportPeriod {
        week: text("2026-W47"),
        time_zone: text("Europe/Berlin"),
        begins_at: text("2026-11-15T23:00:00Z"),
        ends_at: text("2026-11-22T23:00:00Z"),
        as_of: text("2026-11-22T23:00:00Z"),
        is_over: true,
        first_scan_at: Some(text("2026-10-26T06:00:00Z")),
        pruned_before: None,
        scans: Scans {
            complete: 24,
            incomplete: 3,
            interrupted: 1,
            newest_finished_at: Some(text("2026-11-22T22:04:00Z")),
            api_calls: 69_525,
            throttled_calls: 12,
        },
        keywatch_version: text("0.1.0"),
    };
    let instance = finding(7, "dms_instance_kms_cmk_encryption", "shop-oracle-to-s3");
    let endpoint = Finding {
        resource_type: text("endpoint"),
        resource_arn: text("arn:aws:dms:eu-west-1:111122223333:endpoint:ORDERS"),
        ..finding(9, "dms_endpoint_kms_cmk_encryption", "orders")
    };
    let key = Finding {
        severity: text("critical"),
        reason: text("key_pending_deletion"),
        key_arn: Some(text("arn:aws:kms:eu-west-1:111122223333:key/1b2c")),
        key_manager: Some(text("CUSTOMER")),
        key_state: Some(text("PendingDeletion")),
        ..finding(11, "dms_kms_key_usable", "ledger")
    };
    let unknown = Finding {
        status: text("unknown"),
        reason: text("key_access_denied"),
        account_id: text("444455556666"),
        account_name: text("payments-prod"),
        ou_path: Some(text("Root/Payments")),
        evidence: Some(text("none")),
        ..finding(12, "dms_instance_kms_cmk_encryption", "cards")
    };
    let suppressed = Finding {
        state: text("suppressed"),
        exception_id: Some(3),
        exception_expires_at: Some(text("2026-12-31T00:00:00Z")),
        ..finding(13, "dms_instance_kms_cmk_encryption", "sandbox-copy")
    };
    let fixed = Finding {
        state: text("resolved"),
        resolved_at: Some(text("2026-11-18T10:00:00Z")),
        resolution: Some(text("fixed")),
        ..finding(2, "dms_instance_kms_cmk_encryption", "old-shop")
    };
    let change = |at: &str, reason: &str, finding: &Finding| Change {
        at: text(at),
        reason: Some(text(reason)),
        finding: finding.clone(),
    };
    let checks = [
        (
            "dms_instance_kms_cmk_encryption",
            "DMS replication instances are encrypted with a customer managed key",
            20,
            1,
            1,
            1,
        ),
        (
            "dms_endpoint_kms_cmk_encryption",
            "DMS endpoints are encrypted with a customer managed key",
            31,
            1,
            0,
            0,
        ),
        (
            "dms_serverless_kms_cmk_encryption",
            "DMS Serverless replications are encrypted with a customer managed key",
            0,
            0,
            0,
            0,
        ),
        ("dms_kms_key_usable", "The customer managed keys of DMS resources can be used", 50, 1, 0, 0),
    ];
    let compliance = checks.map(|(id, title, pass, fail, unknown, suppressed)| CheckCompliance {
        check_id: text(id),
        title: text(title),
        severity: text(if id == "dms_kms_key_usable" { "critical" } else { "high" }),
        rationale: text("A key that AWS manages can't be disabled or restricted by its owner."),
        remediation: text("The key can't be changed: create an equal one with a customer managed key."),
        trend: trend(Counts { pass, fail, unknown, suppressed }),
    });
    Weekly {
        version: VERSION,
        period,
        coverage: Coverage {
            accounts: 40,
            accounts_seen_whole: 36,
            targets: TargetCounts { scanned: 630, failed: 17, skipped: 33 },
            last_week: Some(TargetCounts { scanned: 645, failed: 1, skipped: 34 }),
            reasons: vec![
                GapReason {
                    outcome: text("failed"),
                    reason: text("assume_role_denied"),
                    accounts: 1,
                    targets: 17,
                    last_week: Some(0),
                },
                GapReason {
                    outcome: text("skipped"),
                    reason: text("region_not_enabled"),
                    accounts: 33,
                    targets: 33,
                    last_week: Some(34),
                },
            ],
            lost: 16,
            regained: 1,
            ages: [(Some(24), 600), (Some(48), 20), (Some(168), 10), (None, 0)]
                .map(|(up_to_hours, targets)| AgeBand { up_to_hours, never: false, targets })
                .into_iter()
                .chain([AgeBand { up_to_hours: None, never: true, targets: 17 }])
                .collect(),
            oldest_scanned_at: Some(text("2026-11-17T06:00:00Z")),
            gaps: vec![Gap {
                account_id: text("444455556666"),
                account_name: text("payments-prod"),
                region: text("eu-west-1"),
                outcome: text("failed"),
                reason: text("assume_role_denied"),
                error_code: Some(text("AccessDenied")),
                error_message: Some(text("User is not authorized to perform: sts:AssumeRole")),
                since: text("2026-11-19T06:00:00Z"),
                last_scanned_at: Some(text("2026-11-19T00:00:00Z")),
                open_findings: 1,
            }],
        },
        overall: trend(Counts { pass: 101, fail: 3, unknown: 1, suppressed: 1 }),
        compliance: compliance.to_vec(),
        changes: Changes {
            opened: vec![change("2026-11-17T06:00:00Z", "aws_managed_key", &endpoint)],
            reopened: vec![change("2026-11-20T06:00:00Z", "key_pending_deletion", &key)],
            resolved: vec![change("2026-11-18T10:00:00Z", "fixed", &fixed)],
            suppressed: vec![change("2026-11-16T12:00:00Z", "aws_managed_key", &suppressed)],
            still_open: 2,
            open: 4,
            open_unknown: 1,
            open_last_week: Some(4),
        },
        oldest: vec![instance.clone(), unknown.clone()],
        slowest: vec![Resolved {
            finding: fixed,
            opened_at: text("2026-10-26T06:00:00Z"),
            resolved_at: text("2026-11-18T10:00:00Z"),
            resolution: text("fixed"),
            hours_open: 556.0,
        }],
        ous: vec![place("Root/Shop", "Root/Shop", None, 3), place("Root/Payments", "Root/Payments", None, 1)],
        accounts: vec![
            place("111122223333", "shop-prod", Some("Root/Shop"), 3),
            place("444455556666", "payments-prod", Some("Root/Payments"), 1),
        ],
        regions: vec![place("eu-west-1", "eu-west-1", None, 4)],
        keys_in_danger: vec![KeyInDanger {
            key_arn: key.key_arn.clone(),
            key_state: key.key_state.clone(),
            reason: key.reason.clone(),
            findings: vec![key.clone()],
        }],
        exceptions: vec![ExceptionRow {
            exception_id: 3,
            state: text("active"),
            check_id: None,
            covers: text("ou Root/Sandbox"),
            reason: text("migration ends in December"),
            owner: text("data-platform@example.com"),
            created_at: text("2026-11-16T12:00:00Z"),
            expires_at: text("2026-12-31T00:00:00Z"),
            ended_at: None,
            findings: 1,
        }],
        remediation_times: checks.map(|(id, ..)| times(id)).to_vec(),
        controls: vec![
            Control {
                framework: text("NIST SP 800-53 r5"),
                id: text("SC-12(2)"),
                check_ids: checks.map(|(id, ..)| text(id)).to_vec(),
                counts: Counts { pass: 101, fail: 3, unknown: 1, suppressed: 1 },
            },
            Control {
                framework: text("PCI DSS v4.0.1"),
                id: text("3.5.1"),
                check_ids: checks[..3].iter().map(|(id, ..)| text(id)).collect(),
                counts: Counts { pass: 51, fail: 2, unknown: 1, suppressed: 1 },
            },
        ],
        evidence: [("describe_key", "pass", 101), ("describe_key", "fail", 4), ("none", "unknown", 1)]
            .map(|(evidence, status, verdicts)| EvidenceCount {
                evidence: text(evidence),
                status: text(status),
                verdicts,
            })
            .to_vec(),
        findings: vec![key, instance, endpoint, suppressed, unknown],
    }
}

/// The same with names that try to be markup, formulas and more.
pub(crate) fn hostile() -> Weekly {
    let mut weekly = weekly();
    let evil = [
        "=cmd|' /C calc'!A0",
        "+1+1",
        "@SUM(A1)",
        "-2+3",
        "<script>alert(1)</script>",
        "\"><img src=x onerror=alert(1)>",
        "[click](javascript:alert(1)) | ` **b** \\",
        "{{ 7*7 }} {% raw %}",
        "\u{202e}rtl\u{200b}\t=1",
        "line\r\nbreak, \"quoted\"; &amp;",
    ];
    let mut at = 0;
    let mut next = || {
        at += 1;
        evil[at % evil.len()].to_owned()
    };
    for finding in &mut weekly.findings {
        finding.resource_name = next();
        finding.account_name = next();
        finding.ou_path = Some(next());
        finding.resource_arn = next();
        finding.key_arn = Some(next());
    }
    for gap in &mut weekly.coverage.gaps {
        gap.account_name = next();
        gap.error_message = Some(next());
    }
    for place in weekly.ous.iter_mut().chain(&mut weekly.accounts) {
        place.name = next();
        place.ou_path = Some(next());
    }
    weekly.ous.iter_mut().for_each(|place| place.id = next());
    for exception in &mut weekly.exceptions {
        exception.covers = next();
        exception.reason = next();
        exception.owner = next();
    }
    let changes = &mut weekly.changes;
    for change in changes.opened.iter_mut().chain(&mut changes.reopened).chain(&mut changes.resolved) {
        change.finding.resource_name = next();
        change.finding.account_name = next();
    }
    weekly
}

/// What is reported of an organization in which nothing was found, in its first week.
pub(crate) fn empty() -> Weekly {
    let mut weekly = weekly();
    weekly.period.first_scan_at = Some("2026-11-18T06:00:00Z".to_owned());
    weekly.coverage = Coverage {
        accounts: 1,
        accounts_seen_whole: 1,
        targets: TargetCounts { scanned: 17, failed: 0, skipped: 0 },
        ..Coverage::default()
    };
    let nothing = Trend::default();
    weekly.overall = nothing.clone();
    weekly.compliance.iter_mut().for_each(|check| check.trend = nothing.clone());
    weekly.changes = Changes::default();
    weekly.controls.iter_mut().for_each(|control| control.counts = Counts::default());
    for times in &mut weekly.remediation_times {
        (times.week, times.twelve_weeks) = Default::default();
    }
    (weekly.oldest, weekly.slowest, weekly.findings) = Default::default();
    (weekly.ous, weekly.accounts, weekly.regions) = Default::default();
    (weekly.keys_in_danger, weekly.exceptions, weekly.evidence) = Default::default();
    weekly
}

fn finding(finding_id: i64, check_id: &str, name: &str) -> Finding {
    let text = str::to_owned;
    Finding {
        finding_id,
        check_id: text(check_id),
        severity: text("high"),
        state: text("open"),
        status: text("fail"),
        reason: text("aws_managed_key"),
        account_id: text("111122223333"),
        account_name: text("shop-prod"),
        ou_path: Some(text("Root/Shop")),
        region: text("eu-west-1"),
        resource_arn: format!("arn:aws:dms:eu-west-1:111122223333:rep:{}", name.to_uppercase()),
        resource_type: text("replication_instance"),
        resource_name: text(name),
        key_arn: Some(text("arn:aws:kms:eu-west-1:111122223333:key/aaaa")),
        key_manager: Some(text("AWS")),
        key_state: Some(text("Enabled")),
        evidence: Some(text("describe_key")),
        opened_at: text("2026-10-26T06:00:00Z"),
        last_seen_at: text("2026-11-22T22:00:00Z"),
        times_opened: 1,
        ..Finding::default()
    }
}

fn trend(now: Counts) -> Trend {
    let weeks = (36..=47).map(|week| WeekPoint {
        week: format!("2026-W{week}"),
        counts: (week >= 44).then_some(Counts { pass: now.pass.saturating_sub(47 - week), ..now }),
        open: (week >= 44).then_some(now.fail + now.unknown + 47 - week),
        scanned: week >= 44 && week != 45,
    });
    let last_week = Counts { pass: now.pass.saturating_sub(1), fail: now.fail + 1, ..now };
    Trend { now, last_week: Some(last_week), weeks: weeks.collect() }
}

fn times(check_id: &str) -> RemediationTime {
    let one = Times {
        resolved: 2,
        fixed: 1,
        median_hours: Some(556.0),
        p90_hours: Some(556.0),
        longest_hours: Some(556.0),
    };
    let none = check_id == "dms_serverless_kms_cmk_encryption";
    let week = if none { Times::default() } else { one };
    RemediationTime { check_id: check_id.to_owned(), week: week.clone(), twelve_weeks: week }
}

fn place(id: &str, name: &str, ou_path: Option<&str>, open: u64) -> Place {
    Place {
        id: id.to_owned(),
        name: name.to_owned(),
        ou_path: ou_path.map(str::to_owned),
        counts: Counts { pass: 50, fail: open, unknown: 0, suppressed: 0 },
        open,
        open_last_week: Some(2),
        opened: 1,
        resolved: 1,
        targets: TargetCounts { scanned: 16, failed: 1, skipped: 0 },
    }
}
