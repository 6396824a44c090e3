//! What a type is called in JavaScript, and the functions per type that lift and lower keep.

use super::Js;
use crate::emit::names::{camel, pascal};
use crate::emit::printer::cat;
use crate::map::Sorted;
use crate::plan::{ExternType, ExternTypeDef, InstanceId, Plan, StringEncoding};
use crate::types::abi::PtrSize;
use crate::types::{Type, TypeId};

/// What a generated function does with its type.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Work {
    Load,
    Store,
    /// From flat core values.
    Lift,
    LiftFlags,
    LowerFlags,
    /// The case names of an enum.
    Cases,
}

/// Who is on the other side: it decides what `own` and `borrow` are in JavaScript.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Side {
    /// Objects of the resource's class.
    Host,
    /// Representations, on their way to another instance.
    Adapter,
}

/// Generated functions are shared by what they depend on, and nothing else.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct FnKey {
    pub work: Work,
    pub ty: TypeId,
    pub ptr: PtrSize,
    pub encoding: StringEncoding,
    pub instance: Option<InstanceId>,
    pub side: Option<Side>,
}

/// The names that the world's interfaces give to types: kebab-case, the first one counts.
pub fn type_names(plan: &Plan) -> Sorted<TypeId, String> {
    let mut names = Sorted::new();
    let mut work: Vec<(&str, &ExternType)> = Vec::new();
    let exports = plan.exports.iter().map(|e| (e.name.name.as_str(), &e.ty));
    work.extend(exports.rev());
    let imports = plan.imports.iter().map(|e| (e.name.name.as_str(), &e.ty));
    work.extend(imports.rev());
    while let Some((name, ty)) = work.pop() {
        match ty {
            ExternType::Type(ExternTypeDef::Value(t)) => {
                names.get_or_insert_with(*t, || name.to_string());
            }
            ExternType::Instance(items) => {
                work.extend(items.iter().rev().map(|(n, t)| (n.as_str(), t)));
            }
            _ => {}
        }
    }
    names
}

impl Js<'_> {
    /// A Pascal-case name for a type, from the world or from its structure.
    pub fn type_name(&self, t: TypeId) -> String {
        self.name_to_depth(t, 3)
    }

    fn name_to_depth(&self, t: TypeId, depth: u32) -> String {
        if let Some(name) = self.type_names.get(&t) {
            return pascal(name);
        }
        let part = |t: &TypeId| match depth {
            0 => String::new(),
            _ => self.name_to_depth(*t, depth - 1),
        };
        match self.plan.types.get(t) {
            Type::List(e) => cat!("ListOf", part(e)),
            Type::FixedList(e, n) => cat!("ListOf", n.to_string(), part(e)),
            Type::Option(e) => cat!("Option", part(e)),
            Type::Map(k, v) => cat!("MapOf", part(k), part(v)),
            Type::Result { ok, err } => {
                let ok = ok.as_ref().map(part).unwrap_or_default();
                let err = err.as_ref().map(part).unwrap_or_default();
                cat!("Result", ok, err)
            }
            Type::Tuple(ts) if ts.len() <= 3 => {
                cat!("Tuple", ts.iter().map(part).collect::<String>())
            }
            Type::Tuple(_) => "Tuple".into(),
            Type::Record(_) => "Record".into(),
            Type::Variant(_) => "Variant".into(),
            Type::Enum(_) => "Enum".into(),
            Type::Flags(_) => "Flags".into(),
            Type::Own(r) | Type::Borrow(r) => pascal(&self.plan.resource(*r).name),
            Type::String => "String".into(),
            Type::Bool => "Bool".into(),
            Type::Char => "Char".into(),
            Type::U8 => "U8".into(),
            Type::S8 => "S8".into(),
            Type::U16 => "U16".into(),
            Type::S16 => "S16".into(),
            Type::U32 => "U32".into(),
            Type::S32 => "S32".into(),
            Type::U64 => "U64".into(),
            Type::S64 => "S64".into(),
            Type::F32 => "F32".into(),
            Type::F64 => "F64".into(),
            Type::ErrorContext => "ErrorContext".into(),
            Type::Stream(_) => "Stream".into(),
            Type::Future(_) => "Future".into(),
        }
    }

    /// The typed array that a list of `t` is, if it is a number type.
    pub fn number_array(&self, t: TypeId) -> Option<&'static str> {
        number_array(self.plan.types.get(t))
    }

    /// Camel-case names of a record's fields, a flags' labels.
    pub fn fields(&self, names: &[String]) -> Vec<String> {
        crate::emit::names::distinct(names)
    }

    /// `hint` for a local variable: camel-case.
    pub fn local(&mut self, hint: &str) -> String {
        self.scope.local(&camel(hint))
    }
}

pub fn number_array(t: &Type) -> Option<&'static str> {
    Some(match t {
        Type::S8 => "Int8Array",
        Type::U8 => "Uint8Array",
        Type::S16 => "Int16Array",
        Type::U16 => "Uint16Array",
        Type::S32 => "Int32Array",
        Type::U32 => "Uint32Array",
        Type::S64 => "BigInt64Array",
        Type::U64 => "BigUint64Array",
        Type::F32 => "Float32Array",
        Type::F64 => "Float64Array",
        _ => return None,
    })
}

/// `DataView`'s name for a scalar in memory, whether it takes the little-endian flag, and whether that is all of the type.
pub fn accessor(t: &Type) -> Option<(&'static str, bool)> {
    Some(match t {
        Type::S8 => ("Int8", false),
        Type::U8 | Type::Bool => ("Uint8", false),
        Type::S16 => ("Int16", true),
        Type::U16 => ("Uint16", true),
        Type::S32 => ("Int32", true),
        Type::U32 | Type::Char => ("Uint32", true),
        Type::S64 => ("BigInt64", true),
        Type::U64 => ("BigUint64", true),
        Type::F32 => ("Float32", true),
        Type::F64 => ("Float64", true),
        _ => return None,
    })
}
