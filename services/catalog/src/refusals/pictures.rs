//! Refusals of photos as contract words.

use platform::rpc::database_fault;
use proto::Refused;
use proto::common::RefusalCode;
use tonic::Status;

use crate::darkroom::DevelopError;
use crate::domain::picture::{MAX_MEGAPIXELS, MAX_SENT_BYTES, PictureRefused};
use crate::domain::product_image::{
    AltRefused, ImagesRefused, MAX_ALT, MAX_IMAGES, MAX_SHOP_IMAGES,
};
use crate::usecases::add_product_image::AddImageError;
use crate::usecases::remove_product_image::ChangeImagesError;

/// Why a photo was not taken.
pub fn add_image_status(error: AddImageError) -> Status {
    let refused = match error {
        AddImageError::Unknown => Refused::new(RefusalCode::NotFound).at(&["productId"]),
        AddImageError::Alt(AltRefused::TooLong) => {
            Refused::new(RefusalCode::TooLong).at(&["alt"]).fact("maximum", MAX_ALT)
        }
        AddImageError::Alt(AltRefused::ControlCharacter) => {
            Refused::new(RefusalCode::Invalid).at(&["alt"])
        }
        AddImageError::Images(refused) => images_refused(refused).at(&["file"]),
        AddImageError::Develop(DevelopError::Refused(refused)) => picture_refused(refused),
        AddImageError::Develop(DevelopError::Busy) => {
            return Status::unavailable("too many pictures are being made");
        }
        AddImageError::Database(error) => return database_fault(&error),
    };
    refused.into()
}

/// Why the photos of a product stay as they are.
pub fn change_images_status(error: ChangeImagesError) -> Status {
    let refused = match error {
        ChangeImagesError::Unknown => Refused::new(RefusalCode::NotFound).at(&["productId"]),
        ChangeImagesError::Images(refused) => images_refused(refused).at(&["imageId"]),
        ChangeImagesError::Database(error) => return database_fault(&error),
    };
    refused.into()
}

fn images_refused(refused: ImagesRefused) -> Refused {
    match refused {
        ImagesRefused::TooMany => {
            Refused::new(RefusalCode::TooManyPictures).fact("maximum", MAX_IMAGES)
        }
        ImagesRefused::ShopFull => {
            Refused::new(RefusalCode::TooManyPicturesOfShop).fact("maximum", MAX_SHOP_IMAGES)
        }
        ImagesRefused::Unknown => Refused::new(RefusalCode::NotFound),
    }
}

fn picture_refused(refused: PictureRefused) -> Refused {
    let refused = match refused {
        PictureRefused::TooLarge => {
            Refused::new(RefusalCode::FileTooLarge).fact("maximum", MAX_SENT_BYTES)
        }
        PictureRefused::TooManyPixels => {
            Refused::new(RefusalCode::PictureTooLarge).fact("maximum", MAX_MEGAPIXELS)
        }
        PictureRefused::Unreadable => Refused::new(RefusalCode::PictureUnreadable),
    };
    refused.at(&["file"])
}
