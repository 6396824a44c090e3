//! `compose`: plugs the exports of components into the imports of another (and of each other), giving one component.
//!
//! The result holds the components as they are. What none of them exports is imported by the result: those imports are worked
//! out as a WIT world (two views of one interface become one; compatible versions too, where that fits), which wit-component
//! encodes as a component type, whose declarations are then written as the result's own. What the components hold inside is
//! never looked at.

use crate::error::{Error, Result};
use crate::input::File;
use crate::text;
use std::borrow::Cow;
use wasm_encoder::reencode::{ReencodeComponent, RoundtripReencoder};
use wasm_encoder::{ComponentBuilder, ComponentExportKind};
use wasmparser::{ComponentType, ComponentTypeDeclaration, ComponentTypeRef, Parser, Payload};
use wit_parser::decoding::{decode, DecodedWasm};
use wit_parser::{Resolve, Span, WorldId, WorldItem};

/// A component to be composed, and what its world says.
struct Part<'a> {
    path: &'a str,
    wasm: Cow<'a, [u8]>,
    world: WorldId,
    imports: Vec<String>,
    exports: Vec<(String, ComponentExportKind)>,
}

/// Where an import of a part comes from.
#[derive(Clone, Copy)]
struct Plug {
    part: usize,
    export: usize,
}

#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Validate the result.
    pub validate: bool,
}

impl Default for Options {
    fn default() -> Self {
        Options { validate: true }
    }
}

/// Plugs `plugs` into `socket`; of several that fit, the first is taken. The result exports what `socket` exports.
pub fn compose(socket: &File, plugs: &[File], options: Options) -> Result<Vec<u8>> {
    if plugs.is_empty() {
        return Err(Error::new(
            "options",
            "nothing to plug in: want at least one dependency",
        ));
    }
    // Where two versions of an interface cannot be seen as one, both are imported.
    attempt(socket, plugs, options, true)
        .or_else(|first| attempt(socket, plugs, options, false).map_err(|_| first))
}

fn attempt(
    socket: &File,
    plugs: &[File],
    options: Options,
    merge_versions: bool,
) -> Result<Vec<u8>> {
    let mut resolve = Resolve::default();
    let mut parts = Vec::new();
    for (index, file) in std::iter::once(socket).chain(plugs).enumerate() {
        parts.push(part(&mut resolve, index, file)?);
    }
    let wiring = wire(&parts)?;
    let order = order(&parts, &wiring)?;
    let world = outer_world(&mut resolve, &parts, &wiring, merge_versions)?;
    let wasm = encode(&resolve, world, &parts, &wiring, &order)?;
    if options.validate {
        let mut validator =
            wasmparser::Validator::new_with_features(wasmparser::WasmFeatures::all());
        validator.validate_all(&wasm).map_err(|e| {
            Error::new(
                "invalid",
                format!("these components do not fit together: {}", e.message()),
            )
        })?;
    }
    Ok(wasm)
}

/// Reads a component and adds its world to `resolve`.
fn part<'a>(resolve: &mut Resolve, index: usize, file: &'a File) -> Result<Part<'a>> {
    let wasm = text::binary(file)?;
    let failed = |e: anyhow::Error| Error::from_anyhow("invalid", &e).at(&file.path);
    if !Parser::is_component(&wasm) {
        return Err(Error::new("invalid", "this is a core module, not a component").at(&file.path));
    }
    let DecodedWasm::Component(mut own, world) = decode(&wasm).map_err(failed)? else {
        return Err(Error::new("invalid", "this is a WIT package, not a component").at(&file.path));
    };
    // Every decoded world stands in a package of the same name: they are kept apart.
    if let Some(package) = own.worlds[world].package {
        let old = own.packages[package].name.clone();
        own.package_names.shift_remove(&old);
        let name = &mut own.packages[package].name;
        name.namespace = "slipway".into();
        name.name = format!("part{index}");
        let name = name.clone();
        own.package_names.insert(name, package);
    }
    let remap = resolve.merge(own).map_err(failed)?;
    let world = remap
        .map_world(world, Span::default())
        .map_err(|e| failed(e.into()))?;
    let items = &resolve.worlds[world];
    let imports = items
        .imports
        .iter()
        .filter(|(_, item)| !matches!(item, WorldItem::Type { .. }));
    Ok(Part {
        path: &file.path,
        imports: imports
            .map(|(key, _)| resolve.name_world_key(key))
            .collect(),
        exports: items
            .exports
            .iter()
            .map(|(key, item)| (resolve.name_world_key(key), kind(item)))
            .collect(),
        wasm,
        world,
    })
}

fn kind(item: &WorldItem) -> ComponentExportKind {
    match item {
        WorldItem::Interface { .. } => ComponentExportKind::Instance,
        WorldItem::Function(_) => ComponentExportKind::Func,
        WorldItem::Type { .. } => ComponentExportKind::Type,
    }
}

