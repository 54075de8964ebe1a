//! Imports beside everything else that happens to the same products.

use super::*;
use crate::store::variant::Quantities;

/// A name for what is there; nothing of its stock.
const RENAMED: &str = "handle,title_vi,price,sku\nxoai,Xoài cát Hoà Lộc,85000,C\n";

impl Bench {
    /// Begins an import without working on it.
    async fn begin_import(&self, file: &str) {
        let bytes = file.as_bytes().to_vec();
        let format = ImportFormat::Chonoi;
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
}
