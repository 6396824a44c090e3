//! How a WIT type is written in TypeScript: interface.md's table. Knows which names are in reach, not how they got there.

use crate::names::{self, key, pascal, quote};
use std::collections::{BTreeMap, BTreeSet};
use wit_parser::{Handle, Resolve, Type, TypeDefKind, TypeId};

/// Camel-case names of fields, flags or parameters; where two agree, the later gets a number.
pub fn distinct<'a>(all: impl Iterator<Item = &'a String>) -> Vec<String> {
    names::distinct(&all.cloned().collect::<Vec<_>>())
}

/// Where something is declared: the way to name it from each place.
#[derive(Clone, Debug)]
pub struct Owner {
    /// The file it is in; none for the module's own.
    pub file: Option<String>,
    pub name: String,
    /// A guest's import is a module with a name of its own.
    pub module: Option<String>,
}

/// Where classes and named structures are declared.
#[derive(Default)]
pub struct Homes {
    /// Resources, by what their aliases stand for.
    pub classes: BTreeMap<TypeId, Owner>,
    /// Records, variants, enums and flags, by name and shape: an interface that is imported and exported has each twice.
    pub types: BTreeMap<(String, String), Owner>,
}

/// What types can be called in the file being printed.
pub struct Speller<'a> {
    pub resolve: &'a Resolve,
    pub homes: &'a Homes,
    /// The file; none for the module's own.
    pub here: Option<&'a str>,
    /// Base name of the module's own file.
    pub module: &'a str,
    /// Names of types of this file, by the id that it gives them, and by what that stands for.
    pub names: BTreeMap<TypeId, String>,
    /// All names that this file declares.
    pub declared: BTreeSet<String>,
}

