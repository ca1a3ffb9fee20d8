use clap::{CommandFactory, error::ErrorKind};

use super::*;

fn parsed(line: &str) -> Result<Cli, clap::Error> {
    parse(line.split(' ').map(OsString::from))
}

#[test]
fn the_definition_is_sound() {
    Cli::command().debug_assert();
}

#[test]
fn lists_repeat_or_are_separated_by_commas() {
    let cli =
        parsed("keywatch scan --account 000000000001,000000000002 --account 000000000003 --region eu-west-1")
            .unwrap();
    let Command::Scan(scan) = cli.command else { panic!("{:?}", cli.command) };
    assert_eq!(scan.accounts.len(), 3);
    assert_eq!(scan.regions, ["eu-west-1".parse().unwrap()]);
}

#[test]
fn global_options_stand_anywhere() {
    let cli = parsed("keywatch --db a.db coverage --config c.toml -vv").unwrap();
    assert_eq!(cli.global.db, Some("a.db".into()));
    assert_eq!(cli.global.config, Some("c.toml".into()));
    assert_eq!(cli.global.verbose, 2);
    assert_eq!(parsed("keywatch -q -v coverage").unwrap_err().kind(), ErrorKind::ArgumentConflict);
}

#[test]
fn a_bad_value_is_named() {
    let error = parsed("keywatch scan --account 12").unwrap_err().to_string();
    assert!(error.contains("twelve digits"), "{error}");
    let error = parsed("keywatch scan --region frankfurt").unwrap_err().to_string();
    assert!(error.contains("eu-central-1"), "{error}");
    let error = parsed("keywatch findings list --state opne").unwrap_err().to_string();
    assert!(error.contains("a similar value exists: 'open'"), "{error}");
    let error = parsed("keywatch findings list --check dms_key_usable").unwrap_err().to_string();
    assert!(error.contains("'dms_kms_key_usable'"), "{error}");
    for line in ["keywatch query", "keywatch query x --file y", "keywatch findings show", "keywatch"] {
        assert_eq!(parsed(line).unwrap_err().exit_code(), 2, "{line}");
    }
}
