//! One root and several: in the file, in the setting, and what each of them reads.

use std::{fs, thread};

use super::*;
use crate::SystemRandom;

const OLD: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
const NEW: &str = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";

fn keyring(roots: &str) -> Keyring {
    Keyring::from_secret(&Secret::new(roots)).unwrap()
}

fn signature(keyring: &Keyring) -> (KeyId, [u8; SIGNATURE_BYTES]) {
    keyring.key("ticket").sign(b"bytes")
}

fn reads(keyring: &Keyring, (id, signature): (KeyId, [u8; SIGNATURE_BYTES])) -> bool {
    keyring.key("ticket").verify(id, b"bytes", &signature)
}

#[test]
fn a_keyring_is_made_once_and_read_ever_after() {
    let data = tempfile::tempdir().unwrap();
    let keys = data.path().join("keys");
    let first = Keyring::open(&keys, &SystemRandom).unwrap();
    let second = Keyring::open(&keys, &SystemRandom).unwrap();
    assert_eq!(signature(&first), signature(&second));
    let line = fs::read_to_string(keys.join(ROOT_FILE)).unwrap();
    assert_eq!(signature(&first), signature(&keyring(&line)));
    assert_eq!(fs::read_dir(&keys).unwrap().count(), 1);
}

#[test]
fn processes_that_start_together_agree() {
    let data = tempfile::tempdir().unwrap();
    let open = || signature(&Keyring::open(data.path(), &SystemRandom).unwrap());
    let signatures = thread::scope(|scope| {
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(open)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect::<Vec<_>>()
    });
    assert!(signatures.windows(2).all(|pair| pair[0] == pair[1]));
}

#[cfg(unix)]
#[test]
fn a_key_file_that_others_may_read_is_refused() {
    use std::os::unix::fs::PermissionsExt;

    let data = tempfile::tempdir().unwrap();
    let id = Keyring::open(data.path(), &SystemRandom).unwrap().held().next().unwrap().id;
    let file = data.path().join(ROOT_FILE);
    let mode = || fs::metadata(&file).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(), 0o600);
    promote(data.path(), id).unwrap();
    assert_eq!(mode(), 0o600);
    fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
    assert!(matches!(Keyring::open(data.path(), &SystemRandom), Err(Error::Exposed { .. })));
}

#[test]
fn roots_that_are_none_or_too_many_are_refused() {
    let refused = |roots: &str| Keyring::from_secret(&roots.into()).unwrap_err();
    assert!(matches!(refused("short"), Error::TooShort));
    assert!(matches!(refused(" \n"), Error::TooShort));
    assert!(matches!(refused(&format!("{OLD} {OLD}")), Error::Ambiguous));
    assert!(matches!(refused(&format!("*{OLD},*{NEW}")), Error::Ambiguous));
    let many = (10..10 + ROOTS_MAX).map(|n| format!("{NEW}{n}")).collect::<Vec<_>>().join(" ");
    assert_eq!(keyring(&many).held().count(), ROOTS_MAX);
    assert!(matches!(refused(&format!("{many} {OLD}")), Error::TooMany));
}

#[test]
fn a_signature_is_for_its_purpose_its_bytes_and_its_root() {
    let (id, signature) = signature(&keyring(OLD));
    let verify =
        |roots: &str, purpose, bytes: &[u8], signature: &[u8]| keyring(roots).key(purpose).verify(id, bytes, signature);
    assert!(verify(OLD, "ticket", b"bytes", &signature));
    assert!(!verify(OLD, "cursor", b"bytes", &signature));
    assert!(!verify(OLD, "ticket", b"other", &signature));
    assert!(!verify(NEW, "ticket", b"bytes", &signature));
    assert!(!verify(OLD, "ticket", b"bytes", &signature[..31]));
    // Under another root's name it is worth nothing, though that root is held.
    let both = keyring(&format!("{OLD} {NEW}"));
    let other = keyring(NEW).held().next().unwrap().id;
    assert!(both.key("ticket").verify(id, b"bytes", &signature));
    assert!(!both.key("ticket").verify(other, b"bytes", &signature));
}

/// The three steps of an exchange, with nodes that are one step apart: none refuses what another made.
#[test]
fn nodes_one_step_apart_read_each_other() {
    let steps = [OLD.to_owned(), format!("*{OLD} {NEW}"), format!("{OLD} *{NEW}"), NEW.to_owned()].map(|s| keyring(&s));
    for pair in steps.windows(2) {
        let [before, after] = pair else { unreachable!("windows of two") };
        for (maker, reader) in [(before, after), (after, before)] {
            assert!(reads(reader, signature(maker)));
            let shown = maker.shared_secret("nodes");
            assert!(reader.shared_secrets("nodes").iter().any(|accepted| accepted.expose() == shown.expose()));
        }
    }
    assert!(!reads(&steps[3], signature(&steps[0])));
    // Stored digests stay until the old root goes.
    let digests = steps.map(|keyring| keyring.digest_key("stored").digest(b"x"));
    assert!(digests[0] == digests[1] && digests[1] == digests[2] && digests[2] != digests[3]);
}

#[test]
fn a_root_is_added_promoted_and_retired() {
    let data = tempfile::tempdir().unwrap();
    let open = || Keyring::open(data.path(), &SystemRandom).unwrap();
    let held = || open().held().map(|held| (held.id, held.primary)).collect::<Vec<_>>();
    let (old, made) = (held()[0].0, signature(&open()));
    let new = add(data.path(), &SystemRandom).unwrap();
    assert_eq!(held(), [(old, true), (new, false)]);
    assert!(matches!(retire(data.path(), old), Err(Error::Primary(id)) if id == old));
    promote(data.path(), new).unwrap();
    assert_eq!(held(), [(old, false), (new, true)]);
    assert!(reads(&open(), made));
    retire(data.path(), old).unwrap();
    assert_eq!(held(), [(new, true)]);
    assert!(!reads(&open(), made));
    assert!(matches!(promote(data.path(), old), Err(Error::Unknown(id)) if id == old));
    for _ in 1..ROOTS_MAX {
        add(data.path(), &SystemRandom).unwrap();
    }
    assert!(matches!(add(data.path(), &SystemRandom), Err(Error::TooMany)));
    assert_eq!(fs::read_dir(data.path()).unwrap().count(), 1);
}

#[test]
fn commands_at_the_same_moment_lose_nothing() {
    let data = tempfile::tempdir().unwrap();
    Keyring::open(data.path(), &SystemRandom).unwrap();
    thread::scope(|scope| {
        for _ in 1..ROOTS_MAX {
            scope.spawn(|| add(data.path(), &SystemRandom).unwrap());
        }
    });
    assert_eq!(Keyring::open(data.path(), &SystemRandom).unwrap().held().count(), ROOTS_MAX);
}

#[test]
fn a_key_id_has_one_spelling_and_is_no_part_of_the_root() {
    let id = keyring(OLD).held().next().unwrap().id;
    assert_eq!(id.to_string().parse(), Ok(id));
    assert_eq!(id.to_string().len(), 16);
    for other in ["", "+0011223344556677", "+011223344556677", "00112233445566778", "00112233445566zz"] {
        assert!(other.parse::<KeyId>().is_err(), "{other}");
    }
}

#[test]
fn nothing_of_a_keyring_prints() {
    let keyring = keyring(OLD);
    let printed = format!("{:?} {:?} {:?}", keyring, keyring.key("p"), keyring.digest_key("p"));
    assert_eq!(printed, "Keyring(..) Key(..) DigestKey(..)");
}
