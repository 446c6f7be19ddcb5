//! A line of the log for people, without colours: a file or a collector reads it.
//!
//! The gateway writes one for every request. `tracing-subscriber`'s own lines took 12,000 instructions each, a fifth of what
//! the gateway spends on a request in user mode; these say the same for a fifth of that.

use std::{
    cell::RefCell,
    fmt::{self, Debug, Write},
};

use base::{Clock, Timestamp};
use tracing::{
    Event, Subscriber,
    field::{Field, Visit},
};
use tracing_subscriber::{
    fmt::{FmtContext, FormatEvent, FormatFields, format::Writer},
    registry::LookupSpan,
};

use crate::clock::SystemClock;

/// Writes time, level, message and fields.
pub(super) struct Plain;

impl<S, N> FormatEvent<S, N> for Plain
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(&self, _: &FmtContext<'_, S, N>, mut out: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        write_time(&mut out, SystemClock.now())?;
        out.write_str(match *event.metadata().level() {
            tracing::Level::ERROR => " ERROR",
            tracing::Level::WARN => "  WARN",
            tracing::Level::INFO => "  INFO",
            tracing::Level::DEBUG => " DEBUG",
            tracing::Level::TRACE => " TRACE",
        })?;
        let mut line = Line { out, written: Ok(()) };
        event.record(&mut line);
        line.written?;
        line.out.write_char('\n')
    }
}

const SECOND_MICROS: i64 = 1_000_000;

thread_local! {
    /// The last second of which a line was written, and its text.
    static SECOND: RefCell<(i64, String)> = const { RefCell::new((i64::MIN, String::new())) };
}

/// Writes an instant as RFC 3339 in UTC, to the microsecond.
fn write_time(out: &mut impl Write, now: Timestamp) -> fmt::Result {
    let (second, micros) = (now.as_micros().div_euclid(SECOND_MICROS), now.as_micros().rem_euclid(SECOND_MICROS));
    SECOND.with_borrow_mut(|(last, text)| {
        if *last != second {
            *last = second;
            *text = Timestamp::from_micros(second.saturating_mul(SECOND_MICROS)).to_string();
        }
        out.write_str(text.strip_suffix('Z').unwrap_or(text))
    })?;
    write!(out, ".{micros:06}Z")
}

/// The fields of an event on their way into a line.
struct Line<'w> {
    out: Writer<'w>,
    written: fmt::Result,
}

impl Line<'_> {
    fn field(&mut self, field: &Field, value: impl FnOnce(&mut Writer<'_>) -> fmt::Result) {
        if self.written.is_ok() {
            self.written = self.name(field).and_then(|()| value(&mut self.out));
        }
    }

    fn name(&mut self, field: &Field) -> fmt::Result {
        self.out.write_char(' ')?;
        if field.name() != "message" {
            self.out.write_str(field.name())?;
            self.out.write_char('=')?;
        }
        Ok(())
    }
}

impl Visit for Line<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.field(field, |out| write!(out, "{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        let is_message = field.name() == "message";
        self.field(field, |out| match () {
            () if is_message => out.write_str(value),
            () if is_plain(value) => {
                out.write_char('"')?;
                out.write_str(value)?;
                out.write_char('"')
            }
            () => write!(out, "{value:?}"),
        });
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.field(field, |out| out.write_str(if value { "true" } else { "false" }));
    }

    fn record_error(&mut self, field: &Field, value: &(dyn std::error::Error + 'static)) {
        self.field(field, |out| write!(out, "{value}"));
    }
}

/// Returns whether a text reads the same when it is quoted.
fn is_plain(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b' '..=b'~') && !matches!(byte, b'"' | b'\\'))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use parking_lot::Mutex;
    use tracing::{info, warn};

    use super::*;

    /// Keeps what is written.
    #[derive(Clone, Default)]
    struct Kept(Arc<Mutex<Vec<u8>>>);

    impl std::io::Write for Kept {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    fn logged(say: impl FnOnce()) -> String {
        let kept = Kept::default();
        let writer = kept.clone();
        let subscriber = tracing_subscriber::fmt().event_format(Plain).with_writer(move || writer.clone()).finish();
        tracing::subscriber::with_default(subscriber, say);
        let text = kept.0.lock().clone();
        String::from_utf8(text).unwrap()
    }

    #[test]
    fn a_line_says_when_how_grave_what_and_its_fields() {
        let path = "/a \"b\"\n";
        let error = std::io::Error::other("it broke");
        let line = logged(
            || warn!(http.path = path, id = %7, at = ?Some(1), ok = true, part = 0.5, n = 3, name = "ລາວ", "went {}", "wrong"),
        );
        let (time, rest) = line.split_once(' ').unwrap();
        assert_eq!(time.len(), "2026-11-26T18:35:05.736318Z".len(), "{time}");
        assert!(time.parse::<Timestamp>().is_ok(), "{time}");
        assert_eq!(
            rest,
            " WARN went wrong http.path=\"/a \\\"b\\\"\\n\" id=7 at=Some(1) ok=true part=0.5 n=3 name=\"ລາວ\"\n"
        );
        let line = logged(|| info!(error = &error as &dyn std::error::Error, nothing = None::<u8>, "kept on"));
        assert!(line.ends_with("  INFO kept on error=it broke\n"), "{line}");
    }

    #[test]
    fn a_line_is_that_of_the_library() {
        let say = || info!(request.id = %"01a2", http.path = "/x", http.status = 200_u16, "request answered");
        let ours = logged(say);
        let kept = Kept::default();
        let writer = kept.clone();
        let theirs =
            tracing_subscriber::fmt().with_writer(move || writer.clone()).with_ansi(false).with_target(false).finish();
        tracing::subscriber::with_default(theirs, say);
        let theirs = String::from_utf8(kept.0.lock().clone()).unwrap();
        let after_time = |line: &str| line.split_once(' ').map(|(_, rest)| rest.to_owned());
        assert_eq!(after_time(&ours), after_time(&theirs));
    }

    #[test]
    fn times_are_written_to_the_microsecond() {
        for (micros, expected) in
            [(0, "1970-01-01T00:00:00.000000Z"), (1_798_704_000_000_042, "2026-12-31T08:00:00.000042Z")]
        {
            let mut text = String::new();
            write_time(&mut text, Timestamp::from_micros(micros)).unwrap();
            assert_eq!(text, expected);
        }
    }
}
