//! Framing: headers, section ids and lengths, nesting. Decides what is read and what is skipped, and knows no section's content.

use super::component::ComponentBuilder;
use super::module::ModuleBuilder;
use super::types::TypeImporter;
use super::{features, invalid, malformed};
use crate::graph::{Component, ComponentGraph, ComponentId};
use crate::plan::Module;
use crate::{Error, ErrorCode, Options};
use std::ops::Range;
use wasmparser::{BinaryReader, Encoding, Validator, WasmFeatures};

const MAGIC: &[u8; 4] = b"\0asm";
const MODULE_VERSION: u32 = 1;
const COMPONENT_VERSION: u32 = 0x1_000d;
const DOCS_SECTION: &[u8] = b"package-docs";
/// Enough of a custom section to read the names we look for.
const CUSTOM_PEEK: u64 = 64;

/// What the next bytes are.
enum State {
    /// The eight bytes that open a module or component.
    Header,
    /// A section's id and the first byte of its length.
    SectionStart,
    /// Further bytes of a section's length.
    SectionLength {
        start: u64,
        id: u8,
        bytes: u64,
        len: u64,
    },
    /// The whole content of a section.
    Body { id: u8, len: u64 },
    /// The first bytes of a custom section, which say whether the rest is of interest.
    Custom { len: u64 },
    /// The rest of the docs section, whose first bytes are kept.
    Docs { head: Vec<u8>, len: u64 },
    /// An error was returned: nothing more is wanted.
    Failed,
}

impl State {
    /// How many bytes the state needs.
    fn want(&self) -> u64 {
        match self {
            State::Header => 8,
            State::SectionStart => 2,
            State::SectionLength { .. } => 1,
            State::Body { len, .. } => *len,
            State::Custom { len } => (*len).min(CUSTOM_PEEK),
            State::Docs { head, len } => len - head.len() as u64,
            State::Failed => 0,
        }
    }
}

/// A module or component whose end has not been reached.
enum Open {
    Module(ModuleBuilder),
    Component(ComponentBuilder),
}

struct Level {
    open: Open,
    /// Where it ends; the root's end is the end of the input.
    end: Option<u64>,
    path: String,
}

/// The push machine. See [`super::decode`] for how to drive it.
pub struct Decoder {
    state: State,
    pos: u64,
    to_skip: u64,
    levels: Vec<Level>,
    /// Set while a nested header is expected: which kind, and where it ends.
    expected: Option<(Encoding, u64)>,
    validator: Validator,
    features: WasmFeatures,
    /// Read and validate code and data too.
    whole: bool,
    importer: TypeImporter,
    modules: Vec<Module>,
    components: Vec<Component>,
    docs: Option<String>,
}

impl Decoder {
    pub fn new(options: &Options) -> Result<Decoder, Error> {
        let features = features(options)?;
        Ok(Decoder {
            state: State::Header,
            pos: 0,
            to_skip: 0,
            levels: Vec::new(),
            expected: None,
            validator: Validator::new_with_features(features),
            features,
            whole: options.validate && cfg!(not(target_arch = "wasm32")),
            importer: TypeImporter::default(),
            modules: Vec::new(),
            components: Vec::new(),
            docs: None,
        })
    }

    /// Bytes to pass over before the next [`Decoder::feed`]. Asking takes them as passed.
    pub fn skip(&mut self) -> u64 {
        std::mem::take(&mut self.to_skip)
    }

    /// How many bytes the next [`Decoder::feed`] takes: never 0 before an error.
    pub fn want(&self) -> u64 {
        self.state.want()
    }

