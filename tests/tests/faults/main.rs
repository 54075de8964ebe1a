//! Faults of the machinery under the market: processes killed and stopped, databases, Redis and search away,
//! links that hang, clocks that are wrong, a full disk, too many who ask, and what is left in backups and
//! logs. After each, all that must hold, holds.
//!
//! Whatever a test breaks is its own: a process it started, a server on a folder of its own. Waiting has
//! wide bounds; a test fails by what is lost, not by what is slow, but for the times that are promised.

mod backups;
mod clocks;
mod full_disk;
mod hanging_links;
mod kills;
mod logs;
mod own_servers;
mod processes;
mod proxy;
mod servers_away;
mod stops;
mod trade;
