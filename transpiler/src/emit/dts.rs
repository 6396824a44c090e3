//! TypeScript declarations: one file per interface, and the one of the module.
//!
//! Reads the types of imports and exports as the component states them; knows the names that `emit/js` gives, no code. Here:
//! files, interfaces, classes and functions; `types` writes value types, `module` what the module itself takes and gives.

mod module;
mod types;

use super::docs::Docs;
use super::js::host::{short_name, FuncName};
use super::names::{camel, distinct, is_binding, names_of, pascal, unused};
use super::printer::{cat, line, open, Printer};
use crate::map::{Set, Sorted};
use crate::plan::{ExportItem, ExternType, ExternTypeDef, ImportFunc, Plan, ResourceOrigin};
use crate::types::{FuncType, FuncTypeId, ResourceId, Type, TypeId};
use crate::{text, Options};

/// The declarations of one module.
pub struct Dts<'a> {
    plan: &'a Plan,
    options: &'a Options,
    docs: Docs,
    /// The key of the interface being printed in `docs`; empty at the root.
    interface: String,
    /// Interface files: path without folder and ending, and text.
    files: Vec<(String, String)>,
    /// Where a resource's class is declared: an interface file, or none for the module's own, and its name.
    owners: Sorted<ResourceId, (Option<String>, String)>,
    /// Where a named compound type is declared first.
    type_owners: Sorted<TypeId, (String, String)>,
    out: Printer,
    /// The file being printed; none for the module's own.
    here: Option<String>,
    /// Type names of the file being printed.
    names: Sorted<TypeId, String>,
    declared: Set<String>,
}

