//! The answer of a place that speaks HTTP/2, on its way to the client.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use h2::RecvStream;
use http::{HeaderMap, header};
use http_body::Frame;
use mesh::{balance::InFlight, discovery::Endpoint};
use tokio::time::{Instant, Sleep, sleep_until};

use super::Call;
use crate::{
    activity::Activity,
    body::{self, BrokenOff},
    grpc::Status,
    refusal::Refusal,
};

/// An answer that is passed on as it comes, with its trailers.
pub(crate) struct Download {
    stream: RecvStream,
    /// The rest of the request, until the answer has come.
    call: Option<Call>,
    in_flight: Option<InFlight<Endpoint>>,
    /// When the client stops waiting for the call.
    deadline: Option<Pin<Box<Sleep>>>,
    /// What is left of the length that was stated.
    length: Option<u64>,
    data_ended: bool,
    broken: bool,
    activity: Arc<Activity>,
    moved_at: u32,
    idle_ticks_max: u32,
}

impl Download {
    /// Returns the rest of an answer with these headers.
    pub(crate) fn new(
        (stream, headers): (RecvStream, &HeaderMap),
        call: Call,
        in_flight: InFlight<Endpoint>,
        deadline: Option<Instant>,
        (activity, idle_ticks_max): (Arc<Activity>, u32),
    ) -> Self {
        let length = headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
        Self {
            length,
            call: Some(call),
            in_flight: Some(in_flight),
            deadline: deadline.map(|deadline| Box::pin(sleep_until(deadline))),
            data_ended: false,
            broken: false,
            moved_at: activity.now(),
            stream,
            activity,
            idle_ticks_max,
        }
    }

    /// Returns whether nothing more comes.
    pub(crate) fn is_end(&self) -> bool {
        self.call.is_none() || self.stream.is_end_stream()
    }

    /// Returns the bytes left, where that was said.
    pub(crate) fn length(&self) -> Option<u64> {
        self.length
    }

    /// Returns what comes next.
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BrokenOff>>> {
        if self.broken {
            return Poll::Ready(Some(Err(BrokenOff)));
        }
        let Some(call) = &mut self.call else { return Poll::Ready(None) };
        if self.deadline.as_mut().is_some_and(|deadline| deadline.as_mut().poll(cx).is_ready()) {
            self.end();
            let late = Status::DeadlineExceeded.trailers(&Refusal::ServiceSlow.to_string());
            return Poll::Ready(Some(Ok(Frame::trailers(late))));
        }
        // A body that is wrong shows in the answer: the place is told that it breaks off.
        let _ = call.request.poll(cx);
        let Poll::Ready(frame) = self.poll_frame(cx) else {
            // The connection's driver polls this at every tick.
            let idle = self.activity.now().saturating_sub(self.moved_at);
            return if idle > self.idle_ticks_max { Poll::Ready(Some(Err(BrokenOff))) } else { Poll::Pending };
        };
        self.moved_at = self.activity.now();
        match frame {
            Some(Ok(frame)) => {
                if frame.is_trailers() {
                    self.end();
                }
                Poll::Ready(Some(Ok(frame)))
            }
            Some(Err(_)) => {
                // What came before is written out first: an error would throw it away.
                self.broken = true;
                cx.waker().wake_by_ref();
                Poll::Pending
            }
            None => {
                self.end();
                Poll::Ready(None)
            }
        }
    }

    fn poll_frame(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, h2::Error>>> {
        if !self.data_ended {
            match ready!(self.stream.poll_data(cx)).transpose()? {
                Some(data) => {
                    let _ = self.stream.flow_control().release_capacity(data.len());
                    self.length = self.length.map(|length| length.saturating_sub(data.len() as u64));
                    return Poll::Ready(Some(Ok(Frame::data(data))));
                }
                None => self.data_ended = true,
            }
        }
        let trailers = ready!(self.stream.poll_trailers(cx))?;
        Poll::Ready(trailers.map(|mut trailers| {
            body::keep_trailers(&mut trailers);
            Ok(Frame::trailers(trailers))
        }))
    }

    /// Gives back what the call held; a request that is not yet sent is broken off.
    fn end(&mut self) {
        (self.call, self.in_flight) = (None, None);
    }
}
