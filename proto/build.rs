//! Compiles the contracts in `chonoi/` with protox, so that no protoc is needed.

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let names = [
        "common", "accounts", "tours", "catalog", "bookings", "returns", "vouchers", "orders",
        "payments", "events",
    ];
    let files = names.map(|name| format!("chonoi/{name}.proto"));
    println!("cargo:rerun-if-changed=chonoi");
    let descriptors = protox::compile(files, ["."])?;
    // A service must answer every rpc, or it does not compile. Fakes of tests answer what their tests ask.
    let only_some = std::env::var_os("CARGO_FEATURE_UNASKED").is_some();
    tonic_prost_build::configure().generate_default_stubs(only_some).compile_fds(descriptors)?;
    Ok(())
}
