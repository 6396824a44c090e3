//! The boundary to JavaScript: the only file here that knows wasm-bindgen and js-sys.
//!
//! Files cross as `[path, Uint8Array]` pairs, options as plain objects whose keys are named at each call. Errors are thrown as
//! plain objects `{ code, message, place }`.

use crate::componentize::{self, NewOptions};
use crate::compose;
use crate::input::{self, File, Wit, WitInput};
use crate::metadata::{self, Changes};
use crate::text::{self, PrintOptions};
use crate::types::{self, Instantiation, TypesOptions};
use crate::{wit, Error};
use js_sys::{Array, Object, Reflect, Uint8Array};
use wasm_bindgen::prelude::*;

/// All tools; a class because that is what the module's `init` answers.
#[wasm_bindgen]
pub struct Tools;

#[wasm_bindgen]
impl Tools {
    /// TypeScript declarations, as `[path, text]` pairs. Options: `world`, `name`, `guest`, `instantiation`
    /// (`async`, `sync`), `asyncImports`.
    pub fn types(input: &Object, options: &Object) -> Result<Array, JsValue> {
        let wit = read(input)?;
        let options = TypesOptions {
            world: string(options, "world"),
            name: string(options, "name"),
            guest: flag(options, "guest"),
            async_imports: strings(options, "asyncImports"),
            instantiation: match string(options, "instantiation").as_deref() {
                Some("async") => Some(Instantiation::Async),
                Some("sync") => Some(Instantiation::Sync),
                _ => None,
            },
        };
        let files = types::generate(wit, &options).map_err(thrown)?;
        Ok(files
            .into_iter()
            .map(|(path, text)| Array::of2(&path.into(), &text.into()))
            .collect())
    }

    /// WIT as text. Options: `noDocs`.
    pub fn wit(input: &Object, options: &Object) -> Result<String, JsValue> {
        wit::print(&read(input)?, !flag(options, "noDocs")).map_err(thrown)
    }

    /// The text format. Options: `offsets`, `skeleton`, `nameUnnamed`, `fold`.
    pub fn print(source: &Array, options: &Object) -> Result<String, JsValue> {
        let options = PrintOptions {
            offsets: flag(options, "offsets"),
            skeleton: flag(options, "skeleton"),
            name_unnamed: flag(options, "nameUnnamed"),
            fold: flag(options, "fold"),
        };
        text::print(&file(source), &options).map_err(thrown)
    }

    /// The binary of the text format.
    pub fn parse(source: &Array) -> Result<Uint8Array, JsValue> {
        bytes(text::parse(&file(source)))
    }

    /// A core module to a component. Options: `wasi`, `adapters` (`[name, path, bytes]`), `importNames` (`[old, new]`),
    /// `noValidate`, `reallocViaMemoryGrow`, `noMergeImports`.
    pub fn component(module: &Array, options: &Object) -> Result<Uint8Array, JsValue> {
        let adapters: Vec<(String, File)> = arrays(options, "adapters")
            .map(|entry| (text_at(&entry, 0), file(&entry.slice(1, 3))))
            .collect();
        let new = NewOptions {
            wasi: string(options, "wasi"),
            import_names: pairs(options, "importNames"),
            validate: !flag(options, "noValidate"),
            realloc_via_memory_grow: flag(options, "reallocViaMemoryGrow"),
            merge_imports_based_on_semver: !flag(options, "noMergeImports"),
        };
        bytes(componentize::new(&file(module), &adapters, &new))
    }

    /// WIT into a core module. Options: `world`, `encoding`.
    pub fn embed(input: &Object, module: &Array, options: &Object) -> Result<Uint8Array, JsValue> {
        let encoding = string(options, "encoding").unwrap_or_else(|| "utf8".into());
        let world = string(options, "world");
        bytes(componentize::embed(
            &read(input)?,
            world.as_deref(),
            &encoding,
            &file(module),
        ))
    }

