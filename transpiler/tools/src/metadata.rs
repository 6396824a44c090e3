//! `metadata show` and `metadata add`: names, producers and the annotations that registries read (custom sections of one
//! string each), of a module or a component and all inside it. The code itself is not looked at.

use crate::error::{Error, Result};
use crate::input::File;
use crate::text;
use serde_json::{json, Map, Value};
use std::fmt::Write;
use std::ops::Range;
use wasm_metadata::{AddMetadata, AddMetadataField, ComponentNames, ModuleNames, Producers};
use wasmparser::{Encoding, KnownCustom, Parser, Payload};

/// The annotations, in the order they are shown. Each is a custom section of that name, at the outermost level.
pub const ANNOTATIONS: &[&str] = &[
    "authors",
    "description",
    "licenses",
    "source",
    "homepage",
    "revision",
    "version",
];

/// A core module or component, and what it says about itself.
struct Item {
    component: bool,
    range: Range<u64>,
    name: Option<String>,
    producers: Option<Producers>,
    annotations: Vec<(&'static str, String)>,
    children: Vec<Item>,
}

/// As JSON in the shape of wasm-tools', or as indented lines.
pub fn show(file: &File, as_json: bool) -> Result<String> {
    let wasm = text::binary(file)?;
    let item = read(&wasm).map_err(|e| Error::from_anyhow("invalid", &e).at(&file.path))?;
    Ok(if as_json {
        item.json().to_string()
    } else {
        let mut out = String::new();
        item.describe(0, &mut out);
        out
    })
}

fn read(wasm: &[u8]) -> anyhow::Result<Item> {
    let mut open: Vec<Item> = Vec::new();
    let mut next = 0..wasm.len() as u64;
    for payload in Parser::new(0).parse_all(wasm) {
        match payload? {
            Payload::Version { encoding, .. } => open.push(Item {
                component: encoding == Encoding::Component,
                range: next.clone(),
                name: None,
                producers: None,
                annotations: Vec::new(),
                children: Vec::new(),
            }),
            Payload::ModuleSection {
                unchecked_range, ..
            }
            | Payload::ComponentSection {
                unchecked_range, ..
            } => next = unchecked_range,
            Payload::CustomSection(section) => {
                if let Some(item) = open.last_mut() {
                    item.note(&section)?;
                }
            }
            Payload::End(_) => match (open.pop(), open.last_mut()) {
                (Some(item), Some(parent)) => parent.children.push(item),
                (Some(item), None) => return Ok(item),
                (None, _) => break,
            },
            _ => {}
        }
    }
    anyhow::bail!("it ends too early")
}

impl Item {
    fn note(&mut self, section: &wasmparser::CustomSectionReader<'_>) -> anyhow::Result<()> {
        let (data, offset) = (section.data(), section.data_offset());
        match section.as_known() {
            KnownCustom::Name(_) => {
                self.name = ModuleNames::from_bytes(data, offset)?.get_name().cloned()
            }
            KnownCustom::ComponentName(_) => {
                self.name = ComponentNames::from_bytes(data, offset)?
                    .get_name()
                    .cloned();
            }
            KnownCustom::Producers(_) => {
                self.producers = Some(Producers::from_bytes(data, offset)?)
            }
            _ => {
                if let Some(key) = ANNOTATIONS.iter().find(|key| **key == section.name()) {
                    self.annotations
                        .push((key, String::from_utf8_lossy(data).into_owned()));
                }
            }
        }
        Ok(())
    }

    fn kind(&self) -> &'static str {
        if self.component {
            "component"
        } else {
            "module"
        }
    }

    fn json(&self) -> Value {
        let mut metadata = Map::new();
        metadata.insert("name".into(), json!(self.name));
        let producers = self.producers.as_ref().map(|producers| {
            let fields = producers.iter().map(|(field, values)| {
                let values: Map<String, Value> =
                    values.iter().map(|(k, v)| (k.clone(), json!(v))).collect();
                json!([field, values])
            });
            fields.collect::<Vec<_>>()
        });
        metadata.insert("producers".into(), json!(producers));
        for key in ANNOTATIONS {
            let value = self
                .annotations
                .iter()
                .find(|(k, _)| k == key)
                .map(|(_, value)| value);
            metadata.insert((*key).into(), json!(value));
        }
        metadata.insert(
            "range".into(),
            json!({ "start": self.range.start, "end": self.range.end }),
        );
        let inner = if self.component {
            let children: Vec<Value> = self.children.iter().map(Item::json).collect();
            json!({ "metadata": metadata, "children": children })
        } else {
            Value::Object(metadata)
        };
        Value::Object(Map::from_iter([(self.kind().to_string(), inner)]))
    }

