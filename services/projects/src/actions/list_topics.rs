//! List a cycle's topics.

use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};

use base::{Page, PageRequest, TenantId};
use cache::Readings;
use serde_json::value::RawValue;
use storage::Tx;

use super::relations;
use crate::{
    error::Result,
    model::ids::CycleId,
    policy,
    store::{
        cycles::Cycle,
        sight::Sight,
        topics::{self, Filter, LISTS, Topic},
    },
};

/// Most bytes of the pages that are kept.
const KEPT_BYTES_MAX: u64 = 32 << 20;
/// Longest time for which a page is kept, however little changes.
const KEPT_MAX: Duration = Duration::from_mins(1);

/// Pages of topics as they were read. Whoever sees the same of a cycle is shown the same page: all its students are.
pub type TopicLists = Readings<Which, TopicPage>;

/// Which page of which list.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Which {
    tenant: TenantId,
    cycle: CycleId,
    filter: Filter,
    sight: Sight,
    page: PageRequest,
}

/// A page of topics.
#[derive(Debug)]
pub struct TopicPage {
    pub page: Page<Topic>,
    /// How the API writes the items, from the first time that it has.
    pub json: OnceLock<Box<RawValue>>,
}

/// Returns room for pages to be kept.
pub fn topic_lists() -> TopicLists {
    Readings::new("topic_lists", KEPT_BYTES_MAX, KEPT_MAX)
}

/// Returns a page of the topics of a cycle that the caller may know of. What is not yet open shows to its supervisor and to
/// those who coordinate it.
pub async fn list_topics(
    tx: &mut Tx,
    lists: &TopicLists,
    cycle: &Cycle,
    filter: &Filter,
    page: &PageRequest,
) -> Result<Arc<TopicPage>> {
    access::require(&policy::LIST_TOPICS, relations::anywhere(tx), tx.caller())?;
    let sight = relations::topic_sight(tx, &policy::CHANGE_TOPIC);
    let which = Which { tenant: tx.tenant(), cycle: cycle.id, filter: filter.clone(), sight, page: page.clone() };
    let version = tx.version(&LISTS).await?;
    if let Some(kept) = lists.get(&which, version) {
        return Ok(kept);
    }
    let page = topics::list(tx, cycle.id, filter, &which.sight, page).await?;
    let bytes = page.items.iter().map(bytes).sum();
    Ok(lists.keep(which, version, TopicPage { page, json: OnceLock::new() }, bytes))
}

/// Returns about how many bytes a topic takes, as it is and as the API writes it.
fn bytes(topic: &Topic) -> u64 {
    const REST: usize = 600;
    let Topic { number, title_en, title_local, summary, area, supervisor_name, .. } = topic;
    let texts = [number, title_en, title_local, summary, area, supervisor_name].map(String::len);
    (REST + 2 * texts.iter().sum::<usize>()) as u64
}
