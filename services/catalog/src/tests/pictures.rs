//! A shop's photos: taken, kept, ordered, removed, and refused.

use image::codecs::jpeg::JpegEncoder;
use image::{ExtendedColorType, RgbImage};
use kernel::{ProductId, ProductImageId};
use proto::catalog::catalog_server::Catalog as Service;
use proto::catalog::{GetImageFileRequest, GetProductsRequest, ListPublishedRequest};
use sea_orm::{ConnectionTrait, Statement};
use tonic::{Code, Request};

use super::*;
use crate::darkroom::DevelopError;
use crate::domain::picture::PictureRefused;
use crate::domain::product_image::{ImagesRefused, MAX_IMAGES, MAX_SHOP_IMAGES};
use crate::grpc::Grpc;
use crate::usecases::add_product_image::{AddImageError, add_product_image};
use crate::usecases::move_product_image::move_product_image;
use crate::usecases::remove_product_image::{ChangeImagesError, remove_product_image};
use crate::usecases::update_product::{ProductChange, update_product};

/// A photo of one shade.
fn photo(width: u32, height: u32, shade: u8) -> Vec<u8> {
    let picture = RgbImage::from_pixel(width, height, image::Rgb([shade; 3]));
    let mut file = Vec::new();
    JpegEncoder::new(&mut file)
        .encode(picture.as_raw(), width, height, ExtendedColorType::Rgb8)
        .unwrap();
    file
}

impl Bench {
    async fn add_photo(&self, product: ProductId, shade: u8) -> Result<Product, AddImageError> {
        let alt = LocalizedText::new("Xoài  trên ghe", "Mangoes");
        add_product_image(&self.catalog, self.scope, product, photo(700, 350, shade), alt).await
    }

    /// How many rows a question counts.
    async fn count(&self, question: &str) -> i64 {
        let asked = Statement::from_string(self.database.backend(), question);
        let row = self.database.reader().query_one_raw(asked).await.unwrap().unwrap();
        row.try_get_by_index(0).unwrap()
    }

    async fn files(&self) -> i64 {
        self.count("SELECT COUNT(*) FROM image_files").await
    }

    async fn events(&self) -> i64 {
        self.count("SELECT COUNT(*) FROM outbox").await
    }

    /// A file as its address gives it.
    async fn file(&self, path: &str) -> Result<Vec<u8>, Code> {
        let (digest, width) = path.trim_end_matches(".jpg").split_once('-').unwrap();
        let (digest, width) = (digest.to_owned(), width.parse().unwrap());
        let asked = Request::new(GetImageFileRequest { digest, width });
        let answer = Grpc(self.catalog.clone()).get_image_file(asked).await;
        let file = answer.map_err(|status| status.code())?.into_inner();
        assert_eq!(file.media_type, "image/jpeg");
        Ok(file.content)
    }

    async fn message_of(&self, product: ProductId) -> proto::catalog::Product {
        let request = GetProductsRequest { ids: vec![product.to_string()], hidden_too: true };
        let answer = Grpc(self.catalog.clone()).get_products(Request::new(request)).await.unwrap();
        answer.into_inner().products.remove(0)
    }
}

