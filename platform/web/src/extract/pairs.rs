//! Names with values, as forms and query strings have them, read into a struct.
//!
//! An empty value is no value: a text field left empty is `None` for an `Option` and "required" for a number.

use base::FieldError;
use serde::{
    de::{self, DeserializeOwned, DeserializeSeed, IntoDeserializer, MapAccess, SeqAccess, Visitor},
    forward_to_deserialize_any,
};

use super::wrong::{self, Blank, Mend, Mistakes, PASSES_MAX, Step, Wrong, key};

/// Names and values in the order they came.
pub(super) type Pairs = Vec<(String, String)>;

/// Most names in one form or query string.
const PAIRS_MAX: usize = 10_000;
/// Most characters of a name that is told as wrong.
const NAME_CHARS_TOLD_MAX: usize = 100;
/// Most pairs that are read in search of mistakes, all passes together.
const READ_PAIRS_MAX: usize = 20_000;

/// Why bytes are no pairs.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unreadable {
    #[error("it has more than {PAIRS_MAX} fields")]
    TooMany,
    #[error("it is not UTF-8")]
    NotText {
        /// The name, as far as it is text.
        name: String,
    },
}

impl Unreadable {
    /// Returns the same as the fault of one name; `.` is the whole.
    pub(super) fn field_error(&self) -> FieldError {
        match self {
            Self::NotText { name } if !name.is_empty() => FieldError::new(name, "not_text"),
            Self::NotText { .. } => FieldError::new(".", "not_text"),
            Self::TooMany => FieldError::new(".", "too_many"),
        }
    }
}

/// Reads `application/x-www-form-urlencoded`; bytes that are not UTF-8 are refused, not replaced.
pub(super) fn parse(bytes: &[u8]) -> Result<Pairs, Unreadable> {
    let mut pairs = Pairs::new();
    for pair in bytes.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()) {
        if pairs.len() == PAIRS_MAX {
            return Err(Unreadable::TooMany);
        }
        let mut halves = pair.splitn(2, |byte| *byte == b'=');
        let [name, value] = [decode(halves.next().unwrap_or_default()), decode(halves.next().unwrap_or_default())];
        let name = name.map_err(|bytes| Unreadable::NotText { name: legible(&bytes) })?;
        match value {
            Ok(value) => pairs.push((name, value)),
            Err(_) => return Err(Unreadable::NotText { name: legible(name.as_bytes()) }),
        }
    }
    Ok(pairs)
}

/// Returns a name that is told to whoever sent it.
fn legible(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).chars().take(NAME_CHARS_TOLD_MAX).collect()
}

/// Returns the text, or the bytes when they are none.
fn decode(bytes: &[u8]) -> Result<String, Vec<u8>> {
    let spaced: Vec<u8> = bytes.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect();
    let decoded: Vec<u8> = percent_encoding::percent_decode(&spaced).collect();
    String::from_utf8(decoded).map_err(std::string::FromUtf8Error::into_bytes)
}

/// Reads the pairs into a struct, or names every field that is wrong.
pub(super) fn read<T: DeserializeOwned>(pairs: &[(String, String)]) -> Result<T, Vec<FieldError>> {
    let read = |mistakes: &Mistakes| T::deserialize(Whole { pairs, mistakes });
    read(&Mistakes::default())
        .map_err(|first| wrong::all(first, (READ_PAIRS_MAX / pairs.len().max(1)).clamp(1, PASSES_MAX), read))
}

struct Whole<'a> {
    pairs: &'a [(String, String)],
    mistakes: &'a Mistakes,
}

impl<'de> de::Deserializer<'de> for Whole<'_> {
    type Error = Wrong;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        let missing = self.mistakes.missing(|name| self.pairs.iter().any(|(typed, _)| typed == name));
        let (pairs, missing) = (self.pairs, missing.into_iter());
        visitor.visit_map(Members { pairs, at: 0, missing, filled: None, mistakes: self.mistakes })
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 char str string bytes byte_buf option unit unit_struct newtype_struct seq
        tuple tuple_struct map struct enum identifier ignored_any
    }
}

