//! The command line: clap types, one function per command, and the output formats.

pub mod args;
mod coverage;
mod daemon;
mod db;
#[cfg(feature = "sandbox")]
mod demo;
mod doctor;
mod exceptions;
mod exit;
mod findings;
mod healthcheck;
mod iam;
mod init;
mod lists;
mod notify;
mod output;
mod progress;
mod query;
mod remediate;
mod report;
#[cfg(feature = "sandbox")]
mod sandbox;
mod scan;
mod settings;
mod shipping;
mod status;
mod trend;

use std::{
    ffi::OsString,
    io::{self, IsTerminal, Write},
    process::ExitCode,
};

use args::{
    AsOf, Cli, Command, ConfigCommand, ExceptionsCommand, FindingsCommand, GlobalArgs, LogFormat,
    NotifyCommand, ReportCommand,
};
use exit::{Exit, Failed};
use output::{Out, color_allowed, visible};

use crate::{
    app,
    history::{Past, Reader},
    telemetry::{self, Level, LogLines, Logging},
};

/// Runs a command line, the program's name first.
pub fn run(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let cli = match args::parse(args) {
        Ok(cli) => cli,
        Err(error) => {
            // Help goes to stdout, an error to stderr; nobody is left to tell if that is closed.
            let _ = error.print();
            return if error.exit_code() == 0 { Exit::Done } else { Exit::Usage }.into();
        }
    };
    let mut out = Out::stdout();
    let result = start_log(&cli.global).and_then(|lines| execute(&cli, &lines, &mut out));
    telemetry::end();
    let result = match (result, out.finish()) {
        (Ok(exit), Ok(())) => Ok(exit),
        (Err(failed), _) | (Ok(_), Err(failed)) => Err(failed),
    };
    match result {
        Ok(exit) => exit.into(),
        Err(failed) => {
            for (at, line) in failed.message.lines().enumerate() {
                let label = if at == 0 { "error: " } else { "" };
                let _ = writeln!(io::stderr(), "{label}{}", visible(line));
            }
            failed.exit.into()
        }
    }
}

fn start_log(global: &GlobalArgs) -> Result<LogLines, Failed> {
    let level = match (global.quiet, global.verbose) {
        (true, _) => Level::Error,
        (false, 0) => Level::Info,
        (false, 1) => Level::Debug,
        (false, _) => Level::Trace,
    };
    let logging = Logging {
        json: global.log_format == LogFormat::Json,
        level,
        directives: std::env::var("KEYWATCH_LOG").ok(),
        color: io::stderr().is_terminal() && color_allowed(),
        traces: ["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"]
            .iter()
            .any(|name| std::env::var_os(name).is_some_and(|endpoint| !endpoint.is_empty())),
    };
    telemetry::init(&logging).map_err(Failed::usage)
}

/// Does what the command line says; `lines` is where a progress display has to make room.
fn execute(cli: &Cli, lines: &LogLines, out: &mut Out) -> Result<Exit, Failed> {
    let global = &cli.global;
    match &cli.command {
        Command::Init(args) => init::init(global, args, out)?,
        Command::Config(ConfigCommand::Check) => init::check(global, out)?,
        Command::Healthcheck(args) => healthcheck::run(global, args, out)?,
        Command::Completions(args) => shipping::completions(args, out)?,
        Command::Man(args) => shipping::man(args, out)?,
        Command::Exceptions(ExceptionsCommand::Add(args)) => block_on(exceptions::add(global, args, out))?,
        Command::Exceptions(ExceptionsCommand::Remove(args)) => {
            block_on(exceptions::remove(global, args, out))?;
        }
        Command::Exceptions(ExceptionsCommand::List(args)) => {
            block_on(async { exceptions::list(&history(global).await?, args, out).await })?;
        }
        Command::Findings(FindingsCommand::List(args)) => {
            block_on(async { findings::list(&history(global).await?, args, out).await })?;
        }
        Command::Findings(FindingsCommand::Show(args)) => {
            block_on(async { findings::show(&history(global).await?, args, out).await })?;
        }
        Command::Coverage(args) => {
            block_on(async { coverage::run(&history(global).await?, args, out).await })?;
        }
        Command::Trend(args) => {
            block_on(async { trend::run(&history(global).await?, args, out).await })?;
        }
        Command::Report(ReportCommand::Weekly(args)) => block_on(report::weekly(global, args, out))?,
        Command::Remediate(command) => return block_on(remediate::run(global, command, out)),
        Command::Query(args) if args.list || args.show => query::tell(args, out)?,
        Command::Query(args) => {
            block_on(async { query::run(&history(global).await?, args, out).await })?;
        }
        Command::Notify(NotifyCommand::Test(args)) => return block_on(notify::test(global, args, out)),
        Command::Notify(NotifyCommand::List(args)) => {
            block_on(async { notify::list(&history(global).await?, args, out).await })?;
        }
        Command::Db(command) => return block_on(db::run(global, command, out)),
        Command::Daemon(args) => block_on(daemon::run(global, args))?,
        Command::Status(args) => block_on(status::run(global, args, out))?,
        Command::Doctor(args) => return block_on(doctor::run(global, args, out)),
        Command::Iam(command) => iam::run(global, command, out)?,
        Command::Scan(args) => return block_on(scan::run(global, args, lines, out)),
        #[cfg(feature = "sandbox")]
        Command::Sandbox(args) => return block_on(sandbox::run(args, out)),
        #[cfg(feature = "sandbox")]
        Command::Demo(args) => return block_on(demo::run(args, out)),
    }
    Ok(Exit::Done)
}

