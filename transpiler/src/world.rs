//! The component's world as data: what tools show (WIT text, forms for its functions) and what gives typed text its types.
//!
//! JSON, because its readers are JavaScript: indices for types, names as written. Its shape is `World` in npm/src/types.d.ts.
//! Knows the plan's table and externs, no step and no JavaScript name.

use crate::emit::printer::cat;
use crate::plan::{ExternType, ExternTypeDef, Plan};
use crate::types::{FuncType, Type, TypeId};

/// The world of a plan's root component.
pub fn to_json(plan: &Plan) -> String {
    let mut types = Items::default();
    for (_, ty) in plan.types.iter() {
        types.push(&type_json(ty));
    }
    let mut resources = Items::default();
    for r in &plan.resources {
        let interface = r.interface.as_ref().map(|i| quoted(i));
        let interface = interface.unwrap_or_else(|| NULL.into());
        let name = quoted(&r.name);
        resources.push(&cat!("{\"name\":", name, ",\"interface\":", interface, "}"));
    }
    let mut imports = Items::default();
    for import in &plan.imports {
        imports.push(&extern_json(plan, &import.name.name, &import.ty));
    }
    let mut exports = Items::default();
    for export in &plan.exports {
        exports.push(&extern_json(plan, &export.name.name, &export.ty));
    }
    cat!(
        "{\"types\":",
        types.list(),
        ",\"resources\":",
        resources.list(),
        ",\"imports\":",
        imports.list(),
        ",\"exports\":",
        exports.list(),
        "}"
    )
}

fn type_json(ty: &Type) -> String {
    let name = match ty {
        Type::Bool => "bool",
        Type::S8 => "s8",
        Type::U8 => "u8",
        Type::S16 => "s16",
        Type::U16 => "u16",
        Type::S32 => "s32",
        Type::U32 => "u32",
        Type::S64 => "s64",
        Type::U64 => "u64",
        Type::F32 => "f32",
        Type::F64 => "f64",
        Type::Char => "char",
        Type::String => "string",
        Type::ErrorContext => "error-context",
        _ => {
            let (key, value) = made_type(ty);
            return cat!("{", quoted(key), ":", value, "}");
        }
    };
    quoted(name)
}

/// A type that is made of others: its kind, and what it is made of.
fn made_type(ty: &Type) -> (&'static str, String) {
    match ty {
        Type::List(t) => ("list", number(*t)),
        Type::FixedList(t, length) => {
            let length = length.to_string();
            ("list", cat!(number(*t), ",\"length\":", length))
        }
        Type::Map(k, v) => ("map", types_json(&[*k, *v])),
        Type::Record(fields) => ("record", fields_json(fields)),
        Type::Tuple(types) => ("tuple", types_json(types)),
        Type::Variant(cases) => {
            let mut items = Items::default();
            for (name, t) in cases {
                items.push(&pair(name, &type_or_null(*t)));
            }
            ("variant", items.list())
        }
        Type::Enum(names) => ("enum", names_json(names)),
        Type::Flags(names) => ("flags", names_json(names)),
        Type::Option(t) => ("option", number(*t)),
        Type::Result { ok, err } => {
            let (ok, err) = (type_or_null(*ok), type_or_null(*err));
            ("result", cat!("[", ok, ",", err, "]"))
        }
        Type::Own(r) => ("own", r.0.to_string()),
        Type::Borrow(r) => ("borrow", r.0.to_string()),
        Type::Stream(t) => ("stream", type_or_null(*t)),
        Type::Future(t) => ("future", type_or_null(*t)),
        _ => ("", String::new()),
    }
}

