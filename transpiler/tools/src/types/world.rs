//! A world's files: which interface goes where, who owns a resource's class, and what the module's own file says. Spells no
//! type.

use super::blocking::may_block;
use super::interface::{Printer, Way};
use super::spell::{structure, Homes, Owner, Speller};
use super::{Instantiation, TypesOptions};
use crate::names::{camel, is_identifier, key, pascal, quote, unused};
use anyhow::{bail, Result};
use std::collections::{BTreeMap, BTreeSet};
use wit_bindgen_core::{Files, Source, WorldGenerator};
use wit_parser::{
    Docs, Function, FunctionKind, InterfaceId, Resolve, TypeDefKind, TypeId, WorldId, WorldItem,
    WorldKey,
};

/// The declarations of one world.
pub struct Declarations<'o> {
    options: &'o TypesOptions,
    /// Base name of the module's own file.
    name: String,
    homes: Homes,
    /// The file of each interface of the world: whether imported, its key's name, the file without folder and ending.
    interfaces: Vec<(bool, String, String)>,
    /// Types of the root.
    types: Vec<(String, TypeId)>,
    /// Some import may have to wait; then so may every export.
    blocks: bool,
}

impl<'o> Declarations<'o> {
    pub fn new(name: String, options: &'o TypesOptions) -> Self {
        Declarations {
            options,
            name,
            homes: Homes::default(),
            interfaces: Vec::new(),
            types: Vec::new(),
            blocks: false,
        }
    }

    fn printer<'a>(&'a self, resolve: &'a Resolve, here: Option<&'a str>) -> Printer<'a> {
        Printer {
            spell: Speller {
                resolve,
                homes: &self.homes,
                here,
                module: &self.name,
                names: BTreeMap::new(),
                declared: BTreeSet::new(),
            },
            ambient: false,
            out: Source::default(),
        }
    }

    /// Prints the file of an interface.
    fn interface(
        &mut self,
        resolve: &Resolve,
        key: &WorldKey,
        id: InterfaceId,
        import: bool,
        files: &mut Files,
    ) -> Result<()> {
        let interface = &resolve.interfaces[id];
        let name = resolve.name_world_key(key);
        let file = file_name(&name, |n| {
            self.interfaces.iter().any(|(_, _, file)| file == n)
        });
        self.interfaces.push((import, name.clone(), file.clone()));
        let module = (self.options.guest && import).then(|| name.clone());
        for (ty, id) in &interface.types {
            self.own(
                resolve,
                *id,
                Owner {
                    file: Some(file.clone()),
                    name: pascal(ty),
                    module: module.clone(),
                },
            );
        }
        let functions: Vec<&Function> = interface.functions.values().collect();
        refuse_accessors(&functions)?;
        let blocks = |function: &str| {
            let listed = &self.options.async_imports;
            let any = if import {
                may_block(&name, function, listed)
            } else {
                self.blocks
            };
            any && !self.options.guest
        };
        let way = Way {
            implemented: import != self.options.guest,
            blocks: &blocks,
        };
        let mut out = self.printer(resolve, Some(&file));
        module_comment(&mut out, &interface.docs, &name);
        if let Some(module) = &module {
            out.ambient = true;
            out.open(&format!("declare module {} {{", quote(module)));
        }
        for (name, id) in &interface.types {
            out.declare(name, *id);
        }
        for (name, id) in &interface.types {
            out.type_declaration(name, *id, &functions, way);
        }
        for function in functions.iter().filter(|f| f.kind.resource().is_none()) {
            out.function(function, way);
        }
        if module.is_some() {
            out.close("}");
        } else if interface.types.is_empty() && functions.is_empty() {
            out.line("export {};");
        }
        files.push(
            &format!("interfaces/{file}.d.ts"),
            out.out.as_str().as_bytes(),
        );
        Ok(())
    }

    /// Notes where the class of a resource or a structure is declared; the first place counts.
    fn own(&mut self, resolve: &Resolve, id: TypeId, owner: Owner) {
        let root = wit_bindgen_core::dealias(resolve, id);
        if matches!(resolve.types[root].kind, TypeDefKind::Resource) {
            self.homes.classes.entry(root).or_insert(owner);
        } else if let (Some(structure), true) = (structure(resolve, root), owner.file.is_some()) {
            self.homes.types.entry(structure).or_insert(owner);
        }
    }

    /// A guest imports a function of the root as a module of its own.
    fn guest_function(&mut self, resolve: &Resolve, function: &Function, files: &mut Files) {
        let file = file_name(&function.name, |n| {
            self.interfaces.iter().any(|(_, _, file)| file == n)
        });
        self.interfaces
            .push((true, function.name.clone(), file.clone()));
        let mut out = self.printer(resolve, Some(&file));
        out.open(&format!("declare module {} {{", quote(&function.name)));
        let signature = out.signature(
            function,
            0,
            Way {
                implemented: false,
                blocks: &|_| false,
            },
        );
        out.docs(&function.docs, &[]);
        out.line(&format!("export default function {signature};"));
        out.close("}");
        files.push(
            &format!("interfaces/{file}.d.ts"),
            out.out.as_str().as_bytes(),
        );
    }

    fn file_of(&self, import: bool, name: &str) -> String {
        let found = self
            .interfaces
            .iter()
            .find(|(way, have, _)| *way == import && have == name);
        found.map_or_else(|| file_name(name, |_| false), |(_, _, file)| file.clone())
    }
}

