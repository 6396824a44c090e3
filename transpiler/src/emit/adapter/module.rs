//! One adapter module under construction: imports and types each once, functions by what they do.
//!
//! Functions are asked for by [`Helper`] and written later, from a queue, so that no nesting of types becomes a nesting of
//! calls here. Function indices follow the imported functions, whose number is known only at the end; so a module is
//! written twice, the second time with the count that the first found.

use super::asm::{ptr_type, Body};
use super::block::val_type;
use super::{AdapterImport, AdapterImportKind, AdapterModule, TrapCode};
use crate::map::Map;
use crate::plan::{CanonOptions, CoreFuncId, CoreItem, InstanceId, Plan, StringEncoding};
use crate::types::abi::{FlatType, PtrSize};
use crate::types::{TypeId, TypeTable};
use wasm_encoder::{
    CodeSection, EntityType, ExportKind, ExportSection, Function, FunctionSection, GlobalType,
    ImportSection, MemArg, MemArgTarget, MemoryType, Module, TypeSection, ValType,
};

/// A signature: parameters and results.
pub(super) type Sig = (Vec<ValType>, Vec<ValType>);

/// What of `CanonOptions` matters to the passage of a value: one side of a call.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) struct Side {
    pub instance: InstanceId,
    pub encoding: StringEncoding,
    pub ptr: PtrSize,
    memory: Option<CoreItem>,
    realloc: Option<CoreItem>,
}

/// Index of a [`Side`].
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct SideId(usize);

/// A function of the module, by what it does.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Helper {
    /// An adapter, exported.
    Adapter(CoreFuncId),
    /// The imported function (index, type index), a core exception being a trap (`call_and_trap_on_throw`).
    Guarded(u32, u32),
    /// `reallocate` with its checks: `(old: ptr, old_size: i32, align: i32, new_size: i32) -> ptr`.
    Reallocate(SideId),
    /// `(ptr, len: i32, code: i32)`: traps with `code` unless the range is in the memory.
    CheckRange(SideId),
    /// Decodes what starts at a byte of 0x80 or more: `(ptr, bytes left: i32) -> (code point: i32, bytes: i32)`.
    NextUtf8(SideId),
    /// Decodes what starts at a surrogate: `(ptr, units left: i32) -> (code point: i32, units: i32)`.
    NextUtf16(SideId),
    /// Encodes a code point of 0x80 or more: `(ptr, code point: i32) -> bytes: i32`.
    PutUtf8(SideId),
    /// A string: `(ptr, tagged code units) -> (ptr, tagged code units)`.
    String(SideId, SideId),
    /// A list or map type: `(ptr, length) -> (ptr, length)`.
    List(TypeId, SideId, SideId),
    /// A large type; either end is in memory (an address) or flat.
    Value(Value),
}

/// The parameters of [`Helper::Value`].
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Value {
    pub ty: TypeId,
    pub src: SideId,
    pub dst: SideId,
    pub src_flat: bool,
    pub dst_flat: bool,
}

pub(super) struct Builder<'a> {
    pub plan: &'a Plan,
    /// Imported functions, counted by the pass before.
    base: u32,
    types: TypeSection,
    sigs: Vec<Sig>,
    type_of: Map<Sig, u32>,
    imports: Vec<AdapterImport>,
    import_of: Map<AdapterImportKind, u32>,
    import_section: ImportSection,
    /// How many functions, memories and globals are imported.
    counts: [u32; 3],
    sides: Vec<Side>,
    side_of: Map<Side, SideId>,
    helpers: Map<Helper, u32>,
    queue: Vec<Helper>,
    /// In the order of the queue.
    functions: Vec<(u32, Function)>,
    /// Memoised `Builder::cost`, by type; 0 is not known yet.
    pub costs: Vec<u32>,
}

