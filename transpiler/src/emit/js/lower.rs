//! JavaScript values → core values: `store` and `lower_flat` of `CanonicalABI.md`, as statements.

use super::lift::is_large;
use super::types::{accessor, Side, Work};
use super::{At, Cx, Js};
use crate::emit::names::{is_identifier, is_inherited, member, names_of, quote};
use crate::emit::printer::{cat, line, open};
use crate::plan::{ResourceOrigin, StringEncoding};
use crate::types::abi::{discriminant_size, FlatType, PtrSize};
use crate::types::{ResourceId, Type, TypeId};

impl Js<'_> {
    /// Prints what stores `v` in memory.
    pub fn store(&mut self, t: TypeId, cx: &Cx, v: &str, at: &At) {
        let ty = self.plan.types.get(t).clone();
        if let Some((name, endian)) = accessor(&ty) {
            let v = self.scalar(&ty, v, true);
            line!(
                self.out,
                cx.view,
                ".set",
                name,
                "(",
                at.expr(),
                ", ",
                v,
                if endian { ", true);" } else { ");" }
            );
            return;
        }
        match &ty {
            Type::String | Type::List(_) | Type::Map(..) => {
                let begin = self.lower_range(t, &ty, cx, v);
                let pair = if cx.ptr() == PtrSize::P64 {
                    "storePair64"
                } else {
                    "storePair"
                };
                let store = self.call(pair, &[&cx.mem, &at.expr(), &begin]);
                line!(self.out, store, ";");
            }
            Type::Enum(cases) => {
                let i = self.lower_enum(t, v);
                self.set(cx, discriminant_size(cases.len()), at, &i);
            }
            Type::Flags(labels) => {
                let bits = self.lower_flags(t, v);
                self.set(cx, crate::types::abi::flags_size(labels.len()), at, &bits);
            }
            Type::ErrorContext => {
                let handle = self.lower_error_context(cx, v);
                self.set(cx, 4, at, &handle);
            }
            Type::Own(r) | Type::Borrow(r) => {
                let handle = self.lower_handle(cx, *r, matches!(ty, Type::Own(_)), v);
                self.set(cx, 4, at, &handle);
            }
            _ => {
                let f = self.function(Work::Store, t, cx);
                let store = self.invoke(&f, t, cx, &[v.into(), at.expr()], true);
                line!(self.out, store, ";");
            }
        }
    }

    fn set(&mut self, cx: &Cx, bytes: u32, at: &At, v: &str) {
        let line = match bytes {
            1 => cat!(cx.view, ".setUint8(", at.expr(), ", ", v, ");"),
            2 => cat!(cx.view, ".setUint16(", at.expr(), ", ", v, ", true);"),
            _ => cat!(cx.view, ".setUint32(", at.expr(), ", ", v, ", true);"),
        };
        self.out.line(&line);
    }

    /// A string or list: the expression is the pointer, `mem.length` the length.
    fn lower_range(&mut self, t: TypeId, ty: &Type, cx: &Cx, v: &str) -> String {
        match ty {
            Type::String => {
                let f = match cx.options.encoding {
                    StringEncoding::Utf8 => "storeUtf8",
                    StringEncoding::Utf16 => "storeUtf16",
                    StringEncoding::CompactUtf16 if cx.ptr() == PtrSize::P64 => "storeCompact64",
                    StringEncoding::CompactUtf16 => "storeCompact",
                };
                let v = self.strictly(v, "string");
                self.call(f, &[&cx.mem, &v])
            }
            Type::List(e) if self.number_array(*e).is_some() => {
                match self.number_array(*e).unwrap_or_default() {
                    "Uint8Array" => self.call("storeBytes", &[&cx.mem, v]),
                    array => self.call("storeNumbers", &[&cx.mem, v, array]),
                }
            }
            _ => {
                let f = self.function(Work::Store, t, cx);
                self.invoke(&f, t, cx, &[v.into()], true)
            }
        }
    }

    fn lower_enum(&mut self, t: TypeId, v: &str) -> String {
        let cases = self.cases(t);
        self.call("lowerEnum", &[&cases, v])
    }

    fn lower_flags(&mut self, t: TypeId, v: &str) -> String {
        let f = self.plain_function(Work::LowerFlags, t);
        cat!(f, "(", v, ")")
    }

    fn lower_error_context(&mut self, cx: &Cx, v: &str) -> String {
        let table = self.table(cx.options.instance);
        let ty = self.rt("errorContext");
        self.call("lowerOwn", &[&table, ty, &cat!("`${", v, "}`")])
    }

    /// An own or borrow: a handle index, or the representation where the instance defines the resource.
    pub fn lower_handle(&mut self, cx: &Cx, r: ResourceId, own: bool, v: &str) -> String {
        let ty = self.resource(r);
        let (defined_in, rep) = match (&self.plan.resource(r).origin, cx.side) {
            (ResourceOrigin::Defined { instance, .. }, Side::Adapter) => {
                (Some(*instance), v.to_string())
            }
            (ResourceOrigin::Imported { .. }, Side::Adapter) => (None, v.to_string()),
            (ResourceOrigin::Defined { instance, .. }, Side::Host) => {
                let rep = if own {
                    self.call("disown", &[&ty, v])
                } else if is_identifier(v) {
                    let (key, not) = (self.key(r), self.call("notLive", &[&ty]));
                    cat!(v, "[", key, "] ?? ", not)
                } else {
                    self.call("repOf", &[&ty, v])
                };
                (Some(*instance), rep)
            }
            (ResourceOrigin::Imported { .. }, Side::Host) => {
                let class = self.imported_class(r);
                match cx.checked {
                    true => (None, v.to_string()),
                    false => (None, self.call("instanceOf", &[v, &class])),
                }
            }
        };
        if !own && defined_in == Some(cx.options.instance) {
            return rep;
        }
        let table = self.table(cx.options.instance);
        if own {
            self.call("lowerOwn", &[&table, &ty, &rep])
        } else {
            let scope = cx.scope.clone().unwrap_or_default();
            self.call("lowerBorrow", &[&table, &ty, &rep, &scope])
        }
    }

    /// A scalar as memory or a core function takes it. Where both wrap by themselves, nothing is left to do.
    pub fn scalar(&mut self, ty: &Type, v: &str, memory: bool) -> String {
        if self.options.strict {
            if let Some(checked) = self.strict_scalar(ty, v) {
                return checked;
            }
        }
        match ty {
            Type::Bool => cat!(v, " ? 1 : 0"),
            Type::Char => self.call("lowerChar", &[v]),
            _ if memory => v.into(),
            Type::U8 => cat!(v, " & 255"),
            Type::U16 => cat!(v, " & 65535"),
            Type::S8 => cat!(v, " << 24 >> 24"),
            Type::S16 => cat!(v, " << 16 >> 16"),
            Type::S32 | Type::U32 => cat!(v, " | 0"),
            Type::S64 | Type::U64 => self.call("toI64", &[v]),
            Type::F32 | Type::F64 => cat!("+", v),
            _ => v.into(),
        }
    }

    fn strict_scalar(&mut self, ty: &Type, v: &str) -> Option<String> {
        let (min, max) = match ty {
            Type::U8 => ("0", "255"),
            Type::S8 => ("-128", "127"),
            Type::U16 => ("0", "65535"),
            Type::S16 => ("-32768", "32767"),
            Type::U32 => ("0", "4294967295"),
            Type::S32 => ("-2147483648", "2147483647"),
            Type::U64 => return Some(self.call("strictBigInt", &[v, "false"])),
            Type::S64 => return Some(self.call("strictBigInt", &[v, "true"])),
            Type::F32 | Type::F64 => return Some(self.call("strictType", &[v, "'number'"])),
            Type::Bool => {
                let checked = self.call("strictType", &[v, "'boolean'"]);
                return Some(cat!(checked, " ? 1 : 0"));
            }
            Type::Char => {
                let checked = self.call("strictType", &[v, "'string'"]);
                return Some(self.call("lowerChar", &[&checked]));
            }
            _ => return None,
        };
        Some(self.call("strictInt", &[v, min, max]))
    }

    fn strictly(&mut self, v: &str, ty: &str) -> String {
        if self.options.strict {
            self.call("strictType", &[v, &quote(ty)])
        } else {
            v.into()
        }
    }

    /// Prints what has to happen, and returns the flat core values: names, or expressions that cannot fail.
    pub fn lower_flat(&mut self, t: TypeId, cx: &Cx, v: &str, hint: &str) -> Vec<String> {
        let ty = self.plan.types.get(t).clone();
        match &ty {
            Type::Bool if !self.options.strict => vec![self.scalar(&ty, v, false)],
            Type::String | Type::List(_) | Type::Map(..) => {
                let begin = self.lower_range(t, &ty, cx, v);
                let ptr = self.constant(&cat!(hint, "Ptr"), &cx.ptr_out(&begin));
                let len = self.constant(&cat!(hint, "Len"), &cx.ptr_out(&cat!(cx.mem, ".length")));
                vec![ptr, len]
            }
            Type::Enum(_) => {
                let i = self.lower_enum(t, v);
                vec![self.constant(&cat!(hint, "Case"), &i)]
            }
            Type::Flags(_) => {
                let bits = self.lower_flags(t, v);
                vec![self.constant(&cat!(hint, "Bits"), &bits)]
            }
            Type::ErrorContext => {
                let handle = self.lower_error_context(cx, v);
                vec![self.constant(&cat!(hint, "Handle"), &handle)]
            }
            Type::Own(r) | Type::Borrow(r) => {
                let handle = self.lower_handle(cx, *r, matches!(ty, Type::Own(_)), v);
                vec![self.constant(&cat!(hint, "Handle"), &handle)]
            }
            Type::Record(fields) => {
                let names = self.fields(&names_of(fields));
                let v = self.bound(v, hint);
                let mut flat = Vec::new();
                for ((_, t), name) in fields.iter().zip(names) {
                    let hint = cat!(hint, capital(&name));
                    let value = self.field(&v, &name);
                    flat.extend(self.lower_flat(*t, cx, &value, &hint));
                }
                flat
            }
            Type::Tuple(ts) => {
                let v = self.bound(v, hint);
                let mut flat = Vec::new();
                for (i, t) in ts.iter().enumerate() {
                    let i = i.to_string();
                    flat.extend(self.lower_flat(*t, cx, &cat!(v, "[", i, "]"), &cat!(hint, i)));
                }
                flat
            }
            Type::FixedList(e, n) => {
                let list = self.call("exactly", &[v, &n.to_string()]);
                let list = self.constant(&cat!(hint, "List"), &list);
                let mut flat = Vec::new();
                for i in 0..*n {
                    let i = i.to_string();
                    flat.extend(self.lower_flat(*e, cx, &cat!(list, "[", i, "]"), &cat!(hint, i)));
                }
                flat
            }
            Type::Variant(_) | Type::Option(_) | Type::Result { .. } => {
                self.lower_flat_variant(t, &ty, cx, v, hint)
            }
            _ => {
                let value = self.scalar(&ty, v, false);
                vec![self.constant(hint, &value)]
            }
        }
    }

    /// [`Js::lower_flat`] of a type that is one core value, as an expression where it can be.
    pub fn lower_one(&mut self, t: TypeId, cx: &Cx, v: &str) -> String {
        let ty = self.plan.types.get(t).clone();
        match &ty {
            Type::Enum(_) => self.lower_enum(t, v),
            Type::Flags(_) => self.lower_flags(t, v),
            Type::Own(r) => self.lower_handle(cx, *r, true, v),
            _ if accessor(&ty).is_some() => self.scalar(&ty, v, false),
            _ => self.lower_flat(t, cx, v, "lowered").concat(),
        }
    }

    /// `const hint = value;`
    pub fn constant(&mut self, hint: &str, value: &str) -> String {
        let name = self.scope.local(hint);
        line!(self.out, "const ", name, " = ", value, ";");
        name
    }

    /// `v` as something that may be mentioned twice.
    fn bound(&mut self, v: &str, hint: &str) -> String {
        if is_identifier(v) {
            v.into()
        } else {
            self.constant(hint, v)
        }
    }

    fn lower_flat_variant(
        &mut self,
        t: TypeId,
        ty: &Type,
        cx: &Cx,
        v: &str,
        hint: &str,
    ) -> Vec<String> {
        let v = self.bound(v, hint);
        let joined = self
            .plan
            .types
            .flatten_type(t, cx.ptr())
            .map(<[FlatType]>::to_vec);
        let joined = joined.unwrap_or_default();
        let mut names = vec![self.scope.local(&cat!(hint, "Tag"))];
        for i in 1..joined.len() {
            names.push(self.scope.local(&cat!(hint, (i - 1).to_string())));
        }
        let zero = |t: &FlatType| if *t == FlatType::I64 { " = 0n" } else { " = 0" };
        let mut lets = Vec::new();
        for (name, t) in names.iter().zip(&joined) {
            lets.push(cat!(name, zero(t)));
        }
        line!(self.out, "let ", lets.join(", "), ";");
        match ty {
            Type::Option(e) => {
                let nested = self.is_option(*e);
                let test = if nested {
                    cat!(v, ".tag === 'some'")
                } else {
                    cat!(v, " !== undefined && ", v, " !== null")
                };
                open!(self.out, "if (", test, ") {");
                let payload = if nested { cat!(v, ".val") } else { v };
                self.assign_case(1, Some((*e, payload)), cx, &names, &joined, hint);
                self.out.close("}");
            }
            _ => {
                self.switch_on(t, ty, &v, |js, i, payload| {
                    let payload = payload.map(|t| (t, cat!(v, ".val")));
                    js.assign_case(i, payload, cx, &names, &joined, hint);
                });
            }
        }
        names
    }

    fn assign_case(
        &mut self,
        i: usize,
        payload: Option<(TypeId, String)>,
        cx: &Cx,
        names: &[String],
        joined: &[FlatType],
        hint: &str,
    ) {
        if i > 0 {
            line!(self.out, names[0], " = ", i.to_string(), ";");
        }
        let Some((t, v)) = payload else { return };
        let have = self
            .plan
            .types
            .flatten_type(t, cx.ptr())
            .map(<[FlatType]>::to_vec);
        let values = self.lower_flat(t, cx, &v, hint);
        for (i, (value, have)) in values.iter().zip(have.unwrap_or_default()).enumerate() {
            let bits = |js: &mut Self| js.call("f32ToI32", &[value]);
            let value = match (have, joined[i + 1]) {
                (FlatType::F32, FlatType::I32) => bits(self),
                (FlatType::I32, FlatType::I64) => cat!("BigInt(", paren(value), " >>> 0)"),
                (FlatType::F32, FlatType::I64) => cat!("BigInt(", bits(self), " >>> 0)"),
                (FlatType::F64, FlatType::I64) => self.call("f64ToI64", &[value]),
                _ => value.clone(),
            };
            line!(self.out, names[i + 1], " = ", value, ";");
        }
    }

    /// Prints a switch over the cases of a variant or result by name.
    fn switch_on(
        &mut self,
        t: TypeId,
        ty: &Type,
        v: &str,
        mut case: impl FnMut(&mut Self, usize, Option<TypeId>),
    ) {
        let cases: Vec<(String, Option<TypeId>)> = match ty {
            Type::Variant(cases) => cases.to_vec(),
            Type::Result { ok, err } => vec![("ok".into(), *ok), ("err".into(), *err)],
            Type::Option(e) => vec![("none".into(), None), ("some".into(), Some(*e))],
            _ => Vec::new(),
        };
        open!(self.out, "switch (", v, ".tag) {");
        for (i, (name, payload)) in cases.iter().enumerate() {
            open!(self.out, "case ", quote(name), ": {");
            case(self, i, *payload);
            self.out.line("break;");
            self.out.close("}");
        }
        let name = self.kebab_name(t);
        let bad = self.call("badCase", &[&quote(&name), v]);
        self.out.open("default:");
        self.out.close_with(&cat!("throw ", bad, ";"));
        self.out.close("}");
    }

    fn kebab_name(&self, t: TypeId) -> String {
        self.type_names
            .get(&t)
            .cloned()
            .unwrap_or_else(|| match self.plan.types.get(t) {
                Type::Result { .. } => "result".into(),
                Type::Option(_) => "option".into(),
                _ => "variant".into(),
            })
    }

    /// Prints the function that stores `t`: `(mem | view, v, ptr[, scope])`; for a list `(mem, v[, scope])`, which returns where.
    pub fn print_store(&mut self, name: &str, t: TypeId, cx: &Cx) {
        let ty = self.plan.types.get(t).clone();
        let list = matches!(ty, Type::List(_) | Type::Map(..));
        self.open_function(name, t, cx, if list { "v" } else { "v, ptr" });
        // Whatever allocates may move the memory: then no view outlives a statement.
        let inner = cx.inside(&self.plan.types.abi(t).has_pointer, "mem.view");
        let outer = self.scope.enter();
        for taken in [
            "v", "ptr", "mem", "view", "scope", "list", "length", "start", "i",
        ] {
            self.scope.local(taken);
        }
        if list {
            self.store_list(&ty, &inner);
        } else {
            self.store_compound(t, &ty, &inner);
        }
        self.scope.leave(outer);
        self.out.close("}");
    }

    fn store_list(&mut self, ty: &Type, cx: &Cx) {
        let (size, align, parts) = self.element(ty, cx.ptr());
        let map = matches!(ty, Type::Map(..));
        let list = self.call(if map { "toEntries" } else { "toArray" }, &["v"]);
        let allocate = self.rt("allocate");
        line!(self.out, "const list = ", list, ";");
        self.out.line("const { length } = list;");
        line!(
            self.out,
            "const start = ",
            allocate,
            "(mem, length, ",
            size.to_string(),
            ", ",
            align.to_string(),
            ");"
        );
        let fixed = parts
            .iter()
            .all(|(t, _)| !self.plan.types.abi(*t).has_pointer);
        let cx = Cx {
            view: if fixed {
                "view".into()
            } else {
                "mem.view".into()
            },
            ..cx.clone()
        };
        if fixed {
            self.out.line("const { view } = mem;");
        }
        open!(
            self.out,
            "for (let i = 0, ptr = start; i < length; i++, ptr += ",
            size.to_string(),
            ") {"
        );
        for (i, (t, offset)) in parts.iter().enumerate() {
            // On the spot: a call for each element would cost more than there is to do.
            if !map && self.is_option(*t) {
                let ty = self.plan.types.get(*t).clone();
                self.out.line("const v = list[i];");
                self.store_compound(*t, &ty, &cx);
                continue;
            }
            let v = if map {
                cat!("list[i][", i.to_string(), "]")
            } else {
                "list[i]".into()
            };
            self.store(*t, &cx, &v, &At::new("ptr", *offset));
        }
        self.out.close("}");
        self.out.line("mem.length = length;");
        self.out.line("return start;");
    }

    fn store_compound(&mut self, t: TypeId, ty: &Type, cx: &Cx) {
        let ptr = At::new("ptr", 0);
        match ty {
            Type::Record(fields) => {
                let names = self.fields(&names_of(fields));
                let (offsets, ..) = self.plan.types.record_layout(&ty.children(), cx.ptr());
                for (((_, t), name), offset) in fields.iter().zip(names).zip(offsets) {
                    let value = self.field("v", &name);
                    self.store(*t, cx, &value, &At::new("ptr", offset));
                }
            }
            Type::Tuple(ts) => {
                let (offsets, ..) = self.plan.types.record_layout(ts, cx.ptr());
                for (i, (t, offset)) in ts.iter().zip(offsets).enumerate() {
                    self.store(
                        *t,
                        cx,
                        &cat!("v[", i.to_string(), "]"),
                        &At::new("ptr", offset),
                    );
                }
            }
            Type::FixedList(e, n) => {
                let size = self.plan.types.elem_size(*e, cx.ptr());
                let list = self.call("exactly", &["v", &n.to_string()]);
                line!(self.out, "const list = ", list, ";");
                open!(
                    self.out,
                    "for (let i = 0; i < ",
                    n.to_string(),
                    "; i++, ptr += ",
                    size.to_string(),
                    ") {"
                );
                self.store(*e, cx, "list[i]", &ptr);
                self.out.close("}");
            }
            Type::Option(e) if !self.is_option(*e) => {
                let at = At::new("ptr", self.payload_at(t, cx.ptr()));
                self.out.open("if (v === undefined || v === null) {");
                self.set(cx, 1, &ptr, "0");
                self.out.reopen("} else {");
                self.set(cx, 1, &ptr, "1");
                self.store(*e, cx, "v", &at);
                self.out.close("}");
            }
            _ => {
                let count = match ty {
                    Type::Variant(cases) if is_large(cases) => {
                        return self.store_large(t, cases, cx);
                    }
                    Type::Variant(cases) => cases.len(),
                    _ => 2,
                };
                let at = At::new("ptr", self.payload_at(t, cx.ptr()));
                self.switch_on(t, ty, "v", |js, i, payload| {
                    js.set(cx, discriminant_size(count), &ptr, &i.to_string());
                    if let Some(t) = payload {
                        js.store(t, cx, "v.val", &at);
                    }
                });
            }
        }
    }

    /// A variant of many cases, most without a payload: the discriminant from a table, then what few payloads there are.
    fn store_large(&mut self, t: TypeId, cases: &[(String, Option<TypeId>)], cx: &Cx) {
        let ptr = At::new("ptr", 0);
        let at = At::new("ptr", self.payload_at(t, cx.ptr()));
        let tag = self.lower_enum(t, "v.tag");
        self.set(cx, discriminant_size(cases.len()), &ptr, &tag);
        let mut groups: Vec<(TypeId, Vec<&str>)> = Vec::new();
        for (name, payload) in cases {
            let Some(payload) = payload else { continue };
            match groups.iter_mut().find(|(t, _)| t == payload) {
                Some((_, names)) => names.push(name),
                None => groups.push((*payload, vec![name])),
            }
        }
        if groups.is_empty() {
            return;
        }
        self.out.open("switch (v.tag) {");
        for (payload, names) in groups {
            let (last, others) = names.split_last().expect("a group starts with a name");
            for name in others {
                line!(self.out, "case ", quote(name), ":");
            }
            open!(self.out, "case ", quote(last), ":");
            self.store(payload, cx, "v.val", &at);
            self.out.close_with("break;");
        }
        self.out.close("}");
    }

    /// A field of an object that a user made. One that was left out is undefined, whatever objects inherit.
    fn field(&mut self, v: &str, name: &str) -> String {
        if is_inherited(name) {
            self.call("own", &[v, &quote(name)])
        } else {
            cat!(v, member(name))
        }
    }

    /// Prints the function that turns an object into a flags' bits.
    pub fn print_lower_flags(&mut self, name: &str, t: TypeId) {
        let Type::Flags(labels) = self.plan.types.get(t).clone() else {
            return;
        };
        let names = self.fields(&labels);
        let mut bits = Vec::new();
        for (i, name) in names.iter().enumerate() {
            let (field, bit) = (self.field("v", name), (1u32 << i).to_string());
            bits.push(cat!("(", field, " ? ", bit, " : 0)"));
        }
        open!(self.out, "function ", name, "(v) {");
        line!(self.out, "return ", bits.join(" | "), ";");
        self.out.close("}");
    }
}

fn paren(v: &str) -> String {
    if is_identifier(v) {
        v.into()
    } else {
        cat!("(", v, ")")
    }
}

fn capital(name: &str) -> String {
    let mut chars = name.chars();
    let first = chars.next().map(|c| c.to_ascii_uppercase());
    first.into_iter().chain(chars).collect()
}
