//! The JavaScript module: what it imports, the functions per type, `instantiate` with the plan's steps in order.
//!
//! One layout for all output forms: a function `instantiate` that keeps everything of one instantiation in its scope.

pub mod adapters;
pub mod calls;
pub mod exports;
pub mod host;
pub mod lift;
pub mod lower;
pub mod runtime;
pub mod shell;
pub mod surface;
pub mod types;
pub mod values;

use crate::emit::names::{member, Scope};
use crate::emit::printer::{cat, Printer};
use crate::map::{Set, Sorted};
use crate::plan::{
    CanonOptions, CoreFunc, CoreFuncId, CoreInstanceId, CoreItem, InstanceId, LiftId, Plan, ValueId,
};
use crate::types::abi::{discriminant_size, PtrSize};
use crate::types::{ResourceId, Type, TypeId};
use crate::Options;
use adapters::{Form, Group};
use runtime::Pieces;
use types::{FnKey, Side};

/// The state of printing one module.
pub struct Js<'a> {
    pub plan: &'a Plan,
    pub options: &'a Options,
    pub scope: Scope,
    pub pieces: Pieces,
    /// Where lines go at the moment.
    pub out: Printer,
    /// Functions of the module: they depend on types only.
    top: String,
    /// Functions inside `instantiate`.
    inner: String,
    functions: Sorted<FnKey, String>,
    type_names: Sorted<TypeId, String>,
    mems: Sorted<MemKey, String>,
    tables: Sorted<InstanceId, String>,
    flags: Sorted<InstanceId, String>,
    /// Variables of resource types.
    resources: Sorted<ResourceId, String>,
    /// Variables of the symbols under which objects of guest resources keep their representation.
    keys: Sorted<ResourceId, String>,
    /// Classes of guest resources.
    classes: Sorted<ResourceId, String>,
    /// Constants that are `canon resource.drop`.
    droppers: Vec<String>,
    /// Names of the plan's core functions.
    funcs: Vec<String>,
    /// Imported interfaces and root functions: variable, and the members that have to be there.
    imports: Vec<host::Import>,
    /// Core instances whose exports something reads.
    instances: Vec<String>,
    instances_used: Set<CoreInstanceId>,
    traits: Traits,
    /// The bound names of lifted core functions and their post-returns.
    bound: Sorted<CoreItem, String>,
    /// Post-returns that keep their instance from being left.
    posts: Sorted<(InstanceId, CoreItem), String>,
    /// Core modules that the host supplies: path and variable.
    imported_modules: Vec<(Vec<String>, String)>,
    /// Variables of values outside of calls, and constants that are their types as data.
    values: Sorted<ValueId, String>,
    value_types: Sorted<TypeId, String>,
    /// Names of the exported functions.
    exported: Sorted<LiftId, String>,
    /// Names of the start functions.
    starts: Vec<String>,
    /// For each instance that the host makes: what its arguments need before it, and the arguments.
    host_args: Vec<(String, Vec<surface::Exported>)>,
    /// What has to stand after the steps.
    after: String,
    /// Import statements of the ES form.
    host_imports: String,
    /// The forms of the plan's core functions.
    forms: Vec<Form>,
    groups: Vec<Group>,
    /// Core functions that may suspend, and the constants that call them so.
    promising: Sorted<CoreItem, String>,
    /// How the exported function being printed calls itself: `f`, or `.method`.
    current_export: String,
}

/// What is printed.
pub struct Module {
    pub text: String,
    /// Names of the imports that the code looks up.
    pub wanted: Vec<String>,
    /// Core modules beside the component's own, in the order of their files.
    pub adapters: Vec<Vec<u8>>,
}

/// What the component can do decides which checks a call needs.
#[derive(Clone, Copy, Default)]
pub struct Traits {
    /// Glue can run while guest code runs: it could trap and the guest swallow that.
    pub calls_glue: bool,
}

/// What makes two `Memory` objects different.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct MemKey {
    memory: CoreItem,
    realloc: Option<CoreItem>,
    ptr: PtrSize,
    /// The instance whose `may_leave` realloc clears.
    staying: Option<InstanceId>,
}

/// Where a value stands in memory.
pub struct At<'s> {
    base: &'s str,
    offset: u32,
}

impl<'s> At<'s> {
    pub fn new(base: &'s str, offset: u32) -> At<'s> {
        At { base, offset }
    }

    pub fn plus(&self, offset: u32) -> At<'s> {
        At::new(self.base, self.offset + offset)
    }

    pub fn expr(&self) -> String {
        match self.offset {
            0 => self.base.into(),
            n => cat!(self.base, " + ", n.to_string()),
        }
    }
}

/// `LiftLowerContext` of the specification, as names in the printed code.
#[derive(Clone)]
pub struct Cx<'a> {
    pub options: &'a CanonOptions,
    pub side: Side,
    /// The `Memory`.
    pub mem: String,
    /// Its `DataView`.
    pub view: String,
    /// The `BorrowScope`.
    pub scope: Option<String>,
    /// Whether lifted borrows count as lends.
    pub lends: bool,
    /// Whether it is known that what is lowered is an object of its imported class.
    pub checked: bool,
}

