//! What is wrong with an input, and the search for everything that is.
//!
//! serde stops at the first mistake. So what cannot be read is read again with that mistake mended: a member that nobody
//! knows is passed over, and one that is missing or of the wrong kind is read as a [`Blank`], which is of every kind. That
//! goes on until the rest reads well or a bound is met. It happens only to inputs that are refused anyhow.

use std::{
    collections::BTreeMap,
    fmt::{self, Write},
};

use base::FieldError;
use serde::{
    de::{self, DeserializeSeed, EnumAccess, MapAccess, SeqAccess, VariantAccess, Visitor},
    forward_to_deserialize_any,
};

/// Most mistakes that are named.
pub(super) const MISTAKES_MAX: usize = 20;
/// Most times that an input is read in search of them.
pub(super) const PASSES_MAX: usize = MISTAKES_MAX * TEXTS.len() * 2;

/// Texts that read as most of what texts are read as: a line, a number, an id, an instant, a day, an address.
const TEXTS: &[&str] =
    &["a", "1", "00000000-0000-0000-0000-000000000001", "2000-01-01T00:00:00Z", "2000-01-01", "a@b.example", ""];

/// What is wrong with one member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wrong {
    pub(super) reason: &'static str,
    /// The way to it, the innermost first.
    pub(super) way: Vec<Step>,
    /// A word that would do, where only some words do.
    choice: Option<&'static str>,
}

/// One step into a value.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Step {
    Member(String),
    Item(usize),
}

/// The mistakes found so far, as a tree of the ways to them.
#[derive(Debug, Default)]
pub(super) struct Mistakes {
    here: Option<Mend>,
    inside: BTreeMap<Step, Self>,
}

/// How a mistake is mended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mend {
    PassOver,
    Blank(Blank),
}

/// Reads an input to its end, `passes_max` times at most, and returns every mistake found, in the order found.
pub(super) fn all<T>(first: Wrong, passes_max: usize, read: impl Fn(&Mistakes) -> Result<T, Wrong>) -> Vec<FieldError> {
    let (mut mistakes, mut found, mut wrong) = (Mistakes::default(), Vec::new(), first);
    for _ in 0..passes_max {
        if mistakes.add(&wrong) {
            found.push(wrong.field_error());
        } else if !mistakes.mend_otherwise(&wrong) {
            break;
        }
        if found.len() == MISTAKES_MAX {
            break;
        }
        match read(&mistakes) {
            Ok(_) => break,
            Err(another) => wrong = another,
        }
    }
    found
}

impl Wrong {
    pub(super) fn because(reason: &'static str) -> Self {
        Self { reason, way: Vec::new(), choice: None }
    }

    /// Returns the mistake as seen from one step further out.
    pub(super) fn at(mut self, step: Step) -> Self {
        self.way.push(step);
        self
    }

    /// Names the member: `members.0.name`, and `.` for the whole.
    pub(super) fn field_error(&self) -> FieldError {
        let mut field = String::new();
        for step in self.way.iter().rev() {
            let dot = if field.is_empty() { "" } else { "." };
            match step {
                Step::Member(name) => field.extend([dot, name]),
                Step::Item(place) => drop(write!(field, "{dot}{place}")),
            }
        }
        FieldError::new(if field.is_empty() { ".".to_owned() } else { field }, self.reason)
    }
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let FieldError { field, reason } = self.field_error();
        write!(f, "{field}: {reason}")
    }
}

impl std::error::Error for Wrong {}

impl de::Error for Wrong {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self::because("invalid")
    }

    fn invalid_type(unexpected: de::Unexpected<'_>, _: &dyn de::Expected) -> Self {
        Self::because(if unexpected == de::Unexpected::Unit { "required" } else { "invalid" })
    }

    fn unknown_variant(_: &str, expected: &'static [&'static str]) -> Self {
        Self { choice: expected.first().copied(), ..Self::because("choice") }
    }

    fn missing_field(field: &'static str) -> Self {
        Self::because("required").at(Step::Member(field.to_owned()))
    }

    fn unknown_field(field: &str, _: &'static [&'static str]) -> Self {
        Self::because("unknown").at(Step::Member(field.to_owned()))
    }
}

impl Mistakes {
    /// Returns the mistakes inside a member.
    pub(super) fn of(&self, step: &Step) -> Option<&Self> {
        self.inside.get(step)
    }

    /// Returns how the value itself is mended.
    pub(super) fn mend(&self) -> Option<Mend> {
        self.here
    }

    /// Returns the members that are mended and that `has` does not find: those that were missing.
    pub(super) fn missing(&self, has: impl Fn(&str) -> bool) -> Vec<(String, Blank)> {
        let members = self.inside.iter().filter_map(|(step, mistakes)| match (step, mistakes.here) {
            (Step::Member(name), Some(Mend::Blank(blank))) if !has(name) => Some((name.clone(), blank)),
            _ => None,
        });
        members.collect()
    }