    /// Core modules that have been seen as a whole, as ranges of the input, in order.
    pub fn modules(&self) -> impl Iterator<Item = Range<u64>> + '_ {
        self.modules.iter().map(|m| m.range.clone())
    }

    /// Takes [`Decoder::want`] bytes; fewer only when the input ends with them.
    pub fn feed(&mut self, bytes: &[u8]) -> Result<(), Error> {
        let state = std::mem::replace(&mut self.state, State::Failed);
        if matches!(state, State::Failed) {
            return Err(malformed("the decoder has failed before", self.pos));
        }
        self.step(state, bytes).map_err(|e| self.in_path(e))
    }

    /// Ends the input, whose length is `total` bytes.
    pub fn finish(mut self, total: u64) -> Result<ComponentGraph, Error> {
        self.end_of_input(total).map_err(|e| self.in_path(e))?;
        Ok(ComponentGraph {
            types: self.importer.table,
            components: self.components,
            modules: self.modules,
            docs: self.docs,
        })
    }

    fn end_of_input(&mut self, total: u64) -> Result<(), Error> {
        let at_boundary = matches!(self.state, State::SectionStart) && self.levels.len() == 1;
        if self.pos != total || !at_boundary {
            return Err(Error::new(
                ErrorCode::Truncated,
                "the input ends in the middle of the component",
                Some(total),
            ));
        }
        self.close()
    }

    fn in_path(&self, mut error: Error) -> Error {
        for level in self.levels.iter().skip(1).rev() {
            error = error.within(level.path.clone());
        }
        error
    }

    fn step(&mut self, state: State, bytes: &[u8]) -> Result<(), Error> {
        if (bytes.len() as u64) < state.want() {
            self.short(&state, bytes)?;
        }
        let start = self.pos;
        self.pos += bytes.len() as u64;
        match state {
            State::Header => self.header(bytes, start),
            State::SectionStart => self.section_start(bytes, start),
            State::SectionLength {
                start,
                id,
                bytes: n,
                len,
            } => self.section_length(start, id, n, len, bytes[0]),
            State::Body { id, .. } => self.body(id, bytes, start),
            State::Custom { len } => self.custom(bytes, len),
            State::Docs { mut head, .. } => {
                head.extend_from_slice(bytes);
                self.keep_docs(&head);
                self.next()
            }
            State::Failed => Err(malformed("the decoder has failed before", start)),
        }
    }

    /// The input ended before the bytes that were wanted.
    fn short(&self, state: &State, bytes: &[u8]) -> Result<(), Error> {
        if matches!(state, State::Header) && !MAGIC.starts_with(&bytes[..bytes.len().min(4)]) {
            return Err(bad_magic(self.pos));
        }
        Err(Error::new(
            ErrorCode::Truncated,
            "the input ends in the middle of the component",
            Some(self.pos + bytes.len() as u64),
        ))
    }

    fn header(&mut self, bytes: &[u8], start: u64) -> Result<(), Error> {
        if &bytes[..4] != MAGIC {
            return Err(bad_magic(start));
        }
        let version = u32::from_le_bytes([bytes[4], bytes[5], bytes[6], bytes[7]]);
        let encoding = match (version, self.expected) {
            (MODULE_VERSION, None) => {
                return Err(Error::new(
                    ErrorCode::CoreModule,
                    "this is a core module, not a component; make a component of it first (`slipway new`, or `wasm-tools component new`)",
                    Some(start),
                ))
            }
            (MODULE_VERSION, Some((Encoding::Module, _))) => Encoding::Module,
            (COMPONENT_VERSION, None | Some((Encoding::Component, _))) => Encoding::Component,
            (MODULE_VERSION | COMPONENT_VERSION, Some(_)) => {
                return Err(malformed("a nested module or component has the other's header", start))
            }
            _ => {
                return Err(Error::new(
                    ErrorCode::BadVersion,
                    format!("unknown binary version 0x{version:x}; components of version 0x{COMPONENT_VERSION:x} are supported"),
                    Some(start + 4),
                ))
            }
        };
        let number = version as u16;
        self.validator
            .version(number, encoding, &(start..start + 8))
            .map_err(invalid)?;
        self.open(encoding, start);
        self.next()
    }

    fn open(&mut self, encoding: Encoding, start: u64) {
        let end = self.expected.take().map(|(_, end)| end);
        let (open, path) = match encoding {
            Encoding::Module => (
                Open::Module(ModuleBuilder::new(start)),
                format!("core module {}", self.modules.len()),
            ),
            Encoding::Component => {
                let id = ComponentId(self.components.len() as u32);
                self.components.push(Component::default());
                (
                    Open::Component(ComponentBuilder::new(id)),
                    format!("component {}", id.0),
                )
            }
        };
        self.levels.push(Level { open, end, path });
    }

    fn section_start(&mut self, bytes: &[u8], start: u64) -> Result<(), Error> {
        let (id, first) = (bytes[0], bytes[1]);
        if id & 0x80 != 0 {
            return Err(malformed(format!("malformed section id {id}"), start));
        }
        self.section_length(start, id, 0, 0, first)
    }

    /// One more byte of a section's LEB128 length.
    fn section_length(
        &mut self,
        start: u64,
        id: u8,
        n: u64,
        len: u64,
        byte: u8,
    ) -> Result<(), Error> {
        if n == 4 && byte > 0x0f {
            return Err(malformed("a section's length is not a u32", start + 1));
        }
        let len = len | u64::from(byte & 0x7f) << (7 * n);
        if byte & 0x80 != 0 {
            self.state = State::SectionLength {
                start,
                id,
                bytes: n + 1,
                len,
            };
            return Ok(());
        }
        if self.end().is_some_and(|end| self.pos + len > end) {
            return Err(malformed(
                format!("section {id} of {len} bytes goes past the end of what holds it"),
                start,
            ));
        }
        self.section(id, len, start)
    }

    /// Decides what to do with a section whose content starts here.
    fn section(&mut self, id: u8, len: u64, start: u64) -> Result<(), Error> {
        let range = self.pos..self.pos + len;
        let level = self.levels.last_mut().expect("a section is inside a level");
        match &mut level.open {
            _ if id == 0 => {
                if len == 0 {
                    return Err(malformed("a custom section without a name", start));
                }
                self.state = State::Custom { len };
                return Ok(());
            }
            Open::Component(_) if id == 1 && self.whole => {}
            Open::Component(_) if id == 1 || id == 4 => {
                let encoding = match id {
                    1 => Encoding::Module,
                    _ => Encoding::Component,
                };
                match id {
                    1 => self.validator.module_section(&range),
                    _ => self.validator.component_section(&range),
                }
                .map_err(invalid)?;
                self.expected = Some((encoding, range.end));
                self.state = State::Header;
                if len < 8 {
                    return Err(malformed(
                        "a nested module or component is shorter than its header",
                        start,
                    ));
                }
                return Ok(());
            }
            Open::Module(module) => {
                if !module.enter(id, len, start)? {
                    self.pos += len;
                    self.to_skip += len;
                    return self.next();
                }
            }
            Open::Component(_) => {}
        }
        if len == 0 {
            return self.body(id, &[], self.pos);
        }
        self.state = State::Body { id, len };
        Ok(())
    }

    fn body(&mut self, id: u8, bytes: &[u8], start: u64) -> Result<(), Error> {
        let level = self.levels.last_mut().expect("a section is inside a level");
        match &mut level.open {
            Open::Module(module) => {
                const START: u8 = 8;
                if id != START {
                    let reader = BinaryReader::new_features(bytes, start, self.features);
                    super::plausible_count(reader)?;
                }
                module
                    .section(id, bytes, start, self.features, &mut self.validator)
                    .map_err(invalid)?;
            }
            Open::Component(_) if id == 1 => return self.whole_module(bytes, start),
            Open::Component(component) => component.section(
                id,
                bytes,
                start,
                self.features,
                &mut self.validator,
                &mut self.importer,
                &mut self.components,
            )?,
        }
        self.next()
    }

    /// `validate`: a core module that is at hand as a whole.
    fn whole_module(&mut self, bytes: &[u8], start: u64) -> Result<(), Error> {
        #[cfg(not(target_arch = "wasm32"))]
        module_validator(bytes, start, self.features)
            .map_err(|e| invalid(e).within(format!("core module {}", self.modules.len())))?;
        let (end, outer) = (start + bytes.len() as u64, self.pos);
        self.validator
            .module_section(&(start..end))
            .map_err(invalid)?;
        self.expected = Some((Encoding::Module, end));
        self.pos = start;
        self.state = State::Header;
        self.whole = false;
        let depth = self.levels.len();
        while self.pos < end || self.levels.len() > depth {
            let at = (self.pos - start) as usize;
            let chunk = &bytes[at..bytes.len().min(at + self.want() as usize)];
            let state = std::mem::replace(&mut self.state, State::Failed);
            self.step(state, chunk)?;
        }
        self.to_skip = 0;
        self.whole = true;
        debug_assert_eq!(self.pos, outer);
        Ok(())
    }

    fn custom(&mut self, bytes: &[u8], len: u64) -> Result<(), Error> {
        let name = custom_name(bytes).map_err(|m| malformed(m, self.pos - bytes.len() as u64))?;
        if let Some(Err(_)) = name.map(std::str::from_utf8) {
            return Err(malformed(
                "malformed UTF-8 encoding in a custom section's name",
                self.pos,
            ));
        }
        let rest = len - bytes.len() as u64;
        if name == Some(DOCS_SECTION) && self.levels.len() == 1 {
            if rest == 0 {
                self.keep_docs(bytes);
                return self.next();
            }
            self.state = State::Docs {
                head: bytes.to_vec(),
                len,
            };
            return Ok(());
        }
        self.pos += rest;
        self.to_skip += rest;
        self.next()
    }

    fn keep_docs(&mut self, section: &[u8]) {
        // The name's length takes one byte, a version byte precedes the JSON.
        let json = section
            .get(1 + DOCS_SECTION.len() + 1..)
            .unwrap_or_default();
        self.docs = std::str::from_utf8(json).ok().map(String::from);
    }

    fn end(&self) -> Option<u64> {
        self.levels.last().and_then(|l| l.end)
    }

    /// After a section: closes what ends here, then expects the next section.
    fn next(&mut self) -> Result<(), Error> {
        while self.end() == Some(self.pos) {
            self.close()?;
        }
        self.state = State::SectionStart;
        Ok(())
    }

    fn close(&mut self) -> Result<(), Error> {
        let level = self.levels.last().expect("only an open level is closed");
        if let Open::Module(module) = &level.open {
            module.check_counts(self.pos)?;
        }
        let types = self.validator.end(self.pos).map_err(invalid)?;
        let level = self.levels.pop().expect("only an open level is closed");
        let parent = self.levels.last().map(|l| match &l.open {
            Open::Component(c) => c.id,
            Open::Module(_) => unreachable!("core modules hold no modules or components"),
        });
        match level.open {
            Open::Module(module) => {
                let index = self.modules.len();
                self.modules.push(module.finish(self.pos, types.as_ref()));
                if let Some(parent) = parent {
                    ComponentBuilder::add_module(&mut self.components, parent, index, self.pos);
                }
            }
            Open::Component(component) => {
                if let Some(parent) = parent {
                    ComponentBuilder::add_component(
                        &mut self.components,
                        parent,
                        component.id,
                        self.pos,
                    );
                }
            }
        }
        Ok(())
    }
}

