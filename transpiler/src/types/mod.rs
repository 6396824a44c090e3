//! The one type table: component value types and function types, interned structurally.
//!
//! Two equal types have one [`TypeId`], whatever component they were written in. Before `link`, `own` and `borrow`
//! name resources by *variable* (one per resource type that a component's text mentions); `link` binds variables to
//! the resources of one instance with [`TypeTable::bind`], because instantiating twice makes two resource types.
//! This room knows nothing of bytes, wasmparser or JavaScript.

pub mod abi;

use crate::map::Map;

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
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
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
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct FuncType {
    /// Parameter names (kebab-case) and types, in order.
    pub params: Box<[(String, TypeId)]>,
    pub result: Option<TypeId>,
    /// Whether the function is declared `async` in WIT.
    pub async_: bool,
}

impl Type {
    /// The types it is made of, in order.
    pub fn children(&self) -> Vec<TypeId> {
        match self {
            Type::List(t) | Type::FixedList(t, _) | Type::Option(t) => vec![*t],
            Type::Map(k, v) => vec![*k, *v],
            Type::Record(fields) => types_of(fields),
            Type::Tuple(ts) => ts.to_vec(),
            Type::Variant(cases) => cases.iter().filter_map(|(_, t)| *t).collect(),
            Type::Result { ok, err } => ok.iter().chain(err).copied().collect(),
            Type::Stream(t) | Type::Future(t) => t.iter().copied().collect(),
            _ => Vec::new(),
        }
    }
}

impl FuncType {
    pub fn param_types(&self) -> Vec<TypeId> {
        types_of(&self.params)
    }

    /// The types of parameters and result.
    pub fn values(&self) -> Vec<TypeId> {
        let mut all = self.param_types();
        all.extend(self.result);
        all
    }
}

fn types_of(fields: &[(String, TypeId)]) -> Vec<TypeId> {
    fields.iter().map(|(_, t)| *t).collect()
}

/// The arena of types. Ids are dense and in order of first use, so a table built from the same bytes is the same.
#[derive(Default, Clone)]
pub struct TypeTable {
    types: Vec<Type>,
    abi: Vec<abi::TypeAbi>,
    interned: Map<Type, TypeId>,
    funcs: Vec<FuncType>,
    interned_funcs: Map<FuncType, FuncTypeId>,
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
        self.get(id).children()
    }

    /// `id` with every resource variable replaced by what `resource` says of it.
    pub fn bind(
        &mut self,
        id: TypeId,
        resource: &mut dyn FnMut(ResourceId) -> ResourceId,
    ) -> TypeId {
        Binder {
            table: self,
            resource,
            bound: Map::new(),
        }
        .bind(id)
    }

    /// [`TypeTable::bind`] for a function type.
    pub fn bind_func(
        &mut self,
        id: FuncTypeId,
        resource: &mut dyn FnMut(ResourceId) -> ResourceId,
    ) -> FuncTypeId {
        let mut ty = self.func(id).clone();
        let mut binder = Binder {
            table: self,
            resource,
            bound: Map::new(),
        };
        for (_, t) in &mut ty.params {
            *t = binder.bind(*t);
        }
        ty.result = ty.result.map(|t| binder.bind(t));
        self.intern_func(ty)
    }
}

/// One binding of resource variables; each type is bound once, however often it is mentioned.
struct Binder<'a> {
    table: &'a mut TypeTable,
    resource: &'a mut dyn FnMut(ResourceId) -> ResourceId,
    bound: Map<TypeId, TypeId>,
}

impl Binder<'_> {
    /// Recursion is bounded by the validator's limit on the depth of types.
    fn bind(&mut self, id: TypeId) -> TypeId {
        if !self.table.abi(id).has_resources {
            return id;
        }
        if let Some(&bound) = self.bound.get(&id) {
            return bound;
        }
        let mut ty = self.table.get(id).clone();
        self.bind_parts(&mut ty);
        let bound = self.table.intern(ty);
        self.bound.insert(id, bound);
        bound
    }

    fn bind_parts(&mut self, ty: &mut Type) {
        let mut parts: Vec<&mut TypeId> = Vec::new();
        match ty {
            Type::List(t) | Type::FixedList(t, _) | Type::Option(t) => parts.push(t),
            Type::Map(k, v) => parts.extend([k, v]),
            Type::Record(fields) => parts.extend(fields.iter_mut().map(|(_, t)| t)),
            Type::Tuple(ts) => parts.extend(ts),
            Type::Variant(cases) => parts.extend(cases.iter_mut().filter_map(|(_, t)| t.as_mut())),
            Type::Result { ok, err } => parts.extend(ok.iter_mut().chain(err)),
            Type::Stream(t) | Type::Future(t) => parts.extend(t),
            Type::Own(r) | Type::Borrow(r) => *r = (self.resource)(*r),
            _ => {}
        }
        for t in parts {
            *t = self.bind(*t);
        }
    }
}
