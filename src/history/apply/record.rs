//! A record in the form that history compares and stores: sorted, without duplicates, each part with its
//! coverage. Two records that say the same have the same form, however AWS ordered its answer.

use std::{borrow::Cow, collections::BTreeMap};

use crate::domain::{
    CoverageReason, Failure, JudgedResource, Outcome, PartRecord, Reading, ResourceType, Skip, TargetRecord,
    Verdict,
};

/// Why a finding ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::history) enum Resolution {
    /// The resource now passes, or the check no longer applies to it.
    Fixed,
    /// A target that was read no longer lists it.
    ResourceDeleted,
    /// The account was closed, suspended, or left the organization.
    AccountLeft,
    /// The config leaves it out.
    NoLongerInScope,
}

impl Resolution {
    pub(in crate::history) const fn as_str(self) -> &'static str {
        match self {
            Self::Fixed => "fixed",
            Self::ResourceDeleted => "resource_deleted",
            Self::AccountLeft => "account_left",
            Self::NoLongerInScope => "no_longer_in_scope",
        }
    }
}

/// What became of a target or of a part of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::history) struct Coverage<'a> {
    pub(in crate::history) outcome: Outcome,
    pub(in crate::history) reason: Option<CoverageReason>,
    pub(in crate::history) code: Option<&'a str>,
    pub(in crate::history) message: Option<Cow<'a, str>>,
    pub(in crate::history) request_id: Option<&'a str>,
}

impl<'a> Coverage<'a> {
    const SCANNED: Coverage<'static> =
        Coverage { outcome: Outcome::Scanned, reason: None, code: None, message: None, request_id: None };

    fn failed(failure: &'a Failure) -> Self {
        Self {
            outcome: Outcome::Failed,
            reason: Some(failure.reason),
            code: failure.code.as_deref(),
            message: Some(format!("{}: {}", failure.operation, failure.message).into()),
            request_id: failure.request_id.as_deref(),
        }
    }

    fn skipped(skip: &'a Skip) -> Self {
        Self {
            outcome: Outcome::Skipped,
            reason: Some(skip.reason),
            code: None,
            message: Some(skip.detail.as_str().into()),
            request_id: None,
        }
    }

    pub(in crate::history) fn reason_str(&self) -> Option<&'static str> {
        self.reason.map(CoverageReason::as_str)
    }
}

/// One kind of resource.
#[derive(Debug)]
pub(in crate::history) struct Part<'a> {
    pub(in crate::history) kind: ResourceType,
    pub(in crate::history) coverage: Coverage<'a>,
    /// Every resource by ARN, if they were read.
    pub(in crate::history) resources: Option<Vec<Judged<'a>>>,
}

/// One resource with its verdicts, one per check.
#[derive(Debug)]
pub(in crate::history) struct Judged<'a> {
    pub(in crate::history) facts: &'a JudgedResource,
    pub(in crate::history) verdicts: BTreeMap<&'static str, &'a Verdict>,
}

/// The whole record.
#[derive(Debug)]
pub(in crate::history) struct Normal<'a> {
    pub(in crate::history) whole: Coverage<'a>,
    pub(in crate::history) parts: Vec<Part<'a>>,
    /// Set where the record itself ends what was known of the target.
    pub(in crate::history) ends: Option<Resolution>,
}

impl<'a> Normal<'a> {
    pub(in crate::history) fn new(record: &'a TargetRecord) -> Self {
        match &record.reading {
            Reading::Skipped(skip) => {
                let ends = match skip.reason {
                    CoverageReason::AccountExcluded | CoverageReason::RegionExcluded => {
                        Some(Resolution::NoLongerInScope)
                    }
                    CoverageReason::AccountNotActive => Some(Resolution::AccountLeft),
                    // A Region that is not enabled may still hold the data: nothing is known to have ended.
                    _ => None,
                };
                Self::uniform(Coverage::skipped(skip), ends)
            }
            Reading::Failed(failure) => Self::uniform(Coverage::failed(failure), None),
            Reading::Read(parts) => Self::read(parts),
        }
    }

    fn uniform(coverage: Coverage<'a>, ends: Option<Resolution>) -> Self {
        let parts = ResourceType::ALL
            .map(|kind| Part { kind, coverage: coverage.clone(), resources: None })
            .into_iter()
            .collect();
        Self { whole: coverage, parts, ends }
    }

    fn read(records: &'a [PartRecord]) -> Self {
        let mut kinds: BTreeMap<ResourceType, Result<Vec<&'a JudgedResource>, &'a Failure>> = BTreeMap::new();
        for record in records {
            let all = kinds.entry(record.resource_type).or_insert_with(|| Ok(Vec::new()));
            match (&record.resources, all) {
                (Ok(found), Ok(all)) => all.extend(found),
                (Err(failure), all @ Ok(_)) => *all = Err(failure),
                (_, Err(_)) => {}
            }
        }
        let parts: Vec<Part<'a>> = kinds
            .into_iter()
            .map(|(kind, resources)| match resources {
                Ok(found) => Part { kind, coverage: Coverage::SCANNED, resources: Some(judged(found)) },
                Err(failure) => Part { kind, coverage: Coverage::failed(failure), resources: None },
            })
            .collect();
        let whole = parts
            .iter()
            .map(|part| &part.coverage)
            .find(|coverage| coverage.outcome != Outcome::Scanned)
            .unwrap_or(&Coverage::SCANNED)
            .clone();
        Self { whole, parts, ends: None }
    }

    /// How many resources were read.
    pub(in crate::history) fn resources(&self) -> i64 {
        let count: usize = self.parts.iter().filter_map(|part| part.resources.as_ref()).map(Vec::len).sum();
        i64::try_from(count).unwrap_or(i64::MAX)
    }
}

/// Sorts by ARN and keeps one of each. AWS names no order, so of two answers under one ARN the choice must
/// not depend on which came first.
fn judged(mut found: Vec<&JudgedResource>) -> Vec<Judged<'_>> {
    found.sort_by(|a, b| {
        let (a, b) = (&a.resource, &b.resource);
        (&a.arn, &a.document, &a.name).cmp(&(&b.arn, &b.document, &b.name))
    });
    found.dedup_by(|a, b| a.resource.arn == b.resource.arn);
    found
        .into_iter()
        .map(|facts| Judged {
            facts,
            verdicts: facts.verdicts.iter().map(|verdict| (verdict.check_id, verdict)).collect(),
        })
        .collect()
}
