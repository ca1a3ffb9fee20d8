use std::{
    fmt,
    io::{self, Write},
    sync::{Arc, Mutex, PoisonError},
};

use tracing_subscriber::fmt::MakeWriter;

/// Runs what it is given while whatever it draws is off the screen.
type Aside = Box<dyn Fn(&mut dyn FnMut()) + Send>;

/// Where log lines go. While something is drawn on the same terminal, each line is written with the drawing
/// put aside, so that neither tears the other.
#[derive(Clone)]
pub struct LogLines {
    to: Arc<Mutex<Box<dyn Write + Send>>>,
    aside: Arc<Mutex<Option<Aside>>>,
}

impl LogLines {
    /// Standard error.
    pub fn stderr() -> Self {
        Self::new(Box::new(io::stderr()))
    }

    /// Any other place.
    pub fn new(to: Box<dyn Write + Send>) -> Self {
        Self { to: Arc::new(Mutex::new(to)), aside: Arc::default() }
    }

    /// From now on each line is written inside `aside`.
    pub fn draw_aside(&self, aside: impl Fn(&mut dyn FnMut()) + Send + 'static) {
        *self.aside.lock().unwrap_or_else(PoisonError::into_inner) = Some(Box::new(aside));
    }

    /// From now on lines are written as they come.
    pub fn draw_no_more(&self) {
        *self.aside.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

impl fmt::Debug for LogLines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LogLines")
    }
}

impl Write for LogLines {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.write_all(line).map(|()| line.len())
    }

    fn write_all(&mut self, line: &[u8]) -> io::Result<()> {
        let mut result = Ok(());
        let mut write = || {
            let mut to = self.to.lock().unwrap_or_else(PoisonError::into_inner);
            result = to.write_all(line).and_then(|()| to.flush());
        };
        match &*self.aside.lock().unwrap_or_else(PoisonError::into_inner) {
            Some(aside) => aside(&mut write),
            None => write(),
        }
        result
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.lock().unwrap_or_else(PoisonError::into_inner).flush()
    }
}

impl MakeWriter<'_> for LogLines {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}
