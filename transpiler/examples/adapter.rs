//! Prints adapter modules for `tests/adapters`: one request per line in, one module per line out, so that the suite can try
//! any function type without a component around it. Knows the plan and the adapter emitter; parses no WebAssembly.
//!
//! Request: `<caller> <callee> <bits> <param>* -> <result or ->`, where a side is `utf8/32`, `utf16/64`, `latin1/32`, … and a
//! bit is `caller-leaves` (the caller's `may_leave` is kept), `callee-leaves`, `tags`, `post-return`, or `.` for none.
//! Types are in prefix order: `list u8`, `record 2 u8 string`, `variant 2 - u8`, `flags 9`, `own 0`.
//! Answer: the module in hex, or `direct`; then `name=what` for each import.

use slipway_transpiler::emit::adapter::{adapter_module, direct, AdapterImportKind};
use slipway_transpiler::plan::{
    Adapter, CanonOptions, CoreFunc, CoreFuncId, CoreInstance, CoreInstanceId, CoreItem, Instance,
    InstanceId, Lift, LiftId, Module, ModuleId, ModuleSource, Plan, Resource, ResourceOrigin,
    StringEncoding,
};
use slipway_transpiler::types::abi::PtrSize;
use slipway_transpiler::types::{FuncType, ResourceId, Type, TypeId, TypeTable};
use std::io::{BufRead, Write};
use std::str::SplitWhitespace;

fn main() {
    let mut out = std::io::stdout().lock();
    for line in std::io::stdin().lock().lines() {
        let line = line.expect("requests are text");
        writeln!(out, "{}", answer(&line)).expect("somebody reads the answers");
    }
}

fn answer(request: &str) -> String {
    let plan = plan(request);
    let func = CoreFuncId(0);
    if direct(&plan, func).is_some() {
        return "direct".into();
    }
    let module = adapter_module(&plan, &[func]);
    let mut line: String = module.bytes.iter().map(|b| format!("{b:02x}")).collect();
    for import in &module.imports {
        line += &format!(" {}={}", import.name, name(&import.what));
    }
    line
}

fn name(what: &AdapterImportKind) -> String {
    match what {
        AdapterImportKind::Core(CoreItem::Export(_, name)) => name.clone(),
        AdapterImportKind::Core(CoreItem::Func(_)) => unreachable!("the plan below makes none"),
        AdapterImportKind::Flags(i) => format!("flags-{}", side(*i)),
        AdapterImportKind::TransferOwn { resource, from, to } => {
            format!("own-{}-{}-{}", resource.0, side(*from), side(*to))
        }
        AdapterImportKind::TransferBorrow { resource, from, to } => {
            format!("borrow-{}-{}-{}", resource.0, side(*from), side(*to))
        }
        AdapterImportKind::EnterCall => "enter".into(),
        AdapterImportKind::ExitCall => "exit".into(),
        AdapterImportKind::Trap => "trap".into(),
    }
}

fn side(instance: InstanceId) -> &'static str {
    ["caller", "callee"][instance.index()]
}

/// Instance 0 calls instance 1; each has one core instance.
fn plan(request: &str) -> Plan {
    let mut plan = Plan::default();
    let mut words = request.split_whitespace();
    let mut next = || words.next().expect("a request has two sides and bits");
    let (caller, callee, bits) = (next(), next(), next());
    let on = |bit| bits.split(',').any(|b| b == bit);
    let mut params = Vec::new();
    let result = loop {
        match words.clone().next() {
            Some("->") => {
                words.next();
                break maybe_type(&mut words, &mut plan.types);
            }
            _ => params.push((
                format!("p{}", params.len()),
                parse_type(&mut words, &mut plan.types),
            )),
        }
    };
    let ty = FuncType {
        params: params.into(),
        result,
        async_: false,
    };
    let ty = plan.types.intern_func(ty);
    for (n, leaves) in [(0, on("caller-leaves")), (1, on("callee-leaves"))] {
        plan.instances.push(Instance {
            parent: None,
            path: side(InstanceId(n)).into(),
            has_handles: true,
            checks_may_leave: leaves,
            may_throw: n == 1 && on("tags"),
        });
        plan.core_instances.push(CoreInstance {
            module: ModuleSource::Static(ModuleId(n)),
            instance: InstanceId(n),
            args: Vec::new(),
        });
        plan.modules.push(Module {
            range: 0..0,
            imports: Vec::new(),
            exports: Vec::new(),
            has_tags: false,
            has_start: false,
            wiring: None,
        });
    }
    for n in 0..2 {
        let origin = ResourceOrigin::Defined {
            instance: InstanceId(n),
            dtor: None,
        };
        plan.resources.push(Resource {
            origin,
            name: String::new(),
            interface: None,
        });
    }
    plan.lifts.push(Lift {
        core: CoreItem::Export(CoreInstanceId(1), "callee".into()),
        ty,
        options: options(callee, 1, on("post-return")),
        may_block: false,
    });
    plan.core_funcs.push(CoreFunc::Adapter(Adapter {
        lift: LiftId(0),
        ty,
        lower: options(caller, 0, false),
        wasm: true,
    }));
    plan
}

