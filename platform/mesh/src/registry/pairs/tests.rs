//! Pairs that rest in a file.

use super::*;

fn put(value: &str) -> Change {
    Change::Put { value: value.as_bytes().to_vec(), flags: 7 }
}

fn resting(folder: &Path) -> Pairs {
    let pairs = Pairs::new();
    pairs.rest_in(folder.join("pairs.json"));
    pairs
}

#[tokio::test]
async fn what_was_acknowledged_is_there_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let pairs = resting(folder.path());
    for (key, value) in [("shop/limit", "10"), ("shop/name", "Rice"), ("shop/limit", "20"), ("shop/old", "")] {
        assert!(pairs.change(key, put(value), None).await.unwrap());
    }
    assert!(pairs.change("shop/old", Change::Delete, None).await.unwrap());
    let again = resting(folder.path());
    let limit = Pair { value: b"20".to_vec(), flags: 7, create_index: 2, modify_index: 4 };
    assert_eq!((again.get("shop/limit"), again.get("shop/old")), (Some(limit), None));
    assert_eq!(again.under("shop/").len(), 2);
    assert_eq!(again.wait_past(None, Duration::ZERO).await, 6);
}

#[tokio::test]
async fn a_change_on_condition_is_made_once() {
    let pairs = Pairs::new();
    assert!(pairs.change("a", put("1"), Some(0)).await.unwrap());
    assert!(!pairs.change("a", put("2"), Some(0)).await.unwrap(), "there is one already");
    let seen = pairs.get("a").unwrap().modify_index;
    assert!(pairs.change("a", put("2"), Some(seen)).await.unwrap());
    assert!(!pairs.change("a", Change::Delete, Some(seen)).await.unwrap(), "it was changed meanwhile");
    assert_eq!(pairs.get("a").unwrap().value, b"2");
}

#[tokio::test(start_paused = true)]
async fn who_waits_is_woken_by_a_change() {
    let pairs = Arc::new(Pairs::new());
    let index = pairs.wait_past(None, Duration::ZERO).await;
    let change = pairs.change("a", put("1"), None);
    let (woken, changed) = tokio::join!(pairs.wait_past(Some(index), Duration::from_mins(5)), change);
    assert!(changed.unwrap() && woken == index + 1);
    assert_eq!(pairs.wait_past(Some(woken), Duration::from_secs(1)).await, woken, "nothing more changes");
}

#[tokio::test]
async fn what_there_is_no_room_for_is_refused_and_nothing_is_lost() {
    let pairs = Pairs::new();
    let value = |bytes| Change::Put { value: vec![0; bytes], flags: 0 };
    let refused = async |key: &str, bytes| match pairs.change(key, value(bytes), None).await {
        Err(Error::Pair(refused)) => Some(refused),
        other => {
            assert!(other.unwrap());
            None
        }
    };
    assert_eq!(refused("", 1).await, Some(Refused::Key));
    assert_eq!(refused(&"k".repeat(KEY_CHARS_MAX + 1), 1).await, Some(Refused::Key));
    assert_eq!(refused("a\nb", 1).await, Some(Refused::Key));
    assert_eq!(refused("a", VALUE_BYTES_MAX + 1).await, Some(Refused::Value));
    for number in 0..BYTES_MAX / VALUE_BYTES_MAX - 1 {
        assert_eq!(refused(&number.to_string(), VALUE_BYTES_MAX).await, None);
    }
    assert_eq!(refused("last", VALUE_BYTES_MAX).await, Some(Refused::Full));
    assert_eq!(refused("0", VALUE_BYTES_MAX).await, None, "in place of what is there");
    assert_eq!(pairs.under("").len(), BYTES_MAX / VALUE_BYTES_MAX - 1);
}

#[tokio::test]
async fn a_file_that_cannot_be_read_is_put_aside() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("pairs.json");
    fs::write(&path, "{").unwrap();
    let pairs = resting(folder.path());
    assert!(pairs.under("").is_empty() && path.with_extension("broken").exists());
    assert!(pairs.change("a", put("1"), None).await.unwrap());
    assert_eq!(resting(folder.path()).under("").len(), 1);
}
