//! What the user sees: exported functions, interface objects, classes of guest resources.

use super::calls::Param;
use super::exports::Return;
use super::host::{short_name, FuncName};
use super::values::has_value;
use super::Js;
use crate::emit::dts::class_key;
use crate::emit::names::{camel, key, pascal};
use crate::emit::printer::{cat, line, open};
use crate::map::Sorted;
use crate::plan::{ExportItem, LiftId, ResourceOrigin};
use crate::types::{ResourceId, Type};

/// One name of the result of `instantiate` and what it stands for.
pub struct Exported {
    /// The JavaScript name.
    pub name: String,
    /// An expression inside `instantiate`.
    pub value: String,
}

/// Functions of the classes to print, by resource.
type Classes<'p> = Sorted<ResourceId, Vec<(FuncName<'p>, LiftId)>>;

impl<'a> Js<'a> {
    /// Prints functions, classes and interface objects; returns what `instantiate` returns.
    pub fn print_exports(&mut self) -> Vec<Exported> {
        let plan = self.plan;
        let mut classes = Classes::new();
        let root: Vec<(&str, &ExportItem)> = plan
            .exports
            .iter()
            .map(|e| (e.name.name.as_str(), &e.item))
            .collect();
        collect_classes(&root, &mut classes);
        for instance in &plan.host_instances {
            collect_classes(&named(&instance.args), &mut classes);
        }
        for (r, functions) in classes.iter() {
            if matches!(plan.resource(*r).origin, ResourceOrigin::Defined { .. }) {
                self.print_class(*r, functions);
            }
        }
        let mut exported: Vec<Exported> = Vec::new();
        for export in &plan.exports {
            let name = &export.name.name;
            match &export.item {
                ExportItem::Instance(items) => {
                    let short = camel(short_name(name));
                    let late = has_value(items) || !plan.host_instances.is_empty();
                    let value = match late {
                        true => {
                            let mut value = String::new();
                            let text = self
                                .printed(1, |js| value = js.interface_object(&short, items, true));
                            self.after.push_str(&text);
                            value
                        }
                        false => self.interface_object(&short, items, false),
                    };
                    push_new(&mut exported, &short, &value);
                    push_new(&mut exported, name, &value);
                }
                item => {
                    if let Some((name, value)) = self.member(name, item) {
                        push_new(&mut exported, &name, &value);
                    }
                }
            }
        }
        exported
    }

    /// `const api = { … };`, before the steps or here.
    pub fn interface_object(
        &mut self,
        short: &str,
        items: &'a [(String, ExportItem)],
        here: bool,
    ) -> String {
        let mut entries: Vec<Exported> = Vec::new();
        for (name, item) in items {
            if let ExportItem::Instance(inner) = item {
                let short = camel(short_name(name));
                let value = self.interface_object(&short, inner, here);
                push_new(&mut entries, &short, &value);
            } else if let Some((name, value)) = self.member(name, item) {
                push_new(&mut entries, &name, &value);
            }
        }
        let var = self.scope.global(short);
        let before = cat!("const ", var, " = ");
        if here {
            self.print_object(&before, &entries, ";");
        } else {
            self.detached(true, |js| js.print_object(&before, &entries, ";"));
        }
        var
    }

    /// `before{ a, b: c }after`, on one line if it is short.
    pub fn print_object(&mut self, before: &str, entries: &[Exported], after: &str) {
        let entries: Vec<String> = entries.iter().map(|e| entry(&e.name, &e.value)).collect();
        let line = cat!(before, "{ ", entries.join(", "), " }", after);
        if line.len() <= 100 {
            self.out.line(&line);
            return;
        }
        open!(self.out, before, "{");
        for entry in entries {
            line!(self.out, entry, ",");
        }
        self.out.close(&cat!("}", after));
    }

    /// A function, class or module as a member: its JavaScript name and value. Methods are in their class.
    pub fn member(&mut self, name: &str, item: &ExportItem) -> Option<(String, String)> {
        match item {
            ExportItem::Lift(lift) => match FuncName::parse(name) {
                FuncName::Plain(f) => Some((camel(f), self.print_export(&camel(f), *lift))),
                _ => None,
            },
            ExportItem::Import(import) => {
                let path = &self.plan.import_func(*import).path;
                match FuncName::parse(name) {
                    FuncName::Plain(f) => Some((camel(f), self.host_callee(path).0)),
                    _ => None,
                }
            }
            ExportItem::Resource(r) => {
                let value = match &self.plan.resource(*r).origin {
                    ResourceOrigin::Imported { .. } => self.imported_class(*r),
                    ResourceOrigin::Defined { .. } => self.class(*r),
                };
                Some((pascal(name), value))
            }
            ExportItem::Module(source) => Some((camel(name), self.module(source))),
            ExportItem::Value(id) => Some((camel(name), self.value(*id))),
            ExportItem::Component(Some(path)) => Some((camel(name), self.imported_component(path))),
            ExportItem::Instance(_) | ExportItem::Type | ExportItem::Component(None) => None,
        }
    }

