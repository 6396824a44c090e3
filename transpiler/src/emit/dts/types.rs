//! Value types as TypeScript: by name where one is declared, else written out; and their declarations.

use super::Dts;
use crate::emit::js::types::number_array;
use crate::emit::names::{distinct, key, names_of, pascal, quote, quoted};
use crate::emit::printer::{cat, line, open};
use crate::types::{ResourceId, Type, TypeId};

impl Dts<'_> {
    /// A global's name, qualified where the file declares the same.
    pub(super) fn global(&self, name: &str) -> String {
        match self.declared.contains(name) {
            true => cat!("globalThis.", name),
            false => name.into(),
        }
    }

    /// A type by name, or written out.
    pub(super) fn ty(&mut self, t: TypeId) -> String {
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
    pub(super) fn is_scalar(&self, t: TypeId) -> bool {
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
    pub(super) fn folder(&self) -> &'static str {
        if self.here.is_some() {
            "./"
        } else {
            "./interfaces/"
        }
    }

    pub(super) fn written(&mut self, t: TypeId) -> String {
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
                let names = distinct(&names_of(fields));
                let mut parts = Vec::new();
                for ((_, t), name) in fields.iter().zip(names) {
                    parts.push(self.field(&name, *t));
                }
                cat!("{ ", parts.join("; "), " }")
            }
            Type::Tuple(ts) => {
                let mut parts = Vec::new();
                for t in ts {
                    parts.push(self.ty(*t));
                }
                cat!("[", parts.join(", "), "]")
            }
            Type::Variant(cases) => {
                let mut parts = Vec::new();
                for (name, t) in cases {
                    parts.push(self.case(name, *t));
                }
                parts.join(" | ")
            }
            Type::Enum(names) => quoted(names).join(" | "),
            Type::Flags(labels) => {
                let mut parts = Vec::new();
                for name in distinct(labels) {
                    parts.push(cat!(key(&name), "?: boolean | undefined"));
                }
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

    pub(super) fn field(&mut self, name: &str, t: TypeId) -> String {
        let optional = match self.plan.types.get(t) {
            Type::Option(e) => !matches!(self.plan.types.get(*e), Type::Option(_)),
            _ => false,
        };
        cat!(key(name), if optional { "?: " } else { ": " }, self.ty(t))
    }

    pub(super) fn case(&mut self, name: &str, payload: Option<TypeId>) -> String {
        let val = payload.map_or(String::new(), |t| cat!("; val: ", self.ty(t)));
        cat!("{ tag: ", quote(name), val, " }")
    }

    pub(super) fn class_name(&mut self, r: ResourceId) -> String {
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
    pub(super) fn type_declaration(&mut self, name: &str, t: TypeId) {
        let kebab = name;
        self.doc(&["types", kebab]);
        let name = pascal(name);
        // The second name of a type says what the first one is.
        let first = self.names.get(&t).filter(|_| !self.is_scalar(t));
        if first.is_some_and(|first| *first != name) {
            let first = self.ty(t);
            line!(self.out, "export type ", name, " = ", first, ";");
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
                let names = distinct(&names_of(fields));
                open!(self.out, "export interface ", name, " {");
                for ((label, t), field) in fields.iter().zip(names) {
                    self.doc(&["types", kebab, "items", label]);
                    let line = self.field(&field, *t);
                    line!(self.out, line, ";");
                }
                self.out.close("}");
            }
            Type::Flags(labels) => {
                open!(self.out, "export interface ", name, " {");
                for field in distinct(labels) {
                    line!(self.out, key(&field), "?: boolean | undefined;");
                }
                self.out.close("}");
            }
            Type::Variant(cases) => {
                open!(self.out, "export type ", name, " =");
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
                line!(self.out, "export type ", name, " = ", written, ";");
            }
        }
    }
}
