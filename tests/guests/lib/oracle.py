"""Runs a wasi:cli command in wasmtime: the judge of the guests, not of Slipway. Nothing it prints is recorded.

usage: oracle.py COMPONENT DATA_DIR STDIN_FILE GREETING ARG...     (GREETING empty: the variable is not set)
Prints one JSON object: {"stdout", "stderr", "ok", "error"}.
"""

import json
import os
import sys
import tempfile

from wasmtime import Config, Engine, Store, WasiConfig
from wasmtime.component import Component, Linker

path, data, stdin, greeting, *args = sys.argv[1:]
engine = Engine(Config())
with tempfile.TemporaryDirectory() as scratch:
    wasi = WasiConfig()
    wasi.argv = ["report", *args]
    wasi.env = [("GREETING", greeting)] if greeting else []
    wasi.stdin_file = stdin
    wasi.stdout_file = os.path.join(scratch, "out")
    wasi.stderr_file = os.path.join(scratch, "err")
    wasi.preopen_dir(data, "/data")
    store = Store(engine)
    store.set_wasi(wasi)
    linker = Linker(engine)
    linker.add_wasip2()
    instance = linker.instantiate(store, Component.from_file(engine, path))
    for version in (".%d" % n for n in range(12, -1, -1)):
        run = instance.get_export_index(store, "wasi:cli/run@0.2" + version)
        if run is not None:
            break
    func = instance.get_func(store, instance.get_export_index(store, "run", run))
    error = None
    try:
        result = func(store)
        # result<_, _> has no payloads: None is ok, anything else is a variant whose tag says so.
        ok = result is None or getattr(result, "tag", "ok") == "ok"
    except Exception as failure:  # an exit() arrives as an exception too
        error = str(failure).strip()
        ok = getattr(failure, "code", None) == 0
    store.close()
    read = lambda name: open(os.path.join(scratch, name), encoding="utf8").read()
    print(json.dumps({"stdout": read("out"), "stderr": read("err"), "ok": ok, "error": error}))
