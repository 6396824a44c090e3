//! Calls between components: which form each adapter takes, and the wasm adapter modules with what they import.

use super::surface::entry;
use super::Js;
use crate::emit::adapter::{adapter_module, direct, AdapterImportKind, AdapterModule};
use crate::emit::names::key;
use crate::emit::printer::{cat, line, open};
use crate::options::{Adapters, Options};
use crate::plan::{
    CoreFunc, CoreFuncId, CoreInstanceId, CoreItem, InstanceId, Plan, ResourceOrigin, Step,
};
use crate::types::ResourceId;

/// The form of a core function of the plan.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Form {
    Js,
    /// The callee's core function itself.
    Direct,
    Wasm,
    /// Chosen when the component is instantiated.
    Both,
}

/// Adapters that come to be together, at the last moment before something needs one.
pub struct Group {
    /// The core instance whose arguments need it; none: at the end.
    before: Option<CoreInstanceId>,
    module: AdapterModule,
    /// Index of its file, after those of the plan's modules.
    pub file: usize,
}

impl Group {
    /// The piece that says whether the engine can compile the module.
    pub fn probe(&self) -> &'static str {
        match self.module.catches {
            true => "multiMemoryAndExceptions",
            false => "multiMemory",
        }
    }

    pub fn byte_length(&self) -> u64 {
        self.module.bytes.len() as u64
    }
}

/// The forms of all core functions.
pub fn forms(plan: &Plan, options: &Options) -> Vec<Form> {
    let ids = (0..plan.core_funcs.len()).map(|i| CoreFuncId(i as u32));
    ids.map(|id| form(plan, id, options.adapters)).collect()
}

/// Whether there are adapters in Wasm.
pub fn has_wasm_adapters(plan: &Plan, options: &Options) -> bool {
    forms(plan, options)
        .iter()
        .any(|form| matches!(form, Form::Wasm | Form::Both))
}

fn form(plan: &Plan, id: CoreFuncId, adapters: Adapters) -> Form {
    let CoreFunc::Adapter(adapter) = plan.core_func(id) else {
        return Form::Js;
    };
    if direct(plan, id).is_some() {
        return Form::Direct;
    }
    match (adapter.wasm, adapters) {
        (false, _) | (_, Adapters::Js) => Form::Js,
        (true, Adapters::Wasm) => Form::Wasm,
        (true, Adapters::Both) => Form::Both,
    }
}

/// Collects wasm adapters into modules.
pub fn groups(plan: &Plan, forms: &[Form]) -> Vec<Group> {
    let mut groups = Vec::new();
    // Sets of adapters that stand side by side; a later set may call an earlier one.
    let mut pending: Vec<Vec<CoreFuncId>> = Vec::new();
    let mut flush = |pending: &mut Vec<Vec<CoreFuncId>>, before| {
        for funcs in std::mem::take(pending) {
            let file = plan.modules.len() + groups.len();
            let module = adapter_module(plan, &funcs);
            groups.push(Group {
                before,
                module,
                file,
            });
        }
    };
    let waits = |pending: &[Vec<CoreFuncId>], item: &CoreItem| match item {
        CoreItem::Func(f) => pending.iter().any(|set| set.contains(f)),
        CoreItem::Export(..) => false,
    };
    for step in &plan.steps {
        match step {
            Step::Func(id) if matches!(forms[id.index()], Form::Wasm | Form::Both) => {
                let CoreFunc::Adapter(adapter) = plan.core_func(*id) else {
                    continue;
                };
                let over_adapter = waits(&pending, &plan.lift(adapter.lift).core);
                match pending.last_mut() {
                    Some(set) if !over_adapter => set.push(*id),
                    _ => pending.push(vec![*id]),
                }
            }
            Step::Instantiate(c) => {
                let args = &plan.core_instances[c.index()].args;
                if args.iter().any(|(_, _, item)| waits(&pending, item)) {
                    flush(&mut pending, Some(*c));
                }
            }
            _ => {}
        }
    }
    flush(&mut pending, None);
    groups
}

