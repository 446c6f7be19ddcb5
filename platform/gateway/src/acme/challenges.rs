//! What an authority asks for, to see that a host is ours (RFC 8555, 8.3): any listener answers it.

use std::{collections::BTreeMap, sync::Arc};

use arc_swap::ArcSwap;
use bytes::Bytes;

const PREFIX: &str = "/.well-known/acme-challenge/";

/// The answers of the orders under way, by token. Cloning is cheap.
#[derive(Clone, Default)]
pub(crate) struct Challenges(Arc<ArcSwap<BTreeMap<String, Bytes>>>);

/// An answer, until it is dropped.
pub(super) struct Published {
    token: String,
    challenges: Challenges,
}

impl Challenges {
    /// Returns the answer to a request for `path`, if an authority is to ask for it.
    pub(crate) fn answer(&self, path: &str) -> Option<Bytes> {
        let token = path.strip_prefix(PREFIX)?;
        self.0.load().get(token).cloned()
    }

    /// Answers with `answer` from now on.
    pub(super) fn publish(&self, token: &str, answer: &str) -> Published {
        self.change(|answers| drop(answers.insert(token.to_owned(), Bytes::copy_from_slice(answer.as_bytes()))));
        Published { token: token.to_owned(), challenges: self.clone() }
    }

    fn change(&self, change: impl Fn(&mut BTreeMap<String, Bytes>)) {
        self.0.rcu(|answers| {
            let mut answers = BTreeMap::clone(answers);
            change(&mut answers);
            answers
        });
    }
}

impl Drop for Published {
    fn drop(&mut self) {
        self.challenges.change(|answers| drop(answers.remove(&self.token)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_there_as_long_as_its_order() {
        let challenges = Challenges::default();
        let path = "/.well-known/acme-challenge/abc";
        let published = challenges.publish("abc", "abc.def");
        assert_eq!(challenges.answer(path).as_deref(), Some(b"abc.def".as_slice()));
        assert_eq!(challenges.answer("/abc"), None);
        drop(published);
        assert_eq!(challenges.answer(path), None);
    }
}
