//! What the tests of this crate share: WIT and components made from text.
#![allow(dead_code)]

use slipway_tools::input::{self, File, Wit, WitInput};
use slipway_tools::{componentize, Error};

pub fn wit_file(text: &str) -> WitInput {
    WitInput {
        files: vec![File::new("world.wit", text)],
        ..WitInput::default()
    }
}

pub fn wit_directory(files: &[(&str, &str)]) -> WitInput {
    WitInput {
        files: files
            .iter()
            .map(|(path, text)| File::new(format!("wit/{path}"), *text))
            .collect(),
        directory: Some("wit".into()),
        ..WitInput::default()
    }
}

pub fn wit(text: &str) -> Wit {
    input::read(&wit_file(text)).expect("the test's WIT is right")
}

/// A component of the only world in `text`, whose functions all trap.
pub fn dummy(text: &str) -> Vec<u8> {
    dummy_of(&wit(text))
}

pub fn dummy_of(wit: &Wit) -> Vec<u8> {
    use wit_parser::{LiftLowerAbi, ManglingAndAbi};
    let world = wit.world(None).expect("the test's WIT has one world");
    let mangling = ManglingAndAbi::Legacy(LiftLowerAbi::Sync);
    let module = wit_component::dummy_module(wit.resolve(), world, mangling);
    let module = File::new("dummy.wasm", module);
    let embedded =
        componentize::embed(wit, None, "utf8", &module).expect("a dummy takes its world");
    let embedded = File::new("dummy.wasm", embedded);
    componentize::new(&embedded, &[], &Default::default()).expect("a dummy is of its world")
}

/// The error's whole text.
pub fn failure<T>(result: Result<T, Error>) -> String {
    match result {
        Ok(_) => panic!("this should have failed"),
        Err(error) => format!("[{}] {error}", error.code()),
    }
}