impl Speller<'_> {
    /// Takes a type's name into reach: `id` is what this file calls it.
    pub fn declare(&mut self, id: TypeId, name: &str) {
        let name = pascal(name);
        self.declared.insert(name.clone());
        self.names.insert(id, name.clone());
        // An alias of a type from elsewhere names that type here; one of a scalar names only itself.
        let root = self.root(id);
        self.names.entry(root).or_insert(name);
    }

    /// What an alias stands for in the end.
    pub fn root(&self, id: TypeId) -> TypeId {
        wit_bindgen_core::dealias(self.resolve, id)
    }

    /// The type without its aliases; none for a scalar.
    fn kind(&self, ty: &Type) -> Option<&TypeDefKind> {
        match ty {
            Type::Id(id) => match &self.resolve.types[self.root(*id)].kind {
                TypeDefKind::Type(scalar) => self.kind(scalar),
                kind => Some(kind),
            },
            _ => None,
        }
    }

    fn scalar(&self, ty: &Type) -> Option<Type> {
        match ty {
            Type::Id(id) => match &self.resolve.types[self.root(*id)].kind {
                TypeDefKind::Type(scalar) => self.scalar(scalar),
                _ => None,
            },
            scalar => Some(*scalar),
        }
    }

    fn is_option(&self, ty: &Type) -> bool {
        matches!(self.kind(ty), Some(TypeDefKind::Option(_)))
    }

    /// A global's name, qualified where the file declares the same.
    pub fn global(&self, name: &str) -> String {
        if self.declared.contains(name) {
            format!("globalThis.{name}")
        } else {
            name.into()
        }
    }

    /// A type by name, or written out.
    pub fn ty(&self, ty: &Type) -> String {
        let Type::Id(id) = ty else {
            return self.primitive(ty).into();
        };
        let mut id = *id;
        loop {
            if let Some(name) = self.names.get(&id) {
                return name.clone();
            }
            match &self.resolve.types[id].kind {
                TypeDefKind::Type(Type::Id(next)) => id = *next,
                _ => return self.elsewhere(id).unwrap_or_else(|| self.written(id)),
            }
        }
    }

    /// The name of a structure that another file declares.
    pub fn elsewhere(&self, id: TypeId) -> Option<String> {
        let owner = self.homes.types.get(&structure(self.resolve, id)?)?;
        (owner.file.as_deref() != self.here).then(|| self.reach(owner))
    }

    fn primitive(&self, ty: &Type) -> &'static str {
        match ty {
            Type::Bool => "boolean",
            Type::S64 | Type::U64 => "bigint",
            Type::Char | Type::String | Type::ErrorContext => "string",
            _ => "number",
        }
    }

    /// A type's structure.
    pub fn written(&self, id: TypeId) -> String {
        match &self.resolve.types[id].kind {
            TypeDefKind::Type(ty) => self.ty(ty),
            TypeDefKind::List(e) | TypeDefKind::FixedLengthList(e, _) => {
                match self.scalar(e).and_then(typed_array) {
                    Some(array) => self.global(array),
                    None => format!("{}<{}>", self.global("Array"), self.ty(e)),
                }
            }
            TypeDefKind::Map(k, v) => {
                format!("{}<{}, {}>", self.global("Map"), self.ty(k), self.ty(v))
            }
            TypeDefKind::Record(record) => {
                let names = distinct(record.fields.iter().map(|f| &f.name));
                let fields: Vec<String> = record
                    .fields
                    .iter()
                    .zip(names)
                    .map(|(f, name)| self.field(&name, &f.ty))
                    .collect();
                format!("{{ {} }}", fields.join("; "))
            }
            TypeDefKind::Tuple(tuple) => {
                let types: Vec<String> = tuple.types.iter().map(|t| self.ty(t)).collect();
                format!("[{}]", types.join(", "))
            }
            TypeDefKind::Variant(variant) => {
                let cases: Vec<String> = variant
                    .cases
                    .iter()
                    .map(|c| self.case(&c.name, c.ty.as_ref()))
                    .collect();
                cases.join(" | ")
            }
            TypeDefKind::Enum(cases) => cases
                .cases
                .iter()
                .map(|c| quote(&c.name))
                .collect::<Vec<_>>()
                .join(" | "),
            TypeDefKind::Flags(flags) => {
                let names = distinct(flags.flags.iter().map(|f| &f.name));
                let fields: Vec<String> = names.iter().map(|name| flag(name)).collect();
                format!("{{ {} }}", fields.join("; "))
            }
            TypeDefKind::Option(some) if self.is_option(some) => {
                format!("{} | {{ tag: 'none' }}", self.case("some", Some(some)))
            }
            TypeDefKind::Option(some) => format!("{} | undefined", self.ty(some)),
            TypeDefKind::Result(result) => {
                let part = |ty: &Option<Type>| ty.as_ref().map_or("void".into(), |t| self.ty(t));
                let (ok, err) = (part(&result.ok), part(&result.err));
                format!("{{ tag: 'ok'; val: {ok} }} | {{ tag: 'err'; val: {err} }}")
            }
            TypeDefKind::Handle(Handle::Own(r) | Handle::Borrow(r)) => self.class(*r),
            TypeDefKind::Resource => self.class(id),
            TypeDefKind::Stream(_) => format!("{}<unknown>", self.global("ReadableStream")),
            TypeDefKind::Future(_) => format!("{}<unknown>", self.global("Promise")),
            TypeDefKind::Unknown => "unknown".into(),
        }
    }

    /// A resource's class, as this file has to name it.
    pub fn class(&self, resource: TypeId) -> String {
        match self.homes.classes.get(&self.root(resource)) {
            None => "unknown".into(),
            Some(owner) => self.reach(owner),
        }
    }

    fn reach(&self, owner: &Owner) -> String {
        let name = &owner.name;
        match (&owner.module, &owner.file) {
            (_, file) if file.as_deref() == self.here => name.clone(),
            (Some(module), _) => format!("import({}).{name}", quote(module)),
            (None, Some(file)) => {
                let folder = if self.here.is_some() {
                    "./"
                } else {
                    "./interfaces/"
                };
                format!("import('{folder}{file}.js').{name}")
            }
            (None, None) => format!("import('../{}.js').{name}", self.module),
        }
    }

    /// A field; one that may be left out says so.
    pub fn field(&self, name: &str, ty: &Type) -> String {
        let optional = match self.kind(ty) {
            Some(TypeDefKind::Option(some)) => !self.is_option(some),
            _ => false,
        };
        format!(
            "{}{} {}",
            key(name),
            if optional { "?:" } else { ":" },
            self.ty(ty)
        )
    }

    pub fn case(&self, name: &str, payload: Option<&Type>) -> String {
        let val = payload.map_or(String::new(), |ty| format!("; val: {}", self.ty(ty)));
        format!("{{ tag: {}{val} }}", quote(name))
    }

    /// A function's result: an error is thrown, not returned.
    pub fn result(&self, result: Option<&Type>) -> String {
        match result.map(|ty| (ty, self.kind(ty))) {
            None => "void".into(),
            Some((_, Some(TypeDefKind::Result(result)))) => {
                result.ok.as_ref().map_or("void".into(), |ok| self.ty(ok))
            }
            Some((ty, _)) => self.ty(ty),
        }
    }
}