/// For each import of each part, the plug that satisfies it, if any. The socket's own exports plug nothing.
fn wire(parts: &[Part]) -> Result<Vec<Vec<Option<Plug>>>> {
    let find = |user: usize, import: &str, fits: &dyn Fn(&str, &str) -> bool| {
        (1..parts.len())
            .filter(|part| *part != user)
            .find_map(|part| {
                let export = parts[part]
                    .exports
                    .iter()
                    .position(|(name, _)| fits(name, import))?;
                Some(Plug { part, export })
            })
    };
    let wiring: Vec<Vec<Option<Plug>>> = parts
        .iter()
        .enumerate()
        .map(|(user, part)| {
            let imports = part.imports.iter();
            imports
                .map(|name| {
                    find(user, name, &|a, b| a == b).or_else(|| find(user, name, &compatible))
                })
                .collect()
        })
        .collect();
    for (index, part) in parts.iter().enumerate().skip(1) {
        if !wiring
            .iter()
            .flatten()
            .flatten()
            .any(|plug| plug.part == index)
        {
            return Err(
                Error::new("options", "nothing imports what this component exports").at(part.path),
            );
        }
    }
    Ok(wiring)
}

/// Whether an export of version `a` can stand for an import of version `b`: same name, same major version (same minor one
/// below 1.0), no pre-release.
fn compatible(a: &str, b: &str) -> bool {
    let track = |name: &str| -> Option<(String, String)> {
        let (name, version) = name.split_once('@')?;
        let parts: Vec<&str> = version.split(['-', '+']).next()?.split('.').collect();
        let track = match parts.as_slice() {
            _ if version.contains('-') => return None,
            ["0", "0", _] => return None,
            ["0", minor, _] => format!("0.{minor}"),
            [major, _, _] => (*major).to_string(),
            _ => return None,
        };
        Some((name.to_string(), track))
    };
    track(a).is_some_and(|a| track(b) == Some(a))
}

/// The order in which parts are instantiated; the socket comes last.
fn order(parts: &[Part], wiring: &[Vec<Option<Plug>>]) -> Result<Vec<usize>> {
    let mut order: Vec<usize> = Vec::new();
    while order.len() < parts.len() {
        let ready = (0..parts.len()).rev().find(|part| {
            !order.contains(part)
                && wiring[*part]
                    .iter()
                    .flatten()
                    .all(|plug| order.contains(&plug.part))
        });
        match ready {
            Some(part) => order.push(part),
            None => {
                let stuck: Vec<&str> = (0..parts.len())
                    .filter(|i| !order.contains(i))
                    .map(|i| parts[i].path)
                    .collect();
                let message = format!(
                    "these components import from each other in a circle: {}",
                    stuck.join(", ")
                );
                return Err(Error::new("invalid", message));
            }
        }
    }
    Ok(order)
}

/// The world of what nothing plugs.
fn outer_world(
    resolve: &mut Resolve,
    parts: &[Part],
    wiring: &[Vec<Option<Plug>>],
    merge_versions: bool,
) -> Result<WorldId> {
    let failed = |e: &anyhow::Error| Error::from_anyhow("invalid", e);
    for (part, wires) in parts.iter().zip(wiring) {
        let mut plugged = wires.iter();
        let world = &mut resolve.worlds[part.world];
        world.exports.clear();
        world.imports.retain(|_, item| {
            matches!(item, WorldItem::Type { .. }) || plugged.next().is_some_and(Option::is_none)
        });
    }
    let outer = parts[0].world;
    for part in &parts[1..] {
        resolve
            .merge_worlds(part.world, outer, &mut Default::default())
            .map_err(|e| failed(&e).at(part.path))?;
    }
    if merge_versions {
        resolve
            .merge_world_imports_based_on_semver(outer)
            .map_err(|e| failed(&e))?;
        Ok(outer)
    } else {
        // Moving no import to the exports only puts them in order and adds what they refer to.
        resolve
            .exportize(outer, None, Some(&|_, _| false))
            .map_err(|e| failed(&e))?;
        Ok(outer)
    }
}

