//! Prints the plan of a component: `cargo run --example plan -- FILE`.

fn main() {
    let path = std::env::args().nth(1).expect("usage: plan FILE");
    let bytes = wat::parse_file(&path).expect("a component in binary or text form");
    let options = slipway_transpiler::Options::default();
    let plan = slipway_transpiler::decode::decode(&bytes, &options)
        .and_then(|graph| slipway_transpiler::link::link(&graph, &options));
    match plan {
        Ok(plan) => print!("{plan}"),
        Err(error) => {
            eprintln!("{error}");
            std::process::exit(1);
        }
    }
}
