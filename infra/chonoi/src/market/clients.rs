//! How a role finds the services: in this process, or at their address.

use anyhow::Context;
use platform::config::Config;
use platform::rpc::{self, Rpc};
use platform::upstream::{self, Upstream};

use crate::roles::Role;

/// The way to a service that may run in this process.
pub fn service(config: &Config, role: Role, here: Option<Rpc>) -> anyhow::Result<Rpc> {
    if let Some(rpc) = here {
        return Ok(rpc);
    }
    rpc::remote(address(config, role)?, &config.links.token)
}

/// The way to the HTTP of a role in another process.
pub fn http(config: &Config, role: Role) -> anyhow::Result<Upstream> {
    upstream::remote(address(config, role)?, &config.links.token)
}

/// Where a role in another process is.
pub fn address(config: &Config, role: Role) -> anyhow::Result<&str> {
    let address = match role {
        Role::Accounts => &config.links.accounts,
        Role::Catalog => &config.links.catalog,
        Role::Orders => &config.links.orders,
        Role::Payments => &config.links.payments,
        Role::Gateway => &config.links.gateway,
        Role::Web => &config.links.web,
    };
    Some(address.as_str()).filter(|address| !address.is_empty()).with_context(|| {
        format!(
            "links.{0}: {0} is not a role of this process, so its address is needed",
            role.name()
        )
    })
}