#[cold]
fn bad_magic(offset: u64) -> Error {
    Error::new(
        ErrorCode::BadMagic,
        "this is not WebAssembly: it does not start with `\\0asm`",
        Some(offset),
    )
}

/// The name of a custom section, or nothing when it is longer than what was read.
fn custom_name(bytes: &[u8]) -> Result<Option<&[u8]>, &'static str> {
    let (mut len, mut at) = (0u64, 0);
    loop {
        let byte = *bytes
            .get(at)
            .ok_or("unexpected end of a custom section's name")?;
        if at == 4 && byte > 0x0f {
            return Err("the length of a custom section's name is not a u32");
        }
        len |= u64::from(byte & 0x7f) << (7 * at);
        at += 1;
        if byte & 0x80 == 0 {
            break;
        }
    }
    match bytes.get(at..).and_then(|b| b.get(..len as usize)) {
        Some(name) => Ok(Some(name)),
        None if (bytes.len() as u64) < CUSTOM_PEEK => {
            Err("a custom section's name goes past its end")
        }
        None => Ok(None),
    }
}

/// Validates a core module to the last function body. Not in the Wasm build: there the engine is asked, and a third of
/// wasmparser stays out of the download.
#[cfg(not(target_arch = "wasm32"))]
fn module_validator(bytes: &[u8], start: u64, features: WasmFeatures) -> wasmparser::Result<()> {
    let mut parser = wasmparser::Parser::new(start);
    parser.set_features(features);
    let mut validator = Validator::new_with_features(features);
    let mut allocs = wasmparser::FuncValidatorAllocations::default();
    for payload in parser.parse_all(bytes) {
        if let wasmparser::ValidPayload::Func(func, body) = validator.payload(&payload?)? {
            let mut func = func.into_validator(allocs);
            func.validate(&body)?;
            allocs = func.into_allocations();
        }
    }
    Ok(())
}