    /// Adds a mistake; returns false when its place is mended already.
    fn add(&mut self, wrong: &Wrong) -> bool {
        let place = self.place(&wrong.way);
        if place.here.is_some() {
            return false;
        }
        let mend = if wrong.reason == "unknown" { Mend::PassOver } else { Mend::Blank(Blank::first(wrong.choice)) };
        place.here = Some(mend);
        true
    }

    /// Mends a place in the next way there is; returns false when there is none.
    fn mend_otherwise(&mut self, wrong: &Wrong) -> bool {
        let place = self.place(&wrong.way);
        let Some(Mend::Blank(blank)) = place.here else { return false };
        let next = blank.next(wrong.choice);
        place.here = next.map(Mend::Blank).or(place.here);
        next.is_some()
    }

    fn place(&mut self, way: &[Step]) -> &mut Self {
        way.iter().rev().fold(self, |mistakes, step| mistakes.inside.entry(step.clone()).or_default())
    }
}

/// A value of every kind: what a wrong one is replaced by to read on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Blank {
    /// How many texts were tried.
    tried: usize,
    /// A word that is known to do.
    choice: Option<&'static str>,
}

impl Blank {
    fn first(choice: Option<&'static str>) -> Self {
        Self { tried: 0, choice }
    }

    fn next(self, choice: Option<&'static str>) -> Option<Self> {
        // The word that would do is tried once for each text: every step leads on, so the search ends.
        if choice.is_some() && self.choice.is_none() {
            return Some(Self { choice, ..self });
        }
        let tried = self.tried + 1;
        (tried < TEXTS.len()).then_some(Self { tried, choice: None })
    }

    fn text(self) -> &'static str {
        self.choice.or_else(|| TEXTS.get(self.tried).copied()).unwrap_or_default()
    }
}

macro_rules! ones {
    ($($method:ident $visit:ident)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
            // Zero is more often refused than one.
            visitor.$visit(1_u8.into())
        }
    )*};
}

impl<'de> de::Deserializer<'de> for Blank {
    type Error = Wrong;

    ones! {
        deserialize_i8 visit_i64 deserialize_i16 visit_i64 deserialize_i32 visit_i64 deserialize_i64 visit_i64
        deserialize_u8 visit_u64 deserialize_u16 visit_u64 deserialize_u32 visit_u64 deserialize_u64 visit_u64
        deserialize_f32 visit_f64 deserialize_f64 visit_f64
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        visitor.visit_str(self.text())
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        visitor.visit_bool(false)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        visitor.visit_none()
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        visitor.visit_unit()
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Wrong> {
        visitor.visit_unit()
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Wrong> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        visitor.visit_seq(Blanks { blank: self, left: 0, fields: &[] })
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, length: usize, visitor: V) -> Result<V::Value, Wrong> {
        visitor.visit_seq(Blanks { blank: self, left: length, fields: &[] })
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        length: usize,
        visitor: V,
    ) -> Result<V::Value, Wrong> {
        self.deserialize_tuple(length, visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        visitor.visit_map(Blanks { blank: self, left: 0, fields: &[] })
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Wrong> {
        visitor.visit_map(Blanks { blank: self, left: fields.len(), fields })
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Wrong> {
        visitor.visit_enum(BlankVariant { name: variants.first().copied().unwrap_or_default(), blank: self })
    }

    forward_to_deserialize_any! { i128 u128 char str string bytes byte_buf identifier ignored_any }
}

/// Several blanks: the items of a tuple, the members of a struct.
struct Blanks {
    blank: Blank,
    left: usize,
    fields: &'static [&'static str],
}

impl<'de> SeqAccess<'de> for Blanks {
    type Error = Wrong;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Wrong> {
        let Some(left) = self.left.checked_sub(1) else { return Ok(None) };
        self.left = left;
        seed.deserialize(self.blank).map(Some)
    }
}

impl<'de> MapAccess<'de> for Blanks {
    type Error = Wrong;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Wrong> {
        let Some((field, rest)) = self.fields.split_first() else { return Ok(None) };
        self.fields = rest;
        seed.deserialize(key(field)).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Wrong> {
        seed.deserialize(self.blank)
    }
}

struct BlankVariant {
    name: &'static str,
    blank: Blank,
}

impl<'de> EnumAccess<'de> for BlankVariant {
    type Error = Wrong;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self), Wrong> {
        Ok((seed.deserialize(key(self.name))?, self))
    }
}

impl<'de> VariantAccess<'de> for BlankVariant {
    type Error = Wrong;

    fn unit_variant(self) -> Result<(), Wrong> {
        Ok(())
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Wrong> {
        seed.deserialize(self.blank)
    }

    fn tuple_variant<V: Visitor<'de>>(self, length: usize, visitor: V) -> Result<V::Value, Wrong> {
        de::Deserializer::deserialize_tuple(self.blank, length, visitor)
    }

    fn struct_variant<V: Visitor<'de>>(self, fields: &'static [&'static str], visitor: V) -> Result<V::Value, Wrong> {
        de::Deserializer::deserialize_struct(self.blank, "", fields, visitor)
    }
}

/// Returns the name of a member as something to read.
pub(super) fn key(name: &str) -> de::value::StrDeserializer<'_, Wrong> {
    de::value::StrDeserializer::new(name)
}
