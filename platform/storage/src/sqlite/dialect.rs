//! The portable subset in SQLite's words.

/// Writes `$1` as `?1`: SQLite numbers `$1` by its first appearance, `?1` by its number; and bytes as it calls them.
pub(crate) fn query(sql: &str) -> String {
    sql.replace('$', "?").replace(" AS BYTEA)", " AS BLOB)")
}

/// Writes the types of a migration as SQLite's, and makes its tables strict.
pub(crate) fn migration(sql: &str) -> String {
    let statements = crate::migrate::split(sql).into_iter().map(|statement| {
        let statement = crate::migrate::replace_words(
            statement,
            &[("DOUBLE PRECISION", "REAL"), ("BIGINT", "INTEGER"), ("BOOLEAN", "INTEGER")],
        );
        if statement.trim_start().starts_with("CREATE TABLE") {
            // The key is the table: rows of a tenant lie together, and a read by id is one descent.
            let storage = if statement.contains("PRIMARY KEY") { " STRICT, WITHOUT ROWID" } else { " STRICT" };
            format!("{statement}{storage}")
        } else {
            statement
        }
    });
    statements.collect::<Vec<_>>().join(";\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_become_sqlites_and_tables_strict() {
        let sql = "CREATE TABLE t (tenant_id BLOB NOT NULL, a BIGINT, b BOOLEAN, PRIMARY KEY (tenant_id));\nCREATE INDEX i ON t (a);\n";
        assert_eq!(
            migration(sql),
            "CREATE TABLE t (tenant_id BLOB NOT NULL, a INTEGER, b INTEGER, PRIMARY KEY (tenant_id)) STRICT, WITHOUT ROWID;\nCREATE INDEX i ON t (a)"
        );
    }

    #[test]
    fn parameters_keep_their_numbers() {
        assert_eq!(query("WHERE b = $2 AND a = $1"), "WHERE b = ?2 AND a = ?1");
    }

    #[test]
    fn a_cast_to_bytes_stays_one() {
        assert_eq!(query("SELECT CAST($2 AS BYTEA)"), "SELECT CAST(?2 AS BLOB)");
    }
}
