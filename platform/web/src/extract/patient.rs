//! A JSON value read with the mistakes found so far mended: see [`super::wrong`].

use serde::de::{self, DeserializeSeed, EnumAccess, MapAccess, SeqAccess, VariantAccess, Visitor};
use serde_json::{Map, Value};

use super::wrong::{Blank, Mend, Mistakes, Step, Wrong, key};

/// A value, and what is known to be wrong inside it.
#[derive(Clone, Copy)]
pub(super) struct Patient<'a> {
    value: &'a Value,
    mistakes: Option<&'a Mistakes>,
}

impl<'a> Patient<'a> {
    pub(super) fn new(value: &'a Value, mistakes: &'a Mistakes) -> Self {
        Self { value, mistakes: Some(mistakes) }
    }

    /// Returns the blank that stands for this value, when it is wrong.
    fn blank(self) -> Option<Blank> {
        match self.mistakes?.mend()? {
            Mend::Blank(blank) => Some(blank),
            Mend::PassOver => None,
        }
    }

    fn members(self, members: &'a Map<String, Value>) -> Members<'a> {
        let missing = self.mistakes.map(|mistakes| mistakes.missing(|name| members.contains_key(name)));
        Members {
            members: members.iter(),
            next: None,
            missing: missing.unwrap_or_default().into_iter(),
            filled: None,
            mistakes: self.mistakes,
        }
    }
}

macro_rules! patiently {
    ($($method:ident)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
            match self.blank() {
                Some(blank) => blank.$method(visitor),
                None => self.read(visitor),
            }
        }
    )*};
}

impl Patient<'_> {
    fn read<'de, V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        match self.value {
            Value::Null => visitor.visit_unit(),
            Value::Bool(truth) => visitor.visit_bool(*truth),
            Value::Number(number) => match (number.as_u64(), number.as_i64(), number.as_f64()) {
                (Some(number), ..) => visitor.visit_u64(number),
                (None, Some(number), _) => visitor.visit_i64(number),
                (None, None, number) => visitor.visit_f64(number.unwrap_or(f64::NAN)),
            },
            Value::String(text) => visitor.visit_str(text),
            Value::Array(items) => {
                let mut items = Items { items: items.iter(), place: 0, mistakes: self.mistakes };
                let read = visitor.visit_seq(&mut items)?;
                if items.items.len() == 0 { Ok(read) } else { Err(Wrong::because("invalid")) }
            }
            Value::Object(members) => visitor.visit_map(self.members(members)),
        }
    }
}

impl<'de> de::Deserializer<'de> for Patient<'_> {
    type Error = Wrong;

    patiently! {
        deserialize_any deserialize_bool deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_i128
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 deserialize_u128 deserialize_f32 deserialize_f64
        deserialize_char deserialize_str deserialize_string deserialize_bytes deserialize_byte_buf deserialize_unit
        deserialize_seq deserialize_map deserialize_identifier deserialize_ignored_any
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        let none = self.blank().is_some() || self.value.is_null();
        if none { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Wrong> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(self, name: &'static str, visitor: V) -> Result<V::Value, Wrong> {
        match self.blank() {
            Some(blank) => blank.deserialize_unit_struct(name, visitor),
            None => self.read(visitor),
        }
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, length: usize, visitor: V) -> Result<V::Value, Wrong> {
        match self.blank() {
            Some(blank) => blank.deserialize_tuple(length, visitor),
            None => self.read(visitor),
        }
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        length: usize,
        visitor: V,
    ) -> Result<V::Value, Wrong> {
        self.deserialize_tuple(length, visitor)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Wrong> {
        match self.blank() {
            Some(blank) => blank.deserialize_struct(name, fields, visitor),
            None => self.read(visitor),
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Wrong> {
        match (self.blank(), self.value) {
            (Some(blank), _) => blank.deserialize_enum(name, variants, visitor),
            (None, Value::String(word)) => visitor.visit_enum(Variant { name: word, content: None }),
            (None, Value::Object(members)) => match (members.len(), members.iter().next()) {
                (1, Some((name, value))) => {
                    let mistakes = self.mistakes.and_then(|mistakes| mistakes.of(&Step::Member(name.clone())));
                    visitor.visit_enum(Variant { name, content: Some(Patient { value, mistakes }) })
                }
                _ => Err(Wrong::because("invalid")),
            },
            (None, Value::Null) => Err(Wrong::because("required")),
            (None, _) => Err(Wrong::because("invalid")),
        }
    }
}

struct Items<'a> {
    items: std::slice::Iter<'a, Value>,
    place: usize,
    mistakes: Option<&'a Mistakes>,
}

impl<'de> SeqAccess<'de> for &mut Items<'_> {
    type Error = Wrong;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Wrong> {
        let Some(value) = self.items.next() else { return Ok(None) };
        let step = Step::Item(self.place);
        self.place += 1;
        let mistakes = self.mistakes.and_then(|mistakes| mistakes.of(&step));
        seed.deserialize(Patient { value, mistakes }).map(Some).map_err(|wrong| wrong.at(step))
    }
}

struct Members<'a> {
    members: serde_json::map::Iter<'a>,
    next: Option<(&'a str, &'a Value)>,
    missing: std::vec::IntoIter<(String, Blank)>,
    filled: Option<(String, Blank)>,
    mistakes: Option<&'a Mistakes>,
}

impl<'a> Members<'a> {
    fn of(&self, name: &str) -> Option<&'a Mistakes> {
        // Most values have no mistake inside, and are spared the name's copy.
        self.mistakes.and_then(|mistakes| mistakes.of(&Step::Member(name.to_owned())))
    }
}