on_each_database! { migrations::catalog::Migrator,
    async fn a_photo_is_kept_in_the_widths_it_is_shown_in_and_search_hears_of_it(database) {
        let bench = Bench::on(database).await;
        let mango = bench.sell("Xoài", 85_000, 10).await;
        assert!(bench.message_of(mango.id).await.picture.starts_with("drawn/"));
        let before = bench.events().await;
        let product = bench.add_photo(mango.id, 90).await.unwrap();
        assert_eq!(bench.events().await, before + 1);
        let image = &product.images[0];
        assert_eq!((image.width, image.height), (700, 350));
        assert_eq!(image.alt, LocalizedText::new("Xoài trên ghe", "Mangoes"));
        let told = bench.message_of(mango.id).await;
        let addresses: Vec<_> = told.images[0].files.iter().map(|file| file.width).collect();
        assert_eq!(addresses, [320, 640, 700]);
        assert_eq!(told.picture, told.images[0].files[2].path, "the first photo stands for the product");
        for file in &told.images[0].files {
            let content = bench.file(&file.path).await.unwrap();
            assert_eq!(image::load_from_memory(&content).unwrap().width(), file.width);
        }
        for unknown in [told.picture.replace("-700", "-701"), format!("{}-700.jpg", "0".repeat(64)), "x-1.jpg".to_owned()] {
            assert_eq!(bench.file(&unknown).await, Err(Code::NotFound), "{unknown}");
        }
        // What changes the product otherwise leaves its photos.
        let change = ProductChange { ocop_stars: Some(4), ..ProductChange::default() };
        update_product(&bench.catalog, bench.scope, mango.id, change).await.unwrap();
        publish_product(&bench.catalog, bench.scope, mango.id, false).await.unwrap();
        assert_eq!(bench.message_of(mango.id).await.images, told.images);
        bench.assert_sound().await;
    }

    async fn the_same_photo_again_changes_nothing(database) {
        let bench = Bench::on(database).await;
        let mango = bench.sell("Xoài", 85_000, 10).await;
        bench.add_photo(mango.id, 90).await.unwrap();
        let (files, events) = (bench.files().await, bench.events().await);
        let again = bench.add_photo(mango.id, 90).await.unwrap();
        assert_eq!((again.images.len(), bench.files().await, bench.events().await), (1, files, events));
    }

    async fn a_file_that_made_a_photo_already_is_not_decoded_again(database) {
        let bench = Bench::on(database).await;
        let mango = bench.sell("Xoài", 85_000, 10).await;
        let first = bench.add_photo(mango.id, 90).await.unwrap();
        for shade in 1..8_u8 {
            bench.add_photo(mango.id, shade * 20).await.unwrap();
        }
        // The product is full: a file that is not known is refused.
        let again = bench.add_photo(mango.id, 90).await.unwrap();
        assert_eq!((again.images.len(), &again.images[0]), (MAX_IMAGES, &first.images[0]));
        let full = bench.add_photo(mango.id, 255).await;
        assert!(matches!(full, Err(AddImageError::Images(ImagesRefused::TooMany))));
        // Of photos that were made before files were noted, the files are as good as new.
        let column = "UPDATE products SET images = REPLACE(images, '\"sent\":', '\"unknown\":')";
        bench.database.writer().execute_unprepared(column).await.unwrap();
        assert!(bench.all().await[0].images.iter().all(|image| image.sent.is_none()));
        let full = bench.add_photo(mango.id, 90).await;
        assert!(matches!(full, Err(AddImageError::Images(ImagesRefused::TooMany))));
    }

    async fn a_shop_has_so_many_photos_and_others_of_it_are_refused_before_they_are_decoded(database) {
        let bench = Bench::on(database).await;
        let (mango, plum) = (bench.sell("Xoài", 85_000, 10).await, bench.sell("Mận", 9_000, 10).await);
        let image = bench.add_photo(mango.id, 90).await.unwrap().images.remove(0);
        let count = async |scope: ShopScope| {
            store::image::count_of_shop(bench.database.reader(), scope.shop()).await.unwrap()
        };
        assert_eq!(count(bench.scope).await, 1);
        assert_eq!(count(ShopScope::granted(ids::new::<ShopId>())).await, 0);
        let many = vec![image; MAX_SHOP_IMAGES as usize - 1];
        let column = store::image::column_of(&many).unwrap();
        let written = format!("UPDATE products SET images = '{column}' WHERE handle = 'xoai'");
        bench.database.writer().execute_unprepared(&written).await.unwrap();
        bench.add_photo(plum.id, 90).await.unwrap();
        assert_eq!(count(bench.scope).await, MAX_SHOP_IMAGES);
        let (files, events) = (bench.files().await, bench.events().await);
        let refused = add_product_image(&bench.catalog, bench.scope, plum.id, b"x".to_vec(), LocalizedText::default()).await;
        assert!(matches!(refused, Err(AddImageError::Images(ImagesRefused::ShopFull))), "{refused:?}");
        assert_eq!((bench.files().await, bench.events().await), (files, events));
    }

    async fn photos_are_put_into_another_order_and_taken_away_with_their_files(database) {
        let bench = Bench::on(database).await;
        let mango = bench.sell("Xoài", 85_000, 10).await;
        for shade in [10, 120, 250] {
            bench.add_photo(mango.id, shade).await.unwrap();
        }
        let ids: Vec<ProductImageId> = bench.all().await[0].images.iter().map(|image| image.id).collect();
        let order = |product: &Product| product.images.iter().map(|image| image.id).collect::<Vec<_>>();
        for (moved, to, expected) in [
            (ids[2], 0, [ids[2], ids[0], ids[1]]),
            (ids[2], 9, [ids[0], ids[1], ids[2]]),
            (ids[1], 1, [ids[0], ids[1], ids[2]]),
        ] {
            let product = move_product_image(&bench.catalog, bench.scope, mango.id, moved, to).await.unwrap();
            assert_eq!(order(&product), expected);
            assert_eq!(order(&bench.all().await[0]), expected);
        }
        let path = bench.message_of(mango.id).await.picture;
        assert!(bench.file(&path).await.is_ok());
        let left = remove_product_image(&bench.catalog, bench.scope, mango.id, ids[0]).await.unwrap();
        assert_eq!(order(&left), [ids[1], ids[2]]);
        assert_eq!((bench.file(&path).await, bench.files().await), (Err(Code::NotFound), 6));
        let gone = remove_product_image(&bench.catalog, bench.scope, mango.id, ids[0]).await;
        assert!(matches!(gone, Err(ChangeImagesError::Images(ImagesRefused::Unknown))));
        bench.assert_sound().await;
    }

    async fn the_same_photo_of_two_products_stays_with_one_when_the_other_loses_it(database) {
        let bench = Bench::on(database).await;
        let (one, two) = (bench.sell("Xoài", 1_000, 1).await, bench.sell("Ổi", 1_000, 1).await);
        let image = bench.add_photo(one.id, 90).await.unwrap().images[0].id;
        bench.add_photo(two.id, 90).await.unwrap();
        remove_product_image(&bench.catalog, bench.scope, one.id, image).await.unwrap();
        assert!(bench.file(&bench.message_of(two.id).await.picture).await.is_ok());
    }

    async fn a_product_has_eight_photos_at_most_however_many_come_at_once(database) {
        let bench = Arc::new(Bench::on(database).await);
        let mango = bench.sell("Xoài", 85_000, 10).await.id;
        let shades = (0..10_u8).map(|number| {
            let bench = Arc::clone(&bench);
            tokio::spawn(async move {
                loop {
                    // Two of a shop are in the queue; the others come again.
                    match bench.add_photo(mango, number * 25).await {
                        Err(AddImageError::Develop(DevelopError::Busy)) => {
                            tokio::time::sleep(Duration::from_millis(10)).await;
                        }
                        done => return done,
                    }
                }
            })
        });
        let outcomes = futures_util::future::join_all(shades).await;
        let full = |outcome: &Result<Product, AddImageError>| {
            matches!(outcome, Err(AddImageError::Images(ImagesRefused::TooMany)))
        };
        let refused = outcomes.iter().filter(|outcome| full(outcome.as_ref().unwrap())).count();
        assert_eq!((bench.all().await[0].images.len(), refused), (MAX_IMAGES, 2));
        assert_eq!(bench.files().await, 8 * 3);
        bench.assert_sound().await;
    }

    async fn a_foreign_product_a_file_that_is_no_picture_and_wrong_words_change_nothing(database) {
        let bench = Bench::on(database).await;
        let mango = bench.sell("Xoài", 85_000, 10).await;
        let image = bench.add_photo(mango.id, 90).await.unwrap().images[0].id;
        let (files, events) = (bench.files().await, bench.events().await);
        let other = ShopScope::granted(ids::new::<ShopId>());
        let nothing = LocalizedText::default;
        let foreign = add_product_image(&bench.catalog, other, mango.id, photo(40, 40, 1), nothing()).await;
        assert!(matches!(foreign, Err(AddImageError::Unknown)));
        for change in [
            remove_product_image(&bench.catalog, other, mango.id, image).await,
            move_product_image(&bench.catalog, other, mango.id, image, 0).await,
        ] {
            assert!(matches!(change, Err(ChangeImagesError::Unknown)));
        }
        let page = b"<html><script>alert(1)</script>".to_vec();
        let refused = add_product_image(&bench.catalog, bench.scope, mango.id, page, nothing()).await;
        let unreadable = DevelopError::Refused(PictureRefused::Unreadable);
        assert!(matches!(refused, Err(AddImageError::Develop(why)) if why == unreadable));
        let long = LocalizedText::new("x".repeat(201), "");
        let refused = add_product_image(&bench.catalog, bench.scope, mango.id, photo(40, 40, 1), long).await;
        assert!(matches!(refused, Err(AddImageError::Alt(_))));
        assert_eq!((bench.files().await, bench.events().await), (files, events));
        assert_eq!(bench.all().await[0].images.len(), 1);
    }

    async fn a_list_with_photos_costs_no_statement_more_than_one_without(database) {
        let bench = Bench::on(database).await;
        let mango = bench.sell("Xoài", 85_000, 10).await;
        let before = bench.database.statements();
        bench.all().await;
        let without = bench.database.statements() - before;
        bench.add_photo(mango.id, 90).await.unwrap();
        let before = bench.database.statements();
        bench.all().await;
        assert_eq!(bench.database.statements() - before, without);
    }

    async fn the_doctor_finds_a_photo_whose_file_is_gone(database) {
        let bench = Bench::on(database).await;
        let mango = bench.sell("Xoài", 85_000, 10).await;
        bench.add_photo(mango.id, 90).await.unwrap();
        bench.assert_sound().await;
        bench.database.writer().execute_unprepared("DELETE FROM image_files").await.unwrap();
        let findings = doctor(&bench.database, bench.clock.now()).await.unwrap();
        assert_eq!(findings, ["a picture of a product has no file: xoai"]);
    }

    async fn search_engines_are_told_of_what_everybody_sees_and_of_nothing_else(database) {
        let bench = Bench::on(database).await;
        let grpc = Grpc(bench.catalog.clone());
        let listed = async |from: &str| {
            let asked = Request::new(ListPublishedRequest { from_id: from.to_owned() });
            grpc.list_published(asked).await.unwrap().into_inner()
        };
        assert!(listed("").await.page_begins.is_empty());
        let mango = bench.sell("Xoài", 85_000, 10).await;
        let hidden = bench.sell("Ổi", 20_000, 10).await;
        publish_product(&bench.catalog, bench.scope, hidden.id, false).await.unwrap();
        let told = listed("").await;
        assert_eq!((told.page_begins.as_slice(), told.products.len()), ([mango.id.to_string()].as_slice(), 0));
        let told = listed(&told.page_begins[0]).await;
        let slugs: Vec<_> = told.products.iter().map(|one| one.slug.as_str()).collect();
        assert_eq!((slugs, told.page_begins.len()), (vec!["xoai"], 0));
        assert!(listed(&ids::new::<ProductId>().to_string()).await.products.is_empty());
        let wrong = Request::new(ListPublishedRequest { from_id: "x".to_owned() });
        assert!(grpc.list_published(wrong).await.is_err());
    }

    async fn each_product_that_everybody_sees_is_of_one_page(database) {
        let bench = Bench::on(database).await;
        let mut sold = Vec::new();
        for number in 0..6 {
            sold.push(bench.sell(&format!("Món {number}"), 1_000, 1).await);
        }
        publish_product(&bench.catalog, bench.scope, sold.remove(2).id, false).await.unwrap();
        sold.sort_by_key(|product| product.id);
        let db = bench.database.reader();
        let begins = store::product::page_begins(db, 2).await.unwrap();
        assert_eq!(begins, [sold[0].id, sold[2].id, sold[4].id]);
        let mut listed = Vec::new();
        for begin in begins {
            let page = store::product::published(db, begin, 2).await.unwrap();
            listed.extend(page.into_iter().map(|(slug, _)| slug));
        }
        let slugs: Vec<String> = sold.into_iter().map(|product| product.slug).collect();
        assert_eq!(listed, slugs);
    }
}
