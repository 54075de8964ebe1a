//! Wards and banks.

use std::sync::Arc;

use async_graphql::{Error, ID, Object, SimpleObject};
use kernel::{Locale, ward_centre};

use super::text::given;
use crate::reference::{Banks, Wards};
use crate::scope::Scope;

/// A ward or commune of Cần Thơ.
pub struct Ward {
    code: String,
    name: String,
}

impl Ward {
    /// A ward of accounts, in a language.
    pub fn of(ward: &proto::accounts::Ward, locale: Locale) -> Self {
        Self { code: ward.code.clone(), name: Self::name_of(ward, locale).to_owned() }
    }

    /// Its name in a language.
    pub fn name_of(ward: &proto::accounts::Ward, locale: Locale) -> &str {
        match locale {
            Locale::En if !ward.name_en.is_empty() => &ward.name_en,
            _ => &ward.name,
        }
    }

    /// The ward with a code; none where the code is empty or no longer known.
    pub async fn find(scope: &Scope, code: &str) -> Result<Option<Self>, Error> {
        if given(code).is_none() {
            return Ok(None);
        }
        let wards = Self::all(scope).await?;
        Ok(wards.get(code).map(|ward| Self::of(ward, scope.locale)))
    }

    /// All wards.
    pub async fn all(scope: &Scope) -> Result<Arc<Wards>, Error> {
        scope.reference.wards(&scope.accounts).await.map_err(|status| scope.failed(&status))
    }
}

/// A ward or commune of Cần Thơ.
#[Object]
impl Ward {
    /// Its code in the state's list.
    async fn code(&self) -> ID {
        ID(self.code.clone())
    }

    /// Its name.
    async fn name(&self) -> &str {
        &self.name
    }

    /// Where its centre is; nothing for a ward that is on no map of ours.
    async fn location(&self) -> Option<Location> {
        ward_centre(&self.code)
            .map(|centre| Location { lat: centre.latitude(), lng: centre.longitude() })
    }
}

/// A point on the map (WGS 84).
#[derive(Clone, Copy, Debug, SimpleObject)]
pub struct Location {
    /// Degrees north.
    lat: f64,
    /// Degrees east.
    lng: f64,
}

/// A bank that can be paid to by VietQR.
pub struct Bank(proto::accounts::Bank);

impl Bank {
    /// A bank of accounts.
    pub const fn of(bank: proto::accounts::Bank) -> Self {
        Self(bank)
    }

    /// All banks.
    pub async fn all(scope: &Scope) -> Result<Arc<Banks>, Error> {
        scope.reference.banks(&scope.accounts).await.map_err(|status| scope.failed(&status))
    }
}

/// A bank that can be paid to by VietQR.
#[Object]
impl Bank {
    /// Its bank identification number (ISO/IEC 7812), six digits.
    async fn bin(&self) -> ID {
        ID(self.0.bin.clone())
    }

    /// The name that people know it by.
    async fn short_name(&self) -> &str {
        &self.0.short_name
    }

    /// Its full name.
    async fn name(&self) -> &str {
        &self.0.name
    }
}
