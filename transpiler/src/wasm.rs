//! The boundary to JavaScript: the only file that knows wasm-bindgen, js-sys and serde-wasm-bindgen.
//!
//! JavaScript drives the push machine (`skip`, `want`, `feed`, `finish`), so that of the input only what the decoder asks for is
//! ever copied into this module's memory. Errors are thrown as plain objects `{ code, message, offset, path }`.

use crate::decode::Decoder;
use crate::emit::{Contents, Output, Part};
use crate::plan::{ExternType, ExternTypeDef};
use crate::{emit, link, world, Error, ErrorCode, Options};
use js_sys::{Array, Object, Reflect, Uint8Array};
use std::ops::Range;
use wasm_bindgen::prelude::*;

mod heap;
mod options;
mod unicode;

/// One transpilation.
#[wasm_bindgen]
pub struct Transpiler {
    /// None once it has finished.
    decoder: Option<Decoder>,
    options: Options,
}

#[wasm_bindgen]
impl Transpiler {
    /// `options`: see `Options`; unknown ones are refused.
    #[wasm_bindgen(constructor)]
    pub fn new(options: JsValue) -> Result<Transpiler, JsValue> {
        let options = options::read(&options).map_err(|e| thrown(&e))?;
        let decoder = Decoder::new(&options).map_err(|e| thrown(&e))?;
        Ok(Transpiler {
            decoder: Some(decoder),
            options,
        })
    }

    /// Bytes of input to pass over before the next `feed`.
    pub fn skip(&mut self) -> f64 {
        self.decoder.as_mut().map_or(0.0, |d| d.skip() as f64)
    }

    /// How many bytes the next `feed` takes; 0 when it takes no more.
    pub fn want(&self) -> f64 {
        self.decoder.as_ref().map_or(0.0, |d| d.want() as f64)
    }

    /// Takes `want()` bytes; fewer only at the end of the input.
    pub fn feed(&mut self, bytes: &[u8]) -> Result<(), JsValue> {
        let decoder = self.decoder.as_mut().ok_or_else(|| thrown(&finished()))?;
        decoder.feed(bytes).map_err(|e| thrown(&e))
    }

    /// Core modules that have been seen as a whole: `[start, end]` offsets in the input.
    pub fn modules(&self) -> JsValue {
        let ranges = self.decoder.iter().flat_map(|d| d.modules());
        data(&ranges.map(|r| offsets(&r)).collect::<Vec<_>>())
    }

    /// Ends the input of `total` bytes and returns `{ files, imports, exports, plan?, world? }`.
    pub fn finish(&mut self, total: f64) -> Result<JsValue, JsValue> {
        self.output(total as u64).map_err(|e| thrown(&e))
    }
}

impl Transpiler {
    fn output(&mut self, total: u64) -> Result<JsValue, Error> {
        let decoder = self.decoder.take().ok_or_else(finished)?;
        let graph = decoder.finish(total)?;
        let plan = link::link(&graph, &self.options)?;
        let output = emit::emit(&plan, &self.options)?;
        let out = Object::new();
        set(&out, "files", &files(output));
        let imports = plan.imports.iter().map(|i| (&i.name.name, kind(&i.ty)));
        set(&out, "imports", &data(&imports.collect::<Vec<_>>()));
        let exports = plan.exports.iter().map(|e| (&e.name.name, kind(&e.ty)));
        set(&out, "exports", &data(&exports.collect::<Vec<_>>()));
        let modules = plan.modules.iter().map(|m| offsets(&m.range));
        set(&out, "modules", &data(&modules.collect::<Vec<_>>()));
        if self.options.plan {
            set(&out, "plan", &JsValue::from_str(&plan.to_string()));
        }
        if self.options.world {
            set(&out, "world", &JsValue::from_str(&world::to_json(&plan)));
        }
        Ok(out.into())
    }
}

/// Plain data as a JavaScript value.
fn data<T: serde::Serialize>(value: &T) -> JsValue {
    serde_wasm_bindgen::to_value(value).expect("strings and numbers serialise")
}

fn offsets(range: &Range<u64>) -> (f64, f64) {
    (range.start as f64, range.end as f64)
}

fn files(output: Output) -> Array {
    let files = output.files.into_iter().map(|file| {
        let out = Object::new();
        set(&out, "path", &JsValue::from_str(&file.path));
        match file.contents {
            Contents::Text(text) => set(&out, "text", &JsValue::from_str(&text)),
            Contents::Bytes(bytes) => set(&out, "bytes", &Uint8Array::from(&bytes[..])),
            Contents::Range(r) => set(&out, "range", &data(&offsets(&r))),
            Contents::Parts(parts) => set(&out, "parts", &parts_of(parts)),
        }
        out
    });
    files.collect()
}

/// Strings, and `[start, end]` or bytes for what the caller puts in as base64.
fn parts_of(parts: Vec<Part>) -> Array {
    let parts = parts.into_iter().map(|part| match part {
        Part::Text(text) => JsValue::from_str(&text),
        Part::Base64(r) => data(&offsets(&r)),
        Part::Made(bytes) => Uint8Array::from(&bytes[..]).into(),
    });
    parts.collect()
}

/// What an import or export is, in a word.
fn kind(ty: &ExternType) -> &'static str {
    match ty {
        ExternType::Func(_) => "func",
        ExternType::Type(ExternTypeDef::Resource(_)) => "resource",
        ExternType::Type(_) => "type",
        ExternType::Instance(_) => "instance",
        ExternType::Module => "module",
        ExternType::Component => "component",
        ExternType::Value(_) => "value",
    }
}

fn set(object: &Object, key: &str, value: &JsValue) {
    Reflect::set(object, &JsValue::from_str(key), value).expect("a fresh object takes properties");
}

#[cold]
fn finished() -> Error {
    Error::new(
        ErrorCode::BadOptions,
        "this transpiler has finished; make another one",
        None,
    )
}

#[cold]
fn thrown(error: &Error) -> JsValue {
    let out = Object::new();
    set(&out, "code", &JsValue::from_str(error.code().name()));
    set(&out, "message", &JsValue::from_str(error.message()));
    let offset = error
        .offset()
        .map_or(JsValue::NULL, |o| JsValue::from_f64(o as f64));
    set(&out, "offset", &offset);
    set(&out, "path", &data(&error.path()));
    out.into()
}
