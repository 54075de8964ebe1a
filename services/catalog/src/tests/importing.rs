//! Imports beside everything else that happens to the same products.

use sea_orm::{ConnectionTrait, DbBackend};

use super::*;
use crate::domain::import::ProblemCode;
use crate::store::import::ImportStatus;
use crate::store::variant::Quantities;
use crate::usecases::forget_old::forget_old;

/// A name for what is there; nothing of its stock.
const RENAMED: &str = "handle,title_vi,price,sku\nxoai,Xoài cát Hoà Lộc,85000,C\n";

impl Bench {
    /// Begins an import without working on it.
    async fn begin_import(&self, file: &str) {
        let bytes = file.as_bytes().to_vec();
        let format = Some(ImportFormat::Chonoi);
        import_products(&self.catalog, self.scope, format, bytes, false).await.unwrap();
    }

    /// Works on imports while `tx` is open, until they wait for it, and commits it then.
    async fn import_meanwhile(&self, tx: platform::database::Transaction) {
        let catalog = self.catalog.clone();
        let importing = tokio::spawn(async move { run_imports(&catalog).await });
        tokio::time::sleep(Duration::from_millis(400)).await;
        tx.commit().await.unwrap();
        importing.await.unwrap().unwrap();
    }

    async fn product(&self, handle: &str) -> Product {
        self.all().await.into_iter().find(|product| product.handle == handle).unwrap()
    }
}