impl Js<'_> {
    /// Prints the groups that `before` needs.
    pub fn print_adapter_groups(&mut self, before: Option<CoreInstanceId>) {
        let groups = std::mem::take(&mut self.groups);
        for group in groups.iter().filter(|g| g.before == before) {
            self.print_adapter_group(group);
        }
        self.groups = groups;
    }

    fn print_adapter_group(&mut self, group: &Group) {
        let both = group
            .module
            .exports
            .iter()
            .any(|(f, _)| self.forms[f.index()] == Form::Both);
        let mut entries = Vec::new();
        for import in &group.module.imports {
            let value = self.adapter_import(&import.what);
            entries.push(entry(&import.name, &value));
        }
        let name = self.scope.global("adapters");
        let wait = if self.is_sync() { "" } else { "await " };
        let file = cat!("module", group.file.to_string());
        let call = cat!(self.instantiate_core(), "(", file, ", {");
        if both {
            open!(self.out, "const ", name, " = ", file);
            open!(self.out, "? (", wait, call);
        } else {
            open!(self.out, "const { exports: ", name, " } = ", wait, call);
        }
        self.out.open("'': {");
        for entry in entries {
            line!(self.out, entry, ",");
        }
        self.out.close("},");
        if both {
            self.out.close("})).exports");
            let mut js = Vec::new();
            for (f, export) in &group.module.exports {
                js.push(cat!(key(export), ": ", self.js_adapter(*f)));
            }
            self.out.close_with(&cat!(": { ", js.join(", "), " };"));
        } else {
            self.out.close("});");
        }
        for (f, export) in &group.module.exports {
            let adapter = self.core_func(*f);
            line!(
                self.out,
                "const ",
                adapter,
                " = ",
                name,
                crate::emit::names::member(export),
                ";"
            );
        }
    }

    /// The name of the JavaScript form of an adapter that has both.
    pub fn js_adapter(&mut self, f: CoreFuncId) -> String {
        match self.forms[f.index()] {
            Form::Both => cat!(self.core_func(f), "Js"),
            _ => self.core_func(f),
        }
    }

    fn adapter_import(&mut self, what: &AdapterImportKind) -> String {
        match what {
            AdapterImportKind::Core(item) => self.core_item(item),
            AdapterImportKind::Flags(instance) => self.flags(*instance),
            AdapterImportKind::TransferOwn { resource, from, to } => {
                let (from, to, ty) = (self.table(*from), self.table(*to), self.resource(*resource));
                self.call("transferOwn", &["root", &from, &to, &ty])
            }
            AdapterImportKind::TransferBorrow { resource, from, to } => {
                let here = self.defined_in(*resource) == Some(*to);
                let (from, ty) = (self.table(*from), self.resource(*resource));
                let to = if here {
                    "undefined".into()
                } else {
                    self.table(*to)
                };
                self.call("transferBorrow", &["root", "scopes", &from, &to, &ty])
            }
            AdapterImportKind::EnterCall => self.call("enterCall", &["scopes"]),
            AdapterImportKind::ExitCall => self.call("exitCall", &["root", "scopes"]),
            AdapterImportKind::Trap => self.call("noteTrap", &["root"]),
        }
    }

    fn defined_in(&self, r: ResourceId) -> Option<InstanceId> {
        match &self.plan.resource(r).origin {
            ResourceOrigin::Defined { instance, .. } => Some(*instance),
            ResourceOrigin::Imported { .. } => None,
        }
    }

    /// Whether an adapter module keeps borrow scopes.
    pub fn has_scopes(&self) -> bool {
        let imports = self.groups.iter().flat_map(|g| &g.module.imports);
        imports
            .into_iter()
            .any(|i| matches!(i.what, AdapterImportKind::EnterCall))
    }

    /// Whether wasm shares the flags of an instance.
    pub fn shares_flags(&self, instance: InstanceId) -> bool {
        let mut imports = self.groups.iter().flat_map(|g| &g.module.imports);
        imports.any(|i| i.what == AdapterImportKind::Flags(instance))
    }

    /// Marks what the adapter modules import as used, and names it.
    pub fn mark_adapters(&mut self) {
        let groups = std::mem::take(&mut self.groups);
        for import in groups.iter().flat_map(|g| &g.module.imports) {
            self.adapter_import(&import.what);
        }
        self.groups = groups;
    }

    /// Bytes of the adapter modules, in the order of their files.
    pub fn adapter_files(&mut self) -> Vec<Vec<u8>> {
        std::mem::take(&mut self.groups)
            .into_iter()
            .map(|g| g.module.bytes)
            .collect()
    }
}
