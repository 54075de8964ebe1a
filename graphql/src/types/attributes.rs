//! What is said of a product besides its texts.

use async_graphql::SimpleObject;

/// Something that is said of a product: `origin: Phong Điền`.
#[derive(Clone, Debug, SimpleObject)]
pub struct Attribute {
    /// What is said.
    pub name: String,
    /// What it is.
    pub value: String,
}

/// One of the options that make a variant: `size: 4 cakes`.
#[derive(Clone, Debug, SimpleObject)]
pub struct VariantOption {
    /// The option.
    pub name: String,
    /// Its value.
    pub value: String,
}
