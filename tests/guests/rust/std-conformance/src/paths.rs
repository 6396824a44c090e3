//! Calls that take paths.

use crate::call::{self, close, list, open, shown, write, FOLLOW, READ, ROOT, WRITE};
use crate::Case;
use wasi::Errno;

pub const CASES: [Case; 7] = [
    ("p1-path-open", path_open),
    ("p1-path-open-flags", path_open_flags),
    ("p1-path-filestat", path_filestat),
    ("p1-path-changes", changes),
    ("p1-path-rename-link", rename_link),
    ("p1-path-readlink", readlink),
    ("p1-path-descriptors", descriptors),
];

const PATHS: [&str; 28] = [
    "f",
    "d",
    "lf",
    "ld",
    "dangling",
    "loop",
    "missing",
    "f/",
    "d/",
    "lf/",
    "ld/",
    "missing/",
    ".",
    "..",
    "d/..",
    "d/x",
    "ld/x",
    "f/x",
    "missing/x",
    "../f",
    "/f",
    "/data/f",
    "",
    "a b",
    "é",
    "𝄞",
    "d/../f",
    "__proto__",
];

/// A file, a directory with a file, links; made anew where they have gone.
fn fixture() {
    for name in ["f", "lf", "ld", "dangling", "loop", "d/x"] {
        let _ = unsafe { wasi::path_unlink_file(ROOT, name) };
    }
    let _ = unsafe { wasi::path_create_directory(ROOT, "d") };
    write("f", "hello");
    write("d/x", "x");
    for (target, name) in [
        ("f", "lf"),
        ("d", "ld"),
        ("nowhere", "dangling"),
        ("loop", "loop"),
    ] {
        unsafe { wasi::path_symlink(target, ROOT, name) }.expect("a link");
    }
}

fn clean() {
    for fd_entry in list(ROOT, 4096).expect("a list") {
        let name = fd_entry.rsplit_once(':').expect("a type").0.to_string();
        if unsafe { wasi::path_unlink_file(ROOT, &name) }.is_err() {
            let _ = std::fs::remove_dir_all(format!("/data/{name}"));
        }
    }
}

fn tree() -> String {
    let root = list(ROOT, 4096).expect("a list").join(" ");
    let d = open("d", wasi::OFLAGS_DIRECTORY, READ).and_then(|fd| {
        let names = list(fd, 4096);
        close(fd);
        names
    });
    format!(
        "{root}; d: {}",
        d.map_or_else(|e| e.name().to_lowercase(), |d| d.join(" "))
    )
}

fn path_open() {
    for path in PATHS {
        for (name, lookup, oflags, rights) in [
            ("read", 0, 0, READ),
            ("read follow", FOLLOW, 0, READ),
            ("directory", FOLLOW, wasi::OFLAGS_DIRECTORY, READ),
            ("write", FOLLOW, 0, WRITE),
            ("create", FOLLOW, wasi::OFLAGS_CREAT, READ | WRITE),
            (
                "exclusive",
                0,
                wasi::OFLAGS_CREAT | wasi::OFLAGS_EXCL,
                WRITE,
            ),
            ("truncate", FOLLOW, wasi::OFLAGS_TRUNC, WRITE),
        ] {
            clean();
            fixture();
            let opened = unsafe { wasi::path_open(ROOT, lookup, path, oflags, rights, 0, 0) };
            let kind = opened.and_then(|fd| {
                let kind = unsafe { wasi::fd_fdstat_get(fd) }?.fs_filetype;
                close(fd);
                Ok(kind.name().to_lowercase())
            });
            println!("{name} {path:?}: {}", shown(kind));
        }
    }
}

fn path_open_flags() {
    // Not those for synchronous writes, which not every host has.
    for fdflags in [0, 1, 4, 5] {
        for rights in [0, READ, WRITE, READ | WRITE] {
            clean();
            fixture();
            let opened = unsafe { wasi::path_open(ROOT, 0, "f", 0, rights, 0, fdflags) };
            // Which of the flags are kept is told by the descriptor; rights are the adapter's own.
            let kept = opened.and_then(|fd| {
                let kept = unsafe { wasi::fd_fdstat_get(fd) }?.fs_flags;
                close(fd);
                Ok(kept)
            });
            println!("flags {fdflags:#b} rights {rights:#x}: {}", shown(kept));
        }
    }
}

fn path_filestat() {
    fixture();
    for path in PATHS {
        for lookup in [0, FOLLOW] {
            let stat = unsafe { wasi::path_filestat_get(ROOT, lookup, path) };
            let shape = stat.map(|stat| {
                let kind = stat.filetype.name().to_lowercase();
                match stat.filetype {
                    wasi::FILETYPE_DIRECTORY => kind,
                    _ => format!("{kind} {} bytes {} links", stat.size, stat.nlink),
                }
            });
            println!("filestat {lookup} {path:?}: {}", shown(shape));
        }
    }
    let (a, m) = (wasi::FSTFLAGS_ATIM, wasi::FSTFLAGS_MTIM);
    for (path, lookup) in [
        ("f", 0),
        ("lf", FOLLOW),
        ("lf", 0),
        ("d", 0),
        ("missing", 0),
        ("..", 0),
    ] {
        let (second, third) = (2_000_000_000, 3_000_001_000);
        let set =
            unsafe { wasi::path_filestat_set_times(ROOT, lookup, path, second, third, a | m) };
        let stat = unsafe { wasi::path_filestat_get(ROOT, lookup, path) };
        println!(
            "set-times {path:?}: {}, {}",
            shown(set),
            shown(stat.map(|s| (s.atim, s.mtim)))
        );
    }
    for flags in 0..16 {
        let set = unsafe { wasi::path_filestat_set_times(ROOT, 0, "f", 5, 7, flags) };
        println!("set-times flags {flags:#b}: {}", shown(set));
    }
}

