//! `Options` from a JavaScript object: every key known, every value of its kind, else an error that names the option.
//!
//! Read with js-sys: deriving `Deserialize` would bring the formatting of floats and a tree of visitors, 12 kB of the download.

use crate::options::{Adapters, Instantiation, Options, Runtime};
use crate::{Error, ErrorCode};
use js_sys::{Array, Object, Reflect};
use wasm_bindgen::{JsCast, JsValue};

/// Reads what a caller passed; nothing at all stands for the defaults.
pub fn read(value: &JsValue) -> Result<Options, Error> {
    let mut options = Options::default();
    if value.is_undefined() || value.is_null() {
        return Ok(options);
    }
    let Some(object) = value.dyn_ref::<Object>() else {
        return Err(bad(&["options must be an object"]));
    };
    for key in Object::keys(object).iter() {
        let name = key.as_string().unwrap_or_default();
        let value =
            Reflect::get(object, &key).map_err(|_| bad(&["cannot read option `", &name, "`"]))?;
        if !value.is_undefined() {
            option(&mut options, &name, &value)?;
        }
    }
    Ok(options)
}

fn option(options: &mut Options, name: &str, value: &JsValue) -> Result<(), Error> {
    match name {
        "name" => options.name = string(name, value)?,
        "typescript" => options.typescript = boolean(name, value)?,
        "tlaCompat" => options.tla_compat = boolean(name, value)?,
        "minify" => options.minify = boolean(name, value)?,
        "wasiShim" => options.wasi_shim = boolean(name, value)?,
        "validate" => options.validate = boolean(name, value)?,
        "strict" => options.strict = boolean(name, value)?,
        "plan" => options.plan = boolean(name, value)?,
        "world" => options.world = boolean(name, value)?,
        "trace" => options.trace = boolean(name, value)?,
        "base64Cutoff" => options.base64_cutoff = size(name, value)?,
        "features" => options.features = list(name, value, string)?,
        "asyncImports" => options.async_imports = list(name, value, string)?,
        "map" => options.map = list(name, value, pair)?,
        "wasiOptions" if value.is_null() => options.wasi_options = None,
        "wasiOptions" => options.wasi_options = Some(string(name, value)?),
        "instantiation" if value.is_null() => options.instantiation = None,
        "instantiation" => {
            let words = [
                ("async", Instantiation::Async),
                ("sync", Instantiation::Sync),
            ];
            options.instantiation = Some(word(name, value, &words)?);
        }
        "runtime" => {
            let words = [("inline", Runtime::Inline), ("import", Runtime::Import)];
            options.runtime = word(name, value, &words)?;
        }
        "adapters" => {
            let words = [
                ("wasm", Adapters::Wasm),
                ("js", Adapters::Js),
                ("both", Adapters::Both),
            ];
            options.adapters = word(name, value, &words)?;
        }
        _ => return Err(bad(&["unknown option `", name, "`"])),
    }
    Ok(())
}

#[cold]
fn bad(parts: &[&str]) -> Error {
    Error::new(ErrorCode::BadOptions, parts.concat(), None)
}

#[cold]
fn must(name: &str, what: &str) -> Error {
    bad(&["option `", name, "` must be ", what])
}

fn string(name: &str, value: &JsValue) -> Result<String, Error> {
    value.as_string().ok_or_else(|| must(name, "a string"))
}

fn boolean(name: &str, value: &JsValue) -> Result<bool, Error> {
    value.as_bool().ok_or_else(|| must(name, "true or false"))
}

/// A number of bytes; Infinity is the largest.
fn size(name: &str, value: &JsValue) -> Result<u32, Error> {
    match value.as_f64() {
        Some(n) if n >= 0.0 => Ok(n as u32),
        _ => Err(must(name, "a number of bytes")),
    }
}

fn list<T>(
    name: &str,
    value: &JsValue,
    read: fn(&str, &JsValue) -> Result<T, Error>,
) -> Result<Vec<T>, Error> {
    let array = value
        .dyn_ref::<Array>()
        .ok_or_else(|| must(name, "an array"))?;
    let mut list = Vec::new();
    for item in array.iter() {
        list.push(read(name, &item)?);
    }
    Ok(list)
}

fn pair(name: &str, value: &JsValue) -> Result<(String, String), Error> {
    let both = list(name, value, string)?;
    <[String; 2]>::try_from(both)
        .map(|[from, to]| (from, to))
        .map_err(|_| must(name, "an array of pairs"))
}

fn word<T: Copy>(name: &str, value: &JsValue, words: &[(&str, T)]) -> Result<T, Error> {
    let given = value.as_string();
    let found = words
        .iter()
        .find(|(word, _)| given.as_deref() == Some(word));
    found.map(|(_, meaning)| *meaning).ok_or_else(|| {
        let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        must(name, &["one of ", &known.join(", ")].concat())
    })
}
