//! The declarations of one scope, an interface or the world's own: types, classes, functions, each with its docs. Knows no
//! file.

use super::spell::{distinct, flag, Owner, Speller};
use crate::names::{camel, is_binding, pascal};
use wit_bindgen_core::Source;
use wit_parser::{Docs, Enum, Function, FunctionKind, Stability, Type, TypeDefKind, TypeId};

/// Who makes what is declared, and who may have to wait for it.
#[derive(Clone, Copy)]
pub struct Way<'a> {
    /// The reader of the declarations implements it: a host its imports, a guest its exports.
    pub implemented: bool,
    /// Whether a function of this name may answer with a promise.
    pub blocks: &'a dyn Fn(&str) -> bool,
}

/// Prints into one scope.
pub struct Printer<'a> {
    pub spell: Speller<'a>,
    /// Inside of `declare module`, where nothing else is declared with that word.
    pub ambient: bool,
    pub out: Source,
}

impl Printer<'_> {
    pub fn line(&mut self, text: &str) {
        self.out.push_str_literal(text);
        self.out.push_str_literal("\n");
    }

    pub fn open(&mut self, text: &str) {
        self.line(text);
        self.out.indent(1);
    }

    pub fn close(&mut self, text: &str) {
        self.out.deindent(1);
        self.line(text);
    }

    /// WIT's docs as a comment of TypeScript's; `tags` go below.
    pub fn docs(&mut self, docs: &Docs, tags: &[String]) {
        let contents = docs.contents.as_deref().unwrap_or_default().trim_end();
        // A comment must not end early.
        let contents = contents.replace("*/", "*\\/");
        let lines: Vec<&str> = contents
            .lines()
            .chain(tags.iter().map(String::as_str))
            .collect();
        match lines.as_slice() {
            [] => {}
            [line] => self.line(&format!("/** {} */", line.trim())),
            lines => {
                self.line("/**");
                for line in lines {
                    self.line(format!(" * {line}").trim_end());
                }
                self.line(" */");
            }
        }
    }

    fn documented(&mut self, docs: &Docs, stability: &Stability) {
        self.docs(docs, &deprecation(stability));
    }

    /// A named type: `functions` has those of resources.
    pub fn type_declaration(&mut self, name: &str, id: TypeId, functions: &[&Function], way: Way) {
        let resolve = self.spell.resolve;
        let def = &resolve.types[id];
        let root = self.spell.root(id);
        if matches!(resolve.types[root].kind, TypeDefKind::Resource) {
            return self.class(name, id, functions, way);
        }
        // What was brought here by `use` is documented where it comes from.
        let docs = if def.docs.is_empty() {
            &resolve.types[root].docs
        } else {
            &def.docs
        };
        let name = pascal(name);
        // A second name of a type says what the first one is.
        if let Some(first) = self
            .spell
            .names
            .get(&root)
            .filter(|first| **first != name && root != id)
        {
            let first = first.clone();
            self.documented(docs, &def.stability);
            return self.line(&format!("export type {name} = {first};"));
        }
        if let Some(other) = self.spell.elsewhere(root) {
            self.documented(docs, &def.stability);
            return self.line(&format!("export type {name} = {other};"));
        }
        let cases = match &resolve.types[root].kind {
            TypeDefKind::Enum(cases) => enum_docs(cases),
            _ => Vec::new(),
        };
        let deprecated = deprecation(&def.stability);
        self.docs(docs, &[cases, deprecated].concat());
        match &resolve.types[root].kind {
            TypeDefKind::Record(record) => {
                let names = distinct(record.fields.iter().map(|f| &f.name));
                self.open(&format!("export interface {name} {{"));
                for (field, name) in record.fields.iter().zip(names) {
                    self.docs(&field.docs, &[]);
                    let text = self.spell.field(&name, &field.ty);
                    self.line(&format!("{text};"));
                }
                self.close("}");
            }
            TypeDefKind::Flags(flags) => {
                let names = distinct(flags.flags.iter().map(|f| &f.name));
                self.open(&format!("export interface {name} {{"));
                for (label, name) in flags.flags.iter().zip(names) {
                    self.docs(&label.docs, &[]);
                    self.line(&format!("{};", flag(&name)));
                }
                self.close("}");
            }
            TypeDefKind::Variant(variant) => {
                self.line(&format!("export type {name} ="));
                self.out.indent(1);
                for (at, case) in variant.cases.iter().enumerate() {
                    self.docs(&case.docs, &[]);
                    let text = self.spell.case(&case.name, case.ty.as_ref());
                    let end = if at + 1 == variant.cases.len() {
                        ";"
                    } else {
                        ""
                    };
                    self.line(&format!("| {text}{end}"));
                }
                self.out.deindent(1);
            }
            _ => {
                let written = self.spell.written(root);
                self.line(&format!("export type {name} = {written};"));
            }
        }
    }

    /// The class of a resource, or another name for one that is declared elsewhere.
    fn class(&mut self, name: &str, id: TypeId, functions: &[&Function], way: Way) {
        let root = self.spell.root(id);
        let def = &self.spell.resolve.types[id];
        self.documented(&def.docs, &def.stability);
        let class = pascal(name);
        let own = |owner: &Owner| owner.file.as_deref() == self.spell.here && owner.name == class;
        if !self.spell.homes.classes.get(&root).is_some_and(own) {
            let other = self.spell.class(root);
            return self.line(&format!("export type {class} = {other};"));
        }
        self.open(&format!("export class {class} {{"));
        let functions = functions
            .iter()
            .filter(|f| f.kind.resource().map(|r| self.spell.root(r)) == Some(root));
        let functions: Vec<&&Function> = functions.collect();
        let constructed = functions
            .iter()
            .any(|f| matches!(f.kind, FunctionKind::Constructor(_)));
        if !way.implemented && !constructed {
            self.line("private constructor();");
        }
        for function in functions {
            self.member(function, way);
        }
        self.line(if way.implemented {
            "[Symbol.dispose]?(): void;"
        } else {
            "[Symbol.dispose](): void;"
        });
        self.close("}");
    }

    fn member(&mut self, function: &Function, way: Way) {
        self.documented(&function.docs, &function.stability);
        let name = camel(function.item_name());
        let text = match function.kind {
            FunctionKind::Constructor(_) => format!("constructor({});", self.params(function, 0)),
            FunctionKind::Static(_) | FunctionKind::AsyncStatic(_) => {
                format!(
                    "static {}{};",
                    class_key(&name, true),
                    self.signature(function, 0, way)
                )
            }
            _ => format!(
                "{}{};",
                class_key(&name, false),
                self.signature(function, 1, way)
            ),
        };
        self.line(&text);
    }

    /// A function of an interface or a module.
    pub fn function(&mut self, function: &Function, way: Way) {
        self.documented(&function.docs, &function.stability);
        let name = camel(&function.name);
        let signature = self.signature(function, 0, way);
        if is_binding(&name) {
            self.line(&format!("export function {name}{signature};"));
        } else {
            let declare = if self.ambient { "" } else { "declare " };
            self.line(&format!("{declare}function {name}_{signature};"));
            self.line(&format!("export {{ {name}_ as {name} }};"));
        }
    }

    /// `(a: string) => number`
    pub fn arrow(&self, function: &Function, way: Way) -> String {
        self.signature(function, 0, way).replacen("): ", ") => ", 1)
    }

    /// `(a: string, b: number): string`, from parameter `skip` on.
    pub fn signature(&self, function: &Function, skip: usize, way: Way) -> String {
        let result = self.spell.result(function.result.as_ref());
        let promise = || format!("{}<{result}>", self.spell.global("Promise"));
        let result = if function.kind.is_async() && !way.implemented {
            promise()
        } else if function.kind.is_async() || (way.blocks)(&function.name) {
            format!("{result} | {}", promise())
        } else {
            result
        };
        format!("({}): {result}", self.params(function, skip))
    }

    fn params(&self, function: &Function, skip: usize) -> String {
        let names = distinct(function.params.iter().map(|p| &p.name));
        let params = function
            .params
            .iter()
            .zip(names)
            .skip(skip)
            .map(|(param, name)| {
                let name = if is_binding(&name) {
                    name
                } else {
                    format!("{name}_")
                };
                format!("{name}: {}", self.spell.ty(&param.ty))
            });
        params.collect::<Vec<_>>().join(", ")
    }

    /// Takes the names of a scope's types into reach.
    pub fn declare(&mut self, name: &str, id: TypeId) {
        let root = self.spell.root(id);
        if matches!(self.spell.resolve.types[root].kind, TypeDefKind::Resource) {
            self.spell.declared.insert(pascal(name));
        } else if matches!(self.spell.resolve.types[root].kind, TypeDefKind::Type(ty) if !matches!(ty, Type::Id(_)))
        {
            // A scalar's other names are what WIT says where WIT says them.
            self.spell.declared.insert(pascal(name));
            self.spell.names.insert(id, pascal(name));
        } else {
            self.spell.declare(id, name);
        }
    }
}

fn deprecation(stability: &Stability) -> Vec<String> {
    let deprecated = match stability {
        Stability::Stable { deprecated, .. } | Stability::Unstable { deprecated, .. } => {
            deprecated.as_ref()
        }
        Stability::Unknown => None,
    };
    deprecated
        .map(|version| format!("@deprecated since {version}"))
        .into_iter()
        .collect()
}

/// The docs of an enum's cases, as a list: a union of strings has no place for them.
fn enum_docs(cases: &Enum) -> Vec<String> {
    let documented = cases
        .cases
        .iter()
        .filter_map(|case| Some((&case.name, case.docs.contents.as_deref()?)));
    let lines = documented.map(|(name, text)| {
        let text: Vec<&str> = text.split_whitespace().collect();
        format!("- `{name}`: {}", text.join(" ").replace("*/", "*\\/"))
    });
    lines.collect()
}

/// A member of a class: two names mean something else there.
fn class_key(name: &str, of_class: bool) -> String {
    match (name, of_class) {
        ("constructor", false) => "['constructor']".into(),
        ("prototype", true) => "prototype_".into(),
        _ => name.into(),
    }
}
