//! The dashboard, as it comes over the wire.

use std::{
    io::{Read, Write},
    net::TcpStream,
};

use keywatch::{history::ScanOutcome, sandbox::world::World, server::ScanProgress};

use super::{MINUTE, REGIONS, Scene, Served, after, empty_world, scanned};

/// What is no markup, no attribute and no turn of the text when it is shown as it should be.
const HOSTILE: &str = "\"><script>alert(1)</script><img src=x onerror='x'>&amp;\u{202e}\u{1b}";

const PAGES: [&str; 9] = [
    "/",
    "/findings",
    "/findings?state=all",
    "/findings/1",
    "/accounts",
    "/coverage",
    "/scans",
    "/reports",
    "/nothing",
];

impl Served {
    /// Status, head and body of what a browser is told.
    #[track_caller]
    fn browse(&self, path: &str) -> (u16, String, String) {
        let mut stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(MINUTE)).unwrap();
        let accept = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
        write!(
            stream,
            "GET {path} HTTP/1.1\r\nHost: localhost\r\nAccept: {accept}\r\nConnection: close\r\n\r\n"
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").expect("a head and a body");
        (head.split(' ').nth(1).unwrap().parse().unwrap(), head.to_lowercase(), body.to_owned())
    }

    #[track_caller]
    fn page(&self, path: &str) -> String {
        let (status, _, body) = self.browse(path);
        assert_eq!(status, 200, "{path}: {body}");
        body
    }
}

/// An organization in which every name that people choose is a bad one.
fn hostile() -> Scene {
    let mut world: World = empty_world();
    let root = world.root.clone();
    let unit = world.add_ou(&root, HOSTILE);
    let account = world.add_account_in(&unit, HOSTILE);
    let region = REGIONS[0].parse().unwrap();
    let arn = world.add_instance(account, &region, HOSTILE, None);
    world.resource_mut(&arn).tags.insert(HOSTILE.to_owned(), HOSTILE.to_owned());
    let scene = Scene::new(world);
    scene.scan().exits(3);
    let tag = format!("{HOSTILE}={HOSTILE}");
    let accept = ["exceptions", "add", "--tag", &tag, "--reason", HOSTILE, "--owner", HOSTILE];
    let ends = after(&scene, 30 * 24 * 3600).strftime("%Y-%m-%d").to_string();
    scene.keywatch(&[&accept[..], &["--expires", &ends]].concat()).run().exits(0);
    scene.scan();
    scene
}

#[test]
fn no_name_is_ever_markup() {
    let scene = hostile();
    let served = Served::new(&scene, after(&scene, 60));
    let account = scene.ask("SELECT account_id FROM findings")[0]["account_id"].as_str().unwrap().to_owned();
    let mut paths: Vec<String> = PAGES.map(str::to_owned).into();
    paths.push(format!("/accounts/{account}"));
    paths.push("/findings?state=suppressed&account=%22%3E%3Cscript%3E".to_owned());
    paths.push("/findings?name=%22%3E%3Cscript%3E&region=%22%3E%3Cscript%3E".to_owned());
    paths.push("/findings?state=%22%3E%3Cscript%3E".to_owned());
    paths.push("/findings/%22%3E%3Cscript%3E".to_owned());
    paths.push("/accounts/%22%3E%3Cscript%3E".to_owned());
    for path in &paths {
        let (_, head, body) = served.browse(path);
        for bad in ["<script", "<img", "style=", "\u{202e}", "\u{1b}", "javascript:", "&amp;amp;amp;"] {
            assert!(!body.contains(bad), "{path} has {bad:?}:\n{body}");
        }
        let policy = "content-security-policy: default-src 'none'; style-src 'self'; img-src 'self' data:; \
                      form-action 'self'; frame-ancestors 'none'; base-uri 'none'\r\n";
        assert!(head.contains(policy), "{path}: {head}");
        assert!(head.contains("content-type: text/html; charset=utf-8"), "{path}: {head}");
        assert!(head.contains("cache-control: no-store") && head.contains("nosniff"), "{path}: {head}");
    }
    // It is shown, where it is named.
    let shown = "&#34;&#62;&#60;script&#62;alert(1)&#60;/script&#62;";
    for path in ["/", "/findings?state=all", "/findings/1", "/accounts", &format!("/accounts/{account}")] {
        let page = served.page(path);
        assert!(page.contains(shown) && page.contains("\\u{202e}\\u{1b}"), "{path}:\n{page}");
    }
}

