//! The boundary to JavaScript: the only file here that knows wasm-bindgen, js-sys and serde-wasm-bindgen.
//!
//! Files cross as `[path, Uint8Array]` pairs, options as plain objects whose keys are named at each call. Errors are thrown as
//! plain objects `{ code, message, place }`. The transpiler makes its objects with js-sys, which is less code to download; here it counts
//! for nothing.

use crate::componentize::{self, NewOptions};
use crate::compose;
use crate::input::{self, File, Wit, WitInput};
use crate::metadata::{self, Changes};
use crate::text::{self, PrintOptions};
use crate::types::{self, Instantiation, TypesOptions};
use crate::{wit, Error};
use js_sys::{Array, Object, Reflect, Uint8Array};
use serde::Serialize;
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::prelude::*;

/// All tools; a class because that is what the module's `init` answers.
#[wasm_bindgen]
pub struct Tools;

#[wasm_bindgen]
impl Tools {
    /// TypeScript declarations, as `[path, text]` pairs. Options: `world`, `name`, `guest`, `instantiation`
    /// (`async`, `sync`), `asyncImports`.
    pub fn types(input: &Object, options: &Object) -> Result<JsValue, JsValue> {
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
        types::generate(wit, &options)
            .map(|files| object(&files))
            .map_err(thrown)
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

/// What is thrown; `place` is null where there is none.
#[derive(Serialize)]
struct Thrown<'a> {
    code: &'a str,
    message: &'a str,
    place: Option<&'a str>,
}

#[cold]
fn thrown(error: Error) -> JsValue {
    object(&Thrown {
        code: error.code(),
        message: error.message(),
        place: error.place(),
    })
}

fn object(value: &impl Serialize) -> JsValue {
    let serializer = Serializer::new().serialize_missing_as_null(true);
    value
        .serialize(&serializer)
        .expect("structures, lists and strings all have a form in JavaScript")
}