impl<'de> MapAccess<'de> for Members<'_> {
    type Error = Wrong;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Wrong> {
        while let Some((name, value)) = self.members.next() {
            let passed_over = self.of(name).and_then(Mistakes::mend) == Some(Mend::PassOver);
            if !passed_over {
                self.next = Some((name, value));
                return seed.deserialize(key(name)).map(Some);
            }
        }
        self.filled = self.missing.next();
        self.filled.as_ref().map(|(name, _)| seed.deserialize(key(name))).transpose()
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Wrong> {
        if let Some((name, value)) = self.next.take() {
            let patient = Patient { value, mistakes: self.of(name) };
            return seed.deserialize(patient).map_err(|wrong| wrong.at(Step::Member(name.to_owned())));
        }
        let (name, blank) = self.filled.take().ok_or_else(|| Wrong::because("invalid"))?;
        seed.deserialize(blank).map_err(|wrong| wrong.at(Step::Member(name)))
    }
}

/// A variant by name, with its content when it has any.
struct Variant<'a> {
    name: &'a str,
    content: Option<Patient<'a>>,
}

impl Variant<'_> {
    fn at(&self, wrong: Wrong) -> Wrong {
        wrong.at(Step::Member(self.name.to_owned()))
    }

    fn content(&self) -> Result<Patient<'_>, Wrong> {
        self.content.ok_or_else(|| Wrong::because("invalid"))
    }
}

impl<'de> EnumAccess<'de> for Variant<'_> {
    type Error = Wrong;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self), Wrong> {
        Ok((seed.deserialize(key(self.name))?, self))
    }
}

impl<'de> VariantAccess<'de> for Variant<'_> {
    type Error = Wrong;

    fn unit_variant(self) -> Result<(), Wrong> {
        match self.content {
            Some(content) => de::Deserialize::deserialize(content).map_err(|wrong| self.at(wrong)),
            None => Ok(()),
        }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Wrong> {
        seed.deserialize(self.content()?).map_err(|wrong| self.at(wrong))
    }

    fn tuple_variant<V: Visitor<'de>>(self, length: usize, visitor: V) -> Result<V::Value, Wrong> {
        de::Deserializer::deserialize_tuple(self.content()?, length, visitor).map_err(|wrong| self.at(wrong))
    }

    fn struct_variant<V: Visitor<'de>>(self, fields: &'static [&'static str], visitor: V) -> Result<V::Value, Wrong> {
        let content = self.content()?;
        de::Deserializer::deserialize_struct(content, "", fields, visitor).map_err(|wrong| self.at(wrong))
    }
}
