"""The oracle's other side: runs the cases of a folder (see gen/) in wasmtime and prints what every call gave, one JSON line
per case. It owns the reading and writing of values through wasmtime's C API, by the types the cases name: the package's own
conversions guess which case of a variant a Python value means. It knows nothing of Slipway.

    python oracle.py FOLDER
"""

import ctypes
import json
import math
import struct
import sys
from pathlib import Path

from wasmtime import Config, Engine, Store, Trap, WasmtimeError
from wasmtime import _ffi as ffi
from wasmtime.component import Component, Linker, ResourceAny, ResourceHost, ResourceType

INTEGERS = {"s8", "u8", "s16", "u16", "s32", "u32", "s64", "u64"}
# C enumeration WASMTIME_COMPONENT_*, in its order.
KINDS = {
    name: number
    for number, name in enumerate(
        "bool s8 u8 s16 u16 s32 u32 s64 u64 f32 f64 char string list record tuple variant enum option result flags "
        "resource map".split()
    )
}


def plain(ty):
    """The type as wasmtime has it: a list of fixed length is a tuple there (its feature has no switch in the C API)."""
    if isinstance(ty, dict) and "fixed" in ty:
        of, length = ty["fixed"]
        return {"tuple": [of] * length}
    return ty


def tag(ty):
    return ty if isinstance(ty, str) else next(iter(ty))


def write(ty, value, out):
    """Writes the JSON value as the C value `out`."""
    ty = plain(ty)
    kind = tag(ty)
    out.kind = KINDS[kind]
    of = out.of
    if kind == "bool":
        of.boolean = value
    elif kind in INTEGERS:
        setattr(of, kind, int(value))
    elif kind == "f32":
        of.f32 = struct.unpack("<f", struct.pack("<I", int(value)))[0]
    elif kind == "f64":
        of.f64 = struct.unpack("<d", struct.pack("<Q", int(value)))[0]
    elif kind == "char":
        of.character = ord(value)
    elif kind == "string":
        of.string = ffi.str_to_capi(value)
    elif kind == "list":
        ffi.wasmtime_component_vallist_new_uninit(ctypes.byref(of.list), len(value))
        for i, v in enumerate(value):
            write(ty["list"], v, of.list.data[i])
    elif kind == "tuple":
        ffi.wasmtime_component_valtuple_new_uninit(ctypes.byref(of.tuple), len(value))
        for i, (t, v) in enumerate(zip(ty["tuple"], value, strict=True)):
            write(t, v, of.tuple.data[i])
    elif kind == "record":
        ffi.wasmtime_component_valrecord_new_uninit(ctypes.byref(of.record), len(value))
        for i, ((name, t), v) in enumerate(zip(ty["record"], value, strict=True)):
            of.record.data[i].name = ffi.str_to_capi(name)
            write(t, v, of.record.data[i].val)
    elif kind == "map":
        key, val = ty["map"]
        ffi.wasmtime_component_valmap_new_uninit(ctypes.byref(of.map), len(value))
        for i, (k, v) in enumerate(value):
            write(key, k, of.map.data[i].key)
            write(val, v, of.map.data[i].value)
    elif kind == "variant":
        name, t = ty["variant"][value[0]]
        of.variant.discriminant = ffi.str_to_capi(name)
        of.variant.val = boxed(t, value[1])
    elif kind == "enum":
        of.enumeration = ffi.str_to_capi(ty["enum"][value])
    elif kind == "option":
        of.option = None if value is None else boxed(ty["option"], value[0])
    elif kind == "result":
        of.result.is_ok = value[0] == 0
        of.result.val = boxed(ty["result"][value[0]], value[1])
    elif kind == "flags":
        ffi.wasmtime_component_valflags_new_uninit(ctypes.byref(of.flags), len(value))
        for i, f in enumerate(value):
            of.flags.data[i] = ffi.str_to_capi(ty["flags"][f])
    else:
        raise NotImplementedError(kind)


def boxed(ty, value):
    if ty is None:
        return None
    raw = ffi.wasmtime_component_val_t()
    write(ty, value, raw)
    return ffi.wasmtime_component_val_new(ctypes.byref(raw))


def text(name):
    return ffi.to_str(name) if name.size else ""


def read(ty, raw):
    """The C value as JSON."""
    ty = plain(ty)
    kind = tag(ty)
    assert raw.kind == KINDS[kind], f"kind {raw.kind} where {kind} was expected"
    of = raw.of
    if kind == "bool":
        return bool(of.boolean)
    if kind in INTEGERS:
        n = int(getattr(of, kind))
        return str(n) if kind in ("s64", "u64") else n
    if kind == "f32":
        return str(0x7FC00000 if math.isnan(of.f32) else struct.unpack("<I", struct.pack("<f", of.f32))[0])
    if kind == "f64":
        return str(0x7FF8000000000000 if math.isnan(of.f64) else struct.unpack("<Q", struct.pack("<d", of.f64))[0])
    if kind == "char":
        return chr(of.character)
    if kind == "string":
        return text(of.string)
    if kind == "list":
        return [read(ty["list"], of.list.data[i]) for i in range(of.list.size)]
    if kind == "tuple":
        return [read(t, of.tuple.data[i]) for i, t in enumerate(ty["tuple"])]
    if kind == "record":
        return [read(t, of.record.data[i].val) for i, (_, t) in enumerate(ty["record"])]
    if kind == "map":
        return read_map(ty["map"], of.map)
    if kind == "variant":
        name = text(of.variant.discriminant)
        i = next(i for i, (n, _) in enumerate(ty["variant"]) if n == name)
        return [i, unboxed(ty["variant"][i][1], of.variant.val)]
    if kind == "enum":
        return ty["enum"].index(text(of.enumeration))
    if kind == "option":
        return [read(ty["option"], of.option.contents)] if of.option else None
    if kind == "result":
        i = 0 if of.result.is_ok else 1
        return [i, unboxed(ty["result"][i], of.result.val)]
    if kind == "flags":
        return sorted(ty["flags"].index(text(of.flags.data[i])) for i in range(of.flags.size))
    raise NotImplementedError(kind)


