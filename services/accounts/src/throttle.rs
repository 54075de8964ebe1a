//! How often somebody may try to sign in or up: per login and per address of the client.
//!
//! Source: OWASP ASVS 5.0, 6.3.1. Keys hold digests, so that the limiter's store holds no personal
//! data.

use std::net::{IpAddr, Ipv6Addr};
use std::time::Duration;

use platform::limits::{Quota, RateLimiter};
use platform::secrets;

use crate::usecases::Failure;

/// Attempts to sign in with one login: ten, then one a minute. Enough for who mistypes; a list of
/// guesses would take years.
const SIGN_INS_PER_LOGIN: Quota = Quota { burst: 10, per: Duration::from_mins(10) };
/// Attempts to sign in from one address. Many people share one behind a mobile network.
const SIGN_INS_PER_ADDRESS: Quota = Quota { burst: 100, per: Duration::from_mins(10) };
/// New accounts from one address.
const SIGN_UPS_PER_ADDRESS: Quota = Quota { burst: 100, per: Duration::from_hours(1) };

/// Counts an attempt to sign in. It does not matter whether the login is known.
pub async fn sign_in(limiter: &RateLimiter, login: &str, address: &str) -> Result<(), Failure> {
    check(limiter, "sign-in-address", &network(address), SIGN_INS_PER_ADDRESS).await?;
    check(limiter, "sign-in-login", login, SIGN_INS_PER_LOGIN).await
}

/// Counts an attempt to sign up.
pub async fn sign_up(limiter: &RateLimiter, address: &str) -> Result<(), Failure> {
    check(limiter, "sign-up-address", &network(address), SIGN_UPS_PER_ADDRESS).await
}

async fn check(
    limiter: &RateLimiter,
    what: &str,
    whose: &str,
    quota: Quota,
) -> Result<(), Failure> {
    let key = format!("accounts:{what}:{}", hex::encode(secrets::digest(whose)));
    limiter.check(&key, quota).await.map_err(|retry_after| {
        metrics::counter!("accounts_throttled", "what" => what.to_owned()).increment(1);
        Failure::Throttled { retry_after }
    })
}

/// What counts as one client: an IPv4 address, or the /64 network that one IPv6 subscriber has for
/// themselves. Callers who say nothing count as one client together.
fn network(address: &str) -> String {
    match address.trim().parse::<IpAddr>().map(|address| address.to_canonical()) {
        Ok(IpAddr::V6(address)) => {
            let prefix = address.to_bits() >> 64 << 64;
            Ipv6Addr::from_bits(prefix).to_string()
        }
        Ok(address) => address.to_string(),
        Err(_) => address.trim().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ipv6_subscriber_counts_as_one_client() {
        assert_eq!(network("2001:db8:1:2:3:4:5:6"), network("2001:db8:1:2::1"));
        assert_ne!(network("2001:db8:1:2::1"), network("2001:db8:1:3::1"));
        assert_eq!(network("::ffff:192.0.2.7"), network(" 192.0.2.7"));
        assert_ne!(network("192.0.2.7"), network("192.0.2.8"));
    }
}
