//! Measuring, and the table of what was measured.

use std::{
    error::Error,
    io,
    time::{Duration, Instant},
};

use keywatch::history::HistoryError;
use nix::sys::resource::{UsageWho, getrusage};

/// Each question is asked as often.
const TIMES: usize = 5;

/// The CPU time of this process so far, all threads.
pub fn cpu() -> io::Result<Duration> {
    let usage = getrusage(UsageWho::RUSAGE_SELF)?;
    let micros = |time: nix::sys::time::TimeVal| time.tv_sec() as u64 * 1_000_000 + time.tv_usec() as u64;
    Ok(Duration::from_micros(micros(usage.user_time()) + micros(usage.system_time())))
}

/// The least time of several: others use the machine too.
pub async fn least(
    mut what: impl AsyncFnMut() -> Result<(), HistoryError>,
) -> Result<Duration, Box<dyn Error>> {
    let mut least = Duration::MAX;
    for _ in 0..TIMES {
        let began = Instant::now();
        what().await?;
        least = least.min(began.elapsed());
    }
    Ok(least)
}

/// Lines as they are measured, and how many missed their target.
pub struct Table {
    missed: usize,
}

impl Table {
    pub fn new() -> Self {
        println!("{:<48} {:>10} {:>10}", "", "measured", "target");
        Self { missed: 0 }
    }

    pub fn time(&mut self, name: &str, measured: Duration, target: Duration, note: &str) {
        let milliseconds = |time: Duration| format!("{:.1} ms", time.as_secs_f64() * 1e3);
        self.line(name, &milliseconds(measured), &milliseconds(target), measured < target, note);
    }

    pub fn size(&mut self, name: &str, megabytes: f64, target: f64) {
        self.line(name, &format!("{megabytes:.0} MB"), &format!("{target:.0} MB"), megabytes < target, "");
    }

    fn line(&mut self, name: &str, measured: &str, target: &str, met: bool, note: &str) {
        self.missed += usize::from(!met);
        println!("{name:<48} {measured:>10} {target:>10}  {}{note}", if met { "" } else { "MISSED  " });
    }

    pub fn end(self) {
        match self.missed {
            0 => println!("\nevery target is met"),
            missed => println!("\n{missed} missed their target"),
        }
    }
}