impl<'a> Builder<'a> {
    fn new(plan: &'a Plan, base: u32) -> Builder<'a> {
        Builder {
            plan,
            base,
            types: TypeSection::new(),
            sigs: Vec::new(),
            type_of: Map::new(),
            imports: Vec::new(),
            import_of: Map::new(),
            import_section: ImportSection::new(),
            counts: [0; 3],
            sides: Vec::new(),
            side_of: Map::new(),
            helpers: Map::new(),
            queue: Vec::new(),
            functions: Vec::new(),
            costs: Vec::new(),
        }
    }

    /// The module that exports `funcs`.
    pub fn module(plan: &'a Plan, funcs: &[CoreFuncId]) -> AdapterModule {
        let base = Builder::write(plan, funcs, 0).counts[0];
        Builder::write(plan, funcs, base).link(funcs)
    }

    fn write(plan: &'a Plan, funcs: &[CoreFuncId], base: u32) -> Builder<'a> {
        let mut m = Builder::new(plan, base);
        for f in funcs {
            m.helper(Helper::Adapter(*f));
        }
        while let Some(helper) = m.queue.get(m.functions.len()).copied() {
            let (sig, f) = m.function(helper);
            let ty = m.func_type(sig);
            m.functions.push((ty, f));
        }
        m
    }

    fn link(self, funcs: &[CoreFuncId]) -> AdapterModule {
        let (mut functions, mut code, mut exports) = (
            FunctionSection::new(),
            CodeSection::new(),
            ExportSection::new(),
        );
        for (ty, f) in &self.functions {
            functions.function(*ty);
            code.function(f);
        }
        let names: Vec<_> = funcs.iter().map(|f| (*f, f.to_string())).collect();
        for (f, name) in &names {
            let index = self.helpers.get(&Helper::Adapter(*f));
            let index = *index.expect("every adapter of the group was declared above");
            exports.export(name, ExportKind::Func, index);
        }
        let mut module = Module::new();
        module.section(&self.types);
        if !self.imports.is_empty() {
            module.section(&self.import_section);
        }
        module.section(&functions).section(&exports).section(&code);
        AdapterModule {
            bytes: module.finish(),
            imports: self.imports,
            exports: names,
            catches: self.queue.iter().any(|h| matches!(h, Helper::Guarded(..))),
        }
    }

    fn function(&mut self, helper: Helper) -> (Sig, Function) {
        match helper {
            Helper::Adapter(f) => super::call::adapter(self, f),
            Helper::Guarded(f, ty) => super::call::guarded(self, f, ty),
            Helper::Reallocate(side) => super::call::reallocate(self, side),
            Helper::CheckRange(side) => super::call::check_range(self, side),
            Helper::NextUtf8(side) => super::unicode::next_utf8(self, side),
            Helper::NextUtf16(side) => super::unicode::next_utf16(self, side),
            Helper::PutUtf8(side) => super::unicode::put_utf8(self, side),
            Helper::String(src, dst) => super::strings::string(self, src, dst),
            Helper::List(elem, src, dst) => super::transfer::list(self, elem, src, dst),
            Helper::Value(v) => super::transfer::value(self, v),
        }
    }

    /// The index of a function of this module, to be written when it is new.
    pub fn helper(&mut self, helper: Helper) -> u32 {
        if let Some(f) = self.helpers.get(&helper) {
            return *f;
        }
        let f = self.base + self.queue.len() as u32;
        self.queue.push(helper);
        self.helpers.insert(helper, f);
        f
    }

    pub fn func_type(&mut self, sig: Sig) -> u32 {
        if let Some(ty) = self.type_of.get(&sig) {
            return *ty;
        }
        let ty = self.types.len();
        let (params, results) = sig.clone();
        self.types.ty().function(params, results);
        self.sigs.push(sig.clone());
        self.type_of.insert(sig, ty);
        ty
    }

    /// The signature of the function type `ty`.
    pub fn sig(&self, ty: u32) -> Sig {
        self.sigs[ty as usize].clone()
    }

    fn import(&mut self, what: AdapterImportKind, ty: EntityType) -> u32 {
        if let Some(index) = self.import_of.get(&what) {
            return *index;
        }
        let (space, stem) = match (&what, ty) {
            (_, EntityType::Memory(_)) => (1, "memory"),
            (AdapterImportKind::Flags(_), _) => (2, "flags"),
            (AdapterImportKind::Core(_), _) => (0, "core"),
            (AdapterImportKind::TransferOwn { .. }, _) => (0, "own"),
            (AdapterImportKind::TransferBorrow { .. }, _) => (0, "borrow"),
            (AdapterImportKind::EnterCall, _) => (0, "enter"),
            (AdapterImportKind::ExitCall, _) => (0, "exit"),
            (AdapterImportKind::Trap, _) => (0, "trap"),
        };
        let name = format!("{stem}{}", self.imports.len());
        self.import_section.import("", &name, ty);
        let index = self.counts[space];
        self.counts[space] += 1;
        self.imports.push(AdapterImport {
            name,
            what: what.clone(),
        });
        self.import_of.insert(what, index);
        index
    }

    pub fn import_func(&mut self, what: AdapterImportKind, sig: Sig) -> u32 {
        let ty = self.func_type(sig);
        self.import(what, EntityType::Function(ty))
    }

    /// A core function of `side`'s component instance, to be called with `call_and_trap_on_throw`.
    pub fn core_func(&mut self, instance: InstanceId, item: &CoreItem, sig: Sig) -> u32 {
        let ty = self.func_type(sig);
        let f = self.import(
            AdapterImportKind::Core(item.clone()),
            EntityType::Function(ty),
        );
        if self.plan.instance(instance).may_throw {
            self.helper(Helper::Guarded(f, ty))
        } else {
            f
        }
    }

    /// The flags global of an instance.
    pub fn flags(&mut self, instance: InstanceId) -> u32 {
        let ty = GlobalType {
            val_type: ValType::I32,
            mutable: true,
            shared: false,
        };
        self.import(AdapterImportKind::Flags(instance), EntityType::Global(ty))
    }

    pub fn intern_side(&mut self, options: &CanonOptions) -> SideId {
        let side = Side {
            instance: options.instance,
            encoding: options.encoding,
            ptr: options.ptr,
            memory: options.memory.clone(),
            realloc: options.realloc.clone(),
        };
        let next = SideId(self.sides.len());
        let id = *self.side_of.entry(side.clone()).or_insert(next);
        if id == next {
            self.sides.push(side);
        }
        id
    }

    pub fn side(&self, id: SideId) -> &Side {
        &self.sides[id.0]
    }

    pub fn ptr(&self, id: SideId) -> PtrSize {
        self.side(id).ptr
    }

    pub fn instance(&self, id: SideId) -> InstanceId {
        self.side(id).instance
    }

    /// The memory of a side.
    pub fn memory(&mut self, id: SideId) -> u32 {
        let Side { ptr, memory, .. } = self.side(id);
        let ty = MemoryType {
            minimum: 0,
            maximum: None,
            memory64: *ptr == PtrSize::P64,
            shared: false,
            page_size_log2: None,
        };
        let item = memory
            .clone()
            .expect("validation demands a memory where a value needs one");
        self.import(AdapterImportKind::Core(item), EntityType::Memory(ty))
    }

    /// The realloc of a side.
    pub fn realloc(&mut self, id: SideId) -> u32 {
        let Side {
            ptr,
            realloc,
            instance,
            ..
        } = self.side(id).clone();
        let item = realloc.expect("validation demands a realloc where a value needs one");
        self.core_func(
            instance,
            &item,
            (vec![ptr_type(ptr); 4], vec![ptr_type(ptr)]),
        )
    }

    pub fn mem_arg(&mut self, id: SideId, offset: u32, align: u32) -> MemArg {
        MemArg {
            offset: offset.into(),
            align,
            target: MemArgTarget::Memory(self.memory(id)),
            ordering: None,
        }
    }

    pub fn types(&self) -> &'a TypeTable {
        &self.plan.types
    }

    /// How many flat types a value has; 0 for one that only travels in memory.
    pub fn flat_len(&self, ty: TypeId, side: SideId) -> usize {
        self.types()
            .flatten_type(ty, self.ptr(side))
            .map_or(0, <[_]>::len)
    }

    pub fn flat(&self, ty: TypeId, side: SideId) -> &'a [FlatType] {
        let flat = self.types().flatten_type(ty, self.ptr(side));
        flat.expect("only a type that flattens is passed flat")
    }
}

