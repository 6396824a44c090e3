//! Core values → JavaScript values: `load` and `lift_flat` of `CanonicalABI.md`, as expressions.
//!
//! A compound type has one function per way it is met; scalars, strings and handles are expressions on the spot.

use super::types::{accessor, FnKey, Side, Work};
use super::{At, Cx, Js};
use crate::emit::names::{key, names_of, quote, quoted};
use crate::emit::printer::{cat, line, open};
use crate::plan::{ResourceOrigin, StringEncoding};
use crate::text;
use crate::types::abi::{FlatType, PtrSize};
use crate::types::{ResourceId, Type, TypeId};

/// The flat core values that are left to lift.
pub struct Flats {
    values: std::vec::IntoIter<String>,
}

impl Flats {
    pub fn new(values: Vec<String>) -> Flats {
        Flats {
            values: values.into_iter(),
        }
    }

    fn next(&mut self) -> String {
        self.values.next().unwrap_or_default()
    }
}

impl Js<'_> {
    /// The value of type `t` in memory.
    pub fn load(&mut self, t: TypeId, cx: &Cx, at: &At) -> String {
        let ty = self.plan.types.get(t).clone();
        if let Some((name, endian)) = accessor(&ty) {
            let endian = if endian { ", true)" } else { ")" };
            let raw = cat!(cx.view, ".get", name, "(", at.expr(), endian);
            return match ty {
                Type::Bool => cat!(raw, " !== 0"),
                Type::Char => self.call("liftChar", &[&raw]),
                _ => raw,
            };
        }
        match &ty {
            Type::String | Type::List(_) | Type::Map(..) => {
                let ptr = self.load_ptr(cx, at);
                let len = self.load_ptr(cx, &at.plus(cx.ptr().bytes()));
                self.lift_range(t, &ty, cx, &ptr, &len)
            }
            Type::Enum(cases) => {
                let disc = cx.disc(cases.len(), at);
                self.lift_enum(t, &disc)
            }
            Type::Flags(labels) => {
                let bits = cx.disc_of(crate::types::abi::flags_size(labels.len()), at);
                self.lift_flags(t, &bits)
            }
            Type::ErrorContext => {
                let handle = cx.disc_of(4, at);
                self.lift_error_context(cx, &handle)
            }
            Type::Own(r) | Type::Borrow(r) => {
                let handle = cx.disc_of(4, at);
                self.lift_handle(cx, *r, matches!(ty, Type::Own(_)), &handle)
            }
            _ => {
                if let Some(small) = self.load_small(t, &ty, cx, at) {
                    return small;
                }
                let f = self.function(Work::Load, t, cx);
                self.invoke(&f, t, cx, &[at.expr()], true)
            }
        }
    }

    /// A small tuple of scalars or an option of one, on the spot.
    fn load_small(&mut self, t: TypeId, ty: &Type, cx: &Cx, at: &At) -> Option<String> {
        if let Type::Option(e) = ty {
            accessor(self.plan.types.get(*e))?;
            let bit = self.call("liftBit", &[&cx.disc_of(1, at)]);
            let some = self.load(*e, cx, &at.plus(self.payload_at(t, cx.ptr())));
            return Some(cat!(bit, " ? ", some, " : undefined"));
        }
        let Type::Tuple(ts) = ty else { return None };
        let scalar = |t: &TypeId| accessor(self.plan.types.get(*t)).is_some();
        if ts.len() > 4 || !ts.iter().all(scalar) {
            return None;
        }
        let (offsets, ..) = self.plan.types.record_layout(ts, cx.ptr());
        let mut parts = Vec::new();
        for (t, offset) in ts.iter().zip(offsets) {
            parts.push(self.load(*t, cx, &at.plus(offset)));
        }
        Some(cat!("[", parts.join(", "), "]"))
    }

    fn load_ptr(&mut self, cx: &Cx, at: &At) -> String {
        match cx.ptr() {
            PtrSize::P32 => cx.disc_of(4, at),
            PtrSize::P64 => cat!("Number(", cx.view, ".getBigUint64(", at.expr(), ", true))"),
        }
    }

    /// A string or list, given where its contents stand.
    fn lift_range(&mut self, t: TypeId, ty: &Type, cx: &Cx, ptr: &str, len: &str) -> String {
        match ty {
            Type::String => {
                let f = match cx.options.encoding {
                    StringEncoding::Utf8 => "loadUtf8",
                    StringEncoding::Utf16 => "loadUtf16",
                    StringEncoding::CompactUtf16 if cx.ptr() == PtrSize::P64 => "loadCompact64",
                    StringEncoding::CompactUtf16 => "loadCompact",
                };
                self.call(f, &[&cx.mem, ptr, len])
            }
            Type::List(e) if self.number_array(*e).is_some() => {
                match self.number_array(*e).unwrap_or_default() {
                    "Uint8Array" => self.call("loadBytes", &[&cx.mem, ptr, len]),
                    array => self.call("loadNumbers", &[&cx.mem, ptr, len, array]),
                }
            }
            _ => {
                let f = self.function(Work::Load, t, cx);
                self.invoke(&f, t, cx, &[ptr.into(), len.into()], true)
            }
        }
    }

    fn lift_enum(&mut self, t: TypeId, disc: &str) -> String {
        let cases = self.cases(t);
        self.call("liftEnum", &[&cases, disc])
    }

    fn lift_flags(&mut self, t: TypeId, bits: &str) -> String {
        let f = self.plain_function(Work::LiftFlags, t);
        cat!(f, "(", bits, ")")
    }

    /// Outside of tables, an error-context is its debug message.
    fn lift_error_context(&mut self, cx: &Cx, handle: &str) -> String {
        let table = self.table(cx.options.instance);
        let ty = self.rt("errorContext");
        self.call("liftBorrow", &[&table, ty, handle])
    }

    fn lift_handle(&mut self, cx: &Cx, r: ResourceId, own: bool, handle: &str) -> String {
        let table = self.table(cx.options.instance);
        let ty = self.resource(r);
        let defined = matches!(self.plan.resource(r).origin, ResourceOrigin::Defined { .. });
        let scope = cx.scope.clone().unwrap_or_default();
        let rep = if own {
            self.call("liftOwn", &[&table, &ty, handle])
        } else if cx.lends {
            self.call("lend", &[&table, &ty, handle, &scope])
        } else {
            self.call("liftBorrow", &[&table, &ty, handle])
        };
        match (cx.side, defined, own) {
            (Side::Host, true, true) => self.call("wrapOwn", &[&ty, &rep]),
            (Side::Host, true, false) => self.call("wrapBorrow", &[&ty, &rep, &scope]),
            _ => rep,
        }
    }

    /// The value of type `t` from the next flat core values.
    pub fn lift_flat(&mut self, t: TypeId, cx: &Cx, flats: &mut Flats) -> String {
        let ty = self.plan.types.get(t).clone();
        match &ty {
            Type::Bool => cat!(flats.next(), " !== 0"),
            Type::U8 => cat!(flats.next(), " & 255"),
            Type::U16 => cat!(flats.next(), " & 65535"),
            Type::U32 => cat!(flats.next(), " >>> 0"),
            Type::S8 => cat!(flats.next(), " << 24 >> 24"),
            Type::S16 => cat!(flats.next(), " << 16 >> 16"),
            Type::S32 | Type::S64 | Type::F32 | Type::F64 => flats.next(),
            Type::U64 => cat!("BigInt.asUintN(64, ", flats.next(), ")"),
            Type::Char => self.call("liftChar", &[&cat!(flats.next(), " >>> 0")]),
            Type::String | Type::List(_) | Type::Map(..) => {
                let (ptr, len) = (flats.next(), flats.next());
                let (ptr, len) = (cx.to_number(&ptr), cx.to_number(&len));
                self.lift_range(t, &ty, cx, &ptr, &len)
            }
            Type::Enum(_) => {
                let disc = cat!(flats.next(), " >>> 0");
                self.lift_enum(t, &disc)
            }
            Type::Flags(_) => {
                let bits = flats.next();
                self.lift_flags(t, &bits)
            }
            Type::ErrorContext => {
                let handle = flats.next();
                self.lift_error_context(cx, &handle)
            }
            Type::Own(r) | Type::Borrow(r) => {
                let handle = flats.next();
                self.lift_handle(cx, *r, matches!(ty, Type::Own(_)), &handle)
            }
            Type::Record(fields) => {
                let names = self.fields(&names_of(fields));
                let mut values = Vec::new();
                for ((_, t), name) in fields.iter().zip(names) {
                    values.push(entry(&name, &self.lift_flat(*t, cx, flats)));
                }
                object(&values)
            }
            Type::Tuple(ts) => {
                let mut values = Vec::new();
                for t in ts {
                    values.push(self.lift_flat(*t, cx, flats));
                }
                cat!("[", values.join(", "), "]")
            }
            Type::FixedList(e, n) => {
                let mut values = Vec::new();
                for _ in 0..*n {
                    values.push(self.lift_flat(*e, cx, flats));
                }
                match self.number_array(*e) {
                    Some(array) => cat!(array, ".of(", values.join(", "), ")"),
                    None => cat!("[", values.join(", "), "]"),
                }
            }
            _ => {
                let f = self.function(Work::Lift, t, cx);
                let flat = self.plan.types.flatten_type(t, cx.ptr());
                let mut args = Vec::new();
                for _ in 0..flat.map_or(0, <[FlatType]>::len) {
                    args.push(flats.next());
                }
                self.invoke(&f, t, cx, &args, false)
            }
        }
    }

    /// Prints the function that loads `t` from memory: `(mem | view, ptr[, length][, scope])`.
    pub fn print_load(&mut self, name: &str, t: TypeId, cx: &Cx) {
        let ty = self.plan.types.get(t).clone();
        let list = matches!(ty, Type::List(_) | Type::Map(..));
        self.open_function(name, t, cx, if list { "ptr, length" } else { "ptr" });
        let cx = cx.inside(&self.plan.types.abi(t).has_pointer, "view");
        if list {
            self.load_list(&ty, &cx);
        } else {
            if self.plan.types.abi(t).has_pointer {
                self.out.line("const { view } = mem;");
            }
            self.load_compound(t, &ty, &cx);
        }
        self.out.close("}");
    }

    fn load_list(&mut self, ty: &Type, cx: &Cx) {
        let (size, align, parts) = self.element(ty, cx.ptr());
        let check = self.rt("checkList");
        line!(
            self.out,
            check,
            "(mem, ptr, length, ",
            size.to_string(),
            ", ",
            align.to_string(),
            ");"
        );
        let mut items = Vec::new();
        for (t, offset) in parts {
            items.push(self.load(t, cx, &At::new("ptr", offset)));
        }
        if items.iter().any(|i| text::find(i, "view").is_some()) {
            self.out.line("const { view } = mem;");
        }
        let step = cat!(
            "for (let i = 0; i < length; i++, ptr += ",
            size.to_string(),
            ") "
        );
        if let (Type::Map(..), Side::Adapter) = (ty, cx.side) {
            // Entries on their way to another component stay as they are, the double ones too.
            self.out.line("const list = new Array(length);");
            line!(self.out, step, "list[i] = [", items.join(", "), "];");
            self.out.line("return list;");
        } else if let Type::Map(..) = ty {
            self.out.line("const map = new Map();");
            line!(self.out, step, "map.set(", items.join(", "), ");");
            self.out.line("return map;");
        } else {
            self.out.line("const list = new Array(length);");
            line!(self.out, step, "list[i] = ", items.concat(), ";");
            self.out.line("return list;");
        }
    }

    fn load_compound(&mut self, t: TypeId, ty: &Type, cx: &Cx) {
        let ptr = At::new("ptr", 0);
        match ty {
            Type::Record(fields) => {
                let names = self.fields(&names_of(fields));
                let mut entries = self.load_parts(&ty.children(), cx);
                for (value, name) in entries.iter_mut().zip(names) {
                    *value = entry(&name, value);
                }
                self.print_return('{', &entries, '}');
            }
            Type::Tuple(ts) => {
                let values = self.load_parts(ts, cx);
                self.print_return('[', &values, ']');
            }
            Type::FixedList(e, n) => self.load_fixed(*e, *n, cx),
            Type::Option(e) => {
                let disc = cx.disc_of(1, &ptr);
                let at = At::new("ptr", self.payload_at(t, cx.ptr()));
                let some = self.load(*e, cx, &at);
                self.return_option(&disc, *e, &some);
            }
            Type::Result { ok, err } => {
                let disc = cx.disc_of(1, &ptr);
                let at = At::new("ptr", self.payload_at(t, cx.ptr()));
                let ok = ok.map(|t| self.load(t, cx, &at));
                let err = err.map(|t| self.load(t, cx, &at));
                self.return_result(&disc, ok, err);
            }
            Type::Variant(cases) => {
                let at = At::new("ptr", self.payload_at(t, cx.ptr()));
                let disc = cx.disc(cases.len(), &ptr);
                let mut values = Vec::new();
                for (_, payload) in cases {
                    values.push(payload.map(|t| self.load(t, cx, &at)));
                }
                self.return_variant(t, cases, &disc, values);
            }
            _ => {}
        }
    }

    fn load_parts(&mut self, ts: &[TypeId], cx: &Cx) -> Vec<String> {
        let (offsets, ..) = self.plan.types.record_layout(ts, cx.ptr());
        let mut parts = Vec::new();
        for (t, offset) in ts.iter().zip(offsets) {
            parts.push(self.load(*t, cx, &At::new("ptr", offset)));
        }
        parts
    }

    fn load_fixed(&mut self, e: TypeId, n: u32, cx: &Cx) {
        let size = self.plan.types.elem_size(e, cx.ptr());
        if let Some(array) = self.number_array(e) {
            let end = At::new("ptr", n * size).expr();
            line!(
                self.out,
                "return new ",
                array,
                "(",
                cx.view,
                ".buffer.slice(ptr, ",
                end,
                "));"
            );
            return;
        }
        let item = self.load(e, cx, &At::new("ptr", 0));
        let (n, size) = (n.to_string(), size.to_string());
        line!(self.out, "const list = new Array(", n, ");");
        line!(
            self.out,
            "for (let i = 0; i < ",
            n,
            "; i++, ptr += ",
            size,
            ") list[i] = ",
            item,
            ";"
        );
        self.out.line("return list;");
    }

    /// Prints the function that lifts a variant, option or result from flat values: `([mem, ]tag, p0, …[, scope])`.
    pub fn print_lift(&mut self, name: &str, t: TypeId, cx: &Cx) {
        let ty = self.plan.types.get(t).clone();
        let joined = self
            .plan
            .types
            .flatten_type(t, cx.ptr())
            .map(<[FlatType]>::to_vec);
        let joined = joined.unwrap_or_default();
        let mut names = vec!["tag".to_string()];
        for i in 1..joined.len() {
            names.push(cat!("p", (i - 1).to_string()));
        }
        let mut params = names.clone();
        let abi = self.plan.types.abi(t);
        if abi.has_pointer {
            params.insert(0, "mem".into());
        }
        if abi.has_borrow {
            params.push("scope".into());
        }
        open!(self.out, "function ", name, "(", params.join(", "), ") {");
        let cx = Cx {
            scope: Some("scope".into()),
            lends: true,
            mem: "mem".into(),
            view: "mem.view".into(),
            ..cx.clone()
        };
        match &ty {
            Type::Option(e) => {
                let some = self.lift_payload(*e, &cx, &names, &joined);
                self.return_option("tag >>> 0", *e, &some);
            }
            Type::Result { ok, err } => {
                let ok = ok.map(|t| self.lift_payload(t, &cx, &names, &joined));
                let err = err.map(|t| self.lift_payload(t, &cx, &names, &joined));
                self.return_result("tag >>> 0", ok, err);
            }
            Type::Variant(cases) => {
                let mut values = Vec::new();
                for (_, payload) in cases {
                    values.push(payload.map(|t| self.lift_payload(t, &cx, &names, &joined)));
                }
                self.return_variant(t, cases, "tag", values);
            }
            _ => {}
        }
        self.out.close("}");
    }

    /// A case's payload out of the joined flat values (`CoerceValueIter`).
    fn lift_payload(
        &mut self,
        t: TypeId,
        cx: &Cx,
        names: &[String],
        joined: &[FlatType],
    ) -> String {
        let want = self
            .plan
            .types
            .flatten_type(t, cx.ptr())
            .map(<[FlatType]>::to_vec);
        let want = want.unwrap_or_default();
        let mut values = Vec::new();
        for ((want, name), have) in want.iter().zip(&names[1..]).zip(&joined[1..]) {
            values.push(match (have, want) {
                (FlatType::I32, FlatType::F32) => self.call("i32ToF32", &[name]),
                (FlatType::I64, FlatType::I32) => self.call("i64ToI32", &[name]),
                (FlatType::I64, FlatType::F32) => {
                    let i = self.call("i64ToI32", &[name]);
                    self.call("i32ToF32", &[&i])
                }
                (FlatType::I64, FlatType::F64) => self.call("i64ToF64", &[name]),
                _ => name.clone(),
            });
        }
        self.lift_flat(t, cx, &mut Flats::new(values))
    }

    fn return_option(&mut self, disc: &str, inner: TypeId, some: &str) {
        let bit = self.call("liftBit", &[disc]);
        if self.is_option(inner) {
            line!(
                self.out,
                "return ",
                bit,
                " ? { tag: 'some', val: ",
                some,
                " } : { tag: 'none' };"
            );
        } else {
            line!(self.out, "return ", bit, " ? ", some, " : undefined;");
        }
    }

    fn return_result(&mut self, disc: &str, ok: Option<String>, err: Option<String>) {
        let bit = self.call("liftBit", &[disc]);
        let ok = ok.unwrap_or("undefined".into());
        let err = err.unwrap_or("undefined".into());
        line!(
            self.out,
            "return ",
            bit,
            " ? { tag: 'err', val: ",
            err,
            " } : { tag: 'ok', val: ",
            ok,
            " };"
        );
    }

    /// Prints `return { tag, val };` for every case: a switch over the discriminant, or over the name that a table has for it
    /// where there are many cases, most without a payload.
    fn return_variant(
        &mut self,
        t: TypeId,
        cases: &[(String, Option<TypeId>)],
        disc: &str,
        values: Vec<Option<String>>,
    ) {
        if !is_large(cases) {
            open!(self.out, "switch (", disc, ") {");
            for (i, ((name, _), value)) in cases.iter().zip(values).enumerate() {
                self.return_case(i, name, value);
            }
            self.close_switch();
            return;
        }
        let table = self.cases(t);
        // A core parameter is signed; what a view reads is not.
        let index = if disc == "tag" { "tag >>> 0" } else { disc };
        let name = self.call("liftEnum", &[&table, index]);
        line!(self.out, "const name = ", name, ";");
        let mut groups: Vec<(String, Vec<&str>)> = Vec::new();
        for ((name, _), value) in cases.iter().zip(values) {
            let Some(value) = value else { continue };
            match groups.iter_mut().find(|(v, _)| *v == value) {
                Some((_, names)) => names.push(name),
                None => groups.push((value, vec![name])),
            }
        }
        if !groups.is_empty() {
            self.out.open("switch (name) {");
            for (value, names) in groups {
                let (last, others) = names.split_last().expect("a group starts with a name");
                for name in others {
                    line!(self.out, "case ", quote(name), ":");
                }
                open!(self.out, "case ", quote(last), ":");
                self.out
                    .close_with(&cat!("return { tag: name, val: ", value, " };"));
            }
            self.out.close("}");
        }
        self.out.line("return { tag: name };");
    }

    fn return_case(&mut self, i: usize, name: &str, value: Option<String>) {
        open!(self.out, "case ", i.to_string(), ":");
        let value = value.map(|v| cat!(", val: ", v)).unwrap_or_default();
        self.out
            .close_with(&cat!("return { tag: ", quote(name), value, " };"));
    }

    fn close_switch(&mut self) {
        let bad = self.rt("badDiscriminant");
        self.out.open("default:");
        self.out.close_with(&cat!("return ", bad, "();"));
        self.out.close("}");
    }

    fn print_return(&mut self, open: char, items: &[String], close: char) {
        let (open, close) = (open.to_string(), close.to_string());
        let width: usize = items.iter().map(|i| i.len() + 2).sum();
        if width <= 80 {
            let space = if open == "{" { " " } else { "" };
            line!(
                self.out,
                "return ",
                open,
                space,
                items.join(", "),
                space,
                close,
                ";"
            );
            return;
        }
        open!(self.out, "return ", open);
        for item in items {
            line!(self.out, item, ",");
        }
        self.out.close(&cat!(close, ";"));
    }

    /// Prints the function that turns a flags' bits into an object.
    pub fn print_lift_flags(&mut self, name: &str, t: TypeId) {
        let Type::Flags(labels) = self.plan.types.get(t).clone() else {
            return;
        };
        let names = self.fields(&labels);
        open!(self.out, "function ", name, "(bits) {");
        let mut entries = Vec::new();
        for (i, name) in names.iter().enumerate() {
            let bit = (1u32 << i).to_string();
            entries.push(cat!(key(name), ": (bits & ", bit, ") !== 0"));
        }
        self.print_return('{', &entries, '}');
        self.out.close("}");
    }

    /// The generated function for `t`, printed on first use.
    pub fn function(&mut self, work: Work, t: TypeId, cx: &Cx) -> String {
        let abi = self.plan.types.abi(t);
        let key = FnKey {
            work,
            ty: t,
            ptr: if abi.has_pointer {
                cx.ptr()
            } else {
                PtrSize::P32
            },
            encoding: if abi.has_pointer {
                cx.options.encoding
            } else {
                StringEncoding::Utf8
            },
            instance: (abi.has_resources || abi.has_async).then_some(cx.options.instance),
            side: (abi.has_resources || self.has_map(t)).then_some(cx.side),
        };
        if let Some(name) = self.functions.get(&key) {
            return name.clone();
        }
        let verb = match work {
            Work::Load => "load",
            Work::Store => "store",
            _ => "lift",
        };
        let name = cat!(verb, self.type_name(t));
        let name = self.scope.global(&name);
        let has_resources = abi.has_resources || abi.has_async;
        self.functions.insert(key, name.clone());
        self.detached(has_resources, |js| match work {
            Work::Load => js.print_load(&name, t, cx),
            Work::Store => js.print_store(&name, t, cx),
            _ => js.print_lift(&name, t, cx),
        });
        name
    }

    fn has_map(&self, t: TypeId) -> bool {
        matches!(self.plan.types.get(t), Type::Map(..))
            || self
                .plan
                .types
                .children(t)
                .into_iter()
                .any(|t| self.has_map(t))
    }

    /// A generated function or constant that depends on nothing but its type.
    pub fn plain_function(&mut self, work: Work, t: TypeId) -> String {
        let key = FnKey {
            work,
            ty: t,
            ptr: PtrSize::P32,
            encoding: StringEncoding::Utf8,
            instance: None,
            side: None,
        };
        if let Some(name) = self.functions.get(&key) {
            return name.clone();
        }
        let name = self.type_name(t);
        let name = match work {
            Work::LiftFlags => cat!("lift", name),
            Work::LowerFlags => cat!("lower", name),
            _ => cat!(crate::emit::names::uncapital(&name), "Cases"),
        };
        let name = self.scope.global(&name);
        self.functions.insert(key, name.clone());
        self.detached(false, |js| match work {
            Work::LiftFlags => js.print_lift_flags(&name, t),
            Work::LowerFlags => js.print_lower_flags(&name, t),
            _ => js.print_cases(&name, t),
        });
        name
    }

    /// The constant that lists an enum's cases.
    pub fn cases(&mut self, t: TypeId) -> String {
        self.plain_function(Work::Cases, t)
    }

    fn print_cases(&mut self, name: &str, t: TypeId) {
        let cases = match self.plan.types.get(t) {
            Type::Enum(cases) => quoted(cases),
            Type::Variant(cases) => quoted(&names_of(cases)),
            _ => Vec::new(),
        };
        line!(self.out, "const ", name, " = [", cases.join(", "), "];");
    }

    /// A call of a generated function, with the memory or view before and the borrow scope after its arguments.
    pub fn invoke(&mut self, f: &str, t: TypeId, cx: &Cx, args: &[String], memory: bool) -> String {
        let abi = self.plan.types.abi(t);
        let mut all: Vec<&str> = Vec::new();
        if abi.has_pointer {
            all.push(&cx.mem);
        } else if memory {
            all.push(&cx.view);
        }
        for arg in args {
            all.push(arg);
        }
        if abi.has_borrow {
            all.push(cx.scope.as_deref().unwrap_or("undefined"));
        }
        cat!(f, "(", all.join(", "), ")")
    }

    /// Opens `function name(mem | view, …[, scope]) {`.
    pub fn open_function(&mut self, name: &str, t: TypeId, cx: &Cx, params: &str) {
        let _ = cx;
        let abi = self.plan.types.abi(t);
        let first = if abi.has_pointer { "mem, " } else { "view, " };
        let last = if abi.has_borrow { ", scope" } else { "" };
        open!(self.out, "function ", name, "(", first, params, last, ") {");
    }
}

/// Whether a variant's cases stand in a table.
pub fn is_large(cases: &[(String, Option<TypeId>)]) -> bool {
    let plain = cases
        .iter()
        .filter(|(_, payload)| payload.is_none())
        .count();
    cases.len() > 8 && 2 * plain > cases.len()
}

fn entry(name: &str, value: &str) -> String {
    cat!(key(name), ": ", value)
}

fn object(entries: &[String]) -> String {
    cat!("{ ", entries.join(", "), " }")
}