/// Imports, the parts, their instances in order, and the socket's exports.
fn encode(
    resolve: &Resolve,
    world: WorldId,
    parts: &[Part],
    wiring: &[Vec<Option<Plug>>],
    order: &[usize],
) -> Result<Vec<u8>> {
    let mut out = ComponentBuilder::default();
    let imports = declare_imports(&mut out, resolve, world)?;
    let components: Vec<u32> = parts
        .iter()
        .map(|part| out.component_raw(None, &part.wasm))
        .collect();
    let mut instances = vec![0; parts.len()];
    for &index in order {
        let mut args = Vec::new();
        for (name, plug) in parts[index].imports.iter().zip(&wiring[index]) {
            let (kind, item) = match plug {
                Some(plug) => {
                    let (export, kind) = &parts[plug.part].exports[plug.export];
                    (*kind, out.alias_export(instances[plug.part], export, *kind))
                }
                None => lookup(&imports, name)?,
            };
            args.push((name.as_str(), kind, item));
        }
        // Types imported by themselves are passed like the rest.
        for (name, kind, item) in imports
            .iter()
            .filter(|(_, kind, _)| *kind == ComponentExportKind::Type)
        {
            if imports_type(parts, index, name)? {
                args.push((name, *kind, *item));
            }
        }
        instances[index] = out.instantiate(None, components[index], args);
    }
    for (name, kind) in &parts[0].exports {
        let item = out.alias_export(instances[0], name, *kind);
        out.export(name.as_str(), *kind, item, None);
    }
    Ok(out.finish())
}

type Imports = Vec<(String, ComponentExportKind, u32)>;

fn lookup(imports: &Imports, name: &str) -> Result<(ComponentExportKind, u32)> {
    let exact = imports.iter().find(|(have, ..)| have == name);
    let found = exact.or_else(|| imports.iter().find(|(have, ..)| compatible(have, name)));
    found
        .map(|(_, kind, item)| (*kind, *item))
        .ok_or_else(|| Error::new("invalid", format!("the import {name} got lost")))
}

fn imports_type(parts: &[Part], index: usize, name: &str) -> Result<bool> {
    for payload in Parser::new(0).parse_all(&parts[index].wasm) {
        match payload.map_err(|e| Error::new("invalid", e.message()))? {
            Payload::ComponentImportSection(section) => {
                for import in section {
                    let import = import.map_err(|e| Error::new("invalid", e.message()))?;
                    if import.name.name == name {
                        return Ok(true);
                    }
                }
            }
            // A world's imports stand before everything else that has sections inside.
            Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => break,
            _ => {}
        }
    }
    Ok(false)
}

/// Writes the imports of `world` into `out`: declarations of a component type are a component's own sections, with the same
/// index spaces and the same depth.
fn declare_imports(
    out: &mut ComponentBuilder,
    resolve: &Resolve,
    world: WorldId,
) -> Result<Imports> {
    let failed = |e: anyhow::Error| Error::from_anyhow("invalid", &e);
    let encoding = wit_component::StringEncoding::UTF8;
    let encoded =
        wit_component::metadata::encode(resolve, world, encoding, None, false).map_err(failed)?;
    let declarations = world_declarations(&encoded).map_err(failed)?;
    let mut copy = RoundtripReencoder;
    let mut imports = Vec::new();
    let broken = |e: wasm_encoder::reencode::Error| Error::new("invalid", e.to_string());
    for declaration in declarations {
        match declaration {
            ComponentTypeDeclaration::CoreType(ty) => {
                copy.parse_component_core_type(out.core_type(None).1, ty)
                    .map_err(broken)?;
            }
            ComponentTypeDeclaration::Type(ty) => {
                copy.parse_component_type(out.ty(None).1, ty)
                    .map_err(broken)?;
            }
            ComponentTypeDeclaration::Alias(alias) => {
                let alias = copy.component_alias(alias).map_err(broken)?;
                out.alias(None, alias);
            }
            ComponentTypeDeclaration::Import(import) => {
                let kind = match import.ty {
                    ComponentTypeRef::Instance(_) => ComponentExportKind::Instance,
                    ComponentTypeRef::Func(_) => ComponentExportKind::Func,
                    ComponentTypeRef::Type(_) => ComponentExportKind::Type,
                    _ => return Err(Error::new("unsupported", "an import that no WIT world has")),
                };
                let name = import.name.name.to_string();
                let ty = copy.component_type_ref(import.ty).map_err(broken)?;
                imports.push((name, kind, out.import(import.name, ty)));
            }
            ComponentTypeDeclaration::Export { .. } => {}
        }
    }
    Ok(imports)
}

/// wit-component wraps a world's component type in another one, and that in a component.
fn world_declarations(encoded: &[u8]) -> anyhow::Result<Vec<ComponentTypeDeclaration<'_>>> {
    for payload in Parser::new(0).parse_all(encoded) {
        let Payload::ComponentTypeSection(section) = payload? else {
            continue;
        };
        for ty in section {
            let ComponentType::Component(outer) = ty? else {
                continue;
            };
            for declaration in Vec::from(outer) {
                if let ComponentTypeDeclaration::Type(ComponentType::Component(world)) = declaration
                {
                    return Ok(Vec::from(world));
                }
            }
        }
    }
    anyhow::bail!("the encoded world has no component type")
}
