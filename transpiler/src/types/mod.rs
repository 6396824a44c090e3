//! The one type table: component value types and function types, interned structurally.
//!
//! Two equal types have one [`TypeId`], whatever component they were written in. Before `link`, `own` and `borrow`
//! name resources by *variable* (one per resource type that a component's text mentions); `link` binds variables to
//! the resources of one instance with [`TypeTable::bind`], because instantiating twice makes two resource types.
//! This room knows nothing of bytes, wasmparser or JavaScript.

pub mod abi;

use std::collections::BTreeMap;

/// Declares an index newtype with its prefix in the plan's text form.
macro_rules! id {
    ($(#[$m:meta])* $name:ident, $prefix:literal) => {
        $(#[$m])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub u32);
        impl $name {
            /// The index as a `usize`, for indexing the arena that owns the item.
            pub fn index(self) -> usize {
                self.0 as usize
            }
        }
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, concat!($prefix, "{}"), self.0)
            }
        }
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, concat!($prefix, "{}"), self.0)
            }
        }
    };
}
pub(crate) use id;

id!(
    /// An interned value type.
    TypeId,
    "t"
);
id!(
    /// An interned function type.
    FuncTypeId,
    "ft"
);
id!(
    /// A resource type: a variable before `link`, an identity in the plan after it.
    ResourceId,
    "r"
);

/// A component value type. Names are kebab-case, as written.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Type {
    Bool,
    S8,
    U8,
    S16,
    U16,
    S32,
    U32,
    S64,
    U64,
    F32,
    F64,
    Char,
    String,
    ErrorContext,
    List(TypeId),
    FixedList(TypeId, u32),
    Map(TypeId, TypeId),
    Record(Box<[(String, TypeId)]>),
    Tuple(Box<[TypeId]>),
    Variant(Box<[(String, Option<TypeId>)]>),
    Enum(Box<[String]>),
    Flags(Box<[String]>),
    Option(TypeId),
    Result {
        ok: Option<TypeId>,
        err: Option<TypeId>,
    },
    Own(ResourceId),
    Borrow(ResourceId),
    Stream(Option<TypeId>),
    Future(Option<TypeId>),
}

/// A component function type.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FuncType {
    /// Parameter names (kebab-case) and types, in order.
    pub params: Box<[(String, TypeId)]>,
    pub result: Option<TypeId>,
    /// Whether the function is declared `async` in WIT.
    pub async_: bool,
}

/// The arena of types. Ids are dense and in order of first use, so a table built from the same bytes is the same.
#[derive(Default, Clone)]
pub struct TypeTable {
    types: Vec<Type>,
    abi: Vec<abi::TypeAbi>,
    interned: BTreeMap<Type, TypeId>,
    funcs: Vec<FuncType>,
    interned_funcs: BTreeMap<FuncType, FuncTypeId>,
}

impl TypeTable {
    /// The id of `ty`, adding it when it is new. Types it mentions must be of this table.
    pub fn intern(&mut self, ty: Type) -> TypeId {
        if let Some(&id) = self.interned.get(&ty) {
            return id;
        }
        let id = TypeId(self.types.len() as u32);
        self.abi.push(abi::TypeAbi::of(&ty, &self.abi));
        self.types.push(ty.clone());
        self.interned.insert(ty, id);
        id
    }

    /// The id of a function type, adding it when it is new.
    pub fn intern_func(&mut self, ty: FuncType) -> FuncTypeId {
        if let Some(&id) = self.interned_funcs.get(&ty) {
            return id;
        }
        let id = FuncTypeId(self.funcs.len() as u32);
        self.funcs.push(ty.clone());
        self.interned_funcs.insert(ty, id);
        id
    }

    pub fn get(&self, id: TypeId) -> &Type {
        &self.types[id.index()]
    }

    pub fn func(&self, id: FuncTypeId) -> &FuncType {
        &self.funcs[id.index()]
    }

    /// Sizes, alignment and flattening of a type.
    pub fn abi(&self, id: TypeId) -> &abi::TypeAbi {
        &self.abi[id.index()]
    }

    pub fn iter(&self) -> impl Iterator<Item = (TypeId, &Type)> {
        self.types
            .iter()
            .enumerate()
            .map(|(i, t)| (TypeId(i as u32), t))
    }

    /// The types a type is made of, in order.
    pub fn children(&self, id: TypeId) -> Vec<TypeId> {
        match self.get(id) {
            Type::List(t) | Type::FixedList(t, _) | Type::Option(t) => vec![*t],
            Type::Map(k, v) => vec![*k, *v],
            Type::Record(fields) => fields.iter().map(|(_, t)| *t).collect(),
            Type::Tuple(ts) => ts.to_vec(),
            Type::Variant(cases) => cases.iter().filter_map(|(_, t)| *t).collect(),
            Type::Result { ok, err } => ok.iter().chain(err).copied().collect(),
            Type::Stream(t) | Type::Future(t) => t.iter().copied().collect(),
            _ => Vec::new(),
        }
    }

    /// `id` with every resource variable replaced by what `resource` says of it.
    ///
    /// Recursion is bounded by the validator's limit on the depth of types.
    pub fn bind(
        &mut self,
        id: TypeId,
        resource: &mut dyn FnMut(ResourceId) -> ResourceId,
    ) -> TypeId {
        if !self.abi(id).has_resources {
            return id;
        }
        let mut bind = |table: &mut Self, t: TypeId| table.bind(t, resource);
        let ty = match self.get(id).clone() {
            Type::List(t) => Type::List(bind(self, t)),
            Type::FixedList(t, n) => Type::FixedList(bind(self, t), n),
            Type::Map(k, v) => Type::Map(bind(self, k), bind(self, v)),
            Type::Record(fields) => Type::Record(
                fields
                    .iter()
                    .map(|(n, t)| (n.clone(), bind(self, *t)))
                    .collect(),
            ),
            Type::Tuple(ts) => Type::Tuple(ts.iter().map(|t| bind(self, *t)).collect()),
            Type::Variant(cases) => Type::Variant(
                cases
                    .iter()
                    .map(|(n, t)| (n.clone(), t.map(|t| bind(self, t))))
                    .collect(),
            ),
            Type::Option(t) => Type::Option(bind(self, t)),
            Type::Result { ok, err } => Type::Result {
                ok: ok.map(|t| bind(self, t)),
                err: err.map(|t| bind(self, t)),
            },
            Type::Stream(t) => Type::Stream(t.map(|t| bind(self, t))),
            Type::Future(t) => Type::Future(t.map(|t| bind(self, t))),
            Type::Own(r) => Type::Own(resource(r)),
            Type::Borrow(r) => Type::Borrow(resource(r)),
            other => other,
        };
        self.intern(ty)
    }

    /// [`TypeTable::bind`] for a function type.
    pub fn bind_func(
        &mut self,
        id: FuncTypeId,
        resource: &mut dyn FnMut(ResourceId) -> ResourceId,
    ) -> FuncTypeId {
        let FuncType {
            params,
            result,
            async_,
        } = self.func(id).clone();
        let params = params
            .iter()
            .map(|(n, t)| (n.clone(), self.bind(*t, resource)))
            .collect();
        let result = result.map(|t| self.bind(t, resource));
        self.intern_func(FuncType {
            params,
            result,
            async_,
        })
    }
}
