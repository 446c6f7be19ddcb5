//! An event on its way, as CloudEvents 1.0 describes it (<https://github.com/cloudevents/spec>), in its JSON format.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use serde_json::value::RawValue;
use uuid::Uuid;

use base::{RequestId, TenantId, Timestamp};

base::id!(
    /// One event.
    EventId
);

/// The media type of an envelope in JSON.
pub const MEDIA_TYPE: &str = "application/cloudevents+json";
const SPEC_VERSION: &str = "1.0";
const DATA_TYPE: &str = "application/json";

/// An event on its way. `tenant` and `requestid` are extension attributes; unknown ones are ignored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope {
    /// The event's id; the same each time it is delivered.
    pub id: EventId,
    /// The service that emitted it.
    pub source: String,
    /// [`Event::TYPE`](base::Event::TYPE).
    pub event_type: String,
    /// What it happened to; events of one key are delivered in order. The attribute is `subject`.
    pub key: Uuid,
    /// When it happened.
    pub time: Timestamp,
    /// In which tenant.
    pub tenant: TenantId,
    /// On behalf of which request.
    pub request: RequestId,
    /// The event itself, as JSON text.
    pub data: String,
}

#[derive(Serialize, Deserialize)]
struct Wire<'a> {
    specversion: &'a str,
    id: EventId,
    source: std::borrow::Cow<'a, str>,
    #[serde(rename = "type")]
    event_type: std::borrow::Cow<'a, str>,
    subject: Uuid,
    time: Timestamp,
    tenant: TenantId,
    requestid: RequestId,
    datacontenttype: &'a str,
    data: Box<RawValue>,
}

impl Envelope {
    /// Returns the envelope in CloudEvents' JSON format.
    pub fn to_json(&self) -> serde_json::Result<String> {
        serde_json::to_string(self)
    }

    /// Reads an envelope in CloudEvents' JSON format.
    pub fn from_json(text: &str) -> serde_json::Result<Self> {
        serde_json::from_str(text)
    }
}

impl Serialize for Envelope {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let wire = Wire {
            specversion: SPEC_VERSION,
            id: self.id,
            source: self.source.as_str().into(),
            event_type: self.event_type.as_str().into(),
            subject: self.key,
            time: self.time,
            tenant: self.tenant,
            requestid: self.request,
            datacontenttype: DATA_TYPE,
            data: RawValue::from_string(self.data.clone()).map_err(serde::ser::Error::custom)?,
        };
        wire.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Envelope {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let wire = Wire::deserialize(deserializer)?;
        if wire.specversion != SPEC_VERSION {
            return Err(de::Error::custom("not CloudEvents 1.0"));
        }
        if wire.datacontenttype != DATA_TYPE {
            return Err(de::Error::custom("the data is not JSON"));
        }
        Ok(Self {
            id: wire.id,
            source: wire.source.into_owned(),
            event_type: wire.event_type.into_owned(),
            key: wire.subject,
            time: wire.time,
            tenant: wire.tenant,
            request: wire.requestid,
            data: wire.data.get().to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn envelope(data: String) -> Envelope {
        Envelope {
            id: EventId::from_u128(1),
            source: "shop".to_owned(),
            event_type: "shop.order.placed".to_owned(),
            key: Uuid::from_u128(2),
            time: Timestamp::from_micros(1_811_840_400_000_001),
            tenant: TenantId::from_u128(3),
            request: RequestId::from_u128(4),
            data,
        }
    }

    #[test]
    fn an_envelope_is_what_cloudevents_prescribes() {
        let json = envelope(r#"{"a":1}"#.to_owned()).to_json().unwrap();
        let expected = r#"{"specversion":"1.0","id":"00000000-0000-0000-0000-000000000001","source":"shop","type":"shop.order.placed","subject":"00000000-0000-0000-0000-000000000002","time":"2027-06-01T09:00:00.000001Z","tenant":"00000000-0000-0000-0000-000000000003","requestid":"00000000-0000-0000-0000-000000000004","datacontenttype":"application/json","data":{"a":1}}"#;
        assert_eq!(json, expected);
    }

    #[test]
    fn another_version_or_data_that_is_not_json_is_refused() {
        let json = envelope("1".to_owned()).to_json().unwrap();
        assert!(Envelope::from_json(&json.replace("\"1.0\"", "\"0.3\"")).is_err());
        assert!(Envelope::from_json(&json.replace("application/json", "text/xml")).is_err());
        assert!(envelope("{".to_owned()).to_json().is_err());
    }

    #[test]
    fn an_attribute_that_is_not_known_is_ignored() {
        let json = envelope("1".to_owned()).to_json().unwrap().replacen('{', r#"{"traceparent":"00-1","#, 1);
        assert_eq!(Envelope::from_json(&json).unwrap(), envelope("1".to_owned()));
    }

    fn json() -> impl Strategy<Value = serde_json::Value> {
        let leaf = prop_oneof![
            Just(serde_json::Value::Null),
            any::<bool>().prop_map(Into::into),
            any::<i64>().prop_map(Into::into),
            ".*".prop_map(serde_json::Value::from),
        ];
        leaf.prop_recursive(4, 32, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Into::into),
                prop::collection::btree_map(".*", inner, 0..6)
                    .prop_map(|map| serde_json::Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn whatever_is_sent_arrives(
            data in json(), id: u128, key: u128, tenant: u128, request: u128,
            micros in 0_i64..253_402_300_799_000_000, source in "[a-z]{1,20}", kind in ".{1,60}",
        ) {
            let sent = Envelope {
                id: EventId::from_u128(id),
                source,
                event_type: kind,
                key: Uuid::from_u128(key),
                time: Timestamp::from_micros(micros),
                tenant: TenantId::from_u128(tenant),
                request: RequestId::from_u128(request),
                data: data.to_string(),
            };
            let arrived = Envelope::from_json(&sent.to_json().unwrap()).unwrap();
            prop_assert_eq!(&arrived, &sent);
            prop_assert_eq!(serde_json::from_str::<serde_json::Value>(&arrived.data).unwrap(), data);
        }

        #[test]
        fn no_text_makes_the_reader_panic(text in ".*") {
            let _ = Envelope::from_json(&text);
        }
    }
}