#[test]
fn the_numbers_on_the_first_page_are_those_of_the_history() {
    let scene = scanned();
    let page = Served::new(&scene, after(&scene, 60)).page("/");
    let one = |sql: &str| scene.ask(sql)[0]["n"].as_i64().unwrap();
    let open = one("SELECT count(*) AS n FROM findings WHERE state = 'open'");
    let high = one("SELECT count(*) AS n FROM findings WHERE state = 'open' AND severity = 'high'");
    let unseen = one("SELECT count(*) AS n FROM coverage WHERE outcome <> 'scanned'");
    let failed = one("SELECT count(*) AS n FROM coverage WHERE outcome = 'failed'");
    assert!(open > 0 && failed > 0, "{open} {failed}");
    for text in [
        format!("<p class=\"big\"><a href=\"/findings\">{open}</a>"),
        format!(">{high} high</a>"),
        format!("<p class=\"big\"><a href=\"/coverage\">{unseen}</a>"),
        format!(">{failed} failed</a>"),
        "The audit role lacks a right.".to_owned(),
    ] {
        assert!(page.contains(&text), "{text}\n{page}");
    }
}

#[test]
fn the_first_page_follows_the_history() {
    let scene = scanned();
    let served = Served::new(&scene, after(&scene, 60));
    assert!(served.page("/").contains(" failed</a> and should have been seen."));
    scene.sandbox.clear_faults();
    scene.scan().exits(3);
    // What is kept of the history is a few seconds old at most, and this server has just asked it.
    let later = Served::new(&scene, after(&scene, 60));
    assert!(later.page("/").contains(">0 failed</a>"), "{}", later.page("/"));
}

#[test]
fn a_scan_on_its_way_is_shown_with_how_far_it_is() {
    let scene = scanned();
    let now = after(&scene, 60);
    let served = Served::new(&scene, now);
    let progress =
        ScanProgress { accounts_done: 3, accounts_total: 17, targets_done: 40, calls: 120, throttled: 2 };
    let running = served.state.begin_scan().telling(now, move || progress);
    for path in ["/", "/scans"] {
        let page = served.page(path);
        assert!(page.contains("3 of 17 accounts done"), "{path}: {page}");
        assert!(page.contains("40 targets, 120 calls, 2 of them throttled"), "{path}: {page}");
        assert!(page.contains("max=\"17\" value=\"3\""), "{path}: {page}");
    }
    running.end(ScanOutcome::Complete);
    assert!(!served.page("/").contains("accounts done"));
}

#[test]
fn findings_are_those_that_were_asked_for() {
    let scene = scanned();
    let served = Served::new(&scene, after(&scene, 60));
    let rows = |path: &str| served.page(path).matches("<th scope=\"row\">").count() as i64;
    let count = |where_: &str| {
        let sql = format!("SELECT count(*) AS n FROM findings WHERE {where_}");
        scene.ask(&sql)[0]["n"].as_i64().unwrap()
    };
    let account = scene.ask("SELECT account_id FROM accounts WHERE name = 'Payments'");
    let account = account[0]["account_id"].as_str().unwrap();
    for (query, where_) in [
        ("".to_owned(), "state = 'open'".to_owned()),
        ("?state=&check=&severity=&status=&account=&region=&name=".to_owned(), "state = 'open'".to_owned()),
        ("?state=resolved".to_owned(), "state = 'resolved'".to_owned()),
        (
            "?check=dms_endpoint_kms_cmk_encryption".to_owned(),
            "check_id = 'dms_endpoint_kms_cmk_encryption'".to_owned(),
        ),
        ("?severity=critical".to_owned(), "severity = 'critical'".to_owned()),
        ("?account=payments".to_owned(), "account_name = 'Payments'".to_owned()),
        (format!("?account={account}"), format!("account_id = '{account}'")),
        ("?account=nobody".to_owned(), "false".to_owned()),
        ("?region=us-west-2".to_owned(), "region = 'us-west-2'".to_owned()),
        ("?name=BA".to_owned(), "resource_name LIKE '%ba%'".to_owned()),
    ] {
        assert_eq!(rows(&format!("/findings{query}")), count(&where_), "{query}");
    }
    for bad in ["state=gone", "check=x", "severity=low", "after=soon", "state=open&state=all"] {
        let (status, _, body) = served.browse(&format!("/findings?{bad}"));
        assert_eq!(status, 400, "{bad}: {body}");
    }
}