impl<'a> Cx<'a> {
    pub fn ptr(&self) -> PtrSize {
        self.options.ptr
    }

    /// The same, as seen from inside a generated function.
    pub fn inside(&self, has_pointer: &bool, view: &str) -> Cx<'a> {
        Cx {
            mem: "mem".into(),
            view: if *has_pointer {
                view.into()
            } else {
                "view".into()
            },
            scope: Some("scope".into()),
            lends: true,
            checked: false,
            ..self.clone()
        }
    }

    pub fn disc(&self, cases: usize, at: &At) -> String {
        self.disc_of(discriminant_size(cases), at)
    }

    /// An unsigned integer of 1, 2 or 4 bytes.
    pub fn disc_of(&self, bytes: u32, at: &At) -> String {
        match bytes {
            1 => cat!(self.view, ".getUint8(", at.expr(), ")"),
            2 => cat!(self.view, ".getUint16(", at.expr(), ", true)"),
            _ => cat!(self.view, ".getUint32(", at.expr(), ", true)"),
        }
    }

    /// A core pointer or length as an unsigned number.
    pub fn to_number(&self, flat: &str) -> String {
        match self.ptr() {
            PtrSize::P32 => cat!(flat, " >>> 0"),
            PtrSize::P64 => cat!("Number(", flat, ")"),
        }
    }

    /// A pointer or length as a core value.
    pub fn ptr_out(&self, number: &str) -> String {
        match self.ptr() {
            PtrSize::P32 => number.into(),
            PtrSize::P64 => cat!("BigInt(", number, ")"),
        }
    }
}

