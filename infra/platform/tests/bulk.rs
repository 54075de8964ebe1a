//! Bulk inserts: any number of rows, missing values among them, on both databases.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

use platform::bulk;
use platform::on_each_database;
use sea_orm::entity::prelude::*;

mod some_rows {
    use sea_orm::entity::prelude::*;

    /// A row of every type that is written in bulk, most of them missable.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "some_rows")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub place: i64,
        pub number: Option<i64>,
        pub text: Option<String>,
        pub bytes: Option<Vec<u8>>,
        pub small: i32,
        pub whether: bool,
        pub never: Option<String>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

mod some_counts {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "some_counts")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        pub count: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

use some_rows::{Column, Entity, Model};

/// Every third value is missing, another third is what an empty array element would be.
fn row(place: i64) -> Model {
    let sparse = |empty: bool| match place % 3 {
        0 => None,
        _ => Some(!empty || place % 3 == 1),
    };
    Model {
        id: Uuid::from_u128(place.unsigned_abs().into()),
        place,
        number: sparse(true).map(|full| if full { place } else { 0 }),
        text: sparse(true).map(|full| if full { format!("số {place}") } else { String::new() }),
        bytes: sparse(true).map(|full| if full { vec![0, 255] } else { Vec::new() }),
        small: -1,
        whether: place % 2 == 0,
        never: None,
    }
}

on_each_database! { migrations::payments::Migrator,
    async fn rows_of_any_number_are_read_as_they_were_written(database) {
        let (uuid, bytes) = match database.backend() {
            sea_orm::DbBackend::Postgres => ("UUID", "BYTEA"),
            _ => ("BLOB", "BLOB"),
        };
        let table = format!(
            "CREATE TABLE some_rows (id {uuid} PRIMARY KEY, place BIGINT NOT NULL, number BIGINT, \
             text TEXT, bytes {bytes}, small INTEGER NOT NULL, whether BOOLEAN NOT NULL, never TEXT)"
        );
        database.writer().execute_unprepared(&table).await.unwrap();
        let mut written = Vec::new();
        for count in [0_i64, 1, 2, 127, 128, 129, 300, 5_000] {
            let begin = written.len() as i64;
            let rows: Vec<Model> = (begin..begin + count).map(row).collect();
            let tx = database.begin().await.unwrap();
            bulk::insert(&tx, rows.clone()).await.unwrap();
            tx.commit().await.unwrap();
            written.extend(rows);
        }
        let read = Entity::find().order_by_place(database.reader()).await;
        assert_eq!(read, written);

        let wanted: Vec<Uuid> = written.iter().step_by(7).map(|row| row.id).collect();
        let found = Entity::find()
            .filter(bulk::is_any(database.reader(), Column::Id, wanted.clone()))
            .order_by_place(database.reader())
            .await;
        assert_eq!(found.iter().map(|row| row.id).collect::<Vec<_>>(), wanted);
        let none = bulk::is_any(database.reader(), Column::Id, Vec::<Uuid>::new());
        assert!(Entity::find().filter(none).order_by_place(database.reader()).await.is_empty());
    }

    async fn each_row_is_updated_by_its_own_values_and_no_other_row_is(database) {
        let (uuid, bytes) = match database.backend() {
            sea_orm::DbBackend::Postgres => ("UUID", "BYTEA"),
            _ => ("BLOB", "BLOB"),
        };
        let table = format!(
            "CREATE TABLE some_rows (id {uuid} PRIMARY KEY, place BIGINT NOT NULL, number BIGINT, \
             text TEXT, bytes {bytes}, small INTEGER NOT NULL, whether BOOLEAN NOT NULL, never TEXT)"
        );
        database.writer().execute_unprepared(&table).await.unwrap();
        let mut rows: Vec<Model> = (0..300).map(row).collect();
        let tx = database.begin().await.unwrap();
        bulk::insert(&tx, rows.clone()).await.unwrap();
        let update = bulk::Update {
            table: "some_rows",
            key: "id",
            set: "number = v1, small = some_rows.small + v2, text = v3",
            only: Some("some_rows.place < 290"),
        };
        let mut values = Vec::new();
        for row in rows.iter_mut().skip(7).step_by(2) {
            let text = (row.place % 3 == 0).then(|| format!("mới {}", row.place));
            let (number, by) = (Some(row.place * 1_000), row.place);
            values.push(vec![row.id.into(), number.into(), by.into(), text.clone().into()]);
            if row.place < 290 {
                (row.number, row.small, row.text) = (number, row.small + by as i32, text);
            }
        }
        update.run(&tx, values).await.unwrap();
        update.run(&tx, Vec::new()).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(Entity::find().order_by_place(database.reader()).await, rows);
    }

    async fn what_was_there_is_left_alone_and_only_what_is_new_comes_back(database) {
        let table = "CREATE TABLE some_pairs (id BIGINT PRIMARY KEY, text TEXT NOT NULL)";
        database.writer().execute_unprepared(table).await.unwrap();
        let write = |ids: std::ops::Range<i64>, text: &'static str| {
            let rows = ids.map(|id| vec![id.into(), text.into()]).collect();
            let database = database.clone();
            async move {
                let tx = database.begin().await.unwrap();
                let end = "ON CONFLICT (id) DO NOTHING RETURNING id";
                let columns = ["id", "text"];
                let new =
                    bulk::insert_returning(&tx, "some_pairs", &columns, rows, end).await.unwrap();
                tx.commit().await.unwrap();
                let ids = new.iter().map(|row| row.try_get::<i64>("", "id").unwrap());
                let mut ids: Vec<i64> = ids.collect();
                ids.sort_unstable();
                ids
            }
        };
        assert_eq!(write(0..200, "trước").await, (0..200).collect::<Vec<_>>());
        assert_eq!(write(190..203, "sau").await, [200, 201, 202]);
    }

