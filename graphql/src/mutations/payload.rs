//! The shape that all answers of mutations have.

/// Declares the payload of a mutation: what came of it, or why it was refused.
macro_rules! payload {
    ($(#[$doc:meta])* $name:ident { $(#[$field_doc:meta])* $field:ident: $ty:ty }) => {
        $(#[$doc])*
        #[derive(async_graphql::SimpleObject)]
        pub struct $name {
            $(#[$field_doc])*
            $field: Option<$ty>,
            /// Why it was refused; empty where it was done.
            user_errors: Vec<$crate::types::UserError>,
        }

        impl $name {
            /// What came of it, or why it was refused.
            fn of(outcome: $crate::scope::Outcome<$ty>) -> Self {
                match outcome {
                    Ok($field) => Self { $field: Some($field), user_errors: Vec::new() },
                    Err(user_errors) => Self { $field: None, user_errors },
                }
            }
        }
    };
}

pub(crate) use payload;
