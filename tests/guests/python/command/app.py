"""The report command (see ../../README.md) in Python for componentize-py, on Python's own standard library."""

import os
import sys

import wit_world.exports

LANG = "python"


class Run(wit_world.exports.Run):
    def run(self) -> None:
        try:
            status = report()
        except OSError as error:
            print(f"{LANG}: cannot open {error.filename}", file=sys.stderr)
            status = 1
        else:
            print(f"{LANG}: status {status}", file=sys.stderr)
        sys.stdout.flush()
        sys.stderr.flush()
        sys.exit(status)


def report() -> int:
    args = sys.argv[1:]
    print(f"args: {'|'.join(args)}")
    greeting = os.environ.get("GREETING")
    print("GREETING unset" if greeting is None else f"GREETING={greeting}")
    if not args:
        return 0
    if args[0] == "-":
        data = sys.stdin.buffer.read()
    else:
        with open(args[0], "rb") as file:
            data = file.read()
    lines = data.count(b"\n")
    print(f"{args[0]}: {len(data)} bytes, {lines} lines")
    if len(args) > 1 and args[1]:
        with open(args[1], "wb") as file:
            file.write(f"{LANG}:".encode() + data)
    return int(args[2]) if len(args) > 2 else 0
