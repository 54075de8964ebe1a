//! Password hashes: argon2id (RFC 9106), computed beside the threads that serve, few at a time.
//!
//! Checking the password of an unknown login is as much work as checking one of a known login, so
//! that the time tells nothing.

use std::sync::Arc;

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{self, PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::domain::password::Password;

/// How many hashes are computed at a time: bounds memory (each takes 19 MiB) and leaves processors
/// to those who shop.
const CONCURRENT_HASHES: usize = 2;
/// How many more may wait for their turn; who comes then is asked to come again.
const WAITING_HASHES: usize = 64;

/// How much work a password hash is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hashing {
    memory_kib: u32,
    passes: u32,
}

impl Default for Hashing {
    /// What production uses: 19 MiB, two passes, one lane (OWASP Password Storage Cheat Sheet).
    fn default() -> Self {
        Self { memory_kib: 19 * 1_024, passes: 2 }
    }
}

impl Hashing {
    /// Next to no work. Only for tests, and for filling a market in development with made-up people:
    /// such hashes protect nobody.
    pub const fn cheap_for_tests_and_seeding() -> Self {
        Self { memory_kib: 8, passes: 1 }
    }

    fn argon2(self) -> Result<Argon2<'static>, argon2::Error> {
        let params = Params::new(self.memory_kib, self.passes, 1, None)?;
        Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
    }

    /// A hash that no password has, as much work to check as any.
    fn of_nobody(self) -> String {
        let Self { memory_kib, passes } = self;
        let (salt, hash) = ("A".repeat(22), "A".repeat(43));
        format!("$argon2id$v=19$m={memory_kib},t={passes},p=1${salt}${hash}")
    }
}

/// A password could not be hashed or checked: a fault of the machine or of a stored hash.
#[derive(Debug, thiserror::Error)]
pub enum HashingFault {
    /// Too many wait already: try again.
    #[error("too many passwords are being hashed")]
    Busy,
    /// The parameters are impossible.
    #[error("argon2 refuses its parameters: {0}")]
    Parameters(#[from] argon2::Error),
    /// The hash could not be computed or read.
    #[error("a password hash cannot be computed or read: {0}")]
    Hash(#[from] password_hash::Error),
    /// The stored text is no hash.
    #[error("a stored password hash cannot be read: {0}")]
    Stored(#[from] password_hash::phc::Error),
    /// The thread that computed it ended.
    #[error("hashing was cut short: {0}")]
    CutShort(#[from] tokio::task::JoinError),
}

/// Hashes and checks passwords.
#[derive(Debug)]
pub struct Passwords {
    hashing: Hashing,
    computing: Arc<Semaphore>,
    admitted: Arc<Semaphore>,
}

impl Passwords {
    /// A hash that no password has: of who deleted their account.
    pub fn of_nobody(&self) -> String {
        self.hashing.of_nobody()
    }

    /// Hashes and checks with as much work as told.
    pub fn new(hashing: Hashing) -> Self {
        Self {
            hashing,
            computing: Arc::new(Semaphore::new(CONCURRENT_HASHES)),
            admitted: Arc::new(Semaphore::new(CONCURRENT_HASHES + WAITING_HASHES)),
        }
    }

    /// The hash of a new password, as a PHC string.
    pub async fn hash(&self, password: Password) -> Result<String, HashingFault> {
        let argon2 = self.hashing.argon2()?;
        self.compute(move || {
            let hash: PasswordHash = argon2.hash_password(password.as_bytes())?;
            Ok(hash.to_string())
        })
        .await
    }

    /// Whether a password belongs to a hash. Without the one or the other it does the same work, and
    /// says no.
    pub async fn check(
        &self,
        password: Option<Password>,
        hash: Option<String>,
    ) -> Result<bool, HashingFault> {
        let argon2 = self.hashing.argon2()?;
        let possible = password.is_some() && hash.is_some();
        let hash = hash.unwrap_or_else(|| self.hashing.of_nobody());
        self.compute(move || {
            let expected = PasswordHash::new(&hash)?;
            let offered = password.as_ref().map_or(&[][..], Password::as_bytes);
            match argon2.verify_password(offered, &expected) {
                Ok(()) => Ok(possible),
                Err(password_hash::Error::PasswordInvalid) => Ok(false),
                Err(fault) => Err(fault.into()),
            }
        })
        .await
    }

    async fn compute<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, HashingFault> + Send + 'static,
    ) -> Result<T, HashingFault> {
        let Ok(_admitted) = Arc::clone(&self.admitted).try_acquire_owned() else {
            return Err(HashingFault::Busy);
        };
        // The permit goes into the thread: when the caller goes away, the hash still counts until
        // it is done.
        let turn: Option<OwnedSemaphorePermit> =
            Arc::clone(&self.computing).acquire_owned().await.ok();
        tokio::task::spawn_blocking(move || {
            let result = work();
            drop(turn);
            result
        })
        .await?
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn password(text: &str) -> Password {
        Password::offered(text).unwrap()
    }

    #[tokio::test]
    async fn production_hashes_with_argon2id_19_mib_and_two_passes() {
        let passwords = Passwords::new(Hashing::default());
        let hash = passwords.hash(password("ghe bầu neo bến")).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert!(
            passwords.check(Some(password("ghe bầu neo bến")), Some(hash.clone())).await.unwrap()
        );
        assert!(!passwords.check(Some(password("ghe bầu neo bên")), Some(hash)).await.unwrap());
    }

    #[tokio::test]
    async fn the_same_password_never_has_the_same_hash() {
        let passwords = Passwords::new(Hashing::cheap_for_tests_and_seeding());
        let (one, other) = tokio::join!(
            passwords.hash(password("ghe bầu neo")),
            passwords.hash(password("ghe bầu neo"))
        );
        assert_ne!(one.unwrap(), other.unwrap());
    }

    #[tokio::test]
    async fn an_unknown_login_costs_the_same_work_and_never_matches() {
        for hashing in [Hashing::default(), Hashing::cheap_for_tests_and_seeding()] {
            let passwords = Passwords::new(hashing);
            let real = passwords.hash(password("ghe bầu neo bến")).await.unwrap();
            let nobody = hashing.of_nobody();
            let cost = |hash: &str| hash.split('$').take(4).collect::<Vec<_>>().join("$");
            assert_eq!(cost(&real), cost(&nobody));
            assert_eq!(real.len(), nobody.len());
            assert!(!passwords.check(Some(password("ghe bầu neo bến")), None).await.unwrap());
            assert!(!passwords.check(None, Some(real)).await.unwrap());
            assert!(!passwords.check(None, None).await.unwrap());
        }
    }

    #[tokio::test]
    async fn a_stored_text_that_is_no_hash_is_a_fault_and_no_sign_in() {
        let passwords = Passwords::new(Hashing::cheap_for_tests_and_seeding());
        let broken =
            passwords.check(Some(password("ghe bầu neo bến")), Some("rõ ràng".into())).await;
        assert!(
            matches!(broken, Err(HashingFault::Stored(_) | HashingFault::Hash(_))),
            "{broken:?}"
        );
    }

    #[tokio::test]
    async fn no_more_wait_than_may_wait() {
        let passwords = Passwords::new(Hashing::cheap_for_tests_and_seeding());
        let all = Arc::clone(&passwords.admitted);
        let held = all.try_acquire_many_owned((CONCURRENT_HASHES + WAITING_HASHES) as u32).unwrap();
        assert!(matches!(passwords.check(None, None).await, Err(HashingFault::Busy)));
        drop(held);
        assert!(!passwords.check(None, None).await.unwrap());
    }
}
