//! TypeScript declarations: one file per interface, and the one of the module.
//!
//! Reads the types of imports and exports as the component states them; knows the names that `emit/js` gives, no code.

use super::docs::Docs;
use super::js::host::{short_name, FuncName};
use super::js::types::number_array;
use super::names::{camel, distinct, is_binding, key, pascal, quote, unused};
use super::printer::{cat, Printer};
use crate::map::{Set, Sorted};
use crate::options::Instantiation;
use crate::plan::{ExportItem, ExternType, ExternTypeDef, ImportFunc, Plan, ResourceOrigin};
use crate::types::{FuncType, FuncTypeId, ResourceId, Type, TypeId};
use crate::Options;

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
        self.out.line(&cat!("/** @module Interface ", name, " */"));
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
            let line = line.trim_end().replace("*/", "* /");
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
            self.out.line(&cat!(
                "export * as ",
                camel(short_name(name)),
                " from './",
                file,
                ".js';"
            ));
        }
    }

    fn constant(&mut self, name: &str, ty: &str) {
        self.out
            .line(&cat!("export const ", camel(name), ": ", ty, ";"));
    }

    fn function(&mut self, name: &str, signature: &str) {
        if is_binding(name) {
            self.out
                .line(&cat!("export function ", name, signature, ";"));
        } else {
            self.out
                .line(&cat!("declare function ", name, "_", signature, ";"));
            self.out
                .line(&cat!("export { ", name, "_ as ", name, " };"));
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
        cat!("(", params, "): ", result)
    }

    fn params(&mut self, ty: &FuncType, skip: usize) -> String {
        let names = distinct(ty.params.iter().map(|(n, _)| n.as_str()));
        let params: Vec<String> = ty
            .params
            .iter()
            .zip(names)
            .skip(skip)
            .map(|((_, t), name)| {
                let name = if is_binding(&name) {
                    name
                } else {
                    cat!(name, "_")
                };
                cat!(name, ": ", self.ty(*t))
            })
            .collect();
        params.join(", ")
    }

    /// A global's name, qualified where the file declares the same.
    fn global(&self, name: &str) -> String {
        match self.declared.contains(name) {
            true => cat!("globalThis.", name),
            false => name.into(),
        }
    }

    /// A type by name, or written out.
    fn ty(&mut self, t: TypeId) -> String {
        if self.is_scalar(t) {
            return self.written(t);
        }
        if let Some(name) = self.names.get(&t) {
            return name.clone();
        }
        // A name from another interface says more than the structure.
        match self.type_owners.get(&t).cloned() {
            Some((file, name)) if self.here.as_ref() != Some(&file) => {
                cat!("import('", self.folder(), file, ".js').", name)
            }
            _ => self.written(t),
        }
    }

    /// Of a scalar's names, which one was meant is not in the component: `type duration = u64` says nothing of other u64s.
    fn is_scalar(&self, t: TypeId) -> bool {
        use Type::{
            Bool, Char, ErrorContext, String, F32, F64, S16, S32, S64, S8, U16, U32, U64, U8,
        };
        matches!(
            self.plan.types.get(t),
            Bool | Char
                | ErrorContext
                | String
                | F32
                | F64
                | S16
                | S32
                | S64
                | S8
                | U16
                | U32
                | U64
                | U8
        )
    }

    /// Where interface files are, seen from the file being printed.
    fn folder(&self) -> &'static str {
        if self.here.is_some() {
            "./"
        } else {
            "./interfaces/"
        }
    }

    fn written(&mut self, t: TypeId) -> String {
        let ty = self.plan.types.get(t).clone();
        match &ty {
            Type::Bool => "boolean".into(),
            Type::S64 | Type::U64 => "bigint".into(),
            Type::Char | Type::String | Type::ErrorContext => "string".into(),
            Type::List(e) | Type::FixedList(e, _)
                if number_array(self.plan.types.get(*e)).is_some() =>
            {
                self.global(number_array(self.plan.types.get(*e)).unwrap_or_default())
            }
            Type::List(e) | Type::FixedList(e, _) => {
                cat!(self.global("Array"), "<", self.ty(*e), ">")
            }
            Type::Map(k, v) => cat!(self.global("Map"), "<", self.ty(*k), ", ", self.ty(*v), ">"),
            Type::Record(fields) => {
                let names = distinct(fields.iter().map(|(n, _)| n.as_str()));
                let parts: Vec<String> = fields
                    .iter()
                    .zip(names)
                    .map(|((_, t), n)| self.field(&n, *t))
                    .collect();
                cat!("{ ", parts.join("; "), " }")
            }
            Type::Tuple(ts) => {
                let parts: Vec<String> = ts.iter().map(|t| self.ty(*t)).collect();
                cat!("[", parts.join(", "), "]")
            }
            Type::Variant(cases) => {
                let parts: Vec<String> = cases.iter().map(|(n, t)| self.case(n, *t)).collect();
                parts.join(" | ")
            }
            Type::Enum(names) => names
                .iter()
                .map(|n| quote(n))
                .collect::<Vec<_>>()
                .join(" | "),
            Type::Flags(labels) => {
                let names = distinct(labels.iter().map(String::as_str));
                let parts: Vec<String> = names
                    .iter()
                    .map(|n| cat!(key(n), "?: boolean | undefined"))
                    .collect();
                cat!("{ ", parts.join("; "), " }")
            }
            Type::Option(e) if matches!(self.plan.types.get(*e), Type::Option(_)) => {
                cat!(self.case("some", Some(*e)), " | { tag: 'none' }")
            }
            Type::Option(e) => cat!(self.ty(*e), " | undefined"),
            Type::Result { ok, err } => {
                let part =
                    |dts: &mut Self, t: &Option<TypeId>| t.map_or("void".into(), |t| dts.ty(t));
                let (ok, err) = (part(self, ok), part(self, err));
                cat!(
                    "{ tag: 'ok'; val: ",
                    ok,
                    " } | { tag: 'err'; val: ",
                    err,
                    " }"
                )
            }
            Type::Own(r) | Type::Borrow(r) => self.class_name(*r),
            Type::Stream(_) => cat!(self.global("ReadableStream"), "<unknown>"),
            Type::Future(_) => cat!(self.global("Promise"), "<unknown>"),
            _ => "number".into(),
        }
    }

    fn field(&mut self, name: &str, t: TypeId) -> String {
        let optional = match self.plan.types.get(t) {
            Type::Option(e) => !matches!(self.plan.types.get(*e), Type::Option(_)),
            _ => false,
        };
        cat!(key(name), if optional { "?: " } else { ": " }, self.ty(t))
    }

    fn case(&mut self, name: &str, payload: Option<TypeId>) -> String {
        let val = payload.map_or(String::new(), |t| cat!("; val: ", self.ty(t)));
        cat!("{ tag: ", quote(name), val, " }")
    }

    fn class_name(&mut self, r: ResourceId) -> String {
        match self.owners.get(&r) {
            Some((file, name)) if *file == self.here => name.clone(),
            Some((Some(file), name)) => {
                cat!("import('", self.folder(), file, ".js').", name)
            }
            Some((None, name)) => cat!("import('../", self.options.name, ".js').", name),
            None => "unknown".into(),
        }
    }

    /// `export interface Point { … }` or `export type …`.
    fn type_declaration(&mut self, name: &str, t: TypeId) {
        let kebab = name;
        self.doc(&["types", kebab]);
        let name = pascal(name);
        // The second name of a type says what the first one is.
        let first = self.names.get(&t).filter(|_| !self.is_scalar(t));
        if first.is_some_and(|first| *first != name) {
            let first = self.ty(t);
            self.out
                .line(&cat!("export type ", name, " = ", first, ";"));
            return;
        }
        if let Some((file, first)) = self
            .type_owners
            .get(&t)
            .filter(|(file, _)| self.here.as_ref() != Some(file))
        {
            let line = cat!(
                "export type ",
                name,
                " = import('",
                self.folder(),
                file,
                ".js').",
                first,
                ";"
            );
            self.out.line(&line);
            return;
        }
        let ty = self.plan.types.get(t).clone();
        match &ty {
            Type::Record(fields) => {
                let names = distinct(fields.iter().map(|(n, _)| n.as_str()));
                self.out.open(&cat!("export interface ", name, " {"));
                for ((label, t), field) in fields.iter().zip(names) {
                    self.doc(&["types", kebab, "items", label]);
                    let line = self.field(&field, *t);
                    self.out.line(&cat!(line, ";"));
                }
                self.out.close("}");
            }
            Type::Flags(labels) => {
                self.out.open(&cat!("export interface ", name, " {"));
                for field in distinct(labels.iter().map(String::as_str)) {
                    self.out.line(&cat!(key(&field), "?: boolean | undefined;"));
                }
                self.out.close("}");
            }
            Type::Variant(cases) => {
                self.out.open(&cat!("export type ", name, " ="));
                for (i, (case, payload)) in cases.iter().enumerate() {
                    let end = if i + 1 == cases.len() { ";" } else { "" };
                    self.doc(&["types", kebab, "items", case]);
                    let line = cat!("| ", self.case(case, *payload), end);
                    if end.is_empty() {
                        self.out.line(&line)
                    } else {
                        self.out.close_with(&line)
                    }
                }
            }
            _ => {
                let written = self.written(t);
                self.out
                    .line(&cat!("export type ", name, " = ", written, ";"));
            }
        }
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
            self.out
                .line(&cat!("export type ", class, " = ", other, ";"));
            return;
        }
        let host = matches!(
            self.plan.resource(r).origin,
            ResourceOrigin::Imported { .. }
        );
        self.doc(&["types", name]);
        self.out.open(&cat!("export class ", class, " {"));
        let functions: Vec<(FuncName, &str, FuncTypeId)> = items
            .iter()
            .filter_map(|(n, ty)| match ty {
                ExternType::Func(f) => Some((FuncName::parse(n), n.as_str(), *f)),
                _ => None,
            })
            .filter(|(n, ..)| n.resource() == Some(name))
            .collect();
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
                    self.out.line(&cat!("constructor(", params, ");"));
                }
                FuncName::Method(_, m) => {
                    let signature = self.signature(f, 1, blocks);
                    self.out
                        .line(&cat!(class_key(&camel(m), false), signature, ";"));
                }
                FuncName::Static(_, m) => {
                    let signature = self.signature(f, 0, blocks);
                    self.out
                        .line(&cat!("static ", class_key(&camel(m), true), signature, ";"));
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

    /// `ImportObject`: exactly what the code looks up.
    fn import_object(
        &mut self,
        imports: &[(&str, &ExternType, Option<String>)],
        wanted: &[String],
    ) {
        self.out.open("export interface ImportObject {");
        if self.options.trace && !wanted.iter().any(|w| w == "trace") {
            self.out
                .line("trace?: (name: string, args: unknown[]) => void;");
        }
        for (name, ty, file) in imports {
            if !wanted.iter().any(|w| w == name) {
                continue;
            }
            let ty = match (ty, file) {
                (_, Some(file)) => cat!("typeof import('./interfaces/", file, ".js')"),
                (ExternType::Func(f), None) => {
                    let blocks = self
                        .plan
                        .import_funcs
                        .iter()
                        .any(|i| i.may_block && i.path.len() == 1 && i.path[0] == *name);
                    let f = self.arrow(*f, blocks);
                    cat!("(", f, ") | { default: ", f, " }")
                }
                (ExternType::Type(ExternTypeDef::Resource(r)), None) => {
                    cat!("typeof ", self.class_name(*r))
                }
                (ExternType::Module, None) => "WebAssembly.Module".into(),
                (ExternType::Value(t), None) => self.ty(*t),
                (ExternType::Component, None) => COMPONENT.into(),
                _ => continue,
            };
            self.out.line(&cat!(key(name), ": ", ty, ";"));
        }
        self.out.close("}");
        self.out.blank();
    }

    fn arrow(&mut self, f: FuncTypeId, blocks: bool) -> String {
        self.signature(f, 0, blocks).replacen("): ", ") => ", 1)
    }

    /// `Root`: what `instantiate` returns.
    fn root_interface(&mut self, exports: &[(&str, Option<String>)]) {
        let plan = self.plan;
        self.out.open("export interface Root {");
        let mut taken: Set<String> = Set::new();
        for (export, (name, file)) in plan.exports.iter().zip(exports) {
            let mut entry = |dts: &mut Self, name: &str, ty: &str| {
                if taken.insert(name.into()) {
                    dts.out.line(&cat!(key(name), ": ", ty, ";"));
                }
            };
            match (&export.item, &export.ty) {
                (ExportItem::Instance(_), _) => {
                    let ty = cat!(
                        "typeof import('./interfaces/",
                        file.clone().unwrap_or_default(),
                        ".js')"
                    );
                    entry(self, &camel(short_name(name)), &ty);
                    entry(self, name, &ty);
                }
                (item, ExternType::Func(f)) => {
                    if let FuncName::Plain(n) = FuncName::parse(name) {
                        let ty = self.arrow(*f, self.item_blocks(item));
                        entry(self, &camel(n), &ty);
                    }
                }
                (ExportItem::Resource(r), _) => {
                    let ty = cat!("typeof ", self.class_name(*r));
                    entry(self, &pascal(name), &ty);
                }
                (ExportItem::Module(_), _) => entry(self, &camel(name), "WebAssembly.Module"),
                (_, ExternType::Value(t)) => {
                    let ty = self.ty(*t);
                    entry(self, &camel(name), &ty);
                }
                _ => {}
            }
        }
        self.out.close("}");
        self.out.blank();
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
        self.out.open("export function instantiate(");
        self.out
            .line(&cat!("getCoreModule: (path: string) => ", module, ","));
        self.out.line("imports: ImportObject,");
        self.out.line(&cat!(
            "instantiateCore?: (module: WebAssembly.Module, imports: WebAssembly.Imports) => ",
            instance,
            ","
        ));
        self.out.close(&cat!("): ", root, ";"));
    }

    /// The ES form's exports.
    fn module_exports(&mut self, exports: &[(&str, Option<String>)]) {
        let plan = self.plan;
        let mut taken: Set<String> = Set::new();
        for (export, (name, file)) in plan.exports.iter().zip(exports) {
            match (&export.item, &export.ty) {
                (ExportItem::Instance(_), _) => {
                    let file = file.clone().unwrap_or_default();
                    for name in [camel(short_name(name)), name.to_string()] {
                        if taken.insert(name.clone()) {
                            let as_ = if super::names::is_identifier(&name) {
                                name
                            } else {
                                quote(&name)
                            };
                            self.out.line(&cat!(
                                "export * as ",
                                as_,
                                " from './interfaces/",
                                file,
                                ".js';"
                            ));
                        }
                    }
                }
                (item, ExternType::Func(f)) => {
                    if let FuncName::Plain(n) = FuncName::parse(name) {
                        let signature = self.signature(*f, 0, self.item_blocks(item));
                        if taken.insert(camel(n)) {
                            self.doc(&["funcs", name]);
                            self.function(&camel(n), &signature);
                        }
                    }
                }
                (ExportItem::Module(_), _) => self.constant(name, "WebAssembly.Module"),
                (_, ExternType::Value(t)) => {
                    let ty = self.ty(*t);
                    self.constant(name, &ty);
                }
                _ => {}
            }
        }
        if self.options.tla_compat {
            self.out.line("export const $init: Promise<void>;");
        }
        self.out.line("export {};");
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
