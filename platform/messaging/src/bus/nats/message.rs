//! An event as a NATS message: CloudEvents' NATS binding in binary mode, every attribute a `ce-` header, the data as it is.

use std::{error::Error as StdError, fmt, str::FromStr};

use async_nats::{HeaderMap, header::NATS_MESSAGE_ID};
use bytes::Bytes;
use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};

use serde::de::IgnoredAny;

use crate::Envelope;

const SPEC_VERSION: &str = "1.0";
const DATA_TYPE: &str = "application/json";
/// What CloudEvents' bindings encode in a header: what is no printable ASCII, and what would be read as something else.
const ENCODED: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'%');
/// What a token of a subject cannot hold: separators, wildcards and white space.
const NO_TOKEN: &AsciiSet = &CONTROLS.add(b' ').add(b'*').add(b'>').add(b'%');

/// A message of the stream is not one of ours.
#[derive(Debug)]
pub(super) struct Foreign(&'static str);

impl fmt::Display for Foreign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a message in the stream is no event: `{}` is missing or wrong", self.0)
    }
}

impl StdError for Foreign {}

/// Returns what an event's subject ends with: its tenant and its type.
pub(super) fn subject(event: &Envelope) -> String {
    format!("{}.{}", event.tenant, utf8_percent_encode(&event.event_type, NO_TOKEN))
}

/// Returns the headers of an event, with the id by which the server knows a repetition.
pub(super) fn headers(event: &Envelope) -> HeaderMap {
    let mut headers = HeaderMap::new();
    let mut put = |name: &'static str, value: &dyn fmt::Display| {
        let value = value.to_string();
        headers.insert(name, utf8_percent_encode(&value, ENCODED).to_string());
    };
    put("ce-specversion", &SPEC_VERSION);
    put("ce-id", &event.id);
    put("ce-source", &event.source);
    put("ce-type", &event.event_type);
    put("ce-subject", &event.key);
    put("ce-time", &event.time);
    put("ce-tenant", &event.tenant);
    put("ce-requestid", &event.request);
    put("ce-datacontenttype", &DATA_TYPE);
    headers.insert(NATS_MESSAGE_ID, event.id.to_string());
    headers
}

/// Reads an event; attributes that are not known are ignored.
pub(super) fn envelope(headers: Option<&HeaderMap>, data: Bytes) -> Result<Envelope, Foreign> {
    let headers = headers.ok_or(Foreign("ce-specversion"))?;
    if read::<String>(headers, "ce-specversion")? != SPEC_VERSION {
        return Err(Foreign("ce-specversion"));
    }
    if read::<String>(headers, "ce-datacontenttype")? != DATA_TYPE {
        return Err(Foreign("ce-datacontenttype"));
    }
    let data = String::from_utf8(data.into()).map_err(|_| Foreign("data"))?;
    serde_json::from_str::<IgnoredAny>(&data).map_err(|_| Foreign("data"))?;
    Ok(Envelope {
        data,
        id: read(headers, "ce-id")?,
        source: read(headers, "ce-source")?,
        event_type: read(headers, "ce-type")?,
        key: read(headers, "ce-subject")?,
        time: read(headers, "ce-time")?,
        tenant: read(headers, "ce-tenant")?,
        request: read(headers, "ce-requestid")?,
    })
}

fn read<T: FromStr>(headers: &HeaderMap, name: &'static str) -> Result<T, Foreign> {
    let value = headers.get(name).ok_or(Foreign(name))?;
    let value = percent_decode_str(value.as_str()).decode_utf8().map_err(|_| Foreign(name))?;
    value.parse().map_err(|_| Foreign(name))
}

#[cfg(test)]
mod tests {
    use base::{RequestId, TenantId, Timestamp};
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;
    use crate::EventId;

    fn event(source: String, event_type: String) -> Envelope {
        Envelope {
            id: EventId::from_u128(1),
            source,
            event_type,
            key: Uuid::from_u128(2),
            time: Timestamp::from_micros(1_811_840_400_000_001),
            tenant: TenantId::from_u128(3),
            request: RequestId::from_u128(4),
            data: r#"{"a":1}"#.to_owned(),
        }
    }

    #[test]
    fn an_event_has_the_headers_that_the_binding_prescribes() {
        let event = event("shop".to_owned(), "shop.order.placed".to_owned());
        let headers = headers(&event);
        let of = |name: &str| headers.get(name).unwrap().as_str().to_owned();
        assert_eq!(of("ce-specversion"), "1.0");
        assert_eq!(of("ce-id"), "00000000-0000-0000-0000-000000000001");
        assert_eq!(of("Nats-Msg-Id"), of("ce-id"));
        assert_eq!(of("ce-time"), "2027-06-01T09:00:00.000001Z");
        assert_eq!(of("ce-datacontenttype"), "application/json");
        assert_eq!(subject(&event), "00000000-0000-0000-0000-000000000003.shop.order.placed");
    }

    #[test]
    fn a_message_that_is_no_event_is_refused() {
        assert!(envelope(None, Bytes::new()).is_err());
        let mut wrong = headers(&event("shop".to_owned(), "a.b".to_owned()));
        assert!(envelope(Some(&wrong), Bytes::from_static(b"{not json")).is_err());
        wrong.insert("ce-specversion", "0.3");
        assert!(envelope(Some(&wrong), Bytes::from_static(b"{}")).is_err());
    }

    proptest! {
        #[test]
        fn whatever_is_sent_arrives(source in ".{0,40}", event_type in ".{1,40}") {
            let sent = event(source, event_type);
            prop_assert!(!subject(&sent).contains([' ', '*', '>', '\n', '\r']));
            prop_assert_eq!(envelope(Some(&headers(&sent)), sent.data.clone().into()).unwrap(), sent);
        }
    }
}