fn changes() {
    for path in PATHS {
        type Call = unsafe fn(wasi::Fd, &str) -> Result<(), Errno>;
        let calls: [(&str, Call); 4] = [
            ("create-directory", |fd, path| unsafe {
                wasi::path_create_directory(fd, path)
            }),
            ("remove-directory", |fd, path| unsafe {
                wasi::path_remove_directory(fd, path)
            }),
            ("unlink", |fd, path| unsafe {
                wasi::path_unlink_file(fd, path)
            }),
            ("symlink", |fd, path| unsafe {
                wasi::path_symlink("f", fd, path)
            }),
        ];
        for (name, call) in calls {
            clean();
            fixture();
            let result = unsafe { call(ROOT, path) };
            println!("{name} {path:?}: {}", shown(result));
            if result.is_ok() {
                println!("  {}", tree());
            }
        }
    }
    for target in ["", "/", "/f", "..", "a\0b", "f/"] {
        clean();
        let made = unsafe { wasi::path_symlink(target, ROOT, "new") };
        println!("symlink to {target:?}: {}", shown(made));
    }
}

fn rename_link() {
    const SOME: [&str; 12] = [
        "f", "d", "lf", "ld", "missing", "f/", "d/", "d/x", "d/new", "..", "/f", "",
    ];
    for from in SOME {
        for to in SOME {
            for name in ["rename", "link", "link follow"] {
                clean();
                fixture();
                let result = match name {
                    "rename" => unsafe { wasi::path_rename(ROOT, from, ROOT, to) },
                    "link" => unsafe { wasi::path_link(ROOT, 0, from, ROOT, to) },
                    _ => unsafe { wasi::path_link(ROOT, FOLLOW, from, ROOT, to) },
                };
                println!("{name} {from:?} {to:?}: {}", shown(result));
                if result.is_ok() {
                    println!("  {}", tree());
                }
            }
        }
    }
}

/// A buffer that is too small takes what fits.
fn readlink() {
    fixture();
    for path in PATHS {
        for room in [0, 1, 3, 7, 100] {
            let mut buffer = vec![b'-'; room];
            let read = unsafe { wasi::path_readlink(ROOT, path, buffer.as_mut_ptr(), room) };
            let text = read.map(|n| String::from_utf8_lossy(&buffer[..n]).into_owned());
            println!("readlink {path:?} in {room}: {}", shown(text));
        }
    }
}

/// Descriptors that are no directories, or none.
fn descriptors() {
    fixture();
    let file = call::file("f");
    for (name, fd) in [
        ("file", file),
        ("stdin", 0),
        ("stdout", 1),
        ("none", 99),
        ("last", u32::MAX),
    ] {
        let mut buffer = [0; 8];
        let room = buffer.as_mut_ptr();
        unsafe {
            println!(
                "{name} open: {}",
                shown(wasi::path_open(fd, 0, "x", 0, READ, 0, 0))
            );
            println!(
                "{name} filestat: {}",
                shown(wasi::path_filestat_get(fd, 0, "x").map(drop))
            );
            println!(
                "{name} set-times: {}",
                shown(wasi::path_filestat_set_times(fd, 0, "x", 0, 0, 1))
            );
            println!(
                "{name} create: {}",
                shown(wasi::path_create_directory(fd, "x"))
            );
            println!(
                "{name} remove: {}",
                shown(wasi::path_remove_directory(fd, "x"))
            );
            println!("{name} unlink: {}", shown(wasi::path_unlink_file(fd, "x")));
            println!(
                "{name} readlink: {}",
                shown(wasi::path_readlink(fd, "x", room, 8))
            );
            println!(
                "{name} symlink: {}",
                shown(wasi::path_symlink("f", fd, "x"))
            );
            println!(
                "{name} link from: {}",
                shown(wasi::path_link(fd, 0, "x", ROOT, "y"))
            );
            println!(
                "{name} link to: {}",
                shown(wasi::path_link(ROOT, 0, "f", fd, "y"))
            );
            println!(
                "{name} rename from: {}",
                shown(wasi::path_rename(fd, "x", ROOT, "y"))
            );
            println!(
                "{name} rename to: {}",
                shown(wasi::path_rename(ROOT, "f", fd, "y"))
            );
            println!(
                "{name} readdir: {}",
                shown(wasi::fd_readdir(fd, room, 8, 0))
            );
        }
    }
    println!("{}", tree());
}