    async fn what_is_written_alone_is_written_whole_or_not_at_all(database) {
        let table = "CREATE TABLE some_counts (id BIGINT PRIMARY KEY, count BIGINT NOT NULL CHECK (count < 4))";
        database.writer().execute_unprepared(table).await.unwrap();
        let rows = |ids: std::ops::RangeInclusive<i64>| ids.map(|id| some_counts::Model { id, count: 1 });
        let end = "ON CONFLICT (id) DO UPDATE SET count = some_counts.count + excluded.count";
        // One statement, and on SQLite several.
        for last in [1, 7, 300] {
            bulk::upsert_alone(&database, rows(1..=last), end).await.unwrap();
        }
        // The first one cannot count further, however late its row comes.
        let refused = (2..=300).chain([1]).map(|id| some_counts::Model { id, count: 1 });
        bulk::upsert_alone(&database, refused, end).await.unwrap_err();
        let read = some_counts::Entity::find().all(database.reader()).await.unwrap();
        let mut counts = [0; 4];
        for row in &read {
            counts[usize::try_from(row.count).unwrap()] += 1;
        }
        assert_eq!(counts, [0, 293, 6, 1]);
    }

    async fn a_row_that_is_refused_takes_its_transaction_with_it(database) {
        let table = "CREATE TABLE some_pairs (id BIGINT PRIMARY KEY, text TEXT NOT NULL)";
        database.writer().execute_unprepared(table).await.unwrap();
        let row = |id: i64| vec![id.into(), format!("{id}").into()];
        let tx = database.begin().await.unwrap();
        let rows = vec![row(1), row(2), row(1)];
        bulk::insert_values(&tx, "some_pairs", &["id", "text"], rows).await.unwrap_err();
        drop(tx);
        let tx = database.begin().await.unwrap();
        bulk::insert_values(&tx, "some_pairs", &["id", "text"], vec![row(1), row(2)]).await.unwrap();
        tx.commit().await.unwrap();
    }
}

trait ByPlace {
    async fn order_by_place(self, db: &DatabaseConnection) -> Vec<Model>;
}

impl ByPlace for Select<Entity> {
    async fn order_by_place(self, db: &DatabaseConnection) -> Vec<Model> {
        sea_orm::QueryOrder::order_by_asc(self, Column::Place).all(db).await.unwrap()
    }
}
