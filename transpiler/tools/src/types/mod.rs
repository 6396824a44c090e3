//! `types`: WIT to TypeScript declarations. For a host they are those that the transpiler writes for a component of the world
//! (`transpiler/src/emit/dts.rs`), with what only WIT knows: docs, and the names of aliases. For a guest they are the same
//! interfaces seen from inside.
//!
//! `world` is driven by wit-bindgen-core's `WorldGenerator` and fixes files and who owns a resource's class; `interface`
//! prints the declarations of one scope; `spell` writes a type.

mod blocking;
mod interface;
mod spell;
mod world;

use crate::error::{Error, Result};
use crate::input::Wit;
use wit_bindgen_core::{Files, WorldGenerator};

/// How the module will be instantiated: it decides what its own file declares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Instantiation {
    Async,
    Sync,
}

#[derive(Clone, Debug, Default)]
pub struct TypesOptions {
    /// Which world; the only one by default.
    pub world: Option<String>,
    /// Base name of the world's file; the world's name by default.
    pub name: Option<String>,
    /// `instantiate` and its import object, as `transpile --instantiation` makes them.
    pub instantiation: Option<Instantiation>,
    /// Imports whose functions may answer with a promise, beside WASI's blocking ones: `interface#function` or `function`, `*`
    /// allowed.
    pub async_imports: Vec<String>,
    /// For code inside of the component.
    pub guest: bool,
}

/// `(path, text)` of every declaration file, in the order of their paths.
pub fn generate(wit: Wit, options: &TypesOptions) -> Result<Vec<(String, String)>> {
    let world = wit.world(options.world.as_deref())?;
    let (Wit::Package(mut resolve, _) | Wit::Component(mut resolve, _)) = wit;
    let name = options
        .name
        .clone()
        .unwrap_or_else(|| resolve.worlds[world].name.clone());
    if name.is_empty() || name.contains(['/', '\\']) {
        return Err(Error::new(
            "options",
            format!("{name:?} cannot be the name of a file"),
        ));
    }
    let mut files = Files::default();
    world::Declarations::new(name, options)
        .generate(&mut resolve, world, &mut files)
        .map_err(|e| Error::from_anyhow("wit", &e))?;
    let files = files
        .iter()
        .map(|(path, text)| (path.to_string(), String::from_utf8_lossy(text).into_owned()));
    Ok(files.collect())
}