/// What the module's own file is made of.
struct Root<'a, 'o> {
    world: &'o Declarations<'o>,
    resolve: &'a Resolve,
    id: WorldId,
    out: Printer<'a>,
}

impl Root<'_, '_> {
    fn types(&mut self, way: Way) {
        let world = &self.resolve.worlds[self.id];
        let functions: Vec<&Function> = world
            .imports
            .values()
            .filter_map(|item| match item {
                WorldItem::Function(f) => Some(f),
                _ => None,
            })
            .collect();
        for (name, id) in &self.world.types {
            self.out.declare(name, *id);
        }
        for (name, id) in &self.world.types {
            self.out.type_declaration(name, *id, &functions, way);
        }
    }

    fn interface_type(&self, import: bool, name: &str) -> String {
        format!(
            "typeof import('./interfaces/{}.js')",
            self.world.file_of(import, name)
        )
    }

    /// `ImportObject`: what the code looks up.
    fn import_object(&mut self, way: Way) {
        self.out.open("export interface ImportObject {");
        for (world_key, item) in &self.resolve.worlds[self.id].imports {
            let name = self.resolve.name_world_key(world_key);
            let ty = match item {
                WorldItem::Interface { id, .. } if has_values(self.resolve, *id) => {
                    self.interface_type(true, &name)
                }
                WorldItem::Function(f) if f.kind.resource().is_none() => {
                    let f = self.out.arrow(f, way);
                    format!("({f}) | {{ default: {f} }}")
                }
                // One that is only another name is read from where it is defined.
                WorldItem::Type { id, .. } if self.is_resource(*id) => {
                    format!("typeof {}", self.out.spell.class(*id))
                }
                _ => continue,
            };
            self.out.line(&format!("{}: {ty};", key(&name)));
        }
        self.out.close("}");
        self.out.line("");
    }

    fn is_resource(&self, id: TypeId) -> bool {
        matches!(self.resolve.types[id].kind, TypeDefKind::Resource)
    }

