"""Files as Python programs use them: `files DIR` reads what is below DIR with os, pathlib, json, csv and shutil, writes a
summary, and says how each way to fail fails."""

import csv
import errno
import json
import os
import shutil
import sys
import tempfile
from pathlib import Path

import wit_world.exports


class Run(wit_world.exports.Run):
    def run(self) -> None:
        top = Path(sys.argv[1])
        for step in (prepare, read, change, errors):
            print(f"[{step.__name__}]")
            step(top)
        sys.stdout.flush()


def prepare(top: Path) -> None:
    (top / "deep/er").mkdir(parents=True)
    (top / "words.txt").write_text("alder birch\nżywotnik\n\ncedar", encoding="utf8")
    (top / "deep/data.json").write_text(json.dumps({"b": [1, 2.5, None], "a": "ż"}))
    with open(top / "deep/er/table.csv", "w", newline="") as file:
        csv.writer(file).writerows([["name", "n"], ["a,b", 1], ["ż\nż", 22]])
    (top / "deep/er/blob.bin").write_bytes(bytes(range(256)) * 1000)
    os.symlink("words.txt", top / "link")
    os.link(top / "words.txt", top / "deep/words2.txt")


def read(top: Path) -> None:
    for folder, folders, files in os.walk(top):
        folders.sort()
        for name in sorted(files):
            path = Path(folder) / name
            print(path.relative_to(top), os.lstat(path).st_size, path.is_symlink())
    with open(top / "link", encoding="utf8") as file:
        print([line.split() for line in file])
    print(json.loads((top / "deep/data.json").read_text()))
    with open(top / "deep/er/table.csv", newline="") as file:
        print(sum(int(row["n"]) for row in csv.DictReader(file)))
    with open(top / "deep/er/blob.bin", "rb") as file:
        file.seek(-3, os.SEEK_END)
        print(file.tell(), file.read())
        file.seek(100_000)
        print(sum(file.read(1000)), file.tell())
    print(sorted(str(path.relative_to(top)) for path in top.rglob("*.txt")))
    print(os.readlink(top / "link"))


def change(top: Path) -> None:
    with open(top / "words.txt", "a", encoding="utf8") as file:
        file.write(" fir\n")
    print((top / "deep/words2.txt").read_text(encoding="utf8").split())
    with open(top / "deep/er/blob.bin", "r+b") as file:
        file.truncate(10)
        file.seek(5)
        file.write(b"xyz")
    print((top / "deep/er/blob.bin").read_bytes())
    os.replace(top / "deep/data.json", top / "data.json")
    os.utime(top / "data.json", (1_000_000_000, 1_234_567_890))
    print(os.stat(top / "data.json").st_mtime, sorted(os.listdir(top / "deep")))
    shutil.copytree(top / "deep", top / "copy")
    shutil.rmtree(top / "deep")
    with tempfile.NamedTemporaryFile(dir=top, delete=False) as file:
        file.write(b"temporary")
    os.rename(file.name, top / "renamed")
    print(sorted(str(path.relative_to(top)) for path in top.rglob("*")))


def errors(top: Path) -> None:
    def says(name, call):
        try:
            call()
        except OSError as error:
            print(name, type(error).__name__, errno.errorcode[error.errno])
        else:
            print(name, "worked")

    says("missing", lambda: open(top / "missing"))
    says("a folder", lambda: open(top / "copy"))
    says("through a file", lambda: open(top / "words.txt" / "x"))
    says("exclusive", lambda: open(top / "words.txt", "x"))
    says("mkdir", lambda: os.mkdir(top / "copy"))
    says("rmdir", lambda: os.rmdir(top / "copy"))
    says("unlink", lambda: os.unlink(top / "missing"))
    says("rename", lambda: os.rename(top / "copy", top / "copy/in"))
    says("name", lambda: open(top / ("n" * 300)))
    says("loop", lambda: (os.symlink("loop", top / "loop"), open(top / "loop")))
    says("outside", lambda: open("/etc/passwd"))
    says("way out", lambda: open(top / "../../../etc/passwd"))
