//! SQLite's query plans, read for full scans.

use rusqlite::Connection;

use super::error;
use crate::{Plan, Result};

/// Returns how SQLite means to run `sql`.
pub(super) fn explain(connection: &Connection, sql: &str) -> Result<Plan> {
    let statement = "explain";
    let mut prepared = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).map_err(|e| error(statement, e))?;
    let mut rows = prepared.raw_query();
    let mut lines: Vec<String> = Vec::new();
    while let Some(row) = rows.next().map_err(|e| error(statement, e))? {
        lines.push(row.get("detail").map_err(|e| error(statement, e))?);
    }
    let full_scan = lines.iter().any(|line| is_full_scan(line, sql));
    Ok(Plan { text: lines.join("\n"), full_scan })
}

fn is_full_scan(line: &str, sql: &str) -> bool {
    let Some(scanned) = line.strip_prefix("SCAN ") else { return false };
    let name = scanned.split_whitespace().next().unwrap_or_default();
    let is_table = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') && name != "CONSTANT";
    // A common table expression is a few rows that the statement itself made.
    let is_expression = sql.contains(&format!("{name} AS ("))
        || sql.contains(&format!("{name}("))
        || sql.contains(&format!(") {name}"));
    is_table && !is_expression
}
