//! `remediate verify`.

use tokio_util::sync::CancellationToken;

use crate::{
    app,
    cli::{
        args::{GlobalArgs, VerifyArgs},
        exit::{Exit, Failed},
        findings,
        output::Out,
        settings,
    },
    history::Reader,
};

/// Scans where a finding is, and prints how it stands then.
pub async fn run(global: &GlobalArgs, args: &VerifyArgs, out: &mut Out) -> Result<Exit, Failed> {
    let config = settings::load(global)?.config;
    let stop = CancellationToken::new();
    app::on_signal(stop.clone()).map_err(Failed::could_not_run)?;
    let reader = Reader::open(&config.database.path).await?;
    let known = reader.finding(&args.arn_or_id).await?.findings;
    let failed = |error: anyhow::Error| Failed::could_not_run(format!("{error:#}"));
    let Some(row) = known.iter().next() else {
        return Err(Failed::could_not_run(format!(
            "the history has no finding {}: see `keywatch findings list`, or scan first",
            args.arn_or_id
        )));
    };
    let finding = app::OpenFinding::of(row).map_err(failed)?;
    let verified =
        app::verify(&config, &finding, &args.arn_or_id, args.clock.clock(), &stop).await.map_err(failed)?;
    out.rows(&verified.findings, args.format, findings::for_people)?;
    // One that could not be judged is not put right either.
    let open = verified.findings.iter().filter(|row| row.text("state") == "open");
    Ok(Exit::of_scan(verified.scan.failed, open.count() as u64))
}
