//! A response body that may break off half way.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
};

use hyper::body::{Body, Bytes, Frame, SizeHint};

/// Bytes, all of them or only the first half of what the length promises.
#[derive(Debug)]
pub(super) struct WireBody {
    bytes: Bytes,
    promised: u64,
    breaks: Break,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Break {
    Never,
    AfterFlush,
    Now,
}

impl WireBody {
    pub fn whole(bytes: Bytes) -> Self {
        Self { promised: bytes.len() as u64, bytes, breaks: Break::Never }
    }

    pub fn cut(bytes: Bytes) -> Self {
        let promised = bytes.len() as u64;
        let half = bytes.len() / 2;
        Self { bytes: bytes.slice(..half), promised, breaks: Break::AfterFlush }
    }
}

impl Body for WireBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        if !self.bytes.is_empty() {
            return Poll::Ready(Some(Ok(Frame::data(std::mem::take(&mut self.bytes)))));
        }
        match self.breaks {
            Break::Never => Poll::Ready(None),
            // One more turn, so that the first half is on its way before the connection ends.
            Break::AfterFlush => {
                self.breaks = Break::Now;
                cx.waker().wake_by_ref();
                Poll::Pending
            }
            Break::Now => Poll::Ready(Some(Err(io::Error::other("the sandbox was told to break off here")))),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.bytes.is_empty() && self.breaks == Break::Never
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(if self.breaks == Break::Never {
            self.bytes.len() as u64
        } else {
            self.promised
        })
    }
}
