use jiff::SignedDuration;

use super::{
    names::{
        AWS_DURATION, AWS_REQUESTS, BUILD_INFO, CPU, DATABASE_READABLE, FINDINGS_OPEN, FINDINGS_SUPPRESSED,
        JOB_LAST_SUCCESS, LAST_COMPLETE_SCAN, LAST_SCAN, MAX_FDS, OLDEST_KNOWLEDGE, OPEN_FDS,
        RESIDENT_MEMORY, SCAN_DURATION, SCAN_RUNNING, SCANS, START_TIME, TARGETS,
    },
    process::Process,
    text::Family,
};
use crate::{
    domain::{COMMIT, Timestamp, VERSION},
    history::{Measures, ScanSpan},
    server::State,
};

/// Every metric, in the order of the list; those without a value have no sample.
pub(super) fn gather(state: &State, measures: Option<&Measures>) -> Vec<Family> {
    let mut families = calls(state);
    families.push(Family::one(&DATABASE_READABLE, Some(f64::from(u8::from(measures.is_some())))));
    families.extend(knowledge(measures, (state.now)()));
    families.extend(scans(state, measures));
    families.push(jobs(state));
    families.push(Family::new(&BUILD_INFO).with([VERSION, COMMIT], 1.0));
    families.extend(process());
    families
}

fn calls(state: &State) -> Vec<Family> {
    let requests = state.calls.calls().into_iter().fold(Family::new(&AWS_REQUESTS), |family, call| {
        let name = call.operation.name();
        let operation = name.split_once(':').map_or(name, |(_, operation)| operation);
        family.with([call.service.name(), operation, call.outcome.as_str()], call.count as f64)
    });
    let durations = state.calls.durations().into_iter().fold(Family::new(&AWS_DURATION), |family, took| {
        family.with_histogram([took.service.name()], took.buckets, took.sum)
    });
    vec![requests, durations]
}

fn knowledge(measures: Option<&Measures>, now: Timestamp) -> Vec<Family> {
    let mut targets = Family::new(&TARGETS);
    let (mut open, mut suppressed) = (Family::new(&FINDINGS_OPEN), Family::new(&FINDINGS_SUPPRESSED));
    if let Some(measures) = measures {
        targets = measures.targets.iter().fold(targets, |all, (outcome, n)| all.with([outcome], *n as f64));
        for found in &measures.findings {
            let labels = [found.check_id.as_str(), found.severity.as_str()];
            open = open.with(labels, found.open as f64);
            suppressed = suppressed.with(labels, found.suppressed as f64);
        }
    }
    let oldest = measures.and_then(|measures| measures.oldest_knowledge);
    // A clock that was set back makes no knowledge of the future.
    let age = |at| now.duration_since(at).max(SignedDuration::ZERO).as_secs_f64();
    vec![targets, Family::one(&OLDEST_KNOWLEDGE, oldest.map(age)), open, suppressed]
}

fn scans(state: &State, measures: Option<&Measures>) -> Vec<Family> {
    let ended = state
        .scans
        .ended()
        .fold(Family::new(&SCANS), |family, (outcome, count)| family.with([outcome], count as f64));
    let last = measures.and_then(|measures| measures.last_scan);
    let complete = measures.and_then(|measures| measures.last_complete_at);
    let took = |scan: ScanSpan| scan.finished_at.duration_since(scan.started_at).as_secs_f64();
    vec![
        Family::one(&SCAN_RUNNING, Some(state.scans.running() as f64)),
        ended,
        Family::one(&SCAN_DURATION, last.map(took)),
        Family::one(&LAST_SCAN, last.map(|scan| seconds(scan.finished_at))),
        Family::one(&LAST_COMPLETE_SCAN, complete.map(seconds)),
    ]
}

fn jobs(state: &State) -> Family {
    (state.jobs)().iter().fold(Family::new(&JOB_LAST_SUCCESS), |family, job| match job.last_success {
        Some(at) => family.with([&job.name], seconds(at)),
        None => family,
    })
}

fn process() -> Vec<Family> {
    let process = Process::read();
    vec![
        Family::one(&START_TIME, process.started_at),
        Family::one(&CPU, process.cpu_seconds),
        Family::one(&RESIDENT_MEMORY, process.resident_bytes),
        Family::one(&OPEN_FDS, process.open_files),
        Family::one(&MAX_FDS, process.max_files),
    ]
}

fn seconds(at: Timestamp) -> f64 {
    at.as_second() as f64
}
