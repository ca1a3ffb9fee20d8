use std::time::Duration;

use super::{accepted, load, problems, problems_of};
use crate::config::Server;

fn server(text: &str) -> Server {
    accepted(&format!("[server]\n{text}")).server
}

#[test]
fn every_key_reaches_its_field() {
    let server = server(
        r#"
        listen = "0.0.0.0:9100"
        token_file = "/run/secrets/token"
        ready_age = "3h"
        "#,
    );
    assert_eq!(server.listen, Some("0.0.0.0:9100".parse().unwrap()));
    assert_eq!(server.token_file.unwrap().to_str(), Some("/run/secrets/token"));
    assert_eq!(server.ready_age, Duration::from_secs(3 * 3600));
}

#[test]
fn loopback_needs_no_token_and_off_serves_nothing() {
    for address in ["127.0.0.1:8080", "127.9.8.7:0", "[::1]:8080", "[::ffff:127.0.0.1]:80"] {
        assert_eq!(server(&format!("listen = \"{address}\"")).listen, Some(address.parse().unwrap()));
    }
    for nothing in ["off", ""] {
        assert_eq!(server(&format!("listen = \"{nothing}\"")).listen, None);
    }
    let env = [("KEYWATCH_SERVER__LISTEN", "[::]:80"), ("KEYWATCH_SERVER__TOKEN_FILE", "token")];
    assert!(load("", &env).is_ok());
    for age in ["1m", "720h"] {
        assert!(load(&format!("[server]\nready_age = \"{age}\""), &[]).is_ok(), "{age}");
    }
}

#[test]
fn what_is_wrong_is_said() {
    insta::assert_snapshot!(problems_of("server", &[
        r#"listen = "0.0.0.0:8080""#,
        r#"listen = "[::]:8080""#,
        r#"listen = "10.0.0.7:80""#,
        r#"listen = "localhost:8080""#,
        r#"listen = "8080""#,
        "listen = 8080",
        r#"ready_age = "59s""#,
        r#"ready_age = "721h""#,
        "listen = \"0.0.0.0:8080\"\ntoken_file = \"\"",
        "tls = true",
        r#"tls_cert = "cert.pem""#,
        r#"adress = "127.0.0.1:8080""#,
    ]), @r#"
    k.toml:2:10: server.listen: 0.0.0.0:8080 can be reached from other machines, and server.token_file is not set; set server.token_file to a file that holds a token (`openssl rand -hex 32`), or listen on "127.0.0.1:8080"
    k.toml:2:10: server.listen: [::]:8080 can be reached from other machines, and server.token_file is not set; set server.token_file to a file that holds a token (`openssl rand -hex 32`), or listen on "127.0.0.1:8080"
    k.toml:2:10: server.listen: 10.0.0.7:80 can be reached from other machines, and server.token_file is not set; set server.token_file to a file that holds a token (`openssl rand -hex 32`), or listen on "127.0.0.1:8080"
    k.toml:2:10: server.listen: "localhost:8080" is not an IP address with a port; write it as in "127.0.0.1:8080" or "[::1]:8080", or "off" to serve nothing
    k.toml:2:10: server.listen: "8080" is not an IP address with a port; write it as in "127.0.0.1:8080" or "[::1]:8080", or "off" to serve nothing
    k.toml:2:10: server.listen: is a whole number where a text is expected; put one text in double quotes
    k.toml:2:13: server.ready_age: 59s is out of range; allowed: a text with a unit, such as "10s", "2m" or "1h", from 1m to 720h
    k.toml:2:13: server.ready_age: 721h is out of range; allowed: a text with a unit, such as "10s", "2m" or "1h", from 1m to 720h
    k.toml:3:14: server.token_file: is empty; give it a value, or leave the key out for its default
    k.toml:2:1: server.tls: keywatch speaks plain HTTP only; take it out, listen on loopback, and let a proxy in front of it speak TLS
    k.toml:2:1: server.tls_cert: keywatch speaks plain HTTP only; take it out, listen on loopback, and let a proxy in front of it speak TLS
    k.toml:2:1: server.adress: there is no such key; allowed: listen, token_file, ready_age
    "#);
    insta::assert_snapshot!(problems("", &[("KEYWATCH_SERVER__TLS__CERT", "cert.pem")]), @"KEYWATCH_SERVER__TLS__CERT: keywatch speaks plain HTTP only; take it out, listen on loopback, and let a proxy in front of it speak TLS");
}