def read_map(types, raw):
    # A key that comes twice has its last value, as in a JavaScript Map; the order is not part of the value.
    entries = {}
    for i in range(raw.size):
        key = read(types[0], raw.data[i].key)
        entries[json.dumps(key)] = [key, read(types[1], raw.data[i].value)]
    return [entries[k] for k in sorted(entries)]


def unboxed(ty, pointer):
    return None if ty is None else read(ty, pointer.contents)


def host_function(func, log):
    """The host's echo of one function, called by wasmtime."""

    def call(_env, _context, _type, args, _nargs, results, _nresults):
        values = [read(t, args[i]) for i, t in enumerate(func["params"])]
        log.append([func["host"], values])
        select = func["select"]
        if select is not None:
            write(func["result"], values if select == "all" else values[select], results[0])
        return 0

    return ffi.wasmtime_component_func_callback_t(call)


def no_finalizer(_):
    return None


FINALIZER = ctypes.CFUNCTYPE(None, ctypes.c_void_p)(no_finalizer)


def call(store, function, func, args):
    raw = (ffi.wasmtime_component_val_t * max(1, len(args)))()
    for i, (t, v) in enumerate(zip(func["params"], args, strict=True)):
        write(t, v, raw[i])
    results = (ffi.wasmtime_component_val_t * 1)()
    n = 0 if func["result"] is None else 1
    error = ffi.wasmtime_component_func_call(
        ctypes.byref(function._func), store._context(), raw, len(args), results, n
    )
    if error:
        return {"trap": str(WasmtimeError._from_ptr(error)).strip().split("\n")[-1].strip()}
    return {"ok": read(func["result"], results[0]) if n else None}


THING = 1


def run_handles(engine, component, case):
    """Host resources are reps of type THING; guest resources are kept in slots."""
    linker, store, log = Linker(engine), Store(engine), []

    def own(n):
        return ResourceHost.own(n, THING)

    def rep(thing):
        return thing.to_host(store).rep if isinstance(thing, ResourceAny) else thing.rep

    def noted(name, n):
        log.append([name, n])
        return n

    with linker.root() as root:
        root.add_func("log", lambda _, n: log.append(["log", n]))
        root.add_resource("thing", ResourceType.host(THING), lambda _, n: log.append(["dispose", n]))
        root.add_func("[constructor]thing", lambda _, n: own(noted("new", n)))
        root.add_func("[method]thing.peek", lambda _, thing: noted("peek", rep(thing)))
        root.add_func("take-thing", lambda _, thing: noted("take", rep(thing)))
    instance = linker.instantiate(store, component)

    def export(name, *args):
        function = instance.get_func(store, name)
        return function(store, *args)

    slots = {}

    def step(name, *args):
        if name == "run":
            return export(f"run{args[0]}")
        if name in ("give-t", "lend-t"):
            return export(name, own(args[0]) if name == "give-t" else ResourceHost.borrow(args[0], THING))
        if name == "back-t":
            return rep(export(name))
        slot = args[0]
        if name == "make-r":
            slots[slot] = export(name, args[1])
        elif name == "release-r":
            slots[slot] = export(name)
        elif name == "pass-r":
            slots[slot] = export(name, slots.pop(slot))
        elif name == "drop-r":
            slots.pop(slot).drop(store)
        elif name in ("take-r", "hold-r"):
            return export(name, slots.pop(slot))
        else:
            return export(name, slots[slot])
        return None

    outcomes = []
    for name, *args in case["calls"]:
        try:
            outcomes.append({"ok": step(name, *args)})
        except (WasmtimeError, Trap) as e:
            # Nothing can be asked of a component that trapped.
            outcomes.append({"trap": str(e).strip().split("\n")[-1].strip()})
            break
    return {"case": case["case"], "calls": outcomes, "log": log}


def run(engine, folder, case):
    twin = folder / f"{case['case']}.twin.wasm"
    path = twin if twin.exists() else folder / f"{case['case']}.wasm"
    component = Component(engine, path.read_bytes())
    if case.get("handles"):
        return run_handles(engine, component, case)
    linker, store, log = Linker(engine), Store(engine), []
    callbacks = []
    with linker.root() as root:
        for func in case["funcs"]:
            if func["host"] is None:
                continue
            callbacks.append(host_function(func, log))
            name = func["host"].encode()
            error = ffi.wasmtime_component_linker_instance_add_func(
                root.ptr(), ctypes.create_string_buffer(name), len(name), callbacks[-1], 0, FINALIZER
            )
            if error:
                raise WasmtimeError._from_ptr(error)
    instance = linker.instantiate(store, component)
    outcomes = []
    for i, args in case["calls"]:
        func = case["funcs"][i]
        function = instance.get_func(store, func["name"])
        outcomes.append(call(store, function, func, args))
    return {"case": case["case"], "calls": outcomes, "log": log}


def main():
    folder = Path(sys.argv[1])
    config = Config()
    config.wasm_component_model_map = True
    config.cranelift_opt_level = "none"
    engine = Engine(config)
    for case in json.loads((folder / "cases.json").read_text()):
        try:
            result = run(engine, folder, case)
        except Exception as e:  # one case must not take the others with it
            result = {"case": case["case"], "error": f"{type(e).__name__}: {e}"}
        print(json.dumps(result), flush=True)


if __name__ == "__main__":
    main()
