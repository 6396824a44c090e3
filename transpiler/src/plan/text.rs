//! The plan's text form: stable, read by people and compared by snapshots. One line a thing, in the plan's order.

use super::{
    CanonOptions, CoreFunc, CoreItem, ErrorContextOp, ExportItem, ModuleSource, Plan,
    ResourceOrigin, StartFunc, Step, StringEncoding,
};
use crate::map::Set;
use crate::types::abi::{Context, FlatType, PtrSize};
use crate::types::{FuncTypeId, Type, TypeId};
use std::fmt::{self, Display, Write};

impl Display for Plan {
    /// Not inlined: in the secondary module (see [`crate::emit::needs_secondary`]).
    #[inline(never)]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, module) in self.modules.iter().enumerate() {
            let (start, end) = (module.range.start, module.range.end);
            writeln!(f, "module m{i} = 0x{start:x}..0x{end:x}")?;
        }
        for t in self.types_in_use() {
            write!(f, "type   {t} = ")?;
            self.write_type(f, t)?;
            let abi = self.types.abi(t).layout(PtrSize::P32);
            write!(f, "  ;; size {} align {} flat ", abi.size, abi.align)?;
            match &abi.flat {
                Some(flat) => writeln!(f, "{}", Flat(flat))?,
                None => writeln!(f, "spilled")?,
            }
        }
        for (i, import) in self.import_funcs.iter().enumerate() {
            write!(f, "import i{i} = ")?;
            write_path(f, &import.path)?;
            f.write_str(" : ")?;
            self.write_func(f, import.ty)?;
            f.write_str(if import.may_block {
                "  ;; may block\n"
            } else {
                "\n"
            })?;
        }
        for (i, instance) in self.instances.iter().enumerate().skip(1) {
            if let Some(parent) = instance.parent {
                writeln!(f, "instance inst{i} in {parent}  ;; {}", instance.path)?;
            }
        }
        for step in &self.steps {
            self.write_step(f, *step)?;
        }
        for export in &self.exports {
            write!(f, "export {} = ", Quoted(&export.name.name))?;
            self.write_export(f, &export.item, 1)?;
            f.write_char('\n')?;
        }
        Ok(())
    }
}

/// A name in quotes. What `{:?}` writes, without Unicode's tables of what cannot be printed.
struct Quoted<'a>(&'a str);

impl Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_char('"')?;
        for c in self.0.chars() {
            match c {
                '"' | '\\' => write!(f, "\\{c}")?,
                '\n' => f.write_str("\\n")?,
                '\0'..='\x1f' | '\x7f' => write!(f, "\\u{{{:x}}}", u32::from(c))?,
                _ => f.write_char(c)?,
            }
        }
        f.write_char('"')
    }
}

struct Flat<'a>(&'a [FlatType]);

impl Display for Flat<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.0.iter().map(|t| t.name()).collect();
        write!(f, "[{}]", names.join(" "))
    }
}

fn write_path(f: &mut fmt::Formatter<'_>, path: &[String]) -> fmt::Result {
    for (i, name) in path.iter().enumerate() {
        write!(f, "{}{}", if i > 0 { " " } else { "" }, Quoted(name))?;
    }
    Ok(())
}

impl Display for CoreItem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CoreItem::Export(instance, name) => write!(f, "{instance}.{}", Quoted(name)),
            CoreItem::Func(id) => write!(f, "{id}"),
        }
    }
}

impl Display for CanonOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.encoding {
            StringEncoding::Utf8 => "utf8",
            StringEncoding::Utf16 => "utf16",
            StringEncoding::CompactUtf16 => "latin1+utf16",
        })?;
        let items = [
            ("memory", &self.memory),
            ("realloc", &self.realloc),
            ("post-return", &self.post_return),
            ("callback", &self.callback),
        ];
        for (name, item) in items {
            if let Some(item) = item {
                write!(f, ", {name} = {item}")?;
            }
        }
        if self.ptr == PtrSize::P64 {
            f.write_str(", 64-bit")?;
        }
        if self.async_ {
            f.write_str(", async")?;
        }
        Ok(())
    }
}

impl Display for ModuleSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ModuleSource::Static(id) => write!(f, "{id}"),
            ModuleSource::Imported(path) => {
                f.write_str("imported ")?;
                write_path(f, path)
            }
        }
    }
}

impl Plan {
    /// Compound types that a function in use mentions, in the order of their ids: parts stand before wholes.
    fn types_in_use(&self) -> Vec<TypeId> {
        let lifts = self.lifts.iter().map(|l| l.ty);
        let imports = self.import_funcs.iter().map(|i| i.ty);
        let mut work: Vec<TypeId> = Vec::new();
        work.extend(self.values.iter().map(|v| v.ty));
        for ty in lifts.chain(imports) {
            let ty = self.types.func(ty);
            work.extend(ty.values());
        }
        let mut used = Set::new();
        while let Some(t) = work.pop() {
            if !self.is_named(t) && used.insert(t) {
                work.extend(self.types.children(t));
            }
        }
        let mut used: Vec<TypeId> = used.into_iter().collect();
        used.sort_unstable();
        used
    }

