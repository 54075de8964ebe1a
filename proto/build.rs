//! Compiles the contracts in `chonoi/` with protox, so that no protoc is needed.

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let names = [
        "common", "accounts", "tours", "catalog", "bookings", "returns", "vouchers", "orders",
        "payments", "events",
    ];
    let files = names.map(|name| format!("chonoi/{name}.proto"));
    println!("cargo:rerun-if-changed=chonoi");
    let descriptors = protox::compile(files, ["."])?;
    tonic_prost_build::configure().generate_default_stubs(true).compile_fds(descriptors)?;
    Ok(())
}
