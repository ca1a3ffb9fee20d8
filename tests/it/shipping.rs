//! What is shipped beside the binary, and what a package or a container does with the binary itself.

#[cfg(feature = "sandbox")]
use std::net::TcpListener;
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use tempfile::TempDir;

#[cfg(feature = "sandbox")]
use crate::support::scene::{Scene, small_world};
use crate::support::{Keywatch, Process};

fn repository() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn keywatch(dir: &TempDir, arguments: &[&str]) -> String {
    Keywatch::new(dir).args(arguments).run().exits(0).stdout
}

#[test]
fn the_version_is_short_or_says_what_it_was_built_from() {
    let dir = TempDir::new().unwrap();
    let version = concat!("keywatch ", env!("CARGO_PKG_VERSION"));
    assert_eq!(keywatch(&dir, &["-V"]), format!("{version}\n"));
    // A debug build asks no repository, and no variable is set here; deploy/release.sh holds a release to its commit.
    let long = keywatch(&dir, &["--version"]);
    assert!(long == format!("{version}\n") || long.starts_with(&format!("{version} (")), "{long:?}");
}

#[test]
fn every_shell_has_completions_of_what_is_not_hidden() {
    let dir = TempDir::new().unwrap();
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = keywatch(&dir, &["completions", shell]);
        assert!(script.contains("findings") && script.contains("account"), "{shell}: {script}");
        assert!(!script.contains("sandbox-now"), "{shell}");
    }
    let other = Keywatch::new(&dir).args(["completions", "tcsh"]).run().exits(2);
    assert!(other.stderr.contains("possible values"), "{}", other.stderr);
}

#[test]
fn bash_completes_with_them() {
    let dir = TempDir::new().unwrap();
    fs::write(dir.path().join("keywatch.bash"), keywatch(&dir, &["completions", "bash"])).unwrap();
    let offers = |words: &str, last: usize| {
        let mut bash = Command::new("bash");
        bash.current_dir(dir.path()).args(["--norc", "-c"]).arg(format!(
            "source keywatch.bash; COMP_WORDS=(keywatch {words}); COMP_CWORD={last}; \
             _keywatch keywatch \"${{COMP_WORDS[{last}]}}\" \"${{COMP_WORDS[{last}-1]}}\"; echo \"${{COMPREPLY[@]}}\""
        ));
        Process::spawn(bash).finish(std::time::Duration::from_secs(20)).exits(0).stdout
    };
    assert_eq!(offers("cov", 1), "coverage\n");
    assert_eq!(offers("findings sh", 2), "show\n");
    assert_eq!(offers("scan --format ", 3), "table json csv\n");
    assert_eq!(offers("scan --sandbox", 2), "\n");
}

#[test]
fn there_is_a_manual_page_for_each_command() {
    let dir = TempDir::new().unwrap();
    let page = keywatch(&dir, &["man"]);
    assert!(page.contains(".TH keywatch 1") && page.contains("Exit codes"), "{page}");
    assert_eq!(keywatch(&dir, &["man", "--out", "pages"]), "");
    let pages = dir.path().join("pages");
    for name in ["keywatch", "keywatch-scan", "keywatch-findings-show", "keywatch-completions"] {
        let text = fs::read_to_string(pages.join(format!("{name}.1"))).unwrap();
        assert!(text.contains(".SH SYNOPSIS"), "{text}");
        assert!(!text.contains(r"sandbox\-now"), "what is for development only is not shown: {text}");
    }
    let file = dir.path().join("file");
    fs::write(&file, "").unwrap();
    let refused = Keywatch::new(&dir).args(["man", "--out", "file"]).run().exits(1);
    assert!(refused.stderr.contains("cannot write to file"), "{}", refused.stderr);
}

/// The text of the block scalar below this key, as the file's indentation has it.
fn block_below<'t>(yaml: &'t str, key: &str) -> Vec<&'t str> {
    let mut lines = yaml.lines().skip_while(|line| line.trim() != format!("{key}: |"));
    let depth = lines.next().expect(key).find(|letter| letter != ' ').unwrap() + 2;
    let inner = |line: &&str| line.is_empty() || line.starts_with(&" ".repeat(depth));
    lines.take_while(inner).map(|line| line.get(depth..).unwrap_or_default()).collect()
}

#[test]
fn the_config_in_the_kubernetes_manifest_is_sound() {
    let dir = TempDir::new().unwrap();
    let manifest = fs::read_to_string(repository().join("deploy/kubernetes/keywatch.yaml")).unwrap();
    let config = block_below(&manifest, "keywatch.toml").join("\n");
    assert!(config.contains("0.0.0.0:8080"), "{config}");
    fs::write(dir.path().join("k.toml"), config).unwrap();
    assert_eq!(keywatch(&dir, &["--config", "k.toml", "config", "check"]), "ok: k.toml\n");
}

/// The variables that the files for containers set are variables that keywatch knows.
#[test]
fn the_variables_in_the_deployment_files_are_known() {
    let dir = TempDir::new().unwrap();
    let names = |file: &Path| {
        let text = fs::read_to_string(file).unwrap();
        let words = text.split(|letter: char| !(letter.is_ascii_uppercase() || letter == '_'));
        let known: Vec<String> = words.filter(|word| word.contains("__")).map(str::to_owned).collect();
        known
    };
    let mut run = Keywatch::new(&dir).args(["config", "check"]);
    let mut any = 0;
    for file in ["docker-compose.yml", "deploy/ecs/task-definition.json", "deploy/kubernetes/keywatch.yaml"] {
        for name in names(&repository().join(file)) {
            // A value that fits none of them: what is known is refused by its key and not by its name.
            run = run.env(name, "\u{1}");
            any += 1;
        }
    }
    assert!(any > 5);
    let refused = run.run();
    assert!(!refused.stderr.contains("overrides no key"), "{}", refused.stderr);
}

#[cfg(feature = "sandbox")]
#[test]
fn a_healthcheck_asks_the_daemon() {
    let (world, ..) = small_world();
    let scene = Scene::new(world);
    // Nobody else takes it in between, as far as can be: the system gives a port out again last of all.
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    scene.configure(&format!("[server]\nlisten = \"127.0.0.1:{port}\"\n"));
    let unhealthy = |why: &str| {
        let output = scene.keywatch(&["healthcheck"]).run().exits(1);
        assert!(output.stderr.contains(why), "{}", output.stderr);
    };
    unhealthy("/healthz: ");
    let mut daemon = scene.keywatch(&["daemon"]).start();
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(40);
    while scene.keywatch(&["healthcheck"]).run().code != Some(0) {
        assert!(std::time::Instant::now() < deadline && !daemon.has_ended());
        std::thread::yield_now();
    }
    let output = scene.keywatch(&["healthcheck"]).run().exits(0);
    assert_eq!(output.stdout, "{\"status\":\"ok\"}\n");

    // Where it serves nothing, all there is to ask is the lock.
    let off = |code| scene.keywatch(&["healthcheck"]).env("KEYWATCH_SERVER__LISTEN", "off").run().exits(code);
    assert!(off(0).stdout.contains("a daemon runs"));
    daemon.terminate(std::time::Duration::from_secs(40)).exits(0);
    assert!(off(1).stderr.contains("no daemon holds the lock"));
    unhealthy("/healthz: ");

    // What listens there but is no keywatch, or one that hangs, is not well.
    let silent = TcpListener::bind(("127.0.0.1", port)).unwrap();
    let hanging = scene.keywatch(&["healthcheck", "--timeout", "1"]).run().exits(1);
    assert!(hanging.stderr.contains("/healthz: "), "{}", hanging.stderr);
    drop(silent);
}