/// A function being written, with the module it is part of.
pub(super) struct Fun<'m, 'a> {
    pub m: &'m mut Builder<'a>,
    pub b: Body,
    sig: Sig,
}

impl<'m, 'a> Fun<'m, 'a> {
    pub fn new(m: &'m mut Builder<'a>, params: Vec<ValType>, results: Vec<ValType>) -> Fun<'m, 'a> {
        let b = Body::new(&params);
        Fun {
            m,
            b,
            sig: (params, results),
        }
    }

    pub fn finish(self) -> (Sig, Function) {
        (self.sig, self.b.finish())
    }

    /// Notes why, and traps.
    pub fn trap(&mut self, code: TrapCode) {
        let trap = self
            .m
            .import_func(AdapterImportKind::Trap, (vec![ValType::I32], vec![]));
        self.b.ins().i32_const(code as i32).call(trap).unreachable();
    }

    /// Pops a condition; traps when it holds.
    pub fn trap_if(&mut self, code: TrapCode) {
        self.b.ins().if_(wasm_encoder::BlockType::Empty);
        self.trap(code);
        self.b.ins().end();
    }

    /// Traps unless the pointer in `local` is aligned.
    pub fn check_aligned(&mut self, local: u32, ptr: PtrSize, align: u32) {
        if align == 1 {
            return;
        }
        self.b.ins().local_get(local);
        self.b.ptr_to_i32(ptr);
        self.b.ins().i32_const(align as i32 - 1).i32_and();
        self.trap_if(TrapCode::Unaligned);
    }

    /// Pops a pointer and an `i32` length; traps unless that range is in the memory.
    pub fn check_range(&mut self, side: SideId, code: TrapCode) {
        let check = self.m.helper(Helper::CheckRange(side));
        self.b.ins().i32_const(code as i32).call(check);
    }

    /// Pushes a new allocation of the bytes that `length` pushes.
    pub fn allocate(&mut self, side: SideId, align: u32, length: impl FnOnce(&mut Body)) {
        let reallocate = self.m.helper(Helper::Reallocate(side));
        let ptr = self.m.ptr(side);
        self.b.ptr_const(ptr, 0);
        self.b.ins().i32_const(0).i32_const(align as i32);
        length(&mut self.b);
        self.b.ins().call(reallocate);
    }

    pub fn call_helper(&mut self, helper: Helper) {
        let f = self.m.helper(helper);
        self.b.ins().call(f);
    }
}

/// Flat types as core value types.
pub(super) fn val_types(flat: &[FlatType]) -> Vec<ValType> {
    flat.iter().copied().map(val_type).collect()
}
