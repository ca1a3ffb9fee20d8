//! What the system knows of this process. Only Linux tells it in files; elsewhere nothing is told.

use std::fs;

/// How many of them the kernel counts a second of CPU time as; the same on every Linux that keywatch is built for.
const TICKS_A_SECOND: f64 = 100.0;

/// What could be read of it.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Process {
    /// In seconds since 1970.
    pub(super) started_at: Option<f64>,
    pub(super) cpu_seconds: Option<f64>,
    pub(super) resident_bytes: Option<f64>,
    pub(super) open_files: Option<f64>,
    pub(super) max_files: Option<f64>,
}

impl Process {
    /// This process, now.
    pub(super) fn read() -> Self {
        let text = |path: &str| fs::read_to_string(path).unwrap_or_default();
        let own = Self::parse(
            &text("/proc/self/stat"),
            &text("/proc/self/status"),
            &text("/proc/self/limits"),
            &text("/proc/stat"),
        );
        // The one that reads the directory is open too.
        let open_files =
            fs::read_dir("/proc/self/fd").ok().map(|files| (files.count() as f64 - 1.0).max(0.0));
        Self { open_files, ..own }
    }

    fn parse(stat: &str, status: &str, limits: &str, machine: &str) -> Self {
        // The second field is the program's name in parentheses, which may hold anything.
        let fields: Vec<f64> = stat.rsplit_once(')').map_or(Vec::new(), |(_, rest)| {
            rest.split_whitespace().skip(1).map(|field| field.parse().unwrap_or(0.0)).collect()
        });
        // proc(5): utime and stime are fields 14 and 15, starttime is 22; the first here is 4.
        let field = |number: usize| fields.get(number - 4).copied();
        let booted = number_after(machine, "btime ");
        let started = field(22).map(|ticks| ticks / TICKS_A_SECOND);
        Self {
            started_at: booted.zip(started).map(|(booted, after)| booted + after),
            cpu_seconds: field(14).zip(field(15)).map(|(user, system)| (user + system) / TICKS_A_SECOND),
            resident_bytes: number_after(status, "VmRSS:").map(|kib| kib * 1024.0),
            open_files: None,
            max_files: number_after(limits, "Max open files"),
        }
    }
}

/// The number that follows on the line that begins so.
fn number_after(text: &str, start: &str) -> Option<f64> {
    let line = text.lines().find_map(|line| line.strip_prefix(start))?;
    line.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_files_are_read_as_proc_5_says() {
        let stat = "1234 (a) b) S 1 1234 1234 0 -1 4194560 2000 0 0 0 150 50 0 0 20 0 9 0 1000 99 300 18446";
        let process = Process::parse(
            stat,
            "Name:\tkeywatch\nVmRSS:\t   20480 kB\nThreads:\t9\n",
            "Limit   Soft Limit  Hard Limit  Units\nMax open files            1024                 524288 files\n",
            "cpu  1 2 3\nbtime 1764000000\n",
        );
        let expected = Process {
            started_at: Some(1_764_000_010.0),
            cpu_seconds: Some(2.0),
            resident_bytes: Some(20_971_520.0),
            open_files: None,
            max_files: Some(1024.0),
        };
        assert_eq!(process, expected);
        assert_eq!(Process::parse("", "", "", ""), Process::default());
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn this_process_is_there() {
        let process = Process::read();
        assert!(process.started_at.unwrap() > 1.7e9, "{process:?}");
        assert!(process.cpu_seconds.unwrap() >= 0.0 && process.resident_bytes.unwrap() > 1e6, "{process:?}");
        assert!((3.0..=process.max_files.unwrap()).contains(&process.open_files.unwrap()), "{process:?}");
    }
}