    /// What `instantiate` returns, or a guest has to export.
    fn exports_interface(&mut self, name: &str, full_names: bool, way: Way) {
        self.out.open(&format!("export interface {name} {{"));
        let mut taken = BTreeSet::new();
        for (world_key, item) in &self.resolve.worlds[self.id].exports {
            let name = self.resolve.name_world_key(world_key);
            let (names, ty) = match item {
                WorldItem::Interface { .. } => (
                    vec![camel(short_name(&name)), name.clone()],
                    self.interface_type(false, &name),
                ),
                WorldItem::Function(f) if f.kind.resource().is_none() => {
                    (vec![camel(&f.name)], self.out.arrow(f, way))
                }
                _ => continue,
            };
            for name in names.into_iter().take(if full_names { 2 } else { 1 }) {
                if taken.insert(name.clone()) {
                    if let WorldItem::Function(f) = item {
                        self.out.docs(&f.docs, &[]);
                    }
                    self.out.line(&format!("{}: {ty};", key(&name)));
                }
            }
        }
        self.out.close("}");
    }

    fn instantiate(&mut self, mode: Instantiation) {
        let (module, instance, root) = match mode {
            Instantiation::Async => (
                "WebAssembly.Module | Promise<WebAssembly.Module>",
                "WebAssembly.Instance | Promise<WebAssembly.Instance>",
                "Promise<Root>",
            ),
            Instantiation::Sync => ("WebAssembly.Module", "WebAssembly.Instance", "Root"),
        };
        self.out.line("");
        self.out.open("export function instantiate(");
        self.out
            .line(&format!("getCoreModule: (path: string) => {module},"));
        self.out.line("imports: ImportObject,");
        self.out.line(&format!(
            "instantiateCore?: (module: WebAssembly.Module, imports: WebAssembly.Imports) => {instance},"
        ));
        self.out.close(&format!("): {root};"));
    }

    /// The ES form's exports.
    fn module_exports(&mut self, way: Way) {
        let mut taken = BTreeSet::new();
        for (world_key, item) in &self.resolve.worlds[self.id].exports {
            let name = self.resolve.name_world_key(world_key);
            match item {
                WorldItem::Interface { .. } => {
                    let file = self.world.file_of(false, &name);
                    for name in [camel(short_name(&name)), name] {
                        if taken.insert(name.clone()) {
                            let name = if is_identifier(&name) {
                                name
                            } else {
                                quote(&name)
                            };
                            self.out.line(&format!(
                                "export * as {name} from './interfaces/{file}.js';"
                            ));
                        }
                    }
                }
                WorldItem::Function(f)
                    if f.kind.resource().is_none() && taken.insert(camel(&f.name)) =>
                {
                    self.out.function(f, way);
                }
                _ => {}
            }
        }
        self.out.line("export {};");
    }

    /// A guest's imports are ambient modules: the file that a guest includes brings them along.
    fn references(&mut self) {
        for (import, _, file) in &self.world.interfaces {
            if *import {
                self.out.line(&format!(
                    "/// <reference path=\"./interfaces/{file}.d.ts\" />"
                ));
            }
        }
    }
}