struct Members<'a> {
    pairs: &'a [(String, String)],
    at: usize,
    missing: std::vec::IntoIter<(String, Blank)>,
    filled: Option<(String, Blank)>,
    mistakes: &'a Mistakes,
}

impl Members<'_> {
    fn mend(&self, name: &str) -> Option<Mend> {
        self.mistakes.of(&Step::Member(name.to_owned()))?.mend()
    }
}

impl<'de> MapAccess<'de> for Members<'_> {
    type Error = Wrong;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Wrong> {
        while let Some((name, _)) = self.pairs.get(self.at) {
            let known = self.pairs.iter().take(self.at).any(|(earlier, _)| earlier == name);
            if !known && self.mend(name) != Some(Mend::PassOver) {
                return seed.deserialize(key(name)).map(Some);
            }
            self.at += 1;
        }
        self.filled = self.missing.next();
        self.filled.as_ref().map(|(name, _)| seed.deserialize(key(name))).transpose()
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Wrong> {
        if let Some((name, blank)) = self.filled.take() {
            return seed.deserialize(blank).map_err(|wrong| wrong.at(Step::Member(name)));
        }
        let name = self.pairs.get(self.at).map(|(name, _)| name.as_str()).unwrap_or_default();
        self.at += 1;
        let read = if let Some(Mend::Blank(blank)) = self.mend(name) {
            seed.deserialize(blank)
        } else {
            let values = self.pairs.iter().filter(|(other, _)| other == name);
            seed.deserialize(Values { values: values.map(|(_, value)| value.as_str()).collect() })
        };
        read.map_err(|wrong| wrong.at(Step::Member(name.to_owned())))
    }
}

/// All values of one name.
struct Values<'a> {
    values: Vec<&'a str>,
}

impl<'a> Values<'a> {
    /// One name means one value: a second one is a mistake or an attack.
    fn one(&self) -> Result<&'a str, Wrong> {
        match self.values.as_slice() {
            [value] => Ok(value),
            [] => Err(Wrong::because("required")),
            _ => Err(Wrong::because("repeated")),
        }
    }

    fn number<T: std::str::FromStr>(&self) -> Result<T, Wrong> {
        let text = self.one()?.trim();
        if text.is_empty() {
            return Err(Wrong::because("required"));
        }
        let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
        let whole = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        // A whole number that does not fit is outside of what is allowed.
        text.parse().map_err(|_| Wrong::because(if whole { "range" } else { "number" }))
    }
}

macro_rules! numbers {
    ($($method:ident $visit:ident)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
            visitor.$visit(self.number()?)
        }
    )*};
}

impl<'de> de::Deserializer<'de> for Values<'_> {
    type Error = Wrong;

    numbers! {
        deserialize_i8 visit_i8 deserialize_i16 visit_i16 deserialize_i32 visit_i32 deserialize_i64 visit_i64
        deserialize_u8 visit_u8 deserialize_u16 visit_u16 deserialize_u32 visit_u32 deserialize_u64 visit_u64
        deserialize_f32 visit_f32 deserialize_f64 visit_f64
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        visitor.visit_str(self.one()?)
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        match self.one()? {
            "on" | "true" | "1" | "yes" => visitor.visit_bool(true),
            "" | "off" | "false" | "0" | "no" => visitor.visit_bool(false),
            _ => Err(Wrong::because("invalid")),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        if self.values.iter().all(|value| value.trim().is_empty()) {
            visitor.visit_none()
        } else {
            visitor.visit_some(self)
        }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        visitor.visit_seq(Items { values: self.values.into_iter() })
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Wrong> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Wrong> {
        let value = self.one()?;
        if value.is_empty() {
            return Err(Wrong::because("required"));
        }
        let variant: de::value::StrDeserializer<'_, Wrong> = value.into_deserializer();
        variant.deserialize_enum(name, variants, visitor)
    }

    forward_to_deserialize_any! {
        i128 u128 char str string bytes byte_buf unit unit_struct tuple tuple_struct map struct identifier
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        visitor.visit_unit()
    }
}

struct Items<'a> {
    values: std::vec::IntoIter<&'a str>,
}

