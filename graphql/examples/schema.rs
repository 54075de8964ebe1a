//! Prints the schema: `cargo run -p graphql --example schema > graphql/schema.graphql`.

fn main() {
    print!("{}", graphql::sdl());
}
