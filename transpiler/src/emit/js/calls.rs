//! The core functions that the glue makes: host imports (`canon lower`), adapters and built-ins; and the parts of a call that
//! exports share with them.

use super::adapters::Form;
use super::host::FuncName;
use super::lift::Flats;
use super::types::Side;
use super::{At, Cx, Js};
use crate::emit::names::{camel, pascal, quote};
use crate::emit::printer::{cat, line, open};
use crate::plan::{
    Adapter, CanonOptions, CoreFunc, CoreFuncId, ErrorContextOp, ImportFuncId, InstanceId,
    ResourceOrigin,
};
use crate::types::abi::{Context, FlatFunc, FlatType};
use crate::types::{FuncType, ResourceId, Type, TypeId};

/// A parameter as the body of a call sees it.
pub struct Param {
    /// An identifier, or `this`.
    pub name: String,
    pub ty: TypeId,
}

impl Js<'_> {
    pub fn func_hint(&self, func: &CoreFunc) -> String {
        let resource = |verb: &str, r: &ResourceId| {
            let name = &self.plan.resource(*r).name;
            cat!(
                verb,
                pascal(if name.is_empty() { "resource" } else { name })
            )
        };
        match func {
            CoreFunc::Lower { import, .. } => {
                let path = &self.plan.import_func(*import).path;
                let name = FuncName::parse(path.last().map_or("", String::as_str));
                match name {
                    FuncName::Plain(f) => cat!("lower", pascal(f)),
                    FuncName::Constructor(r) => cat!("lowerNew", pascal(r)),
                    FuncName::Method(r, f) | FuncName::Static(r, f) => {
                        cat!("lower", pascal(r), pascal(f))
                    }
                }
            }
            CoreFunc::Adapter(_) => "adapter".into(),
            CoreFunc::ResourceNew { resource: r, .. } => resource("new", r),
            CoreFunc::ResourceRep { resource: r, .. } => resource("rep", r),
            CoreFunc::ResourceDrop { resource: r, .. } => resource("drop", r),
            CoreFunc::ErrorContext { op, .. } => match op {
                ErrorContextOp::New => "newErrorContext".into(),
                ErrorContextOp::DebugMessage => "debugMessage".into(),
                ErrorContextOp::Drop => "dropErrorContext".into(),
            },
        }
    }

    /// Prints the JavaScript form of a core function.
    pub fn print_core_func(&mut self, id: CoreFuncId) {
        let plan = self.plan;
        let name = match self.forms[id.index()] {
            Form::Direct | Form::Wasm => return,
            Form::Js if self.blocking().contains(&id) => cat!(self.core_func(id), "Fast"),
            Form::Js | Form::Both => self.js_adapter(id),
        };
        self.detached(true, |js| match plan.core_func(id) {
            CoreFunc::Lower { import, options } => js.print_lower(&name, *import, options),
            CoreFunc::Adapter(adapter) => js.print_adapter(&name, adapter),
            CoreFunc::ResourceNew { resource, instance } => {
                js.print_builtin(&name, *instance, "rep", |js| {
                    let (table, ty) = (js.table(*instance), js.resource(*resource));
                    let new = js.call("lowerOwn", &[&table, &ty, "rep"]);
                    line!(js.out, "return ", new, ";");
                });
            }
            CoreFunc::ResourceRep { resource, instance } => {
                // The one built-in that may be called from realloc and post-return.
                js.print_guarded(&name, "handle", "fail", |js| {
                    let (table, ty) = (js.table(*instance), js.resource(*resource));
                    let rep = js.call("liftBorrow", &[&table, &ty, "handle"]);
                    line!(js.out, "return ", rep, ";");
                });
            }
            CoreFunc::ResourceDrop { resource, instance } => {
                let (table, ty) = (js.table(*instance), js.resource(*resource));
                if js.is_passed(*resource) {
                    js.print_builtin(&name, *instance, "handle", |js| {
                        let drop = js.call("canonResourceDrop", &[&table, &ty, "handle"]);
                        line!(js.out, drop, ";");
                    });
                    return;
                }
                let flags = match js.plan.instance(*instance).checks_may_leave {
                    true => cat!(", ", js.flags(*instance)),
                    false => String::new(),
                };
                let dropper = js.rt("dropper");
                let args = cat!("(root, ", table, ", ", ty, flags, ")");
                js.droppers
                    .push(cat!("const ", name, " = ", dropper, args, ";"));
            }
            CoreFunc::ErrorContext {
                op,
                options,
                instance,
            } => {
                js.print_error_context(&name, *op, options.as_ref(), *instance);
            }
        });
    }

    /// Whether an exported function takes such a handle: each of its calls then ends in a drop, which a function of its own
    /// makes faster than one that a shared maker returns (`dropper`, which is shorter).
    fn is_passed(&self, r: ResourceId) -> bool {
        self.plan.lifts.iter().any(|lift| {
            let params = &self.plan.types.func(lift.ty).params;
            params.iter().any(|(_, t)| match self.plan.types.get(*t) {
                Type::Own(p) | Type::Borrow(p) => *p == r,
                _ => false,
            })
        })
    }

    /// `function name(params) { try { check(root); body } catch (e) { throw fail(root, e); } }`: a trap of glue is noted
    /// before the guest can catch it.
    pub(super) fn print_guarded(
        &mut self,
        name: &str,
        params: &str,
        fail: &'static str,
        body: impl FnOnce(&mut Self),
    ) {
        let outer = self.scope.enter();
        open!(self.out, "function ", name, "(", params, ") {");
        self.out.open("try {");
        let check = self.call("check", &["root"]);
        line!(self.out, check, ";");
        body(self);
        self.close_try(fail);
        self.out.close("}");
        self.scope.leave(outer);
    }

    pub(super) fn close_try(&mut self, fail: &'static str) {
        self.out.reopen("} catch (e) {");
        let lowering: &[&str] = match fail {
            "failCall" | "failBlocking" => &["root", "e", "lowering"],
            _ => &["root", "e"],
        };
        let fail = self.call(fail, lowering);
        line!(self.out, "throw ", fail, ";");
        self.out.close("}");
    }

    pub(super) fn print_builtin(
        &mut self,
        name: &str,
        instance: InstanceId,
        params: &str,
        body: impl FnOnce(&mut Self),
    ) {
        self.print_guarded(name, params, "fail", |js| {
            js.print_check_leave(instance);
            body(js);
        });
    }

    pub(super) fn print_check_leave(&mut self, instance: InstanceId) {
        if self.plan.instance(instance).checks_may_leave {
            let flags = self.flags(instance);
            let check = self.call("checkLeave", &[&flags]);
            line!(self.out, check, ";");
        }
    }

    pub(super) fn print_error_context(
        &mut self,
        name: &str,
        op: ErrorContextOp,
        options: Option<&CanonOptions>,
        instance: InstanceId,
    ) {
        let ty = self.rt("errorContext");
        let params = match op {
            ErrorContextOp::New => "ptr, length",
            ErrorContextOp::DebugMessage => "handle, ptr",
            ErrorContextOp::Drop => "handle",
        };
        self.print_builtin(name, instance, params, |js| {
            let table = js.table(instance);
            let line = match (op, options) {
                (ErrorContextOp::New, Some(options)) => {
                    let cx = js.cx(options, Side::Adapter);
                    let string = js.string_type();
                    let mut flats = Flats::new(vec!["ptr".into(), "length".into()]);
                    let message = string
                        .map(|t| js.lift_flat(t, &cx, &mut flats))
                        .unwrap_or_default();
                    cat!("return ", js.call("lowerOwn", &[&table, ty, &message]), ";")
                }
                (ErrorContextOp::DebugMessage, Some(options)) => {
                    let cx = js.cx(options, Side::Adapter);
                    let message = js.call("liftBorrow", &[&table, ty, "handle"]);
                    line!(js.out, "const message = ", message, ";");
                    let at = cx.to_number("ptr");
                    line!(js.out, "const at = ", at, ";");
                    if let Some(t) = js.string_type() {
                        let (size, align) = (2 * options.ptr.bytes(), options.ptr.bytes());
                        let check = js.call(
                            "checkRange",
                            &[&cx.mem, "at", &size.to_string(), &align.to_string()],
                        );
                        line!(js.out, check, ";");
                        js.store(t, &cx, "message", &At::new("at", 0));
                    }
                    return;
                }
                _ => {
                    let handle = js.call("getHandle", &[&table, ty, "handle"]);
                    cat!(js.call("removeHandle", &[&table, "handle", &handle]), ";")
                }
            };
            js.out.line(&line);
        });
    }

    pub(super) fn string_type(&self) -> Option<TypeId> {
        self.plan
            .types
            .iter()
            .find(|(_, t)| **t == Type::String)
            .map(|(id, _)| id)
    }

    /// Lifts the flat parameters of a core function, each to a constant; names follow the parameters.
    pub(super) fn lift_params(
        &mut self,
        ty: &FuncType,
        flat: &FlatFunc,
        names: &[String],
        cx: &Cx,
    ) -> Vec<String> {
        let mut values = Vec::new();
        if flat.params_spill {
            let types = &self.plan.types;
            let (offsets, size, align) = types.record_layout(&ty.param_types(), cx.ptr());
            let args = self.constant("args", &cx.to_number(&names[0]));
            let check = self.call(
                "checkRange",
                &[&cx.mem, &args, &size.to_string(), &align.to_string()],
            );
            line!(self.out, check, ";");
            for ((name, t), offset) in ty.params.iter().zip(offsets) {
                let value = self.load(*t, cx, &At::new(&args, offset));
                values.push(self.constant(&camel(name), &value));
            }
            return values;
        }
        let mut flats = Flats::new(names.to_vec());
        for (name, t) in &ty.params {
            let value = self.lift_flat(*t, cx, &mut flats);
            let scalar = self.plan.types.children(*t).is_empty() && !value.contains('(');
            values.push(if scalar {
                value
            } else {
                self.constant(&camel(name), &value)
            });
        }
        values
    }

    /// Names for the core parameters of a lowered function; the last one is the out pointer if the result spills.
    pub(super) fn core_params(&mut self, flat: &FlatFunc) -> Vec<String> {
        let count = flat.params.len();
        let mut names = Vec::new();
        for i in 0..count {
            let out = flat.result_spills && i + 1 == count;
            names.push(self.scope.local(&if out {
                "out".into()
            } else {
                cat!("p", i.to_string())
            }));
        }
        names
    }

    /// `canon lower` of a host function.
    pub(super) fn print_lower(&mut self, name: &str, import: ImportFuncId, options: &CanonOptions) {
        let plan = self.plan;
        let func = plan.import_func(import);
        let ty = plan.types.func(func.ty);
        let flat = plan.types.flatten_functype(ty, options.ptr, Context::Lower);
        let outer = self.scope.enter();
        let params = self.core_params(&flat);
        open!(self.out, "function ", name, "(", params.join(", "), ") {");
        self.out.open("try {");
        let check = self.call("check", &["root"]);
        line!(self.out, check, ";");
        self.print_check_leave(options.instance);
        let mut cx = self.cx(options, Side::Host);
        let scoped = self.borrow_scope(ty, &mut cx);
        let args = self.lift_params(ty, &flat, &params, &cx);
        let mut call = self.host_call(&func.path, args.clone());
        if func.refuses_promise {
            // As it is written in `asyncImports`.
            let name = match func.path.as_slice() {
                [interface, .., name] => cat!(interface, "#", name),
                path => path.concat(),
            };
            call = self.call("given", &[&quote(&name), &call]);
        }
        if self.options.trace {
            let name = quote(&func.path.join(" "));
            let args = args.join(", ");
            line!(self.out, "trace(", name, ", [", args, "]);");
        }
        if func.may_block {
            self.print_blocking(&func.path, ty, &flat, &cx, &call, params.last(), scoped);
        } else {
            self.print_host_result(ty, &flat, &cx, &call, params.last(), scoped);
        }
        self.close_try("die");
        self.out.close("}");
        self.scope.leave(outer);
    }

    /// Opens a borrow scope where the borrows of a host call need one: where a handle could be taken or an object outlive
    /// the call.
    pub(super) fn borrow_scope(&mut self, ty: &FuncType, cx: &mut Cx) -> bool {
        let types = &self.plan.types;
        let borrows = |t: &TypeId| types.abi(*t).has_borrow;
        let owns = ty.params.iter().any(|(_, t)| self.has_own(*t));
        let plain =
            ty.params
                .iter()
                .filter(|(_, t)| borrows(t))
                .all(|(_, t)| match types.get(*t) {
                    Type::Borrow(r) => matches!(
                        self.plan.resource(*r).origin,
                        ResourceOrigin::Imported { .. }
                    ),
                    _ => false,
                });
        cx.lends = owns || !plain;
        if !ty.params.iter().any(|(_, t)| borrows(t)) || !cx.lends {
            return false;
        }
        self.open_scope(cx);
        true
    }

    pub(super) fn open_scope(&mut self, cx: &mut Cx) {
        let class = self.rt("BorrowScope");
        cx.scope = Some(self.constant("scope", &cat!("new ", class, "()")));
    }

    pub(super) fn has_own(&self, t: TypeId) -> bool {
        match self.plan.types.get(t) {
            Type::Own(_) => true,
            _ => self
                .plan
                .types
                .children(t)
                .into_iter()
                .any(|t| self.has_own(t)),
        }
    }

    pub(super) fn end_borrows(&mut self, scope: Option<&String>) {
        if let Some(scope) = scope {
            let end = self.call("endBorrows", &[scope]);
            line!(self.out, end, ";");
        }
    }

    /// Prints the call of a host function and the lowering of its result.
    pub(super) fn print_host_result(
        &mut self,
        ty: &FuncType,
        flat: &FlatFunc,
        cx: &Cx,
        call: &str,
        out: Option<&String>,
        scoped: bool,
    ) {
        let scope = cx.scope.clone().filter(|_| scoped);
        let Some(t) = ty.result else {
            line!(self.out, call, ";");
            self.end_borrows(scope.as_ref());
            return;
        };
        if let Type::Result { ok, err } = *self.plan.types.get(t) {
            return self.print_host_outcome(t, (ok, err), flat, cx, call, out, scope);
        }
        if scope.is_none() && !flat.result_spills && self.plan.types.children(t).is_empty() {
            let result = match self.plan.types.get(t).clone() {
                // The engine wraps what returns from a host function; narrower integers are wrapped here.
                Type::U32 | Type::S32 | Type::U64 | Type::S64 | Type::F32 | Type::F64
                    if !self.options.strict =>
                {
                    call.to_string()
                }
                Type::Bool if !self.options.strict => cat!(call, " ? 1 : 0"),
                _ => {
                    let result = self.constant("result", call);
                    self.lower_one(t, cx, &result)
                }
            };
            line!(self.out, "return ", result, ";");
            return;
        }
        let result = self.constant("result", call);
        self.end_borrows(scope.as_ref());
        self.print_lowered_result(t, flat, cx, &result, out);
    }

    /// The end of a lowered function: its result in memory or as the one flat value.
    pub(super) fn print_lowered_result(
        &mut self,
        t: TypeId,
        flat: &FlatFunc,
        cx: &Cx,
        result: &str,
        out: Option<&String>,
    ) {
        if flat.result_spills {
            let at = self.out_pointer(t, cx, out);
            self.store(t, cx, result, &At::new(&at, 0));
        } else {
            let value = self.lower_one(t, cx, result);
            line!(self.out, "return ", value, ";");
        }
    }

    pub(super) fn out_pointer(&mut self, t: TypeId, cx: &Cx, out: Option<&String>) -> String {
        let out = out.cloned().unwrap_or_default();
        let at = self.constant("at", &cx.to_number(&out));
        self.print_check_range(t, cx, &at);
        at
    }

    pub(super) fn print_check_range(&mut self, t: TypeId, cx: &Cx, at: &str) {
        let (size, align) = (
            self.plan.types.elem_size(t, cx.ptr()),
            self.plan.types.alignment(t, cx.ptr()),
        );
        let check = self.call(
            "checkRange",
            &[&cx.mem, at, &size.to_string(), &align.to_string()],
        );
        line!(self.out, check, ";");
    }

    /// A host function that may answer with a promise: what lowers its answer is a function of its own.
    #[allow(clippy::too_many_arguments)]
    pub(super) fn print_blocking(
        &mut self,
        path: &[String],
        ty: &FuncType,
        flat: &FlatFunc,
        cx: &Cx,
        call: &str,
        out: Option<&String>,
        scoped: bool,
    ) {
        let scope = cx.scope.clone().filter(|_| scoped);
        let types = &self.plan.types;
        let outcome = ty
            .result
            .is_some_and(|t| matches!(types.get(t), Type::Result { .. }));
        let zero = match flat.results.first() {
            None => "undefined",
            Some(FlatType::I64) => "0n",
            Some(_) => "0",
        };
        if ty.result.is_none() && scope.is_none() {
            let answer = self.constant("answer", call);
            let name = quote(&path.join(" "));
            let done = ["root", &name, &answer, "undefined", "undefined", zero];
            let suspend = self.call("suspend", &done);
            line!(
                self.out,
                "if (",
                answer,
                " instanceof Promise) ",
                suspend,
                ";"
            );
            return;
        }
        let (answer, failed) = (self.scope.local("value"), self.scope.local("failed"));
        let finish = self.scope.local("finish");
        let params = if outcome {
            cat!(answer, ", ", failed, " = 0")
        } else {
            answer.clone()
        };
        open!(self.out, "const ", finish, " = (", params, ") => {");
        self.end_borrows(scope.as_ref());
        if let Some(t) = ty.result {
            match *self.plan.types.get(t) {
                Type::Result { ok, err } => {
                    self.print_outcome(t, (ok, err), flat, cx, (&failed, &answer), out)
                }
                _ => self.print_lowered_result(t, flat, cx, &answer, out),
            }
        }
        self.out.close("};");
        let call = if outcome {
            line!(self.out, "let ", answer, ";");
            self.out.open("try {");
            line!(self.out, answer, " = ", call, ";");
            self.out.reopen("} catch (e) {");
            let payload = self.call("errorPayload", &["e"]);
            line!(self.out, "return ", finish, "(", payload, ", 1);");
            self.out.close("}");
            answer
        } else {
            self.constant("answer", call)
        };
        let recover = match outcome {
            true => cat!(
                "(e) => ",
                finish,
                "(",
                self.call("errorPayload", &["e"]),
                ", 1)"
            ),
            false => "undefined".into(),
        };
        let suspend = self.call(
            "suspend",
            &[
                "root",
                &quote(&path.join(" ")),
                &call,
                &finish,
                &recover,
                zero,
            ],
        );
        line!(
            self.out,
            "if (",
            call,
            " instanceof Promise) return ",
            suspend,
            ";"
        );
        line!(self.out, "return ", finish, "(", call, ");");
    }

    /// A function whose own result is a `result`: the value is returned, the error thrown.
    #[allow(clippy::too_many_arguments)]
    pub(super) fn print_host_outcome(
        &mut self,
        t: TypeId,
        (ok, err): (Option<TypeId>, Option<TypeId>),
        flat: &FlatFunc,
        cx: &Cx,
        call: &str,
        out: Option<&String>,
        scope: Option<String>,
    ) {
        let failed = self.scope.local("failed");
        let uses = ok.is_some() || err.is_some();
        let value = if uses {
            self.scope.local("value")
        } else {
            String::new()
        };
        let comma = if uses { ", " } else { "" };
        line!(self.out, "let ", failed, " = 0", comma, value, ";");
        self.out.open("try {");
        let assign = if ok.is_some() {
            cat!(value, " = ")
        } else {
            String::new()
        };
        line!(self.out, assign, call, ";");
        self.out.reopen("} catch (e) {");
        let payload = self.call("errorPayload", &["e"]);
        let assign = if err.is_some() {
            cat!(value, " = ")
        } else {
            String::new()
        };
        line!(self.out, assign, payload, ";");
        line!(self.out, failed, " = 1;");
        self.out.close("}");
        self.end_borrows(scope.as_ref());
        self.print_outcome(t, (ok, err), flat, cx, (&failed, &value), out);
    }

    /// Lowers a `result`, given whether it failed and the payload.
    pub(super) fn print_outcome(
        &mut self,
        t: TypeId,
        (ok, err): (Option<TypeId>, Option<TypeId>),
        flat: &FlatFunc,
        cx: &Cx,
        (failed, value): (&str, &str),
        out: Option<&String>,
    ) {
        if !flat.result_spills {
            line!(self.out, "return ", failed, ";");
            return;
        }
        let at = self.out_pointer(t, cx, out);
        line!(self.out, cx.view, ".setUint8(", at, ", ", failed, ");");
        let offset = self.payload_at(t, cx.ptr());
        let at = At::new(&at, offset);
        match (ok, err) {
            (Some(ok), Some(err)) => {
                open!(self.out, "if (", failed, ") {");
                self.store(err, cx, value, &at);
                self.out.reopen("} else {");
                self.store(ok, cx, value, &at);
                self.out.close("}");
            }
            (Some(t), None) | (None, Some(t)) => {
                let test = if ok.is_some() {
                    cat!("!", failed)
                } else {
                    failed.into()
                };
                open!(self.out, "if (", test, ") {");
                self.store(t, cx, value, &at);
                self.out.close("}");
            }
            (None, None) => {}
        }
    }

    /// A lower fused with a lift, through JavaScript values.
    pub(super) fn print_adapter(&mut self, name: &str, adapter: &Adapter) {
        let plan = self.plan;
        let lift = plan.lift(adapter.lift);
        let ty = plan.types.func(lift.ty);
        let outer_ty = plan.types.func(adapter.ty);
        let lower_flat = plan
            .types
            .flatten_functype(outer_ty, adapter.lower.ptr, Context::Lower);
        let lift_flat = plan
            .types
            .flatten_functype(ty, lift.options.ptr, Context::Lift);
        let outer = self.scope.enter();
        let params = self.core_params(&lower_flat);
        open!(self.out, "function ", name, "(", params.join(", "), ") {");
        self.out.open("try {");
        let check = self.call("check", &["root"]);
        line!(self.out, check, ";");
        self.print_check_leave(adapter.lower.instance);
        let mut caller = self.cx(&adapter.lower, Side::Adapter);
        let mut callee = self.cx(&lift.options, Side::Adapter);
        if outer_ty
            .params
            .iter()
            .any(|(_, t)| plan.types.abi(*t).has_borrow)
        {
            self.open_scope(&mut caller);
            callee.scope = caller.scope.clone();
        }
        let values = self.lift_params(outer_ty, &lower_flat, &params, &caller);
        let mut lowered = Vec::new();
        for (name, (_, t)) in values.into_iter().zip(&ty.params) {
            lowered.push(Param { name, ty: *t });
        }
        let args = self.lower_args(&lowered, &lift_flat, &callee);
        let core = self.bound_item(&lift.core);
        let call = cat!(core, "(", args.join(", "), ")");
        let ret = self.print_core_call(&call, &lift_flat, &callee);
        line!(self.out, check, ";");
        let result = ty.result.map(|t| {
            let value = self.lift_result(t, &lift_flat, &callee, &ret);
            self.constant("result", &value)
        });
        if let Some(scope) = &callee.scope {
            let check = self.call("checkBorrows", &[scope]);
            line!(self.out, check, ";");
        }
        let mut flat_result = None;
        if let (Some(t), Some(result)) = (outer_ty.result, result) {
            if lower_flat.result_spills {
                let at = self.out_pointer(t, &caller, params.last());
                self.store(t, &caller, &result, &At::new(&at, 0));
            } else {
                flat_result = Some(self.lower_flat(t, &caller, &result, "lowered").concat());
            }
        }
        self.print_post_return(&lift.options, &lift_flat, &callee, &ret);
        self.end_borrows(caller.scope.as_ref());
        if let Some(flat) = flat_result {
            line!(self.out, "return ", flat, ";");
        }
        self.close_try("fail");
        self.out.close("}");
        self.scope.leave(outer);
    }

    /// Prints the core call; the name of its flat result, unsigned if it is a pointer.
    pub(super) fn print_core_call(&mut self, call: &str, flat: &FlatFunc, cx: &Cx) -> String {
        if flat.results.is_empty() {
            line!(self.out, call, ";");
            return String::new();
        }
        let value = if flat.result_spills {
            cx.to_number(call)
        } else {
            call.to_string()
        };
        self.constant("ret", &value)
    }

    /// The component value of a lifted core function's result.
    pub(super) fn lift_result(&mut self, t: TypeId, flat: &FlatFunc, cx: &Cx, ret: &str) -> String {
        if flat.result_spills {
            self.print_check_range(t, cx, ret);
            self.load(t, cx, &At::new(ret, 0))
        } else {
            let mut flats = Flats::new(vec![ret.to_string()]);
            self.lift_flat(t, cx, &mut flats)
        }
    }

    pub(super) fn print_post_return(
        &mut self,
        options: &CanonOptions,
        flat: &FlatFunc,
        cx: &Cx,
        ret: &str,
    ) {
        let Some(post) = &options.post_return else {
            return;
        };
        let post = self.bound_post(options.instance, post);
        let arg = match flat.result_spills {
            true => cx.ptr_out(ret),
            false => ret.to_string(),
        };
        line!(self.out, post, "(", arg, ");");
        if self.traits.calls_glue {
            let check = self.call("check", &["root"]);
            line!(self.out, check, ";");
        }
    }

    /// Lowers arguments: flat, or as a tuple in memory.
    pub(super) fn lower_args(&mut self, params: &[Param], flat: &FlatFunc, cx: &Cx) -> Vec<String> {
        if !flat.params_spill {
            let mut args = Vec::new();
            for p in params {
                let hint = if p.name.contains(' ') {
                    "arg".into()
                } else {
                    p.name.clone()
                };
                args.extend(self.lower_flat(p.ty, cx, &p.name, &hint));
            }
            return args;
        }
        let types: Vec<TypeId> = params.iter().map(|p| p.ty).collect();
        let (offsets, size, align) = self.plan.types.record_layout(&types, cx.ptr());
        let allocate = self.call(
            "allocate",
            &[&cx.mem, "1", &size.to_string(), &align.to_string()],
        );
        let args = self.constant("args", &allocate);
        for (p, offset) in params.iter().zip(offsets) {
            self.store(p.ty, cx, &p.name, &At::new(&args, offset));
        }
        vec![cx.ptr_out(&args)]
    }
}