    /// The name of an exported function, which is printed once.
    fn print_export(&mut self, hint: &str, lift: LiftId) -> String {
        if let Some(name) = self.exported.get(&lift) {
            return name.clone();
        }
        let name = self.scope.global(hint);
        self.exported.insert(lift, name.clone());
        self.detached(true, |js| {
            js.print_function(&cat!("function ", name), lift, false, &Return::Value)
        });
        name
    }

    /// `head(params) { body }`
    pub fn print_function(&mut self, head: &str, lift: LiftId, method: bool, then: &Return) {
        let plan = self.plan;
        let ty = plan.types.func(plan.lift(lift).ty);
        let outer = self.scope.enter();
        let mut params = Vec::new();
        for (i, (name, ty)) in ty.params.iter().enumerate() {
            let name = if method && i == 0 {
                "this".into()
            } else {
                self.local(name)
            };
            params.push(Param { name, ty: *ty });
        }
        let names: Vec<&str> = params
            .iter()
            .map(|p| p.name.as_str())
            .skip(usize::from(method))
            .collect();
        open!(self.out, head, "(", names.join(", "), ") {");
        self.current_export = match head.rsplit(' ').next() {
            Some(name) if method => cat!(".", name),
            Some(name) => name.into(),
            None => String::new(),
        };
        self.print_export_body(lift, &params, then);
        self.out.close("}");
        self.scope.leave(outer);
    }

    /// The class of a guest resource.
    pub fn class(&mut self, r: ResourceId) -> String {
        if let Some(name) = self.classes.get(&r) {
            return name.clone();
        }
        let hint = &self.plan.resource(r).name;
        let name = self
            .scope
            .global(&pascal(if hint.is_empty() { "resource" } else { hint }));
        self.classes.insert(r, name.clone());
        name
    }

    fn print_class(&mut self, r: ResourceId, functions: &[(FuncName, LiftId)]) {
        let class = self.class(r);
        let ty = self.resource(r);
        self.detached(true, |js| {
            open!(js.out, "class ", class, " {");
            let constructor = functions
                .iter()
                .find_map(|(n, l)| matches!(n, FuncName::Constructor(_)).then_some(*l));
            match constructor {
                Some(lift) => {
                    let own = js.plan.types.func(js.plan.lift(lift).ty).result;
                    // A constructor may also return a result; then it throws, or hands out what it made.
                    let adopt = own.is_some_and(|t| matches!(js.plan.types.get(t), Type::Own(_)));
                    let then = if adopt {
                        Return::Adopt(r)
                    } else {
                        Return::Value
                    };
                    js.print_function("constructor", lift, false, &then);
                }
                None => {
                    js.out.open("constructor() {");
                    line!(
                        js.out,
                        "throw new TypeError('",
                        class,
                        " has no constructor');"
                    );
                    js.out.close("}");
                }
            }
            for (name, lift) in functions {
                match name {
                    FuncName::Method(_, f) => {
                        js.print_function(&class_key(&camel(f), false), *lift, true, &Return::Value)
                    }
                    FuncName::Static(_, f) => {
                        js.print_function(
                            &cat!("static ", class_key(&camel(f), true)),
                            *lift,
                            false,
                            &Return::Value,
                        );
                    }
                    _ => {}
                }
            }
            let (dispose, drop) = (js.rt("dispose"), js.call("dropOwn", &["root", &ty, "this"]));
            open!(js.out, "[", dispose, "]() {");
            line!(js.out, drop, ";");
            js.out.close("}");
            js.out.close("}");
            line!(js.out, ty, ".proto = ", class, ".prototype;");
        });
    }
}

/// Adds a name unless it is taken: the first export of a name has it.
fn push_new(exported: &mut Vec<Exported>, name: &str, value: &str) {
    if !exported.iter().any(|e| e.name == name) {
        exported.push(Exported {
            name: name.into(),
            value: value.into(),
        });
    }
}

/// A member of an object: `a` or `a: b`.
pub fn entry(name: &str, value: &str) -> String {
    if name == value {
        name.into()
    } else {
        cat!(key(name), ": ", value)
    }
}

fn named(items: &[(String, ExportItem)]) -> Vec<(&str, &ExportItem)> {
    items.iter().map(|(n, i)| (n.as_str(), i)).collect()
}

/// Sorts the functions of resources to their classes, by the name that the resource has beside them.
fn collect_classes<'p>(items: &[(&'p str, &'p ExportItem)], classes: &mut Classes<'p>) {
    let mut resources: Sorted<&str, ResourceId> = Sorted::new();
    for (name, item) in items {
        match item {
            ExportItem::Resource(r) => {
                resources.insert(name, *r);
                classes.get_or_insert_with(*r, Default::default);
            }
            ExportItem::Instance(inner) => collect_classes(&named(inner), classes),
            _ => {}
        }
    }
    for (name, item) in items {
        let ExportItem::Lift(lift) = item else {
            continue;
        };
        let Some(r) = FuncName::parse(name)
            .resource()
            .and_then(|r| resources.get(&r))
        else {
            continue;
        };
        let functions = classes.get_or_insert_with(*r, Default::default);
        let parsed = FuncName::parse(name);
        if !functions.iter().any(|(n, _)| *n == parsed) {
            functions.push((parsed, *lift));
        }
    }
}
