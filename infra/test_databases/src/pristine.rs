//! What a database is like when nobody has used it yet, and how one becomes so again.

use sea_orm::sqlx::{self, AssertSqlSafe, Executor, PgConnection};

/// The catalogs that say what tables, rules and functions there are, each with the column that tells those of
/// PostgreSQL itself from others.
const CATALOGS: [(&str, &str); 15] = [
    ("pg_namespace", "oid"),
    ("pg_class", "oid"),
    ("pg_attribute", "attrelid"),
    ("pg_attrdef", "oid"),
    ("pg_constraint", "oid"),
    ("pg_index", "indexrelid"),
    ("pg_sequence", "seqrelid"),
    ("pg_trigger", "oid"),
    ("pg_event_trigger", "oid"),
    ("pg_proc", "oid"),
    ("pg_type", "oid"),
    ("pg_enum", "oid"),
    ("pg_rewrite", "oid"),
    ("pg_policy", "oid"),
    ("pg_extension", "oid"),
];
/// PostgreSQL's FirstNormalObjectId: what has a number from here on is not its own.
const FIRST_OID: u32 = 16_384;
/// A table whose file is larger than these bytes is not emptied: it would stay large, since deleted rows leave
/// their room to the vacuum.
const LARGEST: u32 = 1 << 20;

/// Which schemas' tables are emptied.
const OURS: &str = "relnamespace IN (SELECT oid FROM pg_namespace
    WHERE nspname !~ '^pg_' AND nspname NOT IN ('information_schema', 'pristine'))";

/// Keeps the rows there are, and where the sequences stand, in a schema of its own.
pub(crate) async fn keep(connection: &mut PgConnection) -> sqlx::Result<()> {
    let keep = format!(
        "DO $$
        DECLARE
            one regclass;
        BEGIN
            CREATE SCHEMA pristine;
            CREATE TABLE pristine.seeded (original regclass NOT NULL, copied text NOT NULL);
            CREATE TABLE pristine.counters
                (counter regclass NOT NULL, stands_at bigint NOT NULL, was_called boolean NOT NULL);
            FOR one IN SELECT oid::regclass FROM pg_class
                WHERE relkind = 'r' AND {OURS} AND pg_relation_size(oid) > 0
            LOOP
                EXECUTE format('CREATE TABLE pristine.%I AS TABLE %s', 'rows_' || one::oid, one);
                INSERT INTO pristine.seeded VALUES (one, 'rows_' || one::oid);
            END LOOP;
            FOR one IN SELECT oid::regclass FROM pg_class WHERE relkind = 'S' AND {OURS} LOOP
                EXECUTE format('INSERT INTO pristine.counters SELECT %L::regclass, last_value, is_called FROM %s',
                    one, one);
            END LOOP;
        END $$"
    );
    connection.execute(AssertSqlSafe(keep)).await.map(drop)
}

/// Empties all tables, puts back the rows that were there at first, and has the sequences start anew.
///
/// It deletes: TRUNCATE would make new files for each table and each of its indexes. A session that replays what
/// another did runs into no trigger that refuses it and into no foreign key.
pub(crate) async fn restore(connection: &mut PgConnection) -> sqlx::Result<()> {
    let restore = format!(
        "DO $$
        DECLARE
            used regclass;
            seed record;
        BEGIN
            PERFORM set_config('session_replication_role', 'replica', true);
            FOR used IN SELECT oid::regclass FROM pg_class
                WHERE relkind = 'r' AND {OURS} AND pg_relation_size(oid) > 0
            LOOP
                EXECUTE format('DELETE FROM %s', used);
            END LOOP;
            FOR seed IN SELECT original, copied FROM pristine.seeded LOOP
                EXECUTE format('INSERT INTO %s TABLE pristine.%I', seed.original, seed.copied);
            END LOOP;
            PERFORM setval(counter, stands_at, was_called) FROM pristine.counters;
        END $$"
    );
    connection.execute(AssertSqlSafe(restore)).await.map(drop)
}

/// What differs from one database to another where they are not copies of the same, or one was changed since:
///
/// - tables, columns, rules, triggers, functions…: whatever changes one writes its row in the catalog anew, by a
///   transaction that is later than all that the template knows, or takes the row away;
/// - what the planner knows of tables, once the autovacuum looked: plans would not be those of a new database;
/// - whether a table has become large.
pub(crate) async fn shape(connection: &mut PgConnection) -> sqlx::Result<String> {
    let catalogs = CATALOGS.map(|(catalog, number)| {
        format!(
            "(SELECT count(*) || '/' || coalesce(max(xmin::text::bigint), 0) FROM {catalog}
                WHERE {number} >= {FIRST_OID})"
        )
    });
    let question = format!(
        "SELECT concat_ws(' ', {},
            (SELECT count(*) FROM pg_db_role_setting s JOIN pg_database d ON d.oid = s.setdatabase
                WHERE d.datname = current_database()),
            (SELECT sum(relpages) || '/' || sum(reltuples::bigint) FROM pg_class WHERE oid >= {FIRST_OID}),
            (SELECT count(*) FROM pg_statistic WHERE starelid >= {FIRST_OID}),
            (SELECT count(*) FROM pg_class WHERE oid >= {FIRST_OID} AND relkind IN ('r', 't')
                AND pg_relation_size(oid) > {LARGEST}))",
        catalogs.join(", ")
    );
    sqlx::query_scalar::<_, String>(AssertSqlSafe(question)).fetch_one(&mut *connection).await
}
