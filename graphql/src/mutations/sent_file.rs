//! The file that was sent beside an operation.

use async_graphql::{Context, Error, Upload, UploadValue};

use crate::failure::{Failure, Limit};
use crate::limits::within;
use crate::scope::Scope;

/// The file that an input names, of so many bytes at most.
///
/// # Errors
/// A client may write the place of a file into its variables without sending one; or it is too large.
pub fn sent_file<'a>(
    ctx: &'a Context<'_>,
    file: &Upload,
    most: usize,
) -> Result<&'a UploadValue, Error> {
    let scope = Scope::of(ctx);
    let no_file = || Failure::BadInput("file was not sent as a part of the request".to_owned());
    let upload = ctx.query_env.uploads.get(file.0).ok_or_else(|| scope.refuse(no_file()))?;
    within(Limit::BodyBytes, upload.content.len(), most)
        .map_err(|failure| scope.refuse(failure))?;
    Ok(upload)
}