on_each_database! { migrations::catalog::Migrator,
    async fn a_sale_while_a_file_is_read_is_not_forgotten(database) {
        let bench = Bench::on(database).await;
        bench.import("handle,title_vi,price,stock,sku\nxoai,Xoài,85000,10,C\n", false).await;
        let variant = bench.product("xoai").await.variants[0].id;
        bench.hold("chk_1", &[(variant, 1)]).await.unwrap();
        bench.begin_import(RENAMED).await;
        let tx = bench.database.begin().await.unwrap();
        store::variant::lock(&tx, [variant]).await.unwrap();
        store::variant::move_stock(&tx, &Quantities::from([(variant, 1)]), -1, -1).await.unwrap();
        bench.import_meanwhile(tx).await;
        assert_eq!(bench.product("xoai").await.title.vi, "Xoài cát Hoà Lộc");
        assert_eq!(bench.stock(variant).await, (9, 0));
    }

    async fn two_variants_of_a_file_may_change_their_skus_at_once(database) {
        let bench = Bench::on(database).await;
        let header = "handle,title_vi,price,stock,option1_name,option1_value,sku\n";
        let file = format!("{header}ao,Áo,90000,1,Cỡ,S,A\nao,,90000,2,,M,B\n");
        assert_eq!(bench.import(&file, false).await.counts, [1, 0, 0, 0]);
        // M gets a new SKU, and S the one that M had.
        let changed = format!("{header}ao,Áo,90000,2,Cỡ,M,X\nao,,90000,1,,S,B\n");
        let import = bench.import(&changed, false).await;
        assert_eq!((import.status, import.counts), (ImportStatus::Finished, [0, 1, 0, 0]));
        let variants = bench.product("ao").await.variants;
        let skus: Vec<_> = variants.iter().map(|one| (one.option_values[0].as_str(), one.sku.as_str())).collect();
        assert_eq!(skus, [("S", "B"), ("M", "X")]);
    }

    async fn characters_that_nobody_sees_are_refused_line_by_line(database) {
        let bench = Bench::on(database).await;
        let file = "handle,title_vi,price,sku\nmot,M\0ột,5000,A\nha\0i,Hai,5000,B\nba,Ba,5000,C\n";
        let import = bench.import(file, false).await;
        assert_eq!((import.status, import.counts), (ImportStatus::Finished, [1, 0, 0, 2]));
        let request = kernel::PageRequest::new(100, None);
        let failed = Some(RowStatus::Failed);
        let rows = store::import::rows(bench.database.reader(), import.id, failed, &request).await.unwrap();
        let said: Vec<_> = rows.iter().map(|row| (row.handle.as_str(), row.problems[0].code)).collect();
        assert_eq!(said, [("mot", ProblemCode::ControlCharacter), ("hai", ProblemCode::ControlCharacter)]);
    }

    async fn goods_are_imported_though_their_pictures_are_not_and_each_line_says_so(database) {
        let bench = Bench::on(database).await;
        let file = "Handle,Title,Variant Price,Image Src\n\
            tra,Trà sen,50000,https://10.0.0.1/1.jpg\nly,Ly,30000,\n";
        for counts in [[2, 0, 0, 0], [0, 0, 2, 0]] {
            let import = bench.import(file, false).await;
            assert_eq!(import.counts, counts);
            let request = kernel::PageRequest::new(100, None);
            let rows = store::import::rows(bench.database.reader(), import.id, None, &request).await.unwrap();
            let said: Vec<_> = rows.iter().flat_map(|row| &row.problems).map(|one| (one.line, one.code)).collect();
            assert_eq!(said, [(2, ProblemCode::PictureNotImported)]);
        }
        assert!(bench.all().await.iter().all(|product| product.images.is_empty()));
    }

    async fn an_import_that_always_fails_holds_up_no_other(database) {
        let bench = Bench::on(database).await;
        // What the database refuses whenever it is written.
        let refuse = match bench.database.backend() {
            DbBackend::Sqlite => "CREATE TRIGGER refuse BEFORE INSERT ON products WHEN NEW.handle = 'xau'
                BEGIN SELECT RAISE(ABORT, 'refused'); END",
            _ => "ALTER TABLE products ADD CONSTRAINT refuse CHECK (handle <> 'xau')",
        };
        bench.database.writer().execute_unprepared(refuse).await.unwrap();
        bench.begin_import("handle,title_vi,price,sku\nxau,Xấu,5000,A\n").await;
        let good = bench.import("handle,title_vi,price,sku\ntot,Tốt,5000,B\n", false).await;
        assert_eq!(good.status, ImportStatus::Finished);
        assert!(store::import::next_open(bench.database.reader()).await.unwrap().is_none());
        assert_eq!(bench.all().await.len(), 1);
    }

    async fn the_file_of_an_old_import_is_forgotten_and_what_became_of_it_is_not(database) {
        let bench = Bench::on(database).await;
        let old = bench.import("handle,title_vi,price,sku\nmot,Một,5000,A\n", false).await;
        bench.clock.advance(Duration::from_secs(31 * 24 * 3_600));
        let new = bench.import("handle,title_vi,price,sku\nhai,Hai,5000,B\n", false).await;
        forget_old(&bench.catalog).await.unwrap();
        for (import, kept) in [(old, false), (new, true)] {
            let db = bench.database.reader();
            let now = store::import::of_shop(db, bench.scope, import.id).await.unwrap().unwrap();
            assert_eq!((now.status, now.counts, !now.file.is_empty()), (ImportStatus::Finished, [1, 0, 0, 0], kept));
        }
    }

    async fn a_shop_that_is_suspended_while_a_file_is_read_stays_hidden(database) {
        let bench = Bench::on(database).await;
        bench.import("handle,title_vi,price,stock,sku\nxoai,Xoài,85000,10,C\n", false).await;
        bench.begin_import(RENAMED).await;
        let tx = bench.database.begin().await.unwrap();
        let known = store::shop::by_ids(&tx, [bench.scope.shop().uuid()]).await.unwrap().remove(0);
        store::shop::put(&tx, &store::shop::KnownShop { approved: false, ..known }).await.unwrap();
        store::product::set_visible(&tx, bench.scope.shop(), false).await.unwrap();
        bench.import_meanwhile(tx).await;
        let after = bench.product("xoai").await;
        assert_eq!((after.title.vi.as_str(), after.visible), ("Xoài cát Hoà Lộc", false));
        bench.assert_sound().await;
    }

    async fn goods_of_another_program_are_known_by_their_codes_and_keep_what_only_we_know(database) {
        let bench = Bench::on(database).await;
        bench.import("handle,title_vi,title_en,price,stock,unit,ocop_stars,sku\nxoai,Xoài cát,Mango,85000,10,kg,4,C\n", false).await;
        let before = bench.product("xoai").await;
        let file = "Mã hàng,Tên hàng,Giá bán,Tồn kho\nC,Xoài cát,\"90,000\",7.5\nD,Xoài,5000,1\n";
        let import = bench.import(file, false).await;
        assert_eq!((import.format, import.counts), (ImportFormat::Kiotviet, [1, 1, 0, 0]));
        let after = bench.product("xoai").await;
        assert_eq!((after.id, after.title, after.unit, after.ocop_stars), (before.id, before.title, before.unit, 4));
        assert_eq!((after.variants[0].price, after.variants[0].on_hand), (Money::vnd(90_000), 7));
        // The new one would be called as the other is already.
        let new = bench.all().await.into_iter().find(|product| product.id != before.id).unwrap();
        assert!(new.handle.starts_with("xoai-"), "{}", new.handle);
        assert_eq!(bench.import(file, false).await.counts, [0, 0, 2, 0]);
        // A product that has the codes of two is neither of them.
        let both = "Mã hàng,Tên hàng,Giá bán,Thuộc tính,Mã HH Liên quan\nC,Xoài,5000,Cỡ:S,\nD,Xoài,5000,Cỡ:M,C\n";
        assert_eq!(bench.import(both, false).await.counts, [0, 0, 0, 1]);
        bench.assert_sound().await;
    }
}