/// The name and shape of a record, variant, enum or flags.
pub fn structure(resolve: &Resolve, id: TypeId) -> Option<(String, String)> {
    let def = &resolve.types[wit_bindgen_core::dealias(resolve, id)];
    let named = matches!(
        def.kind,
        TypeDefKind::Record(_)
            | TypeDefKind::Variant(_)
            | TypeDefKind::Enum(_)
            | TypeDefKind::Flags(_)
    );
    if !named {
        return None;
    }
    Some((def.name.clone()?, shape(resolve, &Type::Id(id))))
}

/// A type written so that equal types are written the same. WIT's types are not recursive.
fn shape(resolve: &Resolve, ty: &Type) -> String {
    let Type::Id(id) = ty else {
        return format!("{ty:?}");
    };
    let id = wit_bindgen_core::dealias(resolve, *id);
    let of = |ty: &Type| shape(resolve, ty);
    let all = |types: &[Type]| types.iter().map(of).collect::<Vec<_>>().join(",");
    let maybe = |ty: &Option<Type>| ty.as_ref().map_or("_".into(), of);
    match &resolve.types[id].kind {
        TypeDefKind::Type(ty) => of(ty),
        TypeDefKind::Record(record) => {
            let fields: Vec<String> = record
                .fields
                .iter()
                .map(|f| format!("{}:{}", f.name, of(&f.ty)))
                .collect();
            format!("record({})", fields.join(","))
        }
        TypeDefKind::Variant(variant) => {
            let cases: Vec<String> = variant
                .cases
                .iter()
                .map(|c| format!("{}:{}", c.name, maybe(&c.ty)))
                .collect();
            format!("variant({})", cases.join(","))
        }
        TypeDefKind::Enum(cases) => {
            let cases: Vec<&str> = cases.cases.iter().map(|c| c.name.as_str()).collect();
            format!("enum({})", cases.join(","))
        }
        TypeDefKind::Flags(flags) => {
            let flags: Vec<&str> = flags.flags.iter().map(|f| f.name.as_str()).collect();
            format!("flags({})", flags.join(","))
        }
        TypeDefKind::Tuple(tuple) => format!("tuple({})", all(&tuple.types)),
        TypeDefKind::Option(ty) => format!("option({})", of(ty)),
        TypeDefKind::Result(result) => {
            format!("result({},{})", maybe(&result.ok), maybe(&result.err))
        }
        TypeDefKind::List(ty) => format!("list({})", of(ty)),
        TypeDefKind::FixedLengthList(ty, length) => format!("list({},{length})", of(ty)),
        TypeDefKind::Map(key, value) => format!("map({},{})", of(key), of(value)),
        TypeDefKind::Future(ty) => format!("future({})", maybe(ty)),
        TypeDefKind::Stream(ty) => format!("stream({})", maybe(ty)),
        TypeDefKind::Handle(Handle::Own(r)) => {
            format!("own({})", wit_bindgen_core::dealias(resolve, *r).index())
        }
        TypeDefKind::Handle(Handle::Borrow(r)) => {
            format!("borrow({})", wit_bindgen_core::dealias(resolve, *r).index())
        }
        TypeDefKind::Resource | TypeDefKind::Unknown => format!("resource({})", id.index()),
    }
}

/// A flag; missing ones are false.
pub fn flag(name: &str) -> String {
    format!("{}?: boolean | undefined", key(name))
}

fn typed_array(scalar: Type) -> Option<&'static str> {
    Some(match scalar {
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
