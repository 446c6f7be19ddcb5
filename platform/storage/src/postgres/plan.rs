//! PostgreSQL's query plans, read for full scans.

use tokio_postgres::{Client, SimpleQueryMessage};

use super::{Uniques, error};
use crate::{Plan, Result};

/// Returns how PostgreSQL means to run `sql` when it knows no parameter and prefers any index to a walk.
pub(super) async fn explain(client: &Client, sql: &str) -> Result<Plan> {
    let failed = |e| error("explain", e, &Uniques::new());
    let parameters = client.prepare(sql).await.map_err(failed)?.params().len();
    let nulls = vec!["NULL"; parameters].join(", ");
    let arguments = if parameters == 0 { String::new() } else { format!("({nulls})") };
    client
        .batch_execute(&format!(
            "SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off; PREPARE explained AS {sql}"
        ))
        .await
        .map_err(failed)?;
    let answer = client.simple_query(&format!("EXPLAIN EXECUTE explained{arguments}")).await;
    client.batch_execute("DEALLOCATE explained; RESET plan_cache_mode; RESET enable_seqscan").await.map_err(failed)?;
    let lines: Vec<String> = answer
        .map_err(failed)?
        .into_iter()
        .filter_map(|message| match message {
            SimpleQueryMessage::Row(row) => row.get(0).map(ToOwned::to_owned),
            _ => None,
        })
        .collect();
    let count = |text: &str| lines.iter().filter(|line| line.contains(text)).count();
    // An index read without a condition is a walk in another order.
    let walks = count("Index Scan using") + count("Index Only Scan using") > count("Index Cond");
    let full_scan = count("Seq Scan on") > 0 || walks;
    Ok(Plan { text: lines.join("\n"), full_scan })
}
