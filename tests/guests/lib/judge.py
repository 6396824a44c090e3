"""Runs wasi:cli commands in wasmtime: the judge of the guests, and of hosts. Nothing it prints is recorded.

usage: judge.py CACHE_SETTINGS
Reads one JSON object a line: {"component", "args", "env": [[name, value]…], "stdin", "dirs": [[host, guest, writable]…]}.
Writes one a line: {"stdout", "stderr" (as Latin-1), "status": 0 to 255 or "trap", "error"}.
"""

import json
import os
import sys
import tempfile

from wasmtime import Config, Engine, ExitTrap, Store, WasiConfig
from wasmtime.component import Component, Linker

config = Config()
config.cache = sys.argv[1]
engine = Engine(config)
components = {}


def load(path):
    if path not in components:
        components[path] = Component.from_file(engine, path)
    return components[path]


def entry(store, instance):
    for version in range(12, -1, -1):
        face = instance.get_export_index(store, f"wasi:cli/run@0.2.{version}")
        if face is not None:
            index = instance.get_export_index(store, "run", face)
            return instance.get_func(store, index)
    raise RuntimeError("no wasi:cli/run")


def status_of(store, component):
    linker = Linker(engine)
    linker.add_wasip2()
    try:
        run = entry(store, linker.instantiate(store, component))
        # result<_, _> has no payloads: None is ok, anything else is a variant whose tag says so.
        result = run(store)
        return (0 if result is None or getattr(result, "tag", "ok") == "ok" else 1), None
    except ExitTrap as end:
        return end.code, None
    except Exception as failure:
        code = getattr(failure, "code", None)
        return (code, None) if isinstance(code, int) else ("trap", str(failure).strip())


def run(task, scratch):
    path = lambda name: os.path.join(scratch, name)
    with open(path("in"), "wb") as file:
        file.write(task["stdin"].encode())
    wasi = WasiConfig()
    wasi.argv = task["args"]
    wasi.env = task["env"]
    wasi.stdin_file = path("in")
    wasi.stdout_file = path("out")
    wasi.stderr_file = path("err")
    for host, guest, writable in task["dirs"]:
        wasi.preopen_dir(host, guest, writable)
    store = Store(engine)
    store.set_wasi(wasi)
    status, error = status_of(store, load(task["component"]))
    store.close()
    read = lambda name: open(path(name), "rb").read().decode("latin1")
    return {"stdout": read("out"), "stderr": read("err"), "status": status, "error": error}


for line in sys.stdin:
    with tempfile.TemporaryDirectory() as scratch:
        print(json.dumps(run(json.loads(line), scratch)), flush=True)