    /// Whether a type is written by its keyword, not by its id.
    fn is_named(&self, t: TypeId) -> bool {
        self.keyword(t).is_some()
    }

    /// The name of a type that has one.
    pub fn keyword(&self, t: TypeId) -> Option<String> {
        Some(match self.types.get(t) {
            Type::Bool => "bool".into(),
            Type::S8 => "s8".into(),
            Type::U8 => "u8".into(),
            Type::S16 => "s16".into(),
            Type::U16 => "u16".into(),
            Type::S32 => "s32".into(),
            Type::U32 => "u32".into(),
            Type::S64 => "s64".into(),
            Type::U64 => "u64".into(),
            Type::F32 => "f32".into(),
            Type::F64 => "f64".into(),
            Type::Char => "char".into(),
            Type::String => "string".into(),
            Type::ErrorContext => "error-context".into(),
            Type::Own(r) => format!("own<{r}>"),
            Type::Borrow(r) => format!("borrow<{r}>"),
            _ => return None,
        })
    }

    fn name(&self, t: TypeId) -> String {
        self.keyword(t).unwrap_or_else(|| t.to_string())
    }

    fn optional(&self, t: Option<TypeId>) -> String {
        t.map_or_else(|| "_".into(), |t| self.name(t))
    }

    fn write_type(&self, f: &mut fmt::Formatter<'_>, t: TypeId) -> fmt::Result {
        match self.types.get(t) {
            Type::List(t) => write!(f, "list<{}>", self.name(*t)),
            Type::FixedList(t, n) => write!(f, "list<{}, {n}>", self.name(*t)),
            Type::Map(k, v) => write!(f, "map<{}, {}>", self.name(*k), self.name(*v)),
            Type::Record(fields) => {
                write!(f, "record {{ {} }}", self.names(fields))
            }
            Type::Tuple(ts) => {
                let mut parts = Vec::new();
                for t in ts {
                    parts.push(self.name(*t));
                }
                write!(f, "tuple<{}>", parts.join(", "))
            }
            Type::Variant(cases) => {
                let mut parts = Vec::new();
                for (name, t) in cases {
                    parts.push(match t {
                        Some(t) => format!("{name}({})", self.name(*t)),
                        None => name.clone(),
                    });
                }
                write!(f, "variant {{ {} }}", parts.join(", "))
            }
            Type::Enum(labels) => write!(f, "enum {{ {} }}", labels.join(", ")),
            Type::Flags(labels) => write!(f, "flags {{ {} }}", labels.join(", ")),
            Type::Option(t) => write!(f, "option<{}>", self.name(*t)),
            Type::Result { ok, err } => {
                write!(f, "result<{}, {}>", self.optional(*ok), self.optional(*err))
            }
            Type::Stream(t) => write!(f, "stream<{}>", self.optional(*t)),
            Type::Future(t) => write!(f, "future<{}>", self.optional(*t)),
            _ => f.write_str(&self.name(t)),
        }
    }

    /// Fields or parameters with their types.
    fn names(&self, fields: &[(String, TypeId)]) -> String {
        let mut parts = Vec::new();
        for (name, t) in fields {
            parts.push(format!("{name}: {}", self.name(*t)));
        }
        parts.join(", ")
    }

    fn write_func(&self, f: &mut fmt::Formatter<'_>, ty: FuncTypeId) -> fmt::Result {
        let ty = self.types.func(ty);
        let params = self.names(&ty.params);
        write!(f, "{}func({params})", if ty.async_ { "async " } else { "" })?;
        match ty.result {
            Some(t) => write!(f, " -> {}", self.name(t)),
            None => Ok(()),
        }
    }

    fn write_core_type(
        &self,
        f: &mut fmt::Formatter<'_>,
        ty: FuncTypeId,
        ptr: PtrSize,
        context: Context,
    ) -> fmt::Result {
        let flat = self
            .types
            .flatten_functype(self.types.func(ty), ptr, context);
        write!(
            f,
            " (core {} -> {})",
            Flat(&flat.params),
            Flat(&flat.results)
        )
    }