impl<'a> Js<'a> {
    pub fn new(plan: &'a Plan, options: &'a Options) -> Js<'a> {
        let mut scope = Scope::default();
        let pieces = Pieces::default();
        for name in pieces.known() {
            scope.reserve(name);
        }
        for name in [
            "root",
            "imports",
            "instantiate",
            "getCoreModule",
            "instantiateCore",
            "mem",
            "view",
            "ptr",
            "v",
            "scopes",
            "fast",
            "slow",
            "trampolines",
            "trace",
        ] {
            scope.reserve(name);
        }
        let forms = adapters::forms(plan, options);
        let mut js = Js {
            plan,
            options,
            scope,
            pieces,
            out: Printer::new(0, options.minify),
            top: String::new(),
            inner: String::new(),
            functions: Sorted::new(),
            type_names: types::type_names(plan),
            mems: Sorted::new(),
            tables: Sorted::new(),
            flags: Sorted::new(),
            resources: Sorted::new(),
            keys: Sorted::new(),
            classes: Sorted::new(),
            droppers: Vec::new(),
            funcs: Vec::new(),
            imports: Vec::new(),
            instances: Vec::new(),
            instances_used: Set::new(),
            traits: Traits::of(&forms),
            bound: Sorted::new(),
            posts: Sorted::new(),
            imported_modules: Vec::new(),
            values: Sorted::new(),
            value_types: Sorted::new(),
            exported: Sorted::new(),
            starts: Vec::new(),
            after: String::new(),
            host_args: Vec::new(),
            host_imports: String::new(),
            groups: adapters::groups(plan, &forms),
            forms,
            promising: Sorted::new(),
            current_export: String::new(),
        };
        js.name_core();
        js
    }

    /// Names for core instances and core functions, so that anything may mention them.
    fn name_core(&mut self) {
        for i in 0..self.plan.core_instances.len() {
            let name = self.scope.global(&cat!("exports", i.to_string()));
            self.instances.push(name);
        }
        for func in &self.plan.core_funcs {
            let hint = self.func_hint(func);
            let name = self.scope.global(&hint);
            self.funcs.push(name);
        }
    }

    /// Marks a piece of the runtime as used.
    pub fn rt(&mut self, name: &'static str) -> &'static str {
        self.pieces.need(name)
    }

    /// A call of a piece.
    pub fn call(&mut self, name: &'static str, args: &[&str]) -> String {
        let name = self.rt(name);
        cat!(name, "(", args.join(", "), ")")
    }

    /// Prints with `f` aside: a function of the module, or of `instantiate` when it depends on an instance.
    pub fn detached(&mut self, inside: bool, f: impl FnOnce(&mut Self)) {
        let indent = usize::from(inside);
        let here = std::mem::replace(&mut self.out, Printer::new(indent, self.options.minify));
        f(self);
        let text = std::mem::replace(&mut self.out, here).out;
        let to = if inside {
            &mut self.inner
        } else {
            &mut self.top
        };
        if !to.is_empty() && !self.options.minify {
            to.push('\n');
        }
        to.push_str(&text);
    }

    pub fn is_option(&self, t: TypeId) -> bool {
        matches!(self.plan.types.get(t), Type::Option(_))
    }

    /// Byte offset of the payload of a variant, option or result.
    pub fn payload_at(&self, t: TypeId, ptr: PtrSize) -> u32 {
        let count = match self.plan.types.get(t) {
            Type::Variant(cases) => cases.len(),
            _ => 2,
        };
        let parts = self.plan.types.children(t);
        self.plan.types.payload_offset(count, &parts, ptr)
    }

    /// Size and alignment of a list's element, and its parts: one, or key and value.
    pub fn element(&self, ty: &Type, ptr: PtrSize) -> (u32, u32, Vec<(TypeId, u32)>) {
        let ts = ty.children();
        let (offsets, size, align) = self.plan.types.record_layout(&ts, ptr);
        (size, align, ts.into_iter().zip(offsets).collect())
    }

    /// The handle table of an instance.
    pub fn table(&mut self, instance: InstanceId) -> String {
        let scope = &mut self.scope;
        self.tables
            .get_or_insert_with(instance, || scope.global("handles"))
            .clone()
    }

    /// The flags of an instance.
    pub fn flags(&mut self, instance: InstanceId) -> String {
        let scope = &mut self.scope;
        self.flags
            .get_or_insert_with(instance, || scope.global("flags"))
            .clone()
    }

    /// The variable that holds a resource type.
    pub fn resource(&mut self, r: ResourceId) -> String {
        if let Some(name) = self.resources.get(&r) {
            return name.clone();
        }
        let hint = &self.plan.resource(r).name;
        let hint = if hint.is_empty() { "resource" } else { hint };
        let name = self
            .scope
            .global(&crate::emit::names::camel(&cat!(hint, "-type")));
        self.resources.insert(r, name.clone());
        name
    }

    /// The variable of the symbol under which objects of a guest resource keep their representation.
    pub fn key(&mut self, r: ResourceId) -> String {
        if let Some(name) = self.keys.get(&r) {
            return name.clone();
        }
        let name = self.resource(r);
        let name = match name.strip_suffix("Type") {
            Some(name) => cat!(name, "Key"),
            None => cat!(name, "-key"),
        };
        let name = self.scope.global(&name);
        self.keys.insert(r, name.clone());
        name
    }

    /// The `Memory` of canonical options.
    pub fn mem(&mut self, options: &CanonOptions) -> String {
        let Some(memory) = &options.memory else {
            return "undefined".into();
        };
        let instance = options.instance;
        let staying = self.plan.instance(instance).checks_may_leave && options.realloc.is_some();
        if options.realloc.is_none() {
            // What allocates nothing may use the object of what does.
            if let Some(other) = self.allocating(memory, options.ptr) {
                return self.mem(other);
            }
        }
        let key = MemKey {
            memory: memory.clone(),
            realloc: options.realloc.clone(),
            ptr: options.ptr,
            staying: staying.then_some(instance),
        };
        let scope = &mut self.scope;
        self.mems
            .get_or_insert_with(key, || scope.global("memory"))
            .clone()
    }

    /// The first canonical options with a realloc for this memory, of those that the glue uses.
    fn allocating(&self, memory: &CoreItem, ptr: PtrSize) -> Option<&'a CanonOptions> {
        let plan = self.plan;
        let lowers = plan
            .core_funcs
            .iter()
            .zip(&self.forms)
            .filter_map(|(f, form)| match f {
                CoreFunc::Lower { options, .. } => Some(options),
                CoreFunc::Adapter(a) if matches!(form, Form::Js | Form::Both) => Some(&a.lower),
                _ => None,
            });
        let lifts = plan.lifts.iter().map(|l| &l.options);
        lifts
            .chain(lowers)
            .find(|o| o.realloc.is_some() && o.ptr == ptr && o.memory.as_ref() == Some(memory))
    }

    /// The context of lifting and lowering in the body of a call.
    pub fn cx<'o>(&mut self, options: &'o CanonOptions, side: Side) -> Cx<'o> {
        let mem = self.mem(options);
        Cx {
            options,
            side,
            view: cat!(mem, ".view"),
            mem,
            scope: None,
            lends: true,
            checked: false,
        }
    }

    /// A core item, wherever the code stands.
    pub fn core_item(&mut self, item: &CoreItem) -> String {
        match item {
            CoreItem::Func(f) => self.core_func(*f),
            CoreItem::Export(c, name) => {
                self.instances_used.insert(*c);
                cat!(self.instances[c.index()], member(name))
            }
        }
    }

    /// The lowered imports that may block, in the order of their trampolines.
    pub fn blocking(&self) -> Vec<CoreFuncId> {
        let funcs = self.plan.core_funcs.iter().enumerate();
        funcs
            .filter(|(_, f)| matches!(f, CoreFunc::Lower { import, .. } if self.plan.import_func(*import).may_block))
            .map(|(i, _)| CoreFuncId(i as u32))
            .collect()
    }

    pub fn core_func(&mut self, f: CoreFuncId) -> String {
        if self.forms[f.index()] == Form::Direct {
            if let Some(item) = crate::emit::adapter::direct(self.plan, f) {
                return self.core_item(item);
            }
        }
        self.funcs[f.index()].clone()
    }
}

impl Traits {
    fn of(forms: &[Form]) -> Traits {
        let glue = |form: &Form| matches!(form, Form::Js | Form::Both);
        Traits {
            calls_glue: forms.iter().any(glue),
        }
    }
}
