//! Component values of a script as JSON: `[type, payload]`, where 64-bit integers are decimal strings and floats are
//! their bits (f32 a number, f64 a decimal string), so that nothing is lost on the way.

use serde_json::{json, Value};
use wast::component::WastVal;
use wast::{WastArg, WastRet};

/// An argument; one of a core module's export has no form here and lowers to null.
pub fn arg(arg: &WastArg<'_>) -> Value {
    match arg {
        WastArg::Component(v) => value(v),
        _ => Value::Null,
    }
}

/// An expected result, as `arg`.
pub fn ret(ret: &WastRet<'_>) -> Value {
    match ret {
        WastRet::Component(v) => value(v),
        _ => Value::Null,
    }
}

fn value(v: &WastVal<'_>) -> Value {
    match v {
        WastVal::Bool(b) => json!(["bool", b]),
        WastVal::U8(n) => json!(["u8", n]),
        WastVal::S8(n) => json!(["s8", n]),
        WastVal::U16(n) => json!(["u16", n]),
        WastVal::S16(n) => json!(["s16", n]),
        WastVal::U32(n) => json!(["u32", n]),
        WastVal::S32(n) => json!(["s32", n]),
        WastVal::U64(n) => json!(["u64", n.to_string()]),
        WastVal::S64(n) => json!(["s64", n.to_string()]),
        WastVal::F32(f) => json!(["f32", f.bits]),
        WastVal::F64(f) => json!(["f64", f.bits.to_string()]),
        WastVal::Char(c) => json!(["char", c.to_string()]),
        WastVal::String(s) => json!(["string", s]),
        WastVal::List(vs) => json!(["list", vs.iter().map(value).collect::<Vec<_>>()]),
        WastVal::Tuple(vs) => json!(["tuple", vs.iter().map(value).collect::<Vec<_>>()]),
        WastVal::Map(es) => {
            json!([
                "map",
                es.iter()
                    .map(|(k, v)| json!([value(k), value(v)]))
                    .collect::<Vec<_>>()
            ])
        }
        WastVal::Record(fs) => {
            json!([
                "record",
                fs.iter()
                    .map(|(n, v)| json!([n, value(v)]))
                    .collect::<Vec<_>>()
            ])
        }
        WastVal::Variant(case, payload) => json!(["variant", [case, optional(payload)]]),
        WastVal::Enum(case) => json!(["enum", case]),
        WastVal::Option(payload) => json!(["option", optional(payload)]),
        WastVal::Result(Ok(payload)) => json!(["result", ["ok", optional(payload)]]),
        WastVal::Result(Err(payload)) => json!(["result", ["err", optional(payload)]]),
        WastVal::Flags(names) => json!(["flags", names]),
    }
}

fn optional(payload: &Option<Box<WastVal<'_>>>) -> Value {
    payload.as_deref().map_or(Value::Null, value)
}
