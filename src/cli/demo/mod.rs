//! `keywatch demo`: the main job on a sandbox organization, without credentials or network.

mod child;
mod place;

use std::{
    ffi::OsString,
    io::{self, IsTerminal},
    net::{SocketAddr, TcpListener},
    time::Duration,
};

use jiff::{SignedDuration, civil::Weekday, tz::TimeZone};

use super::{
    args::DemoArgs,
    exit::{Exit, Failed},
    output::Out,
};
use crate::app::{self, SandboxLife, SandboxPlan};
use child::Scanner;
use place::Place;

/// Days from one scan to the next: often enough to see a week's trouble, seldom enough for a demo.
const DAYS_BETWEEN: u32 = 3;

/// What the organization's people accept.
struct Accepted {
    /// The day on which they do; one with a scan.
    on: u32,
    /// How many days later it ends.
    days: i64,
    what: &'static [&'static str],
}

/// The first ends in the eleventh week with its findings still there; the others are in force today.
const ACCEPTED: [Accepted; 3] = [
    Accepted {
        on: 15,
        days: 58,
        what: &[
            "--account",
            "222222222222",
            "--reason",
            "the hub is rebuilt in autumn (RISK-7)",
            "--owner",
            "security@example.com",
        ],
    },
    Accepted {
        on: 15,
        days: 180,
        what: &[
            "--tag",
            "Stage=test",
            "--reason",
            "no customer data (RISK-42)",
            "--owner",
            "platform@example.com",
        ],
    },
    Accepted {
        on: 60,
        days: 90,
        what: &[
            "--account",
            "111111111111",
            "--check",
            "dms_endpoint_kms_cmk_encryption",
            "--reason",
            "moves to the payments account in spring",
            "--owner",
            "finance-it@example.com",
        ],
    },
];

/// Serves a sandbox organization, lives some weeks with it, scans it with this same program as a user would,
/// and leaves a config and a database that the other commands read.
pub async fn run(args: &DemoArgs, out: &mut Out) -> Result<Exit, Failed> {
    let place = Place::claim(&args.dir)?;
    let plan = SandboxPlan {
        accounts: args.size.accounts,
        regions: args.size.regions,
        seed: args.size.seed,
        listen: (std::net::Ipv4Addr::LOCALHOST, 0).into(),
        latency: Duration::from_millis(2),
    };
    let sandbox = app::serve_sandbox(plan).await.map_err(Failed::could_not_run)?;
    sandbox.write_config(&place.config).map_err(Failed::could_not_run)?;
    out.text(&format!(
        "An organization of {} accounts in {} Regions, answering on {} like AWS.\n",
        sandbox.accounts(),
        sandbox.regions().len(),
        sandbox.endpoint_url(),
    ))?;
    if args.weeks > 0 {
        out.text(&format!(
            "It lives {} weeks, scanned every {DAYS_BETWEEN} days; then comes the scan of today.\n",
            args.weeks
        ))?;
    }
    out.text("\n")?;
    out.finish()?;

    let scanner = Scanner::new(&sandbox, &place)?;
    let days = args.weeks.saturating_mul(7);
    let begins = app::now()
        .checked_sub(SignedDuration::from_hours(24 * i64::from(days)))
        .map_err(|error| Failed::usage(format!("--weeks {}: {error}", args.weeks)))?;
    let life = sandbox.begin_life(args.size.seed, begins, days);
    live(life, days, &scanner).await?;
    scanner.today().await?;
    if args.weeks > 0 {
        out.text("\nHow the numbers went\n")?;
        out.finish()?;
        scanner.trend().await?;
        scanner.write_report(&place.reports).await?;
    }

    let month_ago = app::now().checked_sub(SignedDuration::from_hours(24 * i64::from(days.min(30))));
    let month_ago = month_ago.map_err(Failed::could_not_run)?.strftime("%Y-%m-%d");
    let program = program();
    let program = program.to_string_lossy();
    let database = place.database.display();
    out.text(&format!(
        "\nThe history is in {database}. Ask it:\n  \
         {program} --db {database} findings list --state open\n  \
         {program} --db {database} findings show 1\n  \
         {program} --db {database} coverage\n  \
         {program} --db {database} trend --by day\n  \
         {program} --db {database} exceptions list --all\n  \
         {program} --db {database} findings list --as-of {month_ago}\n  \
         {program} --db {database} query \"SELECT resolution, count(*) AS findings, round(avg(julianday(resolved_at) - \
         julianday(opened_at)), 1) AS days FROM findings WHERE state = 'resolved' GROUP BY 1\"\n"
    ))?;
    if args.weeks > 0 {
        out.text(&format!(
            "\nThe report of last week, to be opened in a browser, is in {}.\n",
            place.reports.display()
        ))?;
    }
    if args.serves(out.look.width.is_some()) {
        let listen = free(args.listen).map_err(Failed::could_not_run)?;
        out.text(&format!(
            "\nThe dashboard: http://{listen}/ (a daemon goes on scanning the same organization; Ctrl-C ends it)\n"
        ))?;
        out.finish()?;
        scanner.serve(listen).await?;
    } else {
        out.text(&format!("The dashboard: {program} demo --serve always\n"))?;
        out.finish()?;
    }
    Ok(Exit::Done)
}

/// That address, or one with a free port where another program has it.
fn free(address: SocketAddr) -> io::Result<SocketAddr> {
    let listener = TcpListener::bind(address).or_else(|_| TcpListener::bind((address.ip(), 0)))?;
    listener.local_addr()
}

/// Lives up to today, with a scan every few days; today's is the caller's.
async fn live(mut life: SandboxLife<'_>, days: u32, scanner: &Scanner<'_>) -> Result<(), Failed> {
    let shown = io::stderr().is_terminal();
    let mut week = Vec::new();
    for day in 0..days {
        if day % DAYS_BETWEEN == 0 {
            for accepted in ACCEPTED.iter().filter(|accepted| accepted.on == day) {
                let ends = life.now().checked_add(SignedDuration::from_hours(24 * accepted.days));
                let ends = ends.map_err(Failed::could_not_run)?.strftime("%Y-%m-%d").to_string();
                let mut what = accepted.what.to_vec();
                what.extend(["--expires", &ends]);
                scanner.accept(life.now(), &what).await?;
            }
            scanner.at(life.now()).await?;
        }
        if day > 0 && TimeZone::UTC.to_datetime(life.now()).weekday() == Weekday::Monday {
            scanner.report(life.now()).await?;
        }
        week.extend(life.live());
        if (day + 1) % 7 == 0 {
            if shown {
                let story = if week.is_empty() { "nothing of note".to_owned() } else { week.join("; ") };
                eprintln!("week {:>2} of {}: {story}", (day + 1) / 7, days / 7);
            }
            week.clear();
        }
    }
    Ok(())
}

fn program() -> OsString {
    std::env::args_os().next().unwrap_or_else(|| "keywatch".into())
}
