//! The Canonical ABI's static part: alignment, element size, flattening, and the core signature of a lift or lower.
//!
//! Functions bear the names of `CanonicalABI.md` (`alignment`, `elem_size`, `flatten_functype`, …). Everything exists for
//! 32- and 64-bit memories. Nothing here knows how code is printed.

use super::{FuncType, Type, TypeId, TypeTable};

/// `CanonicalABI.md#flattening`
pub const MAX_FLAT_PARAMS: usize = 16;
/// `CanonicalABI.md#flattening`
pub const MAX_FLAT_ASYNC_PARAMS: usize = 4;
/// `CanonicalABI.md#flattening`
pub const MAX_FLAT_RESULTS: usize = 1;

/// A core value type of a flattened signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FlatType {
    I32,
    I64,
    F32,
    F64,
}

impl FlatType {
    /// The name in the text format.
    pub fn name(self) -> &'static str {
        match self {
            FlatType::I32 => "i32",
            FlatType::I64 => "i64",
            FlatType::F32 => "f32",
            FlatType::F64 => "f64",
        }
    }

    /// The core type that can carry both (`CanonicalABI.md#flattening`, `join`).
    pub fn join(self, other: FlatType) -> FlatType {
        use FlatType::*;
        match (self, other) {
            (a, b) if a == b => a,
            (I32, F32) | (F32, I32) => I32,
            _ => I64,
        }
    }
}

/// The pointer size of the memory that the canonical options name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PtrSize {
    P32,
    P64,
}

impl PtrSize {
    pub fn bytes(self) -> u32 {
        match self {
            PtrSize::P32 => 4,
            PtrSize::P64 => 8,
        }
    }

    pub fn flat(self) -> FlatType {
        match self {
            PtrSize::P32 => FlatType::I32,
            PtrSize::P64 => FlatType::I64,
        }
    }
}

/// Size, alignment and flat core types for one pointer size.
#[derive(Clone, Debug)]
pub struct Layout {
    /// `elem_size`, in bytes. Saturates: the validator refuses types that are too large to exist.
    pub size: u32,
    /// `alignment`, in bytes: 1, 2, 4 or 8.
    pub align: u32,
    /// `flatten_type`, or nothing when it is longer than [`MAX_FLAT_PARAMS`] (then it always spills).
    pub flat: Option<Box<[FlatType]>>,
}

/// What the ABI knows of a type, computed once when it is interned.
#[derive(Clone, Debug)]
pub struct TypeAbi {
    p32: Layout,
    p64: Layout,
    /// Contains `own` or `borrow` anywhere (through streams and futures too).
    pub has_resources: bool,
    /// Contains `borrow` anywhere.
    pub has_borrow: bool,
    /// Contains a string or a list: lowering it needs a realloc, lifting it a memory.
    pub has_pointer: bool,
    /// Contains a stream, future or error-context.
    pub has_async: bool,
}

/// `align_to` of the spec.
pub fn align_to(offset: u32, align: u32) -> u32 {
    offset.saturating_add(align - 1) / align * align
}

/// Bytes of a variant's discriminant: 1, 2 or 4 (`discriminant_type`).
pub fn discriminant_size(cases: usize) -> u32 {
    match cases {
        0..=0x100 => 1,
        0x101..=0x1_0000 => 2,
        _ => 4,
    }
}

/// Bytes of a flags value: 1, 2 or 4 (`elem_size_flags`; the validator allows at most 32 labels).
pub fn flags_size(labels: usize) -> u32 {
    match labels {
        0..=8 => 1,
        9..=16 => 2,
        _ => 4,
    }
}

impl Layout {
    fn scalar(size: u32, flat: FlatType) -> Layout {
        Layout {
            size,
            align: size,
            flat: Some(Box::new([flat])),
        }
    }

    fn pair(ptr: PtrSize) -> Layout {
        Layout {
            size: 2 * ptr.bytes(),
            align: ptr.bytes(),
            flat: Some(Box::new([ptr.flat(), ptr.flat()])),
        }
    }

    fn record(fields: &[&Layout]) -> Layout {
        let (mut size, mut align, mut flat) = (0, 1, Some(Vec::new()));
        for f in fields {
            align = align.max(f.align);
            size = align_to(size, f.align).saturating_add(f.size);
            flat = concat(flat, f.flat.as_deref());
        }
        Layout {
            size: align_to(size, align),
            align,
            flat: flat.map(Vec::into_boxed_slice),
        }
    }