impl WorldGenerator for Declarations<'_> {
    fn preprocess(&mut self, resolve: &Resolve, world: WorldId) -> Result<()> {
        let listed = &self.options.async_imports;
        let imports = &resolve.worlds[world].imports;
        self.blocks = imports.iter().any(|(key, item)| match item {
            WorldItem::Interface { id, .. } => {
                let name = resolve.name_world_key(key);
                let mut functions = resolve.interfaces[*id].functions.keys();
                functions.any(|f| may_block(&name, f, listed))
            }
            WorldItem::Function(f) => may_block(&f.name, &f.name, listed),
            WorldItem::Type { .. } => false,
        });
        Ok(())
    }

    fn import_interface(
        &mut self,
        resolve: &Resolve,
        name: &WorldKey,
        id: InterfaceId,
        files: &mut Files,
    ) -> Result<()> {
        self.interface(resolve, name, id, true, files)
    }

    fn export_interface(
        &mut self,
        resolve: &Resolve,
        name: &WorldKey,
        id: InterfaceId,
        files: &mut Files,
    ) -> Result<()> {
        self.interface(resolve, name, id, false, files)
    }

    fn import_types(
        &mut self,
        resolve: &Resolve,
        _: WorldId,
        types: &[(&str, TypeId)],
        _: &mut Files,
    ) -> Result<()> {
        for (name, id) in types {
            self.own(
                resolve,
                *id,
                Owner {
                    file: None,
                    name: pascal(name),
                    module: None,
                },
            );
            self.types.push(((*name).to_string(), *id));
        }
        Ok(())
    }

    fn import_funcs(
        &mut self,
        resolve: &Resolve,
        _: WorldId,
        funcs: &[(&str, &Function)],
        files: &mut Files,
    ) -> Result<()> {
        let functions: Vec<&Function> = funcs.iter().map(|(_, f)| *f).collect();
        refuse_accessors(&functions)?;
        if self.options.guest {
            for function in functions {
                self.guest_function(resolve, function, files);
            }
        }
        Ok(())
    }

    fn export_funcs(
        &mut self,
        _: &Resolve,
        _: WorldId,
        funcs: &[(&str, &Function)],
        _: &mut Files,
    ) -> Result<()> {
        refuse_accessors(&funcs.iter().map(|(_, f)| *f).collect::<Vec<_>>())
    }

    fn finish(&mut self, resolve: &Resolve, id: WorldId, files: &mut Files) -> Result<()> {
        let text = {
            let mut root = Root {
                world: self,
                resolve,
                id,
                out: self.printer(resolve, None),
            };
            let waits =
                |f: &str| !self.options.guest && may_block(f, f, &self.options.async_imports);
            let blocks = |_: &str| self.blocks && !self.options.guest;
            let given = Way {
                implemented: !self.options.guest,
                blocks: &waits,
            };
            let taken = Way {
                implemented: self.options.guest,
                blocks: &blocks,
            };
            let docs = &resolve.worlds[id].docs;
            if self.options.guest {
                root.references();
                root.types(given);
                root.out.docs(docs, &[]);
                root.exports_interface(&pascal(&resolve.worlds[id].name), false, taken);
            } else if let Some(mode) = self.options.instantiation {
                root.types(given);
                root.import_object(given);
                root.out.docs(docs, &[]);
                root.exports_interface("Root", true, taken);
                root.instantiate(mode);
            } else {
                root.types(given);
                root.module_exports(taken);
            }
            String::from(root.out.out)
        };
        files.push(&format!("{}.d.ts", self.name), text.as_bytes());
        Ok(())
    }
}

/// `wasi:io/streams@0.2.3` → `wasi-io-streams`, and a number where that is taken.
fn file_name(name: &str, taken: impl Fn(&str) -> bool) -> String {
    let base = plain(name)
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
        .collect();
    unused(base, taken)
}

/// A name without its version.
fn plain(name: &str) -> &str {
    name.split('@').next().unwrap_or(name)
}

/// The last part of an interface's name.
fn short_name(name: &str) -> &str {
    let path = plain(name);
    path.rsplit(['/', ':']).next().unwrap_or(path)
}

/// Whether anything of the interface exists at run time.
fn has_values(resolve: &Resolve, id: InterfaceId) -> bool {
    let interface = &resolve.interfaces[id];
    let mut types = interface.types.values();
    !interface.functions.is_empty()
        || types.any(|id| matches!(resolve.types[*id].kind, TypeDefKind::Resource))
}

/// Getters and setters have no JavaScript yet.
fn refuse_accessors(functions: &[&Function]) -> Result<()> {
    use FunctionKind::{
        AsyncFreestanding, AsyncMethod, AsyncStatic, Constructor, Freestanding, Method, Static,
    };
    for function in functions {
        match function.kind {
            Freestanding | AsyncFreestanding | Method(_) | AsyncMethod(_) | Static(_)
            | AsyncStatic(_) | Constructor(_) => {}
            _ => bail!("getters and setters are not supported: {}", function.name),
        }
    }
    Ok(())
}

fn module_comment(out: &mut Printer, docs: &Docs, name: &str) {
    out.docs(docs, &[format!("@module Interface {name}")]);
}