    /// Several components to one. Options: `noValidate`.
    pub fn compose(socket: &Array, plugs: &Array, options: &Object) -> Result<Uint8Array, JsValue> {
        let plugs: Vec<File> = plugs.iter().map(|plug| file(&Array::from(&plug))).collect();
        let validate = !flag(options, "noValidate");
        bytes(compose::compose(
            &file(socket),
            &plugs,
            compose::Options { validate },
        ))
    }

    /// Metadata as text, or as JSON. Options: `json`.
    #[wasm_bindgen(js_name = showMetadata)]
    pub fn show_metadata(source: &Array, options: &Object) -> Result<String, JsValue> {
        metadata::show(&file(source), flag(options, "json")).map_err(thrown)
    }

    /// Metadata changed. Options: `name`; `language`, `processedBy`, `sdk` (`[name, version]`); `annotations` (`[key, value or
    /// null]`).
    #[wasm_bindgen(js_name = addMetadata)]
    pub fn add_metadata(source: &Array, options: &Object) -> Result<Uint8Array, JsValue> {
        let annotations =
            arrays(options, "annotations").map(|pair| (text_at(&pair, 0), pair.get(1).as_string()));
        let changes = Changes {
            name: string(options, "name"),
            language: pairs(options, "language"),
            processed_by: pairs(options, "processedBy"),
            sdk: pairs(options, "sdk"),
            annotations: annotations.collect(),
        };
        bytes(metadata::add(&file(source), &changes))
    }
}

/// `{ files: [path, bytes][], directory?, features?, allFeatures? }`
fn read(input: &Object) -> Result<Wit, JsValue> {
    let input = WitInput {
        files: arrays(input, "files").map(|entry| file(&entry)).collect(),
        directory: string(input, "directory"),
        features: strings(input, "features"),
        all_features: flag(input, "allFeatures"),
    };
    input::read(&input).map_err(thrown)
}

fn file(entry: &Array) -> File {
    File::new(text_at(entry, 0), Uint8Array::new(&entry.get(1)).to_vec())
}

fn text_at(array: &Array, index: u32) -> String {
    array.get(index).as_string().unwrap_or_default()
}

fn get(object: &Object, key: &str) -> JsValue {
    Reflect::get(object, &JsValue::from_str(key)).unwrap_or(JsValue::UNDEFINED)
}

fn string(object: &Object, key: &str) -> Option<String> {
    get(object, key).as_string()
}

fn flag(object: &Object, key: &str) -> bool {
    get(object, key).is_truthy()
}

fn list(value: &JsValue) -> Array {
    if Array::is_array(value) {
        Array::from(value)
    } else {
        Array::new()
    }
}

fn arrays(object: &Object, key: &str) -> impl Iterator<Item = Array> {
    list(&get(object, key))
        .into_iter()
        .map(|entry| Array::from(&entry))
}

fn strings(object: &Object, key: &str) -> Vec<String> {
    let values = list(&get(object, key));
    values
        .iter()
        .filter_map(|value| value.as_string())
        .collect()
}

fn pairs(object: &Object, key: &str) -> Vec<(String, String)> {
    arrays(object, key)
        .map(|pair| (text_at(&pair, 0), text_at(&pair, 1)))
        .collect()
}

fn bytes(result: Result<Vec<u8>, Error>) -> Result<Uint8Array, JsValue> {
    result
        .map(|bytes| Uint8Array::from(&bytes[..]))
        .map_err(thrown)
}

#[cold]
fn thrown(error: Error) -> JsValue {
    let out = Object::new();
    let place = error.place().map_or(JsValue::NULL, JsValue::from_str);
    for (key, value) in [
        ("code", error.code().into()),
        ("message", error.message().into()),
        ("place", place),
    ] {
        Reflect::set(&out, &JsValue::from_str(key), &value)
            .expect("a fresh object takes properties");
    }
    out.into()
}
