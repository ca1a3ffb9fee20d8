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

/// What something took.
#[derive(Clone, Copy)]
pub struct Took {
    pub wall: Duration,
    pub cpu: Duration,
}

/// The least time of several: others use the machine too. Where they use much of it, the CPU time says what the
/// wall would on a quiet one.
pub async fn least(mut what: impl AsyncFnMut() -> Result<(), HistoryError>) -> Result<Took, Box<dyn Error>> {
    let mut least = Took { wall: Duration::MAX, cpu: Duration::MAX };
    for _ in 0..TIMES {
        let (began, used) = (Instant::now(), cpu()?);
        what().await?;
        least.wall = least.wall.min(began.elapsed());
        least.cpu = least.cpu.min(cpu()? - used);
    }
    Ok(least)
}

/// Lines as they are measured, and how many missed their target.
pub struct Table {
    missed: usize,
}

impl Table {
    pub fn new() -> Self {
        println!("{:<48} {:>10} {:>10} {:>10}", "", "measured", "target", "CPU");
        Self { missed: 0 }
    }

    pub fn time(&mut self, name: &str, took: Took, target: Duration, note: &str) {
        let [wall, cpu, limit] = [took.wall, took.cpu, target].map(milliseconds);
        self.line(name, [&wall, &limit, &cpu], took.wall < target, note);
    }

    /// What counts is the CPU time.
    pub fn cpu(&mut self, name: &str, used: Duration, target: Duration) {
        let [used_text, limit] = [used, target].map(milliseconds);
        self.line(name, ["", &limit, &used_text], used < target, "");
    }

    pub fn size(&mut self, name: &str, megabytes: f64, target: f64) {
        let [size, limit] = [megabytes, target].map(|size| format!("{size:.0} MB"));
        self.line(name, [&size, &limit, ""], megabytes < target, "");
    }

    fn line(&mut self, name: &str, [measured, target, cpu]: [&str; 3], met: bool, note: &str) {
        self.missed += usize::from(!met);
        println!(
            "{name:<48} {measured:>10} {target:>10} {cpu:>10}  {}{note}",
            if met { "" } else { "MISSED  " }
        );
    }

    pub fn end(self) {
        match self.missed {
            0 => println!("\nevery target is met"),
            missed => println!("\n{missed} missed their target"),
        }
    }
}

fn milliseconds(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1e3)
}
