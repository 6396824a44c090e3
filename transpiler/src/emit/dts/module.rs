//! The module's own declarations: what it imports, what `instantiate` returns, and the exports of the ES form.

use super::{Dts, COMPONENT};
use crate::emit::js::host::{short_name, FuncName};
use crate::emit::names::{camel, is_identifier, key, pascal, quote};
use crate::emit::printer::{cat, line};
use crate::map::Set;
use crate::options::Instantiation;
use crate::plan::{ExportItem, ExternType, ExternTypeDef};
use crate::types::FuncTypeId;

impl Dts<'_> {
    /// `ImportObject`: exactly what the code looks up.
    pub(super) fn import_object(
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
            line!(self.out, key(name), ": ", ty, ";");
        }
        self.out.close("}");
        self.out.blank();
    }

    pub(super) fn arrow(&mut self, f: FuncTypeId, blocks: bool) -> String {
        self.typed(f, 0, blocks, ") => ")
    }

    /// `Root`: what `instantiate` returns.
    pub(super) fn root_interface(&mut self, exports: &[(&str, Option<String>)]) {
        let plan = self.plan;
        self.out.open("export interface Root {");
        let mut taken: Set<String> = Set::new();
        for (export, (name, file)) in plan.exports.iter().zip(exports) {
            let mut entry = |dts: &mut Self, name: &str, ty: &str| {
                if taken.insert(name.into()) {
                    line!(dts.out, key(name), ": ", ty, ";");
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

    pub(super) fn instantiate(&mut self, mode: Instantiation) {
        let (module, instance, root) = match mode {
            Instantiation::Async => (
                "WebAssembly.Module | Promise<WebAssembly.Module>",
                "WebAssembly.Instance | Promise<WebAssembly.Instance>",
                "Promise<Root>",
            ),
            Instantiation::Sync => ("WebAssembly.Module", "WebAssembly.Instance", "Root"),
        };
        self.out.open("export function instantiate(");
        line!(self.out, "getCoreModule: (path: string) => ", module, ",");
        self.out.line("imports: ImportObject,");
        line!(
            self.out,
            "instantiateCore?: (module: WebAssembly.Module, imports: WebAssembly.Imports) => ",
            instance,
            ","
        );
        self.out.close(&cat!("): ", root, ";"));
    }

    /// The ES form's exports.
    pub(super) fn module_exports(&mut self, exports: &[(&str, Option<String>)]) {
        let plan = self.plan;
        let mut taken: Set<String> = Set::new();
        for (export, (name, file)) in plan.exports.iter().zip(exports) {
            match (&export.item, &export.ty) {
                (ExportItem::Instance(_), _) => {
                    let file = file.clone().unwrap_or_default();
                    for name in [camel(short_name(name)), name.to_string()] {
                        if taken.insert(name.clone()) {
                            let as_ = if is_identifier(&name) {
                                name
                            } else {
                                quote(&name)
                            };
                            line!(
                                self.out,
                                "export * as ",
                                as_,
                                " from './interfaces/",
                                file,
                                ".js';"
                            );
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
