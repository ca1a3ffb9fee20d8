//! The progress display of a scan, on stderr.

use std::{
    collections::VecDeque,
    io::{self, IsTerminal},
    sync::mpsc::{RecvTimeoutError, Sender, channel},
    thread::JoinHandle,
    time::{Duration, Instant},
};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::output::{counted, thousands};
use crate::{app::Snapshot, telemetry::LogLines};

const BETWEEN: Duration = Duration::from_millis(200);
/// The span over which calls per second are counted.
const RATE_SPAN: Duration = Duration::from_secs(5);
/// Before this much time, a guess of the time left would jump.
const TOO_EARLY: Duration = Duration::from_secs(3);

/// A display at work. Dropping it takes it off the screen.
#[derive(Debug)]
pub struct Progress {
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Progress {
    /// Shows what `poll` says a few times a second, if stderr is a terminal and `quiet` is not set; else
    /// nothing. Log lines are written above it.
    pub fn start(quiet: bool, lines: &LogLines, poll: impl Fn() -> Snapshot + Send + 'static) -> Self {
        let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        if quiet || dumb || !io::stderr().is_terminal() {
            return Self { stop: None, thread: None };
        }
        let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr());
        Self::draw(bar, lines.clone(), poll)
    }

    fn draw(bar: ProgressBar, lines: LogLines, poll: impl Fn() -> Snapshot + Send + 'static) -> Self {
        if let Ok(style) = ProgressStyle::with_template("{bar:24} {wide_msg}") {
            bar.set_style(style.progress_chars("━╸─"));
        }
        let screen = bar.clone();
        lines.draw_aside(move |write| screen.suspend(write));
        let (stop, stopped) = channel();
        let thread = std::thread::spawn(move || {
            let start = Instant::now();
            let mut rate = Rate::default();
            loop {
                let now = poll();
                let elapsed = start.elapsed();
                rate.add(elapsed, now.calls);
                bar.set_length(now.accounts_total.max(1));
                bar.set_position(now.accounts_done);
                bar.set_message(message(&now, rate.per_second(), elapsed));
                if stopped.recv_timeout(BETWEEN) != Err(RecvTimeoutError::Timeout) {
                    break;
                }
            }
            lines.draw_no_more();
            bar.finish_and_clear();
        });
        Self { stop: Some(stop), thread: Some(thread) }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the progress display failed");
        }
    }
}

fn message(now: &Snapshot, calls_per_second: f64, elapsed: Duration) -> String {
    if now.accounts_total == 0 {
        return format!("listing the organization, {}", counted(now.calls, "call"));
    }
    let mut text = format!(
        "{}/{} accounts, {}/{} targets, {calls_per_second:.0} calls/s, {}",
        thousands(now.accounts_done),
        thousands(now.accounts_total),
        thousands(now.targets_done),
        thousands(now.targets_known),
        counted(now.findings, "finding"),
    );
    if now.throttled > 0 {
        text.push_str(&format!(", {} throttled", thousands(now.throttled)));
    }
    if let Some(left) = time_left(now, elapsed) {
        text.push_str(&format!(", {} left", span(left)));
    }
    text
}

/// By the accounts that are done: how many targets are still to come is not known before they are entered.
fn time_left(now: &Snapshot, elapsed: Duration) -> Option<Duration> {
    let done = now.accounts_done as f64 / now.accounts_total as f64;
    (elapsed >= TOO_EARLY && done > 0.0 && done < 1.0).then(|| elapsed.mul_f64((1.0 - done) / done))
}

fn span(time: Duration) -> String {
    let seconds = time.as_secs();
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3600 => format!("{} min {:02} s", seconds / 60, seconds % 60),
        _ => format!("{} h {:02} min", seconds / 3600, seconds / 60 % 60),
    }
}

/// Calls per second over the last few seconds.
#[derive(Debug, Default)]
struct Rate(VecDeque<(Duration, u64)>);

impl Rate {
    fn add(&mut self, at: Duration, calls: u64) {
        self.0.push_back((at, calls));
        while self.0.len() > 2 && self.0.front().is_some_and(|first| at - first.0 > RATE_SPAN) {
            self.0.pop_front();
        }
    }