/// Opens the history that the config names.
async fn history(global: &GlobalArgs) -> Result<Reader, Failed> {
    let loaded = settings::load(global)?;
    Ok(Reader::open(&loaded.config.database.path).await?)
}

/// The history as it was known at the time that `--as-of` names, if it names one.
async fn past(reader: &Reader, as_of: Option<AsOf>) -> Result<Option<Past<'_>>, Failed> {
    let Some(as_of) = as_of else { return Ok(None) };
    let now = app::now();
    let at = as_of.moment(now).map_err(Failed::usage)?;
    Ok(Some(reader.as_of(at, now).await?))
}

fn block_on<T>(work: impl Future<Output = Result<T, Failed>>) -> Result<T, Failed> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failed::could_not_run(format!("cannot start: {error}")))?
        .block_on(work)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    fn help(command: &mut clap::Command) -> String {
        command.set_bin_name(command.get_name().to_owned());
        let text = command.clone().term_width(100).render_help().to_string();
        text.lines().map(|line| line.trim_end().to_owned() + "\n").collect()
    }

    #[test]
    fn help_of_keywatch_and_scan() {
        let mut cli = Cli::command();
        insta::assert_snapshot!(help(&mut cli), @r"
        Finds the DMS data of an AWS Organization that is encrypted with a key AWS manages instead of one
        you manage, and remembers it

        Usage: keywatch [OPTIONS] <COMMAND>

        Commands:
          scan         Scan the organization once, now
          daemon       Scan on schedule, and look after the history, until told to stop
          status       What the daemon does, the last scans, and how old the knowledge is
          exceptions   Accepted risks: who, why, until when
          findings     What is not as it should be
          coverage     Targets that were not scanned, and why
          trend        How the numbers went, by day or week
          report       The compliance report
          remediate    Put findings right: with a plan for their owners, or step by step
          query        Ask the history in SQL (read only)
          notify       Messages to people: try the channels, see what was sent
          db           Look after the history database
          doctor       Look over all that a scan needs, and say what to do where it is missing
          iam          What to deploy for keywatch: policies, CloudFormation, Terraform
          init         Write a commented config file
          config       Work with the config
          healthcheck  Ask the daemon of this machine or container whether it works
          completions  Print the completions of a shell
          man          Print the manual page, or write those of all commands
          sandbox      Serve an AWS organization in a box, to try keywatch on
          demo         Live twelve weeks with a sandbox organization and show what comes of it

        Options:
          -h, --help     Print help (see more with '--help')
          -V, --version  Print version

        Global options:
              --config <FILE>        Config file [env: KEYWATCH_CONFIG] [default: config/keywatch.toml or
                                     /etc/keywatch/keywatch.toml]
              --db <FILE>            History database, instead of the config's [env: KEYWATCH_DB]
              --log-format <FORMAT>  Form of the log on stderr [default: text] [possible values: text, json]
          -v, --verbose...           Log more: -v debug, -vv trace (finer: env KEYWATCH_LOG)
          -q, --quiet                Log errors only, and show no progress

        Exit codes: 0 done, 1 could not run, 2 usage or config error, and of a scan
        3 open failing findings, 4 coverage incomplete (a target could not be scanned).

          keywatch init                       write a commented config
          keywatch scan                       scan the organization now
          keywatch findings list --state open
          keywatch query 'SELECT * FROM scans'
        ");
        cli.build();
        insta::assert_snapshot!(help(cli.find_subcommand_mut("scan").unwrap()), @r"
        Scan the organization once, now

        Usage: keywatch scan [OPTIONS]

        Options:
              --account <ID>     Only this account; may be repeated
              --region <REGION>  Only this Region; may be repeated
              --resume           Go on with the last scan if it was stopped (one that crashed is gone on
                                 with anyway)
              --full             Ask every target, however sure its last answer
              --format <FORMAT>  Form of the output [default: table] [possible values: table, json, csv]
          -h, --help             Print help (see more with '--help')

        Global options:
              --config <FILE>        Config file [env: KEYWATCH_CONFIG] [default: config/keywatch.toml or
                                     /etc/keywatch/keywatch.toml]
              --db <FILE>            History database, instead of the config's [env: KEYWATCH_DB]
              --log-format <FORMAT>  Form of the log on stderr [default: text] [possible values: text, json]
          -v, --verbose...           Log more: -v debug, -vv trace (finer: env KEYWATCH_LOG)
          -q, --quiet                Log errors only, and show no progress

        Prints the open findings and the targets that were not scanned. What a narrower scan
        leaves out keeps its findings as they were. A scan of the same that crashed less than a day
        ago goes on where it was.

        Exit codes: 0 no target failed, nothing fails; 3 open failing findings; 4 a target failed.

          keywatch scan
          keywatch scan --account 111122223333 --region eu-central-1 --format json
        ");
    }
}
