//! A file handed in: its declarations, whether it is late, and the receipt that proves it.

use base::{FieldError, Timestamp};

use contracts::file_kind::FileKind;

use super::{accepted::Accepted, cycle::Policy};

/// Crockford's base 32: no letter that can be taken for a digit, so that a receipt can be read out.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// Kinds of files that are taken as the final work.
pub const ACCEPTS: Accepted = Accepted::USUAL;

/// Returns what is wrong with a file of this kind where `accepted` are taken; programs say it of their `ticket`.
pub fn check_kind(accepted: Accepted, kind: FileKind) -> Result<(), Vec<FieldError>> {
    if accepted.takes(kind) { Ok(()) } else { Err(vec![FieldError::new("ticket", "file_type")]) }
}

/// Returns the receipt number made of these unpredictable bytes: four groups of four.
pub fn receipt(bytes: [u8; 10]) -> String {
    let mut bits = bytes.iter().fold(0_u128, |bits, byte| bits << 8 | u128::from(*byte));
    let mut letters = Vec::with_capacity(19);
    for index in 0..16 {
        if index > 0 && index % 4 == 0 {
            letters.push('-');
        }
        let letter = ALPHABET.get((bits & 31) as usize).copied().unwrap_or(b'0');
        letters.push(char::from(letter));
        bits >>= 5;
    }
    letters.into_iter().collect()
}

/// Returns the declarations that the policy asks for and nobody made, and those made that nobody asks for.
pub fn undeclared(policy: &Policy, made: &[String]) -> Vec<FieldError> {
    let missing = policy.declarations.iter().filter(|asked| !made.contains(asked));
    let strange = made.iter().filter(|declared| !policy.declarations.contains(declared));
    let missing = missing.map(|name| FieldError::new(format!("declarations.{name}"), "unticked"));
    missing.chain(strange.map(|name| FieldError::new(format!("declarations.{name}"), "unknown"))).collect()
}

/// Returns whether work handed in at `now` comes after its deadline.
pub fn is_late(due_at: Option<Timestamp>, now: Timestamp) -> bool {
    due_at.is_some_and(|due_at| due_at < now)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_receipt_is_four_groups_and_keeps_every_bit() {
        assert_eq!(receipt([0; 10]), "0000-0000-0000-0000");
        assert_eq!(receipt([255; 10]), "ZZZZ-ZZZZ-ZZZZ-ZZZZ");
        let mut seen = std::collections::HashSet::new();
        for bit in 0..80 {
            let mut bytes = [0_u8; 10];
            bytes[bit / 8] = 1 << (bit % 8);
            assert!(seen.insert(receipt(bytes)), "bit {bit}");
        }
    }

    #[test]
    fn declarations_are_all_or_nothing() {
        let policy = Policy { declarations: vec!["own_work".into()], ..Policy::default() };
        assert!(undeclared(&policy, &["own_work".into()]).is_empty());
        assert_eq!(undeclared(&policy, &[]), [FieldError::new("declarations.own_work", "unticked")]);
        assert_eq!(
            undeclared(&policy, &["own_work".into(), "x".into()]),
            [FieldError::new("declarations.x", "unknown")]
        );
    }

    #[test]
    fn the_deadline_itself_is_in_time() {
        let at = Timestamp::from_micros;
        assert!(!is_late(Some(at(5)), at(5)));
        assert!(is_late(Some(at(5)), at(6)));
        assert!(!is_late(None, at(6)));
    }
}
