//! The component's world as data: what tools show (WIT text, forms for its functions) and what gives typed text its types.
//!
//! JSON, because its readers are JavaScript: indices for types, names as written. Its shape is `World` in npm/src/types.d.ts.
//! Knows the plan's table and externs, no step and no JavaScript name.

use crate::plan::{Extern, ExternType, ExternTypeDef, Plan};
use crate::types::{FuncType, Type, TypeId};
use std::fmt::{Display, Write};

/// The world of a plan's root component.
pub fn to_json(plan: &Plan) -> String {
    let exports = plan.exports.iter().map(|e| (e.name.name.as_str(), &e.ty));
    format!(
        r#"{{"types":{},"resources":{},"imports":{},"exports":{}}}"#,
        list(plan.types.iter().map(|(_, ty)| type_json(ty))),
        list(plan.resources.iter().map(|r| {
            let interface = or_null(r.interface.as_deref().map(quoted));
            format!(r#"{{"name":{},"interface":{interface}}}"#, quoted(&r.name))
        })),
        list(
            plan.imports
                .iter()
                .map(|Extern { name, ty }| extern_json(plan, &name.name, ty))
        ),
        list(exports.map(|(name, ty)| extern_json(plan, name, ty))),
    )
}

fn type_json(ty: &Type) -> String {
    match ty {
        Type::Bool => quoted("bool"),
        Type::S8 => quoted("s8"),
        Type::U8 => quoted("u8"),
        Type::S16 => quoted("s16"),
        Type::U16 => quoted("u16"),
        Type::S32 => quoted("s32"),
        Type::U32 => quoted("u32"),
        Type::S64 => quoted("s64"),
        Type::U64 => quoted("u64"),
        Type::F32 => quoted("f32"),
        Type::F64 => quoted("f64"),
        Type::Char => quoted("char"),
        Type::String => quoted("string"),
        Type::ErrorContext => quoted("error-context"),
        Type::List(t) => of("list", t.0),
        Type::FixedList(t, length) => format!(r#"{{"list":{},"length":{length}}}"#, t.0),
        Type::Map(k, v) => of("map", list([k.0, v.0])),
        Type::Record(fields) => of("record", fields_json(fields)),
        Type::Tuple(types) => of("tuple", list(types.iter().map(|t| t.0))),
        Type::Variant(cases) => {
            let cases = cases.iter().map(|(name, t)| pair(name, type_or_null(*t)));
            of("variant", list(cases))
        }
        Type::Enum(names) => of("enum", list(names.iter().map(|n| quoted(n)))),
        Type::Flags(names) => of("flags", list(names.iter().map(|n| quoted(n)))),
        Type::Option(t) => of("option", t.0),
        Type::Result { ok, err } => of("result", list([type_or_null(*ok), type_or_null(*err)])),
        Type::Own(r) => of("own", r.0),
        Type::Borrow(r) => of("borrow", r.0),
        Type::Stream(t) => of("stream", type_or_null(*t)),
        Type::Future(t) => of("future", type_or_null(*t)),
    }
}

/// The recursion is that of instance types, whose depth the validator limits.
fn extern_json(plan: &Plan, name: &str, ty: &ExternType) -> String {
    let (kind, rest) = match ty {
        ExternType::Func(f) => ("func", func_json(plan.types.func(*f))),
        ExternType::Instance(items) => {
            let items = items.iter().map(|(name, ty)| extern_json(plan, name, ty));
            ("instance", format!(r#","items":{}"#, list(items)))
        }
        ExternType::Type(ExternTypeDef::Value(t)) => ("type", format!(r#","type":{}"#, t.0)),
        ExternType::Type(ExternTypeDef::Resource(r)) => {
            ("resource", format!(r#","resource":{}"#, r.0))
        }
        ExternType::Type(ExternTypeDef::Other) => ("other", String::new()),
        ExternType::Value(t) => ("value", format!(r#","type":{}"#, t.0)),
        ExternType::Module => ("module", String::new()),
        ExternType::Component => ("component", String::new()),
    };
    format!(r#"{{"name":{},"kind":"{kind}"{rest}}}"#, quoted(name))
}

fn func_json(ty: &FuncType) -> String {
    format!(
        r#","params":{},"result":{},"async":{}"#,
        fields_json(&ty.params),
        type_or_null(ty.result),
        ty.async_
    )
}

fn fields_json(fields: &[(String, TypeId)]) -> String {
    list(fields.iter().map(|(name, t)| pair(name, t.0)))
}

fn pair(name: &str, value: impl Display) -> String {
    format!("[{},{value}]", quoted(name))
}

fn of(key: &str, value: impl Display) -> String {
    format!(r#"{{"{key}":{value}}}"#)
}

fn type_or_null(ty: Option<TypeId>) -> String {
    or_null(ty.map(|t| t.0.to_string()))
}

fn or_null(value: Option<String>) -> String {
    value.unwrap_or_else(|| "null".into())
}

fn list(items: impl IntoIterator<Item = impl Display>) -> String {
    let mut out = String::from("[");
    for (i, item) in items.into_iter().enumerate() {
        let comma = if i == 0 { "" } else { "," };
        write!(out, "{comma}{item}").expect("a String takes any text");
    }
    out + "]"
}

/// A JSON string. Import names may hold anything.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if (c as u32) < 0x20 => {
                write!(out, "\\u{:04x}", c as u32).expect("a String takes any text")
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