    fn per_second(&self) -> f64 {
        match (self.0.front(), self.0.back()) {
            (Some(first), Some(last)) if last.0 > first.0 => {
                last.1.saturating_sub(first.1) as f64 / (last.0 - first.0).as_secs_f64()
            }
            _ => 0.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{
        io::Write,
        sync::{Arc, Mutex},
    };

    use indicatif::TermLike;

    use super::*;

    fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    const HALF: Snapshot = Snapshot {
        accounts_done: 250,
        accounts_total: 1000,
        targets_done: 4300,
        targets_known: 5200,
        calls: 21_000,
        throttled: 3,
        findings: 17,
    };

    #[test]
    fn the_line_says_how_far_it_is() {
        insta::assert_snapshot!(message(&Snapshot { calls: 1, ..Snapshot::default() }, 0.0, at(0)), @"listing the organization, 1 call");
        insta::assert_snapshot!(message(&HALF, 412.4, at(1)), @"250/1,000 accounts, 4,300/5,200 targets, 412 calls/s, 17 findings, 3 throttled");
        insta::assert_snapshot!(message(&HALF, 412.4, at(30)), @"250/1,000 accounts, 4,300/5,200 targets, 412 calls/s, 17 findings, 3 throttled, 1 min 30 s left");
        assert_eq!(span(at(3700)), "1 h 01 min");
    }

    #[test]
    fn the_rate_is_that_of_the_last_seconds() {
        let mut rate = Rate::default();
        assert_eq!(rate.per_second(), 0.0);
        for second in 0..20 {
            rate.add(at(second), if second < 10 { 0 } else { (second - 9) * 100 });
        }
        assert_eq!(rate.per_second(), 100.0);
    }

    /// A terminal that remembers its present line and the lines above it.
    #[derive(Debug, Clone, Default)]
    struct Screen(Arc<Mutex<(Vec<String>, String)>>);

    impl Screen {
        fn line(&self) -> String {
            self.0.lock().unwrap().1.clone()
        }
    }

    impl TermLike for Screen {
        fn width(&self) -> u16 {
            120
        }

        fn move_cursor_up(&self, _: usize) -> io::Result<()> {
            Ok(())
        }

        fn move_cursor_down(&self, _: usize) -> io::Result<()> {
            Ok(())
        }

        fn move_cursor_right(&self, _: usize) -> io::Result<()> {
            Ok(())
        }

        fn move_cursor_left(&self, _: usize) -> io::Result<()> {
            Ok(())
        }

        fn write_line(&self, text: &str) -> io::Result<()> {
            let mut screen = self.0.lock().unwrap();
            let line = std::mem::take(&mut screen.1) + text;
            screen.0.push(line);
            Ok(())
        }

        fn write_str(&self, text: &str) -> io::Result<()> {
            self.0.lock().unwrap().1.push_str(text);
            Ok(())
        }

        fn clear_line(&self) -> io::Result<()> {
            self.0.lock().unwrap().1.clear();
            Ok(())
        }

        fn flush(&self) -> io::Result<()> {
            Ok(())
        }
    }

    impl Write for Screen {
        fn write(&mut self, line: &[u8]) -> io::Result<usize> {
            self.write_line(String::from_utf8_lossy(line).trim_end())?;
            Ok(line.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_log_line_does_not_tear_it_and_it_leaves_nothing_behind() {
        let screen = Screen::default();
        let mut lines = LogLines::new(Box::new(screen.clone()));
        let bar =
            ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::term_like(Box::new(screen.clone())));
        let (polled, polls) = channel();
        let progress = Progress::draw(bar, lines.clone(), move || {
            let _ = polled.send(());
            HALF
        });
        // The second poll comes after the first drawing.
        polls.recv().unwrap();
        polls.recv().unwrap();
        assert!(screen.line().contains("250/1,000 accounts"), "{screen:?}");
        lines.write_all(b"a line\n").unwrap();
        assert_eq!(screen.0.lock().unwrap().0, ["a line"], "the bar made room");
        drop(progress);
        assert_eq!(screen.line().trim(), "");
    }
}