    fn variant(count: usize, payloads: &[&Layout]) -> Layout {
        let disc = discriminant_size(count);
        let (mut size, mut align, mut joined) = (0, 1, Some(Vec::<FlatType>::new()));
        for p in payloads {
            align = align.max(p.align);
            size = size.max(p.size);
            joined = join_flat(joined, p.flat.as_deref());
        }
        let payload_at = align_to(disc, align);
        let align = align.max(disc);
        let flat = joined.and_then(|j| concat(Some(vec![FlatType::I32]), Some(&j)));
        Layout {
            size: align_to(payload_at.saturating_add(size), align),
            align,
            flat: flat.map(Vec::into_boxed_slice),
        }
    }

    fn repeat(elem: &Layout, n: u32) -> Layout {
        let flat = elem.flat.as_deref().and_then(|f| {
            (f.len().saturating_mul(n as usize) <= MAX_FLAT_PARAMS).then(|| f.repeat(n as usize))
        });
        Layout {
            size: elem.size.saturating_mul(n),
            align: elem.align,
            flat: flat.map(Vec::into_boxed_slice),
        }
    }
}

fn concat(a: Option<Vec<FlatType>>, b: Option<&[FlatType]>) -> Option<Vec<FlatType>> {
    let (mut a, b) = (a?, b?);
    a.extend_from_slice(b);
    (a.len() <= MAX_FLAT_PARAMS).then_some(a)
}

fn join_flat(a: Option<Vec<FlatType>>, b: Option<&[FlatType]>) -> Option<Vec<FlatType>> {
    let (mut a, b) = (a?, b?);
    for (i, t) in b.iter().enumerate() {
        match a.get_mut(i) {
            Some(have) => *have = have.join(*t),
            None => a.push(*t),
        }
    }
    Some(a)
}

impl TypeAbi {
    /// The ABI of `ty`, whose parts have theirs in `known` (indexed by [`TypeId`]).
    pub(super) fn of(ty: &Type, known: &[TypeAbi]) -> TypeAbi {
        let parts = ty.children();
        let parts: Vec<&TypeAbi> = parts.iter().map(|t| &known[t.index()]).collect();
        let any = |f: fn(&TypeAbi) -> bool| parts.iter().any(|p| f(p));
        let borrow = matches!(ty, Type::Borrow(_)) || any(|p| p.has_borrow);
        TypeAbi {
            p32: layout(ty, &parts, PtrSize::P32),
            p64: layout(ty, &parts, PtrSize::P64),
            has_resources: matches!(ty, Type::Own(_) | Type::Borrow(_)) || any(|p| p.has_resources),
            has_borrow: borrow,
            has_pointer: matches!(ty, Type::String | Type::List(_) | Type::Map(..))
                || (!matches!(ty, Type::Stream(_) | Type::Future(_)) && any(|p| p.has_pointer)),
            has_async: matches!(ty, Type::Stream(_) | Type::Future(_) | Type::ErrorContext)
                || any(|p| p.has_async),
        }
    }

    pub fn layout(&self, ptr: PtrSize) -> &Layout {
        match ptr {
            PtrSize::P32 => &self.p32,
            PtrSize::P64 => &self.p64,
        }
    }
}

fn layout(ty: &Type, parts: &[&TypeAbi], ptr: PtrSize) -> Layout {
    use FlatType::*;
    let parts: Vec<&Layout> = parts.iter().map(|p| p.layout(ptr)).collect();
    match ty {
        Type::Bool | Type::S8 | Type::U8 => Layout::scalar(1, I32),
        Type::S16 | Type::U16 => Layout::scalar(2, I32),
        Type::S32 | Type::U32 | Type::Char | Type::ErrorContext => Layout::scalar(4, I32),
        Type::Own(_) | Type::Borrow(_) | Type::Stream(_) | Type::Future(_) => {
            Layout::scalar(4, I32)
        }
        Type::S64 | Type::U64 => Layout::scalar(8, I64),
        Type::F32 => Layout::scalar(4, F32),
        Type::F64 => Layout::scalar(8, F64),
        Type::String | Type::List(_) | Type::Map(..) => Layout::pair(ptr),
        Type::FixedList(_, n) => Layout::repeat(parts[0], *n),
        Type::Record(_) | Type::Tuple(_) => Layout::record(&parts),
        Type::Variant(cases) => Layout::variant(cases.len(), &parts),
        Type::Enum(labels) => Layout::variant(labels.len(), &parts),
        Type::Option(_) | Type::Result { .. } => Layout::variant(2, &parts),
        Type::Flags(labels) => Layout::scalar(flags_size(labels.len()), I32),
    }
}

