//! What is written: when it shows, and what survives.

use super::*;

#[tokio::test]
async fn what_was_put_or_removed_shows_as_soon_as_that_returns() {
    let engine = market().await;
    let mut product = products().remove(7);
    product.title = LocalizedText::new("Măng tây", "Asparagus");
    product.price_min = Money::vnd(1);
    engine.put(&[product.clone()]).await.unwrap();
    assert_eq!(titles(&engine, "măng tây").await, ["Măng tây"]);
    assert!(!titles(&engine, "sầu riêng").await.contains(&"Sầu riêng Ri6".to_owned()));
    assert_eq!(outcome(&engine, &asking("")).await.total, 60);
    engine.remove(&[product.id, product_id(777)]).await.unwrap();
    assert!(!titles(&engine, "măng tây").await.contains(&"Măng tây".to_owned()));
    assert_eq!(outcome(&engine, &asking("")).await.total, 59);
}

#[tokio::test]
async fn many_changes_at_once_are_all_there_in_the_end() {
    let engine = EmbeddedSearch::open(None).unwrap();
    let products = products();
    let puts = products.chunks(1).map(|product| engine.put(product));
    for outcome in futures_util::future::join_all(puts).await {
        outcome.unwrap();
    }
    assert_eq!(outcome(&engine, &asking("")).await.total, 60);
}

#[tokio::test]
async fn a_replacement_shows_only_when_it_is_whole() {
    let engine = market().await;
    let batches = products().chunks(10).take(3).map(<[_]>::to_vec).collect::<Vec<_>>();
    let seen = std::sync::Mutex::new(Vec::new());
    let watched = stream::iter(batches).then(|batch| async {
        let total = outcome(&engine, &asking("")).await.total;
        seen.lock().unwrap().push(total);
        batch
    });
    assert_eq!(engine.replace_all(watched.boxed()).await.unwrap(), 30);
    assert_eq!(*seen.lock().unwrap(), [60, 60, 60]);
    assert_eq!(outcome(&engine, &asking("")).await.total, 30);
}

#[tokio::test]
async fn a_replacement_that_is_given_up_changes_nothing() {
    let engine = market().await;
    let endless = stream::iter([products()]).chain(stream::pending());
    {
        let replacing = engine.replace_all(endless.boxed());
        futures_util::pin_mut!(replacing);
        // It takes the batch and then waits for the next one, which never comes.
        for _ in 0..10 {
            assert!(futures_util::poll!(&mut replacing).is_pending());
            tokio::task::yield_now().await;
        }
    }
    engine.remove(&[product_id(0)]).await.unwrap();
    assert_eq!(outcome(&engine, &asking("")).await.total, 59);
    assert!(engine.healthy().await);
}

#[tokio::test]
async fn an_index_in_a_directory_is_there_again_after_a_restart() {
    let directory = tempfile::tempdir().unwrap();
    let engine = EmbeddedSearch::open(Some(directory.path())).unwrap();
    assert!(engine.is_empty().await.unwrap());
    engine.put(&products()).await.unwrap();
    drop(engine);
    let engine = EmbeddedSearch::open(Some(directory.path())).unwrap();
    assert!(!engine.is_empty().await.unwrap());
    assert_eq!(outcome(&engine, &asking("")).await.total, 60);
    // It belongs to one process at a time: the second is told so, and breaks nothing.
    assert!(matches!(EmbeddedSearch::open(Some(directory.path())), Err(SearchFault::Index(_))));
    assert_eq!(first(&engine, "banh tet").await, "Bánh tét lá cẩm");
}

#[tokio::test]
async fn a_closed_index_is_let_go_of_while_somebody_still_has_it() {
    let directory = tempfile::tempdir().unwrap();
    let engine = EmbeddedSearch::open(Some(directory.path())).unwrap();
    let products = products();
    let (written, ()) = futures_util::join!(engine.put(&products), engine.close());
    written.unwrap();
    let next = EmbeddedSearch::open(Some(directory.path())).unwrap();
    assert_eq!(outcome(&next, &asking("")).await.total, 60);
    assert!(!engine.healthy().await);
    assert!(matches!(engine.remove(&[product_id(0)]).await, Err(SearchFault::Stopped)));
    engine.close().await;
}

#[tokio::test]
async fn another_version_and_any_damage_start_an_empty_index() {
    let directory = tempfile::tempdir().unwrap();
    type Damage = fn(&Path);
    let damages: [(&str, Damage); 4] = [
        ("another version", |file| {
            if file.ends_with("schema-version") {
                std::fs::write(file, "0").unwrap();
            }
        }),
        ("cut files", |file| {
            if file.extension().is_some_and(|extension| extension == "idx" || extension == "store")
            {
                std::fs::write(file, b"x").unwrap();
            }
        }),
        ("a letter changed", |file| {
            if file.extension().is_some_and(|extension| extension == "fast") {
                let mut bytes = std::fs::read(file).unwrap();
                bytes[20] ^= 1;
                std::fs::write(file, bytes).unwrap();
            }
        }),
        ("no list of contents", |file| {
            if file.ends_with("meta.json") {
                std::fs::write(file, "{").unwrap();
            }
        }),
    ];
    for (name, damage) in damages {
        let engine = EmbeddedSearch::open(Some(directory.path())).unwrap();
        engine.put(&products()).await.unwrap();
        assert!(!engine.is_empty().await.unwrap(), "{name}");
        drop(engine);
        for entry in std::fs::read_dir(directory.path()).unwrap() {
            damage(&entry.unwrap().path());
        }
        let engine = EmbeddedSearch::open(Some(directory.path())).unwrap();
        assert!(engine.is_empty().await.unwrap(), "{name}");
    }
}
