//! Values outside of calls: what the host supplies, start functions, and their results.

use super::exports::Return;
use super::Js;
use crate::emit::names::{camel, names_of, quote, quoted, quoted_path};
use crate::emit::printer::{cat, line};
use crate::plan::{ExportItem, StartFunc, StartId, ValueId};
use crate::types::{Type, TypeId};

impl Js<'_> {
    /// The variable of a value.
    pub fn value(&mut self, id: ValueId) -> String {
        if let Some(name) = self.values.get(&id) {
            return name.clone();
        }
        let import = self.plan.values[id.index()].import.as_ref();
        let hint = import.and_then(|path| path.last());
        let name = self
            .scope
            .global(&hint.map_or("value".into(), |n| camel(n)));
        self.values.insert(id, name.clone());
        name
    }

    /// The imports that values come from, by name.
    pub fn value_imports(&self) -> impl Iterator<Item = String> + use<'_> {
        let paths = self.plan.values.iter().filter_map(|v| v.import.as_ref());
        paths.filter_map(|path| path.first().cloned())
    }

    /// `const name = linkValue(imports, ['name'], 'string');`
    pub fn print_value(&mut self, id: ValueId) {
        let value = &self.plan.values[id.index()];
        let ty = self.value_type(value.ty);
        let path = quoted_path(value.import.as_deref().unwrap_or_default());
        let path = cat!("[", path, "]");
        let (name, strict) = (self.value(id), self.strict_argument());
        let found = self.call("linkValue", &["imports", &path, &cat!(ty, strict)]);
        line!(self.out, "const ", name, " = ", found, ";");
    }

    fn strict_argument(&self) -> &'static str {
        if self.options.strict {
            ", true"
        } else {
            ""
        }
    }

    /// Prints the functions of the starts that are lifts: before the steps, which bind what they use.
    pub fn print_start_functions(&mut self) {
        for start in &self.plan.starts {
            let name = self.scope.global("start");
            self.starts.push(name.clone());
            if let StartFunc::Lift(lift) = start.func {
                let head = cat!("function ", name);
                self.detached(true, |js| {
                    js.print_function(&head, lift, false, &Return::Plain)
                });
            }
        }
    }

    /// `const greeting = start(name);`, awaited where the function may block.
    pub fn print_start(&mut self, id: StartId) {
        let plan = self.plan;
        let start = &plan.starts[id.index()];
        let mut args = Vec::new();
        for value in &start.args {
            args.push(self.value(*value));
        }
        let mut call = match start.func {
            StartFunc::Lift(_) => cat!(self.starts[id.index()], "(", args.join(", "), ")"),
            StartFunc::Import(import) => self.host_call(&plan.import_func(import).path, args),
        };
        let blocks = match start.func {
            StartFunc::Lift(lift) => plan.lift(lift).may_block,
            StartFunc::Import(import) => plan.import_func(import).may_block,
        };
        let wait = if blocks && !self.is_sync() {
            "await "
        } else {
            ""
        };
        let Some(result) = start.result else {
            line!(self.out, wait, call, ";");
            return;
        };
        if matches!(start.func, StartFunc::Import(_)) {
            let ty = plan.values[result.index()].ty;
            if matches!(plan.types.get(ty), Type::Result { .. }) {
                call = self.call("outcome", &[&cat!("() => ", call)]);
            }
            let ty = self.value_type(ty);
            let strict = self.strict_argument();
            call = self.call("coerce", &[&ty, &cat!(wait, call, strict)]);
        } else {
            call = cat!(wait, call);
        }
        let name = self.value(result);
        line!(self.out, "const ", name, " = ", call, ";");
    }

    /// A type as data, as the runtime's `coerce` reads it: compound types are constants, so that each is written once.
    fn value_type(&mut self, t: TypeId) -> String {
        if let Some(name) = self.value_types.get(&t) {
            return name.clone();
        }
        let ty = self.plan.types.get(t).clone();
        let list = |items: Vec<String>| cat!("[", items.join(", "), "]");
        let parts = match &ty {
            Type::List(e) | Type::FixedList(e, _) => {
                let array = self.number_array(*e).unwrap_or("undefined");
                let length = match ty {
                    Type::FixedList(_, n) => n.to_string(),
                    _ => "undefined".into(),
                };
                vec!["'list'".into(), self.value_type(*e), length, array.into()]
            }
            Type::Map(k, v) => vec!["'map'".into(), self.value_type(*k), self.value_type(*v)],
            Type::Record(fields) => {
                let names = self.fields(&names_of(fields));
                let mut types = Vec::new();
                for (_, t) in fields {
                    types.push(self.value_type(*t));
                }
                vec!["'record'".into(), list(quoted(&names)), list(types)]
            }
            Type::Tuple(ts) => {
                let mut types = Vec::new();
                for t in ts {
                    types.push(self.value_type(*t));
                }
                vec!["'tuple'".into(), list(types)]
            }
            Type::Flags(labels) => {
                let names = self.fields(labels);
                vec!["'flags'".into(), list(quoted(&names))]
            }
            Type::Enum(labels) => vec!["'enum'".into(), list(quoted(labels))],
            Type::Option(e) if !self.is_option(*e) => vec!["'option'".into(), self.value_type(*e)],
            Type::Variant(cases) => self.value_cases("'variant'", cases),
            Type::Option(e) => self.value_cases(
                "'variant'",
                &[("none".into(), None), ("some".into(), Some(*e))],
            ),
            Type::Result { ok, err } => {
                self.value_cases("'result'", &[("ok".into(), *ok), ("err".into(), *err)])
            }
            Type::Own(r) => vec!["'own'".into(), self.imported_class(*r)],
            // An error-context is its debug message.
            Type::ErrorContext => return quote("string"),
            _ => return quote(&self.plan.keyword(t).unwrap_or_default()),
        };
        let name = self.scope.global(&cat!("typeOf", self.type_name(t)));
        self.value_types.insert(t, name.clone());
        self.detached(true, |js| {
            line!(js.out, "const ", name, " = ", list(parts), ";")
        });
        name
    }

    /// The parts of a type with cases.
    fn value_cases(&mut self, kind: &str, cases: &[(String, Option<TypeId>)]) -> Vec<String> {
        let names = quoted(&names_of(cases));
        let mut types = Vec::new();
        for (_, t) in cases {
            types.push(t.map_or("undefined".into(), |t| self.value_type(t)));
        }
        vec![
            kind.into(),
            cat!("[", names.join(", "), "]"),
            cat!("[", types.join(", "), "]"),
        ]
    }
}

/// Whether an exported instance shows a value: then it comes to be after the steps.
pub fn has_value(items: &[(String, ExportItem)]) -> bool {
    items.iter().any(|(_, item)| match item {
        ExportItem::Value(_) => true,
        ExportItem::Instance(inner) => has_value(inner),
        _ => false,
    })
}
