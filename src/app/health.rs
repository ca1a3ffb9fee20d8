use std::{
    fmt::Display,
    io::{self, Read, Write},
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream},
    path::Path,
    time::{Duration, Instant},
};

use crate::{config, history::DaemonLock};

/// The most that is read of an answer, in bytes.
const LONGEST_ANSWER: u64 = 4096;

/// Asks the daemon that runs beside this process whether it works; an image has no other program that could.
///
/// It asks `/healthz` where the server listens. Without a server, it can only tell whether a daemon holds the lock of the
/// history.
///
/// # Errors
/// Why it does not work, or can't be asked.
pub fn ask_health(config: &config::Server, database: &Path, within: Duration) -> Result<String, String> {
    let Some(listen) = config.listen else {
        return match DaemonLock::is_taken(database) {
            Ok(true) => {
                Ok("a daemon runs; server.listen is \"off\", so it could not be asked more".to_owned())
            }
            Ok(false) => Err(format!("no daemon holds the lock of {}", database.display())),
            Err(error) => Err(error.to_string()),
        };
    };
    let address = reachable(listen);
    if address.port() == 0 {
        return Err(
            "server.listen has port 0, so nobody knows which one the daemon took: name one".to_owned()
        );
    }
    let failed = |error: &dyn Display| format!("http://{address}/healthz: {error}");
    let answer = get(address, within).map_err(|error| failed(&error))?;
    let status = answer.split(' ').nth(1).unwrap_or_default();
    let body = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body).trim();
    match status {
        "200" => Ok(body.to_owned()),
        _ => Err(failed(&format!("{} {body}", answer.lines().next().unwrap_or("no answer")))),
    }
}

/// An address that is listened on everywhere is reached at this machine's own.
fn reachable(listen: SocketAddr) -> SocketAddr {
    let ip = match listen.ip() {
        ip if !ip.is_unspecified() => ip,
        IpAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
    };
    SocketAddr::new(ip, listen.port())
}

/// One request without a client's machinery: it runs twice a minute and shall cost nothing.
fn get(address: SocketAddr, within: Duration) -> io::Result<String> {
    let end = Instant::now() + within;
    let mut stream = TcpStream::connect_timeout(&address, within)?;
    stream.set_write_timeout(Some(within))?;
    stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
    let mut answer = Vec::new();
    let mut chunk = [0; 512];
    loop {
        let left = end.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(io::ErrorKind::TimedOut.into());
        }
        stream.set_read_timeout(Some(left))?;
        match stream.read(&mut chunk)? {
            0 => break,
            n => answer.extend_from_slice(&chunk[..n]),
        }
        if answer.len() as u64 >= LONGEST_ANSWER {
            break;
        }
    }
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everywhere_is_reached_here() {
        for (listen, reached) in
            [("0.0.0.0:8080", "127.0.0.1:8080"), ("[::]:8080", "[::1]:8080"), ("10.1.2.3:80", "10.1.2.3:80")]
        {
            assert_eq!(reachable(listen.parse().unwrap()), reached.parse().unwrap());
        }
    }
}
