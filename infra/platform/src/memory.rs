//! How much memory this process has.

/// Resident memory in bytes, from `/proc/self/statm`; `None` where there is no such file.
pub fn resident_bytes() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/self/statm").ok()?;
    let pages: u64 = text.split_whitespace().nth(1)?.parse().ok()?;
    // Linux pages of 4 KiB on all machines the market runs on.
    Some(pages * 4_096)
}