impl<'de> SeqAccess<'de> for Items<'_> {
    type Error = Wrong;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Wrong> {
        let Some(value) = self.values.next() else { return Ok(None) };
        seed.deserialize(Values { values: vec![value] }).map(Some)
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Colour {
        Red,
        DarkBlue,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    struct Sample {
        name: String,
        weeks: Option<u16>,
        #[serde(default)]
        agreed: bool,
        #[serde(default)]
        tags: Vec<u8>,
        colour: Option<Colour>,
        id: Option<base::PersonId>,
    }

    fn check(text: &str) -> Result<Sample, (String, String)> {
        let wrong = |mut errors: Vec<FieldError>| {
            assert_eq!(errors.len(), 1, "{errors:?}");
            let FieldError { field, reason } = errors.remove(0);
            (field, reason)
        };
        read(&parse(text.as_bytes()).unwrap()).map_err(wrong)
    }

    fn refused(field: &str, reason: &str) -> Result<Sample, (String, String)> {
        Err((field.to_owned(), reason.to_owned()))
    }

    #[test]
    fn a_form_becomes_a_struct() {
        let id = base::PersonId::from_u128(7);
        let text =
            format!("name=A+b%20%E0%BA%81&weeks=3&agreed=on&tags=1&tags=2&colour=dark_blue&id={id}&other=x&other=y");
        let expected = Sample {
            name: "A b ກ".to_owned(),
            weeks: Some(3),
            agreed: true,
            tags: vec![1, 2],
            colour: Some(Colour::DarkBlue),
            id: Some(id),
        };
        assert_eq!(check(&text), Ok(expected));
    }

    #[test]
    fn empty_means_none() {
        let sample = check("name=&weeks=&colour=&id=").unwrap();
        assert_eq!((sample.weeks, sample.colour, sample.id), (None, None, None));
    }

    #[test]
    fn what_is_wrong_is_said_of_its_field() {
        assert_eq!(check("weeks=1"), refused("name", "required"));
        assert_eq!(check("name=a&weeks=x"), refused("weeks", "number"));
        assert_eq!(check("name=a&weeks=70000"), refused("weeks", "range"));
        assert_eq!(check("name=a&weeks=-1"), refused("weeks", "range"));
        assert_eq!(check("name=a&weeks=-"), refused("weeks", "number"));
        assert_eq!(check("name=a&colour=pink"), refused("colour", "choice"));
        assert_eq!(check("name=a&id=12"), refused("id", "invalid"));
        assert_eq!(check("name=a&name=b"), refused("name", "repeated"));
    }

    #[test]
    fn every_field_that_is_wrong_is_named() {
        let errors = read::<Sample>(&parse(b"weeks=x&colour=pink&id=12&tags=1&tags=b").unwrap()).unwrap_err();
        let told: Vec<_> = errors.iter().map(|error| (error.field.as_str(), error.reason.as_str())).collect();
        let expected = [("weeks", "number"), ("colour", "choice"), ("id", "invalid"), ("tags", "number")];
        assert_eq!(told, [&expected[..], &[("name", "required")]].concat());
    }

    proptest::proptest! {
        #[test]
        fn whatever_comes_is_read_or_refused(bytes: Vec<u8>) {
            if let Ok(pairs) = parse(&bytes) {
                let _ = read::<Sample>(&pairs);
            }
        }

        #[test]
        fn what_was_written_is_read_back(name in "[a-z]{1,5}", value in "\\PC{0,20}") {
            let encoded = percent_encoding::utf8_percent_encode(&value, percent_encoding::NON_ALPHANUMERIC);
            let pairs = parse(format!("{name}={encoded}").as_bytes()).unwrap();
            proptest::prop_assert_eq!(pairs, vec![(name, value)]);
        }
    }

    #[test]
    fn text_that_is_not_utf8_is_refused() {
        let wrong = |bytes: &[u8]| parse(bytes).unwrap_err().field_error();
        assert_eq!(wrong(b"good=1&state=%FF"), FieldError::new("state", "not_text"));
        assert_eq!(wrong(b"st%FFte=1"), FieldError::new("st\u{FFFD}te", "not_text"));
        assert_eq!(wrong(b"=%FF"), FieldError::new(".", "not_text"));
        assert_eq!(wrong("a=1&".repeat(PAIRS_MAX + 1).as_bytes()), FieldError::new(".", "too_many"));
    }
}