#[test]
fn long_lists_are_read_page_by_page() {
    let mut world = empty_world();
    let region = REGIONS[0].parse().unwrap();
    for at in 0..60 {
        let account = world.add_account(&format!("Account {at}"));
        world.add_instance(account, &region, "orders & more", None);
    }
    let scene = Scene::new(world);
    scene.scan().exits(3);
    let served = Served::new(&scene, after(&scene, 60));
    for (first, link, all) in [
        ("/findings?name=s+%26+m", "/findings/", 60),
        ("/accounts", "/accounts/", 62),
        ("/coverage?outcome=scanned", "/accounts/", 124),
    ] {
        let mut path = first.to_owned();
        let (mut seen, mut pages) = (Vec::new(), 0);
        loop {
            let page = served.page(&path);
            let table = page.rsplit_once("<table class=\"list\">").expect("a table").1;
            let rows = table.split("<th scope=\"row\"><a href=\"").skip(1);
            seen.extend(rows.map(|row| {
                let row = row.split("</tr>").next().unwrap();
                assert!(row.starts_with(link), "{row}");
                row.to_owned()
            }));
            pages += 1;
            let Some((_, next)) = page.split_once("rel=\"next\" href=\"") else { break };
            path = next.split_once('"').unwrap().0.replace("&amp;", "&");
        }
        let shown = seen.len();
        seen.sort();
        seen.dedup();
        assert_eq!((shown, seen.len()), (all, all), "{first}: none is missing, none is there twice");
        assert!(pages > 1, "{first}");
    }
}

#[test]
fn what_is_not_there_is_said_in_the_form_that_was_asked_for() {
    let scene = scanned();
    let served = Served::new(&scene, after(&scene, 60));
    for path in ["/nothing", "/findings/4711", "/findings/x", "/accounts/999999999999", "/assets/other.css"] {
        let (status, head, body) = served.browse(path);
        assert_eq!(status, 404, "{path}");
        assert!(head.contains("text/html") && body.contains("<h1>Not Found</h1>"), "{path}: {head}\n{body}");
        let (status, body) = served.get(path);
        assert_eq!(status, 404, "{path}");
        assert!(body.starts_with("{\"type\":\"about:blank\""), "{path}: {body}");
    }
    std::fs::remove_file(scene.dir.path().join("history.db")).unwrap();
    let (status, head, body) = Served::new(&scene, after_nothing()).browse("/");
    assert_eq!(status, 503);
    assert!(head.contains("text/html") && body.contains("there is no history"), "{body}");
}

fn after_nothing() -> keywatch::domain::Timestamp {
    "2026-11-24T09:00:00Z".parse().unwrap()
}

#[test]
fn before_the_first_scan_it_says_so() {
    let scene = Scene::new(empty_world());
    // A history without a scan.
    scene.keywatch(&["exceptions", "list"]).run();
    let now = after_nothing();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let writer =
            keywatch::history::Writer::open(&scene.dir.path().join("history.db"), now).await.unwrap();
        writer.close().await.unwrap();
    });
    let served = Served::new(&scene, now);
    assert!(served.page("/").contains("No scan has come to its end yet."));
    for path in ["/findings", "/accounts", "/coverage", "/scans"] {
        served.page(path);
    }
}

#[test]
fn the_style_sheet_may_be_kept_and_the_pages_may_not() {
    let scene = scanned();
    let served = Served::new(&scene, after(&scene, 60));
    let page = served.page("/");
    let sheet = page.split_once("rel=\"stylesheet\" href=\"").unwrap().1.split_once('"').unwrap().0;
    let (status, head, body) = served.browse(sheet);
    assert_eq!(status, 200);
    assert!(
        head.contains("immutable") && head.contains("text/css") && body.contains(":focus-visible"),
        "{head}"
    );
    assert!(!body.contains("url(") && !body.contains("@import"), "it asks for nothing more");
}