/// The recursion is that of instance types, whose depth the validator limits.
fn extern_json(plan: &Plan, name: &str, ty: &ExternType) -> String {
    let (kind, rest) = match ty {
        ExternType::Func(f) => ("func", func_json(plan.types.func(*f))),
        ExternType::Instance(items) => {
            let mut all = Items::default();
            for (name, ty) in items {
                all.push(&extern_json(plan, name, ty));
            }
            ("instance", cat!(",\"items\":", all.list()))
        }
        ExternType::Type(ExternTypeDef::Value(t)) => ("type", cat!(",\"type\":", number(*t))),
        ExternType::Type(ExternTypeDef::Resource(r)) => {
            ("resource", cat!(",\"resource\":", r.0.to_string()))
        }
        ExternType::Type(ExternTypeDef::Other) => ("other", String::new()),
        ExternType::Value(t) => ("value", cat!(",\"type\":", number(*t))),
        ExternType::Module => ("module", String::new()),
        ExternType::Component => ("component", String::new()),
    };
    let name = quoted(name);
    cat!("{\"name\":", name, ",\"kind\":\"", kind, "\"", rest, "}")
}

fn func_json(ty: &FuncType) -> String {
    cat!(
        ",\"params\":",
        fields_json(&ty.params),
        ",\"result\":",
        type_or_null(ty.result),
        ",\"async\":",
        if ty.async_ { "true" } else { "false" }
    )
}

fn fields_json(fields: &[(String, TypeId)]) -> String {
    let mut items = Items::default();
    for (name, t) in fields {
        items.push(&pair(name, &number(*t)));
    }
    items.list()
}

fn types_json(types: &[TypeId]) -> String {
    let mut items = Items::default();
    for t in types {
        items.push(&number(*t));
    }
    items.list()
}

fn names_json(names: &[String]) -> String {
    let mut items = Items::default();
    for name in names {
        items.push(&quoted(name));
    }
    items.list()
}

fn pair(name: &str, value: &str) -> String {
    cat!("[", quoted(name), ",", value, "]")
}

const NULL: &str = "null";

fn type_or_null(ty: Option<TypeId>) -> String {
    ty.map_or_else(|| NULL.into(), number)
}

fn number(ty: TypeId) -> String {
    ty.0.to_string()
}

/// A list in the making.
#[derive(Default)]
struct Items(String);

impl Items {
    fn push(&mut self, item: &str) {
        self.0.push(if self.0.is_empty() { '[' } else { ',' });
        self.0.push_str(item);
    }

    fn list(self) -> String {
        match self.0.is_empty() {
            true => "[]".into(),
            false => self.0 + "]",
        }
    }
}

/// A JSON string. Import names may hold anything.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\0'..='\x1f' => {
                out.push_str(if c < '\x10' { "\\u000" } else { "\\u001" });
                out.extend(char::from_digit(c as u32 & 15, 16));
            }
            c => out.push(c),
        }
    }
    out + "\""
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{decode, link, Options};

    fn world(wat: &str) -> String {
        let bytes = wat::parse_str(wat).expect("the test's text is right");
        let options = Options::default();
        let graph = decode::decode(&bytes, &options).expect("the test's component is valid");
        to_json(&link::link(&graph, &options).expect("the test's component links"))
    }

    #[test]
    fn types_and_externs() {
        let json = world(
            r#"(component
                (import "a:b/c@1.0.0" (instance
                    (export "r" (type (sub resource)))
                    (type $p (record (field "x" u8) (field "y" (option string))))
                    (export "p" (type (eq $p)))))
                (import "f" (func (param "a" (list char)) (result (result (error string))))))"#,
        );
        assert_eq!(
            json,
            concat!(
                r#"{"types":["u8","string",{"option":1},{"record":[["x",0],["y",2]]},"char",{"list":4},{"result":[null,1]}],"#,
                r#""resources":[{"name":"r","interface":"a:b/c@1.0.0"}],"#,
                r#""imports":[{"name":"a:b/c@1.0.0","kind":"instance","items":[{"name":"r","kind":"resource","resource":0},{"name":"p","kind":"type","type":3}]},"#,
                r#"{"name":"f","kind":"func","params":[["a",5]],"result":6,"async":false}],"exports":[]}"#
            )
        );
    }

    #[test]
    fn names_are_quoted() {
        assert_eq!(quoted("a\"b\\c\n"), r#""a\"b\\c\u000a""#);
    }
}