    fn write_step(&self, f: &mut fmt::Formatter<'_>, step: Step) -> fmt::Result {
        match step {
            Step::Resource(id) => {
                let resource = self.resource(id);
                write!(f, "resource {id} = ")?;
                match &resource.origin {
                    ResourceOrigin::Defined { instance, dtor } => {
                        write!(f, "defined in {instance}")?;
                        if let Some(dtor) = dtor {
                            write!(f, ", dtor = {dtor}")?;
                        }
                    }
                    ResourceOrigin::Imported { path } => {
                        f.write_str("imported ")?;
                        write_path(f, path)?;
                    }
                }
                if !resource.name.is_empty() {
                    write!(f, "  ;; {}", resource.name)?;
                }
                f.write_char('\n')
            }
            Step::Func(id) => {
                write!(f, "{id} = ")?;
                self.write_core_func(f, self.core_func(id))?;
                f.write_char('\n')
            }
            Step::Lift(id) => {
                let lift = self.lift(id);
                write!(
                    f,
                    "{id} = lift {} in {} : ",
                    lift.core, lift.options.instance
                )?;
                self.write_func(f, lift.ty)?;
                self.write_core_type(f, lift.ty, lift.options.ptr, Context::Lift)?;
                write!(f, " {{ {} }}", lift.options)?;
                f.write_str(if lift.may_block {
                    "  ;; may block\n"
                } else {
                    "\n"
                })
            }
            Step::HostInstantiate(id) => {
                let instance = &self.host_instances[id.index()];
                write!(f, "{id} = instantiate imported ")?;
                write_path(f, &instance.component)?;
                write!(f, " as {} {{", Quoted(&instance.name))?;
                for (name, item) in &instance.args {
                    write!(f, "\n  {} = ", Quoted(name))?;
                    self.write_export(f, item, 2)?;
                }
                f.write_str(if instance.args.is_empty() {
                    " }\n"
                } else {
                    "\n}\n"
                })
            }
            Step::Value(id) => {
                let value = &self.values[id.index()];
                write!(f, "{id} = value ")?;
                write_path(f, value.import.as_deref().unwrap_or_default())?;
                writeln!(f, " : {}", self.name(value.ty))
            }
            Step::Start(id) => {
                let start = &self.starts[id.index()];
                if let Some(result) = start.result {
                    write!(f, "{result} = ")?;
                }
                match start.func {
                    StartFunc::Lift(lift) => write!(f, "start {lift}(")?,
                    StartFunc::Import(import) => write!(f, "start {import}(")?,
                }
                for (i, arg) in start.args.iter().enumerate() {
                    write!(f, "{}{arg}", if i > 0 { ", " } else { "" })?;
                }
                f.write_str(")\n")
            }
            Step::Instantiate(id) => {
                let instance = &self.core_instances[id.index()];
                write!(
                    f,
                    "{id} = instantiate {} in {} {{",
                    instance.module, instance.instance
                )?;
                for (module, name, item) in &instance.args {
                    write!(f, "\n  {} {} = {item}", Quoted(module), Quoted(name))?;
                }
                f.write_str(if instance.args.is_empty() {
                    " }\n"
                } else {
                    "\n}\n"
                })
            }
        }
    }

    fn write_core_func(&self, f: &mut fmt::Formatter<'_>, func: &CoreFunc) -> fmt::Result {
        match func {
            CoreFunc::Lower { import, options } => {
                write!(f, "lower {import} in {}", options.instance)?;
                let ty = self.import_func(*import).ty;
                self.write_core_type(f, ty, options.ptr, Context::Lower)?;
                write!(f, " {{ {options} }}")
            }
            CoreFunc::Adapter(adapter) => {
                let lift = self.lift(adapter.lift);
                write!(
                    f,
                    "adapt lift {} in {} : ",
                    lift.core, lift.options.instance
                )?;
                self.write_func(f, adapter.ty)?;
                write!(f, " {{ {} }}", lift.options)?;
                write!(f, "\n  for {}", adapter.lower.instance)?;
                self.write_core_type(f, adapter.ty, adapter.lower.ptr, Context::Lower)?;
                write!(f, " {{ {} }}", adapter.lower)?;
                f.write_str(if adapter.wasm {
                    ""
                } else {
                    "  ;; JavaScript only"
                })
            }
            CoreFunc::ResourceNew { resource, instance } => {
                write!(f, "resource.new {resource} in {instance}")
            }
            CoreFunc::ResourceRep { resource, instance } => {
                write!(f, "resource.rep {resource} in {instance}")
            }
            CoreFunc::ResourceDrop {
                resource, instance, ..
            } => write!(f, "resource.drop {resource} in {instance}"),
            CoreFunc::ErrorContext {
                op,
                options,
                instance,
            } => {
                let op = match op {
                    ErrorContextOp::New => "new",
                    ErrorContextOp::DebugMessage => "debug-message",
                    ErrorContextOp::Drop => "drop",
                };
                write!(f, "error-context.{op} in {instance}")?;
                match options {
                    Some(options) => write!(f, " {{ {options} }}"),
                    None => Ok(()),
                }
            }
        }
    }

    fn write_export(
        &self,
        f: &mut fmt::Formatter<'_>,
        item: &ExportItem,
        depth: usize,
    ) -> fmt::Result {
        match item {
            ExportItem::Lift(id) => write!(f, "{id}"),
            ExportItem::Import(id) => write!(f, "{id}"),
            ExportItem::Resource(id) => write!(f, "{id}"),
            ExportItem::Module(source) => write!(f, "{source}"),
            ExportItem::Value(id) => write!(f, "{id}"),
            ExportItem::Type => f.write_str("type"),
            ExportItem::Component(None) => f.write_str("component"),
            ExportItem::Component(Some(path)) => {
                f.write_str("imported ")?;
                write_path(f, path)
            }
            ExportItem::Instance(items) => {
                f.write_char('{')?;
                for (name, item) in items {
                    write!(f, "\n{}{} = ", "  ".repeat(depth), Quoted(name))?;
                    self.write_export(f, item, depth + 1)?;
                }
                write!(f, "\n{}}}", "  ".repeat(depth - 1))
            }
        }
    }
}