    /// The recursion is as deep as components are nested, which the parser limits.
    fn describe(&self, depth: usize, out: &mut String) {
        let pad = "  ".repeat(depth);
        let name = self
            .name
            .as_deref()
            .map(|name| format!(" {name}"))
            .unwrap_or_default();
        let size = self.range.end.saturating_sub(self.range.start);
        let mut line =
            |text: String| writeln!(out, "{pad}{text}").expect("a String takes any text");
        line(format!(
            "{}{name}: {size} bytes at 0x{:x}",
            self.kind(),
            self.range.start
        ));
        for (key, value) in &self.annotations {
            line(format!("  {key}: {value}"));
        }
        for (field, values) in self.producers.iter().flat_map(Producers::iter) {
            let values = values.iter().map(|(name, version)| {
                if version.is_empty() {
                    name.clone()
                } else {
                    format!("{name} {version}")
                }
            });
            line(format!(
                "  {field}: {}",
                values.collect::<Vec<_>>().join(", ")
            ));
        }
        for child in &self.children {
            child.describe(depth + 1, out);
        }
    }
}

/// What `metadata add` changes.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    /// The name in the name section.
    pub name: Option<String>,
    /// Names and versions for the producers section.
    pub language: Vec<(String, String)>,
    pub processed_by: Vec<(String, String)>,
    pub sdk: Vec<(String, String)>,
    /// Annotations: a key of [`ANNOTATIONS`], and what it becomes; none removes it.
    pub annotations: Vec<(String, Option<String>)>,
}

/// The module or component with its outermost metadata changed.
pub fn add(file: &File, changes: &Changes) -> Result<Vec<u8>> {
    let wasm = text::binary(file)?;
    let failed = |e: anyhow::Error| Error::from_anyhow("invalid", &e).at(&file.path);
    if let Some((key, _)) = changes
        .annotations
        .iter()
        .find(|(key, _)| !ANNOTATIONS.contains(&key.as_str()))
    {
        return Err(Error::new(
            "options",
            format!("no annotation is called {key}"),
        ));
    }
    let mut named = AddMetadata::default();
    if let Some(name) = &changes.name {
        named.name = AddMetadataField::Set(name.clone());
    }
    named.language.clone_from(&changes.language);
    named.processed_by.clone_from(&changes.processed_by);
    named.sdk.clone_from(&changes.sdk);
    let wasm = named.to_wasm(&wasm).map_err(failed)?;
    annotate(&wasm, &changes.annotations).map_err(failed)
}

/// Replaces outermost custom sections; the new ones stand at the end.
fn annotate(wasm: &[u8], annotations: &[(String, Option<String>)]) -> anyhow::Result<Vec<u8>> {
    let mut out = Vec::with_capacity(wasm.len());
    let mut copied = 0;
    let mut depth = 0usize;
    for payload in Parser::new(0).parse_all(wasm) {
        match payload? {
            Payload::Version { .. } => depth += 1,
            Payload::End(_) => depth = depth.saturating_sub(1),
            Payload::CustomSection(section)
                if depth == 1 && annotations.iter().any(|(key, _)| key == section.name()) =>
            {
                // The section's own range starts after its id and length.
                let range = section.range();
                let size = range.end - range.start;
                let start = range.start as usize - 1 - leb_len(size);
                out.extend_from_slice(&wasm[copied..start]);
                copied = range.end as usize;
            }
            _ => {}
        }
    }
    out.extend_from_slice(&wasm[copied..]);
    for (key, value) in annotations {
        if let Some(value) = value {
            custom_section(&mut out, key, value);
        }
    }
    Ok(out)
}

/// Bytes that the shortest LEB128 of `value` takes; the encoder in front of this wrote no other.
fn leb_len(value: u64) -> usize {
    (64 - (value | 1).leading_zeros() as usize).div_ceil(7)
}

fn custom_section(out: &mut Vec<u8>, name: &str, value: &str) {
    use wasm_encoder::{CustomSection, Encode, Section};
    let section = CustomSection {
        name: name.into(),
        data: value.as_bytes().into(),
    };
    out.push(section.id());
    section.encode(out);
}
