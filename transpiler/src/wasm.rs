//! The boundary to JavaScript: the only file that knows wasm-bindgen and js-sys.
//!
//! JavaScript drives the push machine (`skip`, `want`, `feed`, `finish`), so that of the input only what the decoder asks for is
//! ever copied into this module's memory. Errors are thrown as plain objects `{ code, message, offset, path }`.

use crate::decode::Decoder;
use crate::emit::{Contents, Output, Part};
use crate::plan::{ExternType, ExternTypeDef, Plan};
use crate::{emit, link, world, Error, ErrorCode, Options};
use js_sys::{Array, Object, Reflect, Uint8Array};
use std::mem::ManuallyDrop;
use std::ops::Range;
use wasm_bindgen::prelude::*;

mod heap;
mod options;
mod unicode;

/// One transpilation.
#[wasm_bindgen]
pub struct Transpiler {
    /// None once it has linked.
    decoder: Option<Decoder>,
    /// None before, and once it has finished. What it is made of is not freed (`heap`), so nobody has to go through it.
    plan: Option<ManuallyDrop<Plan>>,
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
            plan: None,
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
        let modules = Array::new();
        if let Some(decoder) = &self.decoder {
            for range in decoder.modules() {
                modules.push(&offsets(&range));
            }
        }
        modules.into()
    }

    /// Ends the input of `total` bytes. Returns whether the secondary module has to be there before `finish`.
    pub fn link(&mut self, total: f64) -> Result<bool, JsValue> {
        self.linked(total as u64).map_err(|e| thrown(&e))
    }

    /// Returns `{ files, imports, exports, plan?, world? }`.
    pub fn finish(&mut self) -> Result<JsValue, JsValue> {
        self.output().map_err(|e| thrown(&e))
    }
}

impl Transpiler {
    fn linked(&mut self, total: u64) -> Result<bool, Error> {
        let decoder = self.decoder.take().ok_or_else(finished)?;
        let graph = ManuallyDrop::new(decoder.finish(total)?);
        let plan = ManuallyDrop::new(link::link(&graph, &self.options)?);
        let options = &self.options;
        let secondary = options.plan || emit::needs_secondary(&plan, options);
        self.plan = Some(plan);
        Ok(secondary)
    }

    fn output(&mut self) -> Result<JsValue, Error> {
        let plan = self.plan.take().ok_or_else(finished)?;
        let output = emit::emit(&plan, &self.options)?;
        let out = Object::new();
        set(&out, "files", &files(output));
        let (imports, exports, modules) = (Array::new(), Array::new(), Array::new());
        for import in &plan.imports {
            imports.push(&named(&import.name.name, &import.ty));
        }
        for export in &plan.exports {
            exports.push(&named(&export.name.name, &export.ty));
        }
        for module in &plan.modules {
            modules.push(&offsets(&module.range));
        }
        set(&out, "imports", &imports);
        set(&out, "exports", &exports);
        set(&out, "modules", &modules);
        if self.options.plan {
            set(&out, "plan", &JsValue::from_str(&plan.to_string()));
        }
        if self.options.world {
            set(&out, "world", &JsValue::from_str(&world::to_json(&plan)));
        }
        Ok(out.into())
    }
}

/// `[start, end]`
fn offsets(range: &Range<u64>) -> JsValue {
    Array::of2(&(range.start as f64).into(), &(range.end as f64).into()).into()
}

/// `[name, kind]`
fn named(name: &str, ty: &ExternType) -> JsValue {
    Array::of2(&name.into(), &kind(ty).into()).into()
}

fn files(output: Output) -> Array {
    let files = Array::new();
    for file in output.files {
        let out = Object::new();
        set(&out, "path", &JsValue::from_str(&file.path));
        match file.contents {
            Contents::Text(text) => set(&out, "text", &JsValue::from_str(&text)),
            Contents::Bytes(bytes) => set(&out, "bytes", &Uint8Array::from(&bytes[..])),
            Contents::Range(r) => set(&out, "range", &offsets(&r)),
            Contents::Parts(parts) => set(&out, "parts", &parts_of(parts)),
        }
        files.push(&out);
    }
    files
}

/// Strings, and `[start, end]` or bytes for what the caller puts in as base64.
fn parts_of(parts: Vec<Part>) -> Array {
    let out = Array::new();
    for part in parts {
        out.push(&match part {
            Part::Text(text) => JsValue::from_str(&text),
            Part::Base64(r) => offsets(&r),
            Part::Made(bytes) => Uint8Array::from(&bytes[..]).into(),
        });
    }
    out
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
    let path = Array::new();
    for name in error.path() {
        path.push(&name.into());
    }
    set(&out, "path", &path);
    out.into()
}