/// One side of a call: which core signature `flatten_functype` gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Context {
    Lift,
    Lower,
}

/// The core signature of a lifted or lowered function and how its values travel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FlatFunc {
    pub params: Vec<FlatType>,
    pub results: Vec<FlatType>,
    /// Parameters travel as one pointer to a tuple in memory.
    pub params_spill: bool,
    /// The result travels in memory: a returned pointer when lifted, a trailing out pointer when lowered.
    pub result_spills: bool,
}

impl TypeTable {
    pub fn alignment(&self, t: TypeId, ptr: PtrSize) -> u32 {
        self.abi(t).layout(ptr).align
    }

    pub fn elem_size(&self, t: TypeId, ptr: PtrSize) -> u32 {
        self.abi(t).layout(ptr).size
    }

    /// `flatten_type`, or nothing when it is longer than [`MAX_FLAT_PARAMS`].
    pub fn flatten_type(&self, t: TypeId, ptr: PtrSize) -> Option<&[FlatType]> {
        self.abi(t).layout(ptr).flat.as_deref()
    }

    /// `flatten_types`, or nothing when longer than [`MAX_FLAT_PARAMS`].
    pub fn flatten_types(&self, ts: &[TypeId], ptr: PtrSize) -> Option<Vec<FlatType>> {
        let mut all = Some(Vec::new());
        for t in ts {
            all = concat(all, self.flatten_type(*t, ptr));
        }
        all
    }

    /// Byte offsets of the parts of a record or tuple, then its size and alignment.
    pub fn record_layout(&self, ts: &[TypeId], ptr: PtrSize) -> (Vec<u32>, u32, u32) {
        let (mut at, mut align, mut offsets) = (0, 1, Vec::new());
        for t in ts {
            let l = self.abi(*t).layout(ptr);
            at = align_to(at, l.align);
            offsets.push(at);
            at = at.saturating_add(l.size);
            align = align.max(l.align);
        }
        (offsets, align_to(at, align), align)
    }

    /// Byte offset of a variant's payload, given its cases' types.
    pub fn payload_offset(&self, count: usize, payloads: &[TypeId], ptr: PtrSize) -> u32 {
        let aligns = payloads.iter().map(|t| self.alignment(*t, ptr));
        align_to(discriminant_size(count), aligns.max().unwrap_or(1))
    }

    /// `flatten_functype` for a synchronous lift or lower (`CanonicalABI.md#flattening`).
    pub fn flatten_functype(&self, ty: &FuncType, ptr: PtrSize, context: Context) -> FlatFunc {
        let params = self.flatten_types(&ty.param_types(), ptr);
        let params_spill = params.is_none();
        let mut params = params.unwrap_or_else(|| vec![ptr.flat()]);
        let result = self.flatten_types(ty.result.as_slice(), ptr);
        let fits = result.as_ref().is_some_and(|r| r.len() <= MAX_FLAT_RESULTS);
        let results = match (fits, context) {
            (true, _) => result.unwrap_or_default(),
            (false, Context::Lift) => vec![ptr.flat()],
            (false, Context::Lower) => {
                params.push(ptr.flat());
                Vec::new()
            }
        };
        FlatFunc {
            params,
            results,
            params_spill,
            result_spills: !fits,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layouts_follow_the_spec() {
        let mut t = TypeTable::default();
        let u8 = t.intern(Type::U8);
        let u64 = t.intern(Type::U64);
        let f32 = t.intern(Type::F32);
        let s = t.intern(Type::String);
        let rec = t.intern(Type::Record(
            [("a".into(), u8), ("b".into(), u64), ("c".into(), s)].into(),
        ));
        assert_eq!(t.elem_size(rec, PtrSize::P32), 24);
        assert_eq!(t.elem_size(rec, PtrSize::P64), 32);
        let v = t.intern(Type::Variant(
            [("x".into(), Some(f32)), ("y".into(), Some(u64))].into(),
        ));
        assert_eq!(
            t.flatten_type(v, PtrSize::P32),
            Some(&[FlatType::I32, FlatType::I64][..])
        );
        let o = t.intern(Type::Option(f32));
        assert_eq!(
            t.flatten_type(o, PtrSize::P32),
            Some(&[FlatType::I32, FlatType::F32][..])
        );
        assert_eq!(t.elem_size(o, PtrSize::P32), 8);
        let wide = t.intern(Type::Tuple(vec![u8; 17].into()));
        assert_eq!(t.flatten_type(wide, PtrSize::P32), None);
    }
}
