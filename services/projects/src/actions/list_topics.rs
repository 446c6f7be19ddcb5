//! List a cycle's topics.

use base::{Page, PageRequest};
use storage::Tx;

use super::{list_cycles::visible, relations};
use crate::{
    error::Result,
    model::ids::CycleId,
    policy,
    store::topics::{self, Filter, Topic},
};

/// Returns a page of a cycle's topics. What is not yet open shows to its supervisor and to those who coordinate it.
pub async fn list_topics(tx: &mut Tx, cycle: CycleId, filter: &Filter, page: &PageRequest) -> Result<Page<Topic>> {
    access::require(&policy::LIST_TOPICS, relations::anywhere(tx), tx.caller())?;
    visible(tx, cycle).await?;
    let sight = relations::topic_sight(tx, &policy::CHANGE_TOPIC);
    Ok(topics::list(tx, cycle, filter, &sight, page).await?)
}
