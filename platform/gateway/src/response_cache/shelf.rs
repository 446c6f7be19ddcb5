//! Where kept answers stand, bounded in bytes: each with its coded forms, which come later and go with it.

use std::sync::{Arc, Weak};

use bytes::Bytes;
use parking_lot::Mutex;
use quick_cache::{DefaultHashBuilder, OptionsBuilder, Weighter, sync::Cache};

use super::{forms::Forms, kept::Kept};
use crate::compression::Coding;

/// What an answer takes besides its body and its address.
const HEAD_BYTES_ASSUMED: u64 = 1_024;
/// Answers expected, for the size of the table.
const ANSWER_BYTES_ASSUMED: u64 = 16 << 10;
/// Parts of the shelf with a bound of their own each: a sixteenth of all fits into one, and as much again for its forms.
const PARTS: usize = 8;

/// The answers by their key.
#[derive(Debug)]
pub(super) struct Shelf {
    answers: Cache<Arc<str>, Held, ByBytes>,
    /// Whoever changes what stands here has this. What is looked up needs none.
    changing: Mutex<()>,
}

/// An answer as it was weighed.
#[derive(Debug, Clone)]
struct Held {
    kept: Arc<Kept>,
    /// INVARIANT: changes by putting it anew only, so that nothing weighs something else when it goes.
    forms_bytes: u64,
}

#[derive(Debug, Clone)]
struct ByBytes;

impl Weighter<Arc<str>, Held> for ByBytes {
    fn weight(&self, key: &Arc<str>, held: &Held) -> u64 {
        (key.len() + held.kept.body.len()) as u64 + held.forms_bytes + HEAD_BYTES_ASSUMED
    }
}

/// Where an answer stands.
#[derive(Debug)]
pub(super) struct Place {
    shelf: Weak<Shelf>,
    key: Arc<str>,
}

impl Place {
    /// Adds a form to the answer that stands here, if it still is one with these forms and there is room.
    pub(super) fn keep_form(&self, forms: &Arc<Forms>, coding: Coding, form: Option<Bytes>) {
        if let Some(shelf) = self.shelf.upgrade() {
            shelf.add_form(&self.key, forms, coding, form);
        }
    }

    /// Removes the answer that stands here, if it still is one with these forms.
    pub(super) fn clear(&self, forms: &Arc<Forms>) {
        if let Some(shelf) = self.shelf.upgrade() {
            shelf.remove(&self.key, forms);
        }
    }
}

impl Shelf {
    /// Returns a shelf for at most `bytes_max`.
    pub(super) fn new(bytes_max: u64) -> Arc<Self> {
        let expected = usize::try_from(bytes_max / ANSWER_BYTES_ASSUMED).unwrap_or(usize::MAX).max(16);
        let mut options = OptionsBuilder::new();
        options.estimated_items_capacity(expected).weight_capacity(bytes_max).shards(PARTS);
        let answers = match options.build() {
            Ok(options) => Cache::with_options(
                options,
                ByBytes,
                DefaultHashBuilder::default(),
                quick_cache::sync::DefaultLifecycle::default(),
            ),
            // Nothing that it asks for is left out.
            Err(_) => Cache::with_weighter(expected, bytes_max, ByBytes),
        };
        Arc::new(Self { answers, changing: Mutex::default() })
    }

    /// Returns the answer with this key.
    pub(super) fn get(&self, key: &str) -> Option<Arc<Kept>> {
        self.answers.get(key).map(|held| held.kept)
    }

    /// Puts an answer here, in place of the one with the same key.
    pub(super) fn put(self: &Arc<Self>, key: String, mut kept: Kept) -> Arc<Kept> {
        let key: Arc<str> = key.into();
        kept.place = Some(Place { shelf: Arc::downgrade(self), key: Arc::clone(&key) });
        let kept = Arc::new(kept);
        let _changing = self.changing.lock();
        let forms_bytes = kept.forms.bytes();
        self.answers.insert(key, Held { kept: Arc::clone(&kept), forms_bytes });
        kept
    }

    /// Forgets answers; returns how many.
    pub(super) fn forget(&self, gone: impl Fn(&Kept) -> bool) -> usize {
        let _changing = self.changing.lock();
        let before = self.answers.len();
        self.answers.retain(|_, held| !gone(&held.kept));
        before.saturating_sub(self.answers.len())
    }

    fn remove(&self, key: &Arc<str>, forms: &Arc<Forms>) {
        let _changing = self.changing.lock();
        if self.answers.peek(&**key).is_some_and(|held| Arc::ptr_eq(&held.kept.forms, forms)) {
            self.answers.remove(&**key);
        }
    }

    fn add_form(&self, key: &Arc<str>, forms: &Arc<Forms>, coding: Coding, form: Option<Bytes>) {
        let _changing = self.changing.lock();
        // The one that stands here now may be another, with another body, or the same renewed.
        let Some(held) = self.answers.peek(&**key).filter(|held| Arc::ptr_eq(&held.kept.forms, forms)) else { return };
        let forms_bytes = held.forms_bytes + form.as_ref().map_or(0, |form| form.len() as u64);
        let held = Held { forms_bytes, ..held };
        // What is too heavy would go as a whole.
        if ByBytes.weight(key, &held) <= self.answers.shard_capacity() {
            forms.add(coding, form);
            self.answers.insert(Arc::clone(key), held);
        }
    }

    #[cfg(test)]
    pub(super) fn weight(&self) -> u64 {
        self.answers.weight()
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.answers.len()
    }
}