fn options(text: &str, n: u32, post_return: bool) -> CanonOptions {
    let (encoding, bits) = text.split_once('/').expect("encoding/bits");
    let item = |what: &str| {
        Some(CoreItem::Export(
            CoreInstanceId(n),
            format!("{}-{what}", side(InstanceId(n))),
        ))
    };
    CanonOptions {
        instance: InstanceId(n),
        encoding: match encoding {
            "utf8" => StringEncoding::Utf8,
            "utf16" => StringEncoding::Utf16,
            _ => StringEncoding::CompactUtf16,
        },
        memory: item("memory"),
        ptr: if bits == "64" {
            PtrSize::P64
        } else {
            PtrSize::P32
        },
        realloc: item("realloc"),
        post_return: if post_return {
            item("post-return")
        } else {
            None
        },
        async_: false,
        callback: None,
    }
}

fn maybe_type(words: &mut SplitWhitespace<'_>, types: &mut TypeTable) -> Option<TypeId> {
    if words.clone().next() == Some("-") {
        words.next();
        return None;
    }
    Some(parse_type(words, types))
}

fn parse_type(words: &mut SplitWhitespace<'_>, types: &mut TypeTable) -> TypeId {
    let word = words.next().expect("a type");
    let number = |words: &mut SplitWhitespace<'_>| -> u32 {
        words.next().expect("a number").parse().expect("a number")
    };
    let many = |words: &mut SplitWhitespace<'_>, types: &mut TypeTable| -> Vec<TypeId> {
        (0..number(words))
            .map(|_| parse_type(words, types))
            .collect()
    };
    let labels =
        |words: &mut SplitWhitespace<'_>| (0..number(words)).map(|n| format!("l{n}")).collect();
    let ty = match word {
        "bool" => Type::Bool,
        "s8" => Type::S8,
        "u8" => Type::U8,
        "s16" => Type::S16,
        "u16" => Type::U16,
        "s32" => Type::S32,
        "u32" => Type::U32,
        "s64" => Type::S64,
        "u64" => Type::U64,
        "f32" => Type::F32,
        "f64" => Type::F64,
        "char" => Type::Char,
        "string" => Type::String,
        "list" => Type::List(parse_type(words, types)),
        "fixed" => {
            let n = number(words);
            Type::FixedList(parse_type(words, types), n)
        }
        "map" => Type::Map(parse_type(words, types), parse_type(words, types)),
        "record" => {
            let fields = many(words, types);
            Type::Record(
                fields
                    .into_iter()
                    .enumerate()
                    .map(|(n, t)| (format!("f{n}"), t))
                    .collect(),
            )
        }
        "tuple" => Type::Tuple(many(words, types).into()),
        "variant" => {
            let cases = (0..number(words)).map(|n| (format!("c{n}"), maybe_type(words, types)));
            Type::Variant(cases.collect())
        }
        "enum" => Type::Enum(labels(words)),
        "flags" => Type::Flags(labels(words)),
        "option" => Type::Option(parse_type(words, types)),
        "result" => Type::Result {
            ok: maybe_type(words, types),
            err: maybe_type(words, types),
        },
        "own" => Type::Own(ResourceId(number(words))),
        "borrow" => Type::Borrow(ResourceId(number(words))),
        other => panic!("unknown type {other}"),
    };
    types.intern(ty)
}
