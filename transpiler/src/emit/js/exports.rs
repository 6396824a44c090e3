//! Exported functions (`canon lift` for the host): what happens before, around and after the core call.

use super::calls::Param;
use super::lift::Flats;
use super::types::Side;
use super::{At, Cx, Js};
use crate::emit::names::camel;
use crate::emit::printer::{cat, line, open};
use crate::plan::{CoreItem, InstanceId, LiftId, ResourceOrigin};
use crate::types::abi::{Context, FlatFunc};
use crate::types::{ResourceId, Type, TypeId};

/// What an exported function does with its result.
#[derive(Clone, PartialEq, Eq)]
pub enum Return {
    Value,
    /// A `result` too is a value: nothing is thrown.
    Plain,
    /// A constructor: the representation becomes that of `this`.
    Adopt(ResourceId),
}

impl Js<'_> {
    /// Whether lowering `t` can neither run guest code nor touch a table: then it happens before the call is entered.
    pub(super) fn is_plain(&self, t: TypeId, callee: InstanceId) -> bool {
        let abi = self.plan.types.abi(t);
        match self.plan.types.get(t) {
            Type::Borrow(r) => self.defines(callee, *r),
            _ => !abi.has_pointer && !abi.has_resources && !abi.has_async,
        }
    }

    pub(super) fn defines(&self, instance: InstanceId, r: ResourceId) -> bool {
        matches!(&self.plan.resource(r).origin, ResourceOrigin::Defined { instance: i, .. } if *i == instance)
    }

    /// Whether a borrow somewhere in `t` becomes a handle in the table of `callee`.
    pub(super) fn lends_to(&self, t: TypeId, callee: InstanceId) -> bool {
        match self.plan.types.get(t) {
            Type::Borrow(r) => !self.defines(callee, *r),
            _ => self
                .plan
                .types
                .children(t)
                .into_iter()
                .any(|t| self.lends_to(t, callee)),
        }
    }

    /// The body of an exported function.
    pub fn print_export_body(&mut self, lift: LiftId, params: &[Param], then: &Return) {
        let plan = self.plan;
        let lift = plan.lift(lift);
        let ty = plan.types.func(lift.ty);
        let flat = plan
            .types
            .flatten_functype(ty, lift.options.ptr, Context::Lift);
        let callee = lift.options.instance;
        let mut cx = self.cx(&lift.options, Side::Host);
        let early = |js: &Self, t: TypeId| js.is_plain(t, callee) && !flat.params_spill;
        let mut args: Vec<Vec<String>> = Vec::new();
        for p in params {
            args.push(if early(self, p.ty) {
                self.lower_early(p, &cx)
            } else {
                Vec::new()
            });
        }
        // What is left of these then is the guest's part of the work: whatever fails is no mistake of the caller's.
        let vetted = |js: &Self, t: TypeId| match js.plan.types.get(t) {
            _ if flat.params_spill => false,
            Type::String => !js.options.strict,
            Type::Own(r) | Type::Borrow(r) => js.is_imported(*r),
            _ => false,
        };
        for p in params {
            if vetted(self, p.ty) {
                self.vet(p);
            }
        }
        // Nobody could wait for a start function when `instantiate` answers at once.
        let blocks = lift.may_block && !(*then == Return::Plain && self.is_sync());
        if blocks {
            let names: Vec<&str> = params
                .iter()
                .map(|p| p.name.as_str())
                .filter(|n| *n != "this")
                .collect();
            let again = match (params.first(), &self.current_export) {
                (Some(p), name) if p.name == "this" => {
                    cat!("() => this", name, "(", names.join(", "), ")")
                }
                (_, name) => cat!("() => ", name, "(", names.join(", "), ")"),
            };
            let later = self.call("later", &["root", &again]);
            let waits = self.call("mustWait", &["root"]);
            line!(self.out, "if (", waits, ") return ", later, ";");
        }
        let enter = self.call(if blocks { "enter" } else { "alive" }, &["root"]);
        line!(self.out, enter, ";");
        let outcome = ty.result.and_then(|t| match plan.types.get(t) {
            Type::Result { ok, err } if *then != Return::Plain => Some((t, *ok, *err)),
            _ => None,
        });
        let lets = if outcome.is_some() {
            self.scope.local("failed");
            self.scope.local("result");
            "let failed, result;"
        } else {
            ""
        };
        match (blocks, lets) {
            (true, _) => {
                self.scope.local("ret");
                self.out.line("let ret;");
            }
            (false, "") => {}
            (false, lets) => self.out.line(lets),
        }
        let late = params.iter().any(|p| !early(self, p.ty));
        let fallible = late
            && (blocks
                || params
                    .iter()
                    .any(|p| !early(self, p.ty) && !vetted(self, p.ty)));
        let fail = match (fallible, blocks) {
            (false, _) => "fail",
            (true, false) => "failCall",
            (true, true) => "failBlocking",
        };
        if fallible {
            self.scope.local("lowering");
            self.out.line("let lowering = true;");
        }
        // Outside of the `try`: what follows a wait closes it.
        if params.iter().any(|p| self.lends_to(p.ty, callee)) {
            // A call that waits, or may fail between two borrows, has a scope of its own.
            let scope = if fallible {
                cat!("new ", self.call("BorrowScope", &[]))
            } else {
                let table = self.table(callee);
                self.call("openScope", &[&table])
            };
            cx.scope = Some(self.constant("scope", &scope));
        }
        self.out.open("try {");
        if late {
            if flat.params_spill {
                args = vec![self.lower_args(params, &flat, &cx)];
            } else {
                for (p, args) in params.iter().zip(&mut args) {
                    if !early(self, p.ty) {
                        cx.checked = vetted(self, p.ty);
                        *args = self.lower_flat(p.ty, &cx, &p.name, &p.name);
                    }
                }
            }
            if fallible {
                self.out.line("lowering = false;");
            }
        }
        let core = if blocks {
            self.promising_item(&lift.core)
        } else {
            self.bound_item(&lift.core)
        };
        let call = cat!(core, "(", args.concat().join(", "), ")");
        if blocks {
            line!(self.out, "ret = ", call, ";");
            self.close_try(fail);
            let ptr = if flat.result_spills {
                cx.to_number("ret")
            } else {
                "ret".into()
            };
            let settle = self.rt("settle");
            open!(self.out, "return ", settle, "(root, ret, (ret) => {");
            if !lets.is_empty() {
                self.out.line(lets);
            }
            self.out.open("try {");
            let ptr = if ptr == "ret" {
                ptr
            } else {
                self.constant("at", &ptr)
            };
            self.print_lifted_result(&ptr, ty.result, outcome, &flat, &cx, then);
            self.close_try("fail");
            if outcome.is_some() {
                self.print_throw();
            }
            self.out.close("});");
            return;
        }
        let after =
            self.traits.calls_glue || lift.options.post_return.is_some() || cx.scope.is_some();
        self.print_export_result(&call, ty.result, outcome, &flat, &cx, after, then);
        self.close_try(fail);
        if outcome.is_some() {
            self.print_throw();
        }
    }

    /// Makes sure of an argument before the call is entered: a string becomes one, an object has to be of its class. That stands
    /// here and not in a function that all classes share: engines make one class's check a load and a compare.
    fn vet(&mut self, p: &Param) {
        match *self.plan.types.get(p.ty) {
            Type::Own(r) | Type::Borrow(r) => {
                let class = self.imported_class(r);
                let not = self.call("notInstance", &[&class]);
                let test = cat!("if (!(", p.name, " instanceof ", class, ")) ");
                line!(self.out, test, not, ";");
            }
            _ => line!(self.out, p.name, " = `${", p.name, "}`;"),
        }
    }

    fn is_imported(&self, r: ResourceId) -> bool {
        matches!(
            self.plan.resource(r).origin,
            ResourceOrigin::Imported { .. }
        )
    }

    pub(super) fn print_throw(&mut self) {
        let error = self.rt("ComponentError");
        line!(self.out, "if (failed) throw new ", error, "(result);");
        self.out.line("return result;");
    }

    /// Arguments that cannot fail for a reason of the guest: coerced before the call is entered, where a TypeError is harmless.
    pub(super) fn lower_early(&mut self, p: &Param, cx: &Cx) -> Vec<String> {
        let ty = self.plan.types.get(p.ty).clone();
        if !self.plan.types.children(p.ty).is_empty() || super::types::accessor(&ty).is_none() {
            let hint = if p.name == "this" { "self" } else { &p.name };
            return self.lower_flat(p.ty, cx, &p.name, hint);
        }
        let value = self.scalar(&ty, &p.name, false);
        if ty == Type::Bool && !self.options.strict {
            return vec![value];
        }
        // `a = a | 0` reads better as `a |= 0`.
        let line = match value
            .strip_prefix(&cat!(p.name, " "))
            .and_then(|rest| rest.split_once(' '))
        {
            Some((op, rest)) if !rest.contains(' ') => cat!(p.name, " ", op, "= ", rest, ";"),
            _ => cat!(p.name, " = ", value, ";"),
        };
        self.out.line(&line);
        vec![p.name.clone()]
    }

    #[allow(clippy::too_many_arguments)]
    pub(super) fn print_export_result(
        &mut self,
        call: &str,
        result: Option<TypeId>,
        outcome: Option<(TypeId, Option<TypeId>, Option<TypeId>)>,
        flat: &FlatFunc,
        cx: &Cx,
        after: bool,
        then: &Return,
    ) {
        let simple = !after && !flat.result_spills && outcome.is_none();
        if let (true, Some(t), Return::Value | Return::Plain) = (simple, result, then) {
            let mut flats = Flats::new(vec![call.to_string()]);
            let value = self.lift_flat(t, cx, &mut flats);
            line!(self.out, "return ", value, ";");
            return;
        }
        let ret = self.print_core_call(call, flat, cx);
        self.print_lifted_result(&ret, result, outcome, flat, cx, then);
    }

    /// Everything after the core call.
    pub(super) fn print_lifted_result(
        &mut self,
        ret: &str,
        result: Option<TypeId>,
        outcome: Option<(TypeId, Option<TypeId>, Option<TypeId>)>,
        flat: &FlatFunc,
        cx: &Cx,
        then: &Return,
    ) {
        if self.traits.calls_glue {
            let check = self.call("check", &["root"]);
            line!(self.out, check, ";");
        }
        let mut value = None;
        if let Some((t, ok, err)) = outcome {
            self.lift_outcome(t, (ok, err), flat, cx, ret);
        } else if let (Return::Adopt(r), Some(_)) = (then, result) {
            let (table, ty) = (self.table(cx.options.instance), self.resource(*r));
            let rep = self.call("liftOwn", &[&table, &ty, ret]);
            let adopt = self.call("adopt", &[&ty, "this", &rep]);
            line!(self.out, adopt, ";");
        } else if let Some(t) = result {
            let lifted = self.lift_result(t, flat, cx, ret);
            value = Some(if lifted == ret {
                lifted
            } else {
                self.constant("result", &lifted)
            });
        }
        if let Some(scope) = &cx.scope {
            let check = self.call("checkBorrows", &[scope]);
            line!(self.out, check, ";");
        }
        self.print_post_return(cx.options, flat, cx, ret);
        if let Some(value) = value {
            line!(self.out, "return ", value, ";");
        }
    }

    /// `failed = …; result = …;`
    pub(super) fn lift_outcome(
        &mut self,
        t: TypeId,
        (ok, err): (Option<TypeId>, Option<TypeId>),
        flat: &FlatFunc,
        cx: &Cx,
        ret: &str,
    ) {
        if !flat.result_spills {
            let bit = self.call("liftBit", &[&cat!(ret, " >>> 0")]);
            line!(self.out, "failed = ", bit, ";");
            return;
        }
        self.print_check_range(t, cx, ret);
        let disc = cx.disc_of(1, &At::new(ret, 0));
        let bit = self.call("liftBit", &[&disc]);
        line!(self.out, "failed = ", bit, ";");
        let at = At::new(ret, self.payload_at(t, cx.ptr()));
        let ok = ok.map(|t| self.load(t, cx, &at));
        let err = err.map(|t| self.load(t, cx, &at));
        let none = || "undefined".to_string();
        match (ok, err) {
            (None, None) => {}
            (ok, err) => {
                let (ok, err) = (ok.unwrap_or_else(none), err.unwrap_or_else(none));
                line!(self.out, "result = failed ? ", err, " : ", ok, ";");
            }
        }
    }

    /// A core item as a constant, which `Step::Lift` binds.
    pub fn bound_item(&mut self, item: &CoreItem) -> String {
        match (item, self.bound.get(item)) {
            (_, Some(name)) => name.clone(),
            (CoreItem::Func(f), None) => self.core_func(*f),
            (CoreItem::Export(_, name), None) => {
                let name = self.scope.global(&camel(&cat!("core-", name)));
                self.bound.insert(item.clone(), name.clone());
                name
            }
        }
    }

    /// A core function that may suspend, as a constant.
    pub(super) fn promising_item(&mut self, item: &CoreItem) -> String {
        if let Some(name) = self.promising.get(item) {
            return name.clone();
        }
        let hint = match item {
            CoreItem::Export(_, name) => camel(&cat!("async-", name)),
            CoreItem::Func(_) => "asyncCore".into(),
        };
        let name = self.scope.global(&hint);
        self.promising.insert(item.clone(), name.clone());
        name
    }

    /// A post-return as a constant: one that keeps the instance from being left, where something checks that.
    pub(super) fn bound_post(&mut self, instance: InstanceId, item: &CoreItem) -> String {
        if !self.plan.instance(instance).checks_may_leave {
            return self.bound_item(item);
        }
        let key = (instance, item.clone());
        if let Some(name) = self.posts.get(&key) {
            return name.clone();
        }
        let name = self.scope.global("postReturn");
        self.posts.insert(key, name.clone());
        name
    }
}
