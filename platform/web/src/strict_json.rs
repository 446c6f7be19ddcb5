//! What JSON must be beyond its grammar: UTF-8, no key twice, not deep.

use std::{collections::HashSet, fmt};

use serde::{
    Deserializer,
    de::{self, DeserializeSeed, MapAccess, SeqAccess, Visitor},
};

/// Deepest nesting taken.
pub(crate) const DEPTH_MAX: usize = 32;

/// Returns why `bytes` is not JSON that we take.
pub(crate) fn check(bytes: &[u8]) -> Result<(), String> {
    if let Err(error) = std::str::from_utf8(bytes) {
        return Err(format!("it is not UTF-8 at byte {}", error.valid_up_to()));
    }
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    Walk { left: DEPTH_MAX }
        .deserialize(&mut deserializer)
        .and_then(|()| deserializer.end())
        .map_err(|error| error.to_string())
}

struct Walk {
    left: usize,
}

impl Walk {
    fn deeper<E: de::Error>(&self) -> Result<Self, E> {
        let left = self.left.checked_sub(1);
        left.map(|left| Self { left }).ok_or_else(|| E::custom(format_args!("nested deeper than {DEPTH_MAX}")))
    }
}

impl<'de> DeserializeSeed<'de> for Walk {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Walk {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        loop {
            let item = self.deeper()?;
            if items.next_element_seed(item)?.is_none() {
                return Ok(());
            }
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        let mut seen = HashSet::new();
        while let Some(key) = members.next_key::<String>()? {
            members.next_value_seed(self.deeper()?)?;
            if let Some(key) = seen.replace(key) {
                return Err(de::Error::custom(format_args!("the key `{key}` appears twice")));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_json_passes() {
        assert_eq!(check(br#"{"a":[1,-2,3.5,"x",null,true],"b":{"a":1}}"#), Ok(()));
    }

    #[test]
    fn a_repeated_key_is_named() {
        assert!(check(br#"{"a":1,"b":{"c":1,"c":2}}"#).unwrap_err().contains("`c` appears twice"));
        assert!(check(br#"{"a":1,"\u0061":2}"#).unwrap_err().contains("`a` appears twice"));
    }

    #[test]
    fn broken_utf8_and_broken_json_say_where() {
        assert_eq!(check(b"{\"a\":\"\xff\"}").unwrap_err(), "it is not UTF-8 at byte 6");
        assert!(check(b"{\"a\":").unwrap_err().contains("line 1"));
        assert!(check(b"{} {}").is_err());
    }

    proptest::proptest! {
        #[test]
        fn whatever_comes_is_judged_without_panic(bytes: Vec<u8>) {
            let ours = check(&bytes).is_ok();
            let theirs = serde_json::from_slice::<serde_json::Value>(&bytes).is_ok();
            proptest::prop_assert!(!ours || theirs);
        }

        #[test]
        fn every_key_is_compared(keys in proptest::collection::vec("[a-c]{1,2}", 1..8)) {
            let members: Vec<String> = keys.iter().map(|key| format!("\"{key}\":1")).collect();
            let distinct: HashSet<&String> = keys.iter().collect();
            let judged = check(format!("{{{}}}", members.join(",")).as_bytes());
            proptest::prop_assert_eq!(judged.is_ok(), distinct.len() == keys.len());
        }
    }

    #[test]
    fn depth_is_bounded() {
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert_eq!(check(nested(DEPTH_MAX).as_bytes()), Ok(()));
        assert!(check(nested(DEPTH_MAX + 2).as_bytes()).unwrap_err().contains("nested deeper"));
    }
}
