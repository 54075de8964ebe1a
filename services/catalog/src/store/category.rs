//! Categories: a tree of two levels or more, small enough to be read whole.

use kernel::{CategoryId, LocalizedText};
use platform::ids;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, QueryOrder};

use super::entities::categories::{Column, Entity, Model};

/// A category.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Category {
    /// Its id.
    pub id: CategoryId,
    /// Its name in addresses.
    pub slug: String,
    /// The category above it, or nothing.
    pub parent_slug: String,
    /// Its name.
    pub name: LocalizedText,
    /// Its place among its siblings.
    pub position: u32,
}

/// All categories, in their order.
pub async fn all(db: &impl ConnectionTrait) -> Result<Vec<Category>, DbErr> {
    let rows =
        Entity::find().order_by_asc(Column::Position).order_by_asc(Column::Slug).all(db).await?;
    let category = |row: Model| Category {
        id: CategoryId::from_uuid(row.id),
        slug: row.slug,
        parent_slug: row.parent_slug,
        name: LocalizedText::new(row.name_vi, row.name_en),
        position: row.position as u32,
    };
    Ok(rows.into_iter().map(category).collect())
}

/// Writes categories, known by their slugs.
pub async fn put(tx: &impl ConnectionTrait, categories: &[Category]) -> Result<(), DbErr> {
    if categories.is_empty() {
        return Ok(());
    }
    let rows = categories.iter().map(|category| {
        Model {
            id: ids::new::<CategoryId>().uuid(),
            slug: category.slug.clone(),
            parent_slug: category.parent_slug.clone(),
            name_vi: category.name.vi.clone(),
            name_en: category.name.en.clone(),
            position: i64::from(category.position),
        }
        .into_active_model()
    });
    Entity::insert_many(rows)
        .on_conflict(
            OnConflict::column(Column::Slug)
                .update_columns([
                    Column::ParentSlug,
                    Column::NameVi,
                    Column::NameEn,
                    Column::Position,
                ])
                .to_owned(),
        )
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

/// A category and all below it.
pub fn with_descendants(all: &[Category], slug: &str) -> Vec<String> {
    let mut slugs = vec![slug.to_owned()];
    let mut next = 0;
    while let Some(parent) = slugs.get(next).cloned() {
        let below = all.iter().filter(|category| category.parent_slug == parent);
        let new: Vec<String> = below
            .map(|category| category.slug.clone())
            .filter(|slug| !slugs.contains(slug))
            .collect();
        slugs.extend(new);
        next += 1;
    }
    slugs
}

/// A category and all above it, from below.
pub fn with_ancestors<'a>(all: &'a [Category], slug: &str) -> Vec<&'a Category> {
    let mut found: Vec<&Category> = Vec::new();
    let mut wanted = slug;
    while let Some(category) = all.iter().find(|category| category.slug == wanted) {
        if found.len() >= all.len() {
            break;
        }
        found.push(category);
        wanted = &category.parent_slug;
    }
    found
}