/// Which way the functions of an interface go.
#[derive(Clone, Copy)]
enum Way<'p> {
    /// Given by the host; the path that the plan has for its functions.
    Import(&'p str),
    Export(&'p [(String, ExportItem)]),
    /// Functions of the root, given or taken.
    Root,
}

/// A component that the host supplies: as `compile` gives one.
const COMPONENT: &str = "{ instantiate(imports: Record<string, any>): any }";

/// `(path, text)` of every declaration file; the module's own comes first.
///
/// Not inlined: in the secondary module (see [`super::needs_secondary`]).
#[inline(never)]
pub fn declarations(plan: &Plan, options: &Options, wanted: &[String]) -> Vec<(String, String)> {
    let mut dts = Dts {
        plan,
        options,
        docs: Docs::parse(plan.docs.as_deref()),
        interface: String::new(),
        files: Vec::new(),
        owners: Sorted::new(),
        type_owners: Sorted::new(),
        out: Printer::new(0, false),
        here: None,
        names: Sorted::new(),
        declared: Set::new(),
    };
    dts.print(wanted);
    let mut all = vec![(cat!(options.name, ".d.ts"), dts.out.out)];
    for (name, text) in dts.files {
        all.push((cat!("interfaces/", name, ".d.ts"), text));
    }
    all
}

impl<'a> Dts<'a> {
    fn print(&mut self, wanted: &[String]) {
        let plan = self.plan;
        // Every interface has a file; imports first, because exports may mention their resources.
        let mut imports: Vec<(&str, &ExternType, Option<String>)> = Vec::new();
        for import in &plan.imports {
            let name = import.name.name.as_str();
            let file = match &import.ty {
                ExternType::Instance(items) => Some(self.interface(name, items, Way::Import(name))),
                ty => {
                    self.own_root(name, ty);
                    None
                }
            };
            imports.push((name, &import.ty, file));
        }
        for export in &plan.exports {
            self.own_root(&export.name.name, &export.ty);
        }
        let mut exports: Vec<(&str, Option<String>)> = Vec::new();
        for export in &plan.exports {
            let file = match (&export.ty, &export.item) {
                (ExternType::Instance(items), ExportItem::Instance(values)) => {
                    Some(self.interface(&export.name.name, items, Way::Export(values)))
                }
                _ => None,
            };
            exports.push((&export.name.name, file));
        }
        self.here = None;
        self.names.clear();
        self.declared.clear();
        self.out = Printer::new(0, false);
        self.root_types();
        if let Some(mode) = self.options.instantiation {
            self.import_object(&imports, wanted);
            self.root_interface(&exports);
            self.instantiate(mode);
        } else {
            self.module_exports(&exports);
        }
    }

    /// Notes a resource of the root.
    fn own_root(&mut self, name: &str, ty: &ExternType) {
        if let ExternType::Type(ExternTypeDef::Resource(r)) = ty {
            self.owners.get_or_insert_with(*r, || (None, pascal(name)));
        }
    }

    /// Prints the file of an interface; its name.
    fn interface(&mut self, name: &str, items: &'a [(String, ExternType)], way: Way) -> String {
        let plain = name.split('@').next().unwrap_or(name);
        let base: String = plain
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
            .collect();
        let file = unused(base, |n| self.files.iter().any(|(f, _)| f == n));
        // Taken before nested interfaces ask.
        self.files.push((file.clone(), String::new()));
        let at = self.files.len() - 1;
        let outer = (
            self.here.replace(file.clone()),
            std::mem::take(&mut self.names),
            std::mem::take(&mut self.declared),
        );
        let out = std::mem::replace(&mut self.out, Printer::new(0, false));
        let outer_interface = std::mem::replace(&mut self.interface, short_name(name).into());
        line!(self.out, "/** @module Interface ", name, " */");
        self.doc(&[]);
        self.interface_items(items, way);
        self.interface = outer_interface;
        if self.out.out.lines().count() == 1 {
            self.out.line("export {};");
        }
        self.files[at].1 = std::mem::replace(&mut self.out, out).out;
        (self.here, self.names, self.declared) = outer;
        file
    }

    /// Prints the docs of something in the interface at hand.
    fn doc(&mut self, path: &[&str]) {
        let here = self.interface.as_str();
        let docs = match (here, path) {
            ("", ["funcs", name]) => self.docs.of_root(name),
            ("", _) => None,
            _ => {
                let whole: Vec<&str> = ["interfaces", here].iter().chain(path).copied().collect();
                self.docs.at(&whole)
            }
        };
        let Some(docs) = docs else { return };
        self.out.line("/**");
        for line in docs.lines() {
            // What would end the comment must not.
            let line = text::replace(line.trim_end(), "*/", "* /");
            self.out.line(cat!(" * ", line).trim_end());
        }
        self.out.line(" */");
    }

    fn interface_items(&mut self, items: &'a [(String, ExternType)], way: Way) {
        let mut nested = Vec::new();
        for (name, ty) in items {
            match ty {
                ExternType::Type(ExternTypeDef::Resource(r)) => {
                    let here = (self.here.clone(), pascal(name));
                    self.declared.insert(here.1.clone());
                    self.owners.get_or_insert_with(*r, || here);
                }
                ExternType::Type(ExternTypeDef::Value(t)) => {
                    self.declared.insert(pascal(name));
                    self.names.get_or_insert_with(*t, || pascal(name));
                    let compound = matches!(
                        self.plan.types.get(*t),
                        Type::Record(_) | Type::Variant(_) | Type::Enum(_) | Type::Flags(_)
                    );
                    if let (true, Some(here)) = (compound, &self.here) {
                        self.type_owners
                            .get_or_insert_with(*t, || (here.clone(), pascal(name)));
                    }
                }
                _ => {}
            }
        }
        for (name, ty) in items {
            match ty {
                ExternType::Type(ExternTypeDef::Value(t)) => self.type_declaration(name, *t),
                ExternType::Type(ExternTypeDef::Resource(r)) => self.class(name, *r, items, way),
                ExternType::Instance(inner) => {
                    let inner_way = match way {
                        Way::Import(_) | Way::Root => way,
                        Way::Export(values) => match values.iter().find(|(n, _)| n == name) {
                            Some((_, ExportItem::Instance(values))) => Way::Export(values),
                            _ => Way::Export(&[]),
                        },
                    };
                    nested.push((name.as_str(), self.interface(name, inner, inner_way)));
                }
                ExternType::Func(f) => {
                    if let FuncName::Plain(f_name) = FuncName::parse(name) {
                        let signature = self.signature(*f, 0, self.blocks(name, way));
                        self.doc(&["funcs", name]);
                        self.function(&camel(f_name), &signature);
                    }
                }
                ExternType::Module => self.constant(name, "WebAssembly.Module"),
                ExternType::Component if matches!(way, Way::Import(_)) => {
                    self.constant(name, COMPONENT)
                }
                ExternType::Value(t) => {
                    let ty = self.ty(*t);
                    self.constant(name, &ty);
                }
                _ => {}
            }
        }
        for (name, file) in nested {
            line!(
                self.out,
                "export * as ",
                camel(short_name(name)),
                " from './",
                file,
                ".js';"
            );
        }
    }

    fn constant(&mut self, name: &str, ty: &str) {
        line!(self.out, "export const ", camel(name), ": ", ty, ";");
    }

    fn function(&mut self, name: &str, signature: &str) {
        if is_binding(name) {
            line!(self.out, "export function ", name, signature, ";");
        } else {
            line!(self.out, "declare function ", name, "_", signature, ";");
            line!(self.out, "export { ", name, "_ as ", name, " };");
        }
    }

    /// Whether a function may answer with a promise.
    fn blocks(&self, name: &str, way: Way) -> bool {
        match way {
            Way::Import(interface) => self.plan.import_funcs.iter().any(|i| {
                i.may_block
                    && i.path.first().is_some_and(|p| p == interface)
                    && i.path.last().is_some_and(|n| n == name)
            }),
            Way::Export(items) => items
                .iter()
                .any(|(n, item)| n == name && self.item_blocks(item)),
            Way::Root => {
                let import = |i: &ImportFunc| i.may_block && i.path.len() == 1 && i.path[0] == name;
                self.plan.import_funcs.iter().any(import)
                    || self
                        .plan
                        .exports
                        .iter()
                        .any(|e| e.name.name == name && self.item_blocks(&e.item))
            }
        }
    }

    fn item_blocks(&self, item: &ExportItem) -> bool {
        match item {
            ExportItem::Lift(lift) => self.plan.lift(*lift).may_block,
            ExportItem::Import(import) => self.plan.import_func(*import).may_block,
            _ => false,
        }
    }

    /// `(a: string, b: number): string`, from parameter `skip` on.
    fn signature(&mut self, f: FuncTypeId, skip: usize, blocks: bool) -> String {
        self.typed(f, skip, blocks, "): ")
    }

    fn typed(&mut self, f: FuncTypeId, skip: usize, blocks: bool, gives: &str) -> String {
        let ty = self.plan.types.func(f).clone();
        let params = self.params(&ty, skip);
        let result = match ty.result.map(|t| (t, self.plan.types.get(t).clone())) {
            None => "void".into(),
            Some((_, Type::Result { ok, .. })) => ok.map_or("void".into(), |t| self.ty(t)),
            Some((t, _)) => self.ty(t),
        };
        let result = if blocks {
            cat!(result, " | ", self.global("Promise"), "<", result, ">")
        } else {
            result
        };
        cat!("(", params, gives, result)
    }

    fn params(&mut self, ty: &FuncType, skip: usize) -> String {
        let names = distinct(&names_of(&ty.params));
        let mut params = Vec::new();
        for ((_, t), name) in ty.params.iter().zip(names).skip(skip) {
            let end = if is_binding(&name) { "" } else { "_" };
            params.push(cat!(name, end, ": ", self.ty(*t)));
        }
        params.join(", ")
    }

    /// The class of a resource, or another name for one that is declared elsewhere.
    fn class(&mut self, name: &str, r: ResourceId, items: &[(String, ExternType)], way: Way) {
        let class = pascal(name);
        if self
            .owners
            .get(&r)
            .is_some_and(|owner| *owner != (self.here.clone(), class.clone()))
        {
            let other = self.class_name(r);
            line!(self.out, "export type ", class, " = ", other, ";");
            return;
        }
        let host = matches!(
            self.plan.resource(r).origin,
            ResourceOrigin::Imported { .. }
        );
        self.doc(&["types", name]);
        open!(self.out, "export class ", class, " {");
        let mut functions: Vec<(FuncName, &str, FuncTypeId)> = Vec::new();
        for (path, ty) in items {
            let function = FuncName::parse(path);
            match ty {
                ExternType::Func(f) if function.resource() == Some(name) => {
                    functions.push((function, path, *f))
                }
                _ => {}
            }
        }
        if !host
            && !functions
                .iter()
                .any(|(n, ..)| matches!(n, FuncName::Constructor(_)))
        {
            self.out.line("private constructor();");
        }
        for (func, full, f) in functions {
            let blocks = self.blocks(full, way);
            self.doc(&["funcs", full]);
            match func {
                FuncName::Constructor(_) => {
                    let ty = self.plan.types.func(f).clone();
                    let params = self.params(&ty, 0);
                    line!(self.out, "constructor(", params, ");");
                }
                FuncName::Method(_, m) => {
                    let signature = self.signature(f, 1, blocks);
                    line!(self.out, class_key(&camel(m), false), signature, ";");
                }
                FuncName::Static(_, m) => {
                    let signature = self.signature(f, 0, blocks);
                    line!(
                        self.out,
                        "static ",
                        class_key(&camel(m), true),
                        signature,
                        ";"
                    );
                }
                FuncName::Plain(_) => {}
            }
        }
        self.out.line(if host {
            "[Symbol.dispose]?(): void;"
        } else {
            "[Symbol.dispose](): void;"
        });
        self.out.close("}");
    }

    /// Types, resources and their functions at the root.
    fn root_types(&mut self) {
        let plan = self.plan;
        for (name, ty) in root_items(plan) {
            match ty {
                ExternType::Type(ExternTypeDef::Value(t)) => {
                    self.declared.insert(pascal(name));
                    self.names.get_or_insert_with(*t, || pascal(name));
                }
                ExternType::Type(ExternTypeDef::Resource(_)) => {
                    self.declared.insert(pascal(name));
                }
                _ => {}
            }
        }
        let mut done = Set::new();
        for (name, ty) in root_items(plan) {
            if !done.insert(name) {
                continue;
            }
            match ty {
                ExternType::Type(ExternTypeDef::Value(t)) => self.type_declaration(name, *t),
                ExternType::Type(ExternTypeDef::Resource(r)) => self.root_class(name, *r),
                _ => {}
            }
        }
    }

    fn root_class(&mut self, name: &str, r: ResourceId) {
        let plan = self.plan;
        let items: Vec<(String, ExternType)> = root_items(plan)
            .map(|(n, ty)| (n.to_string(), ty.clone()))
            .collect();
        self.class(name, r, &items, Way::Root);
    }
}

/// Imports and exports at the root, with their names.
fn root_items(plan: &Plan) -> impl Iterator<Item = (&str, &ExternType)> {
    let imports = plan.imports.iter().map(|i| (i.name.name.as_str(), &i.ty));
    imports.chain(plan.exports.iter().map(|e| (e.name.name.as_str(), &e.ty)))
}

/// A member of a class: two names mean something else there.
pub fn class_key(name: &str, of_class: bool) -> String {
    match (name, of_class) {
        ("constructor", false) => "['constructor']".into(),
        ("prototype", true) => "prototype_".into(),
        _ => name.into(),
    }
}
