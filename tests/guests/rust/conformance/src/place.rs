//! Fixtures: a fresh directory with one of everything, for each call that may change it.

use std::cell::Cell;
use wasip2::filesystem::preopens::get_directories;
use wasip2::filesystem::types::{
    Descriptor, DescriptorFlags, DescriptorType, ErrorCode, OpenFlags, PathFlags,
};

pub const FOLLOW: PathFlags = PathFlags::SYMLINK_FOLLOW;
pub const NOFOLLOW: PathFlags = PathFlags::empty();

/// The first preopen.
pub fn root() -> Descriptor {
    let (root, _) = get_directories().into_iter().next().expect("a preopen");
    root
}

/// A fresh directory below the first preopen, empty.
pub fn empty() -> Descriptor {
    thread_local! {
        static COUNT: Cell<u32> = const { Cell::new(0) };
    }
    let name = format!("place{}", COUNT.replace(COUNT.get() + 1));
    let root = root();
    root.create_directory_at(&name).expect("a new directory");
    directory(&root, &name)
}

pub fn directory(dir: &Descriptor, name: &str) -> Descriptor {
    let flags = DescriptorFlags::READ | DescriptorFlags::MUTATE_DIRECTORY;
    dir.open_at(NOFOLLOW, name, OpenFlags::DIRECTORY, flags)
        .expect("a directory that opens")
}

pub fn file(dir: &Descriptor, name: &str) -> Descriptor {
    let flags = DescriptorFlags::READ | DescriptorFlags::WRITE;
    dir.open_at(NOFOLLOW, name, OpenFlags::CREATE, flags)
        .expect("a file that opens")
}

pub fn write(dir: &Descriptor, name: &str, text: &str) {
    let written = file(dir, name).write(text.as_bytes(), 0);
    assert_eq!(written.expect("room"), text.len() as u64);
}

pub fn write_all(dir: &Descriptor, name: &str, bytes: &[u8]) {
    let file = file(dir, name);
    let mut done = 0;
    while done < bytes.len() {
        done += file.write(&bytes[done..], done as u64).expect("room") as usize;
    }
}

/// A fresh directory with a file `f`, a directory `d` with `x` and `back -> ../f`, an empty one `e`, a second name `h`
/// of a file, and links to a file, to a directory, to a link, to nothing, to itself, and out.
pub fn full() -> Descriptor {
    let dir = empty();
    write(&dir, "f", "hello");
    write(&dir, "g", "goodbye");
    dir.link_at(NOFOLLOW, "g", &dir, "h").expect("a link");
    dir.create_directory_at("d").expect("a directory");
    write(&dir, "d/x", "x");
    dir.symlink_at("../f", "d/back").expect("a link");
    dir.create_directory_at("e").expect("a directory");
    for (target, name) in [
        ("f", "lf"),
        ("d", "ld"),
        ("lf", "ll"),
        ("nowhere", "dangling"),
        ("loop", "loop"),
        ("..", "up"),
        ("d/", "slash"),
    ] {
        dir.symlink_at(target, name).expect("a link");
    }
    dir
}

/// What is below, sorted: `f=hello d/ d/x=x lf->f`.
pub fn tree(dir: &Descriptor) -> String {
    let mut names = Vec::new();
    below(dir, "", &mut names);
    names.join(" ")
}

fn below(dir: &Descriptor, prefix: &str, names: &mut Vec<String>) {
    let mut entries = match entries(dir) {
        Ok(entries) => entries,
        Err(code) => return names.push(format!("{prefix}?{}", code.name())),
    };
    entries.sort_by(|a, b| a.0.cmp(&b.0));
    for (name, kind) in entries {
        let path = format!("{prefix}{name}");
        match kind {
            DescriptorType::Directory => {
                names.push(format!("{path}/"));
                let flags = DescriptorFlags::READ;
                match dir.open_at(NOFOLLOW, &name, OpenFlags::DIRECTORY, flags) {
                    Ok(child) => below(&child, &format!("{path}/"), names),
                    Err(code) => names.push(format!("?{}", code.name())),
                }
            }
            DescriptorType::SymbolicLink => {
                let target = dir.readlink_at(&name);
                names.push(match target {
                    Ok(target) => format!("{path}->{target}"),
                    Err(code) => format!("{path}->?{}", code.name()),
                });
            }
            DescriptorType::RegularFile => names.push(match content(dir, &name) {
                Ok(text) => format!("{path}={text}"),
                Err(code) => format!("{path}=?{}", code.name()),
            }),
            other => names.push(format!("{path}:{}", kind_name(other))),
        }
    }
}

/// All of a directory, without `.` and `..`, which a host may give or leave out.
pub fn entries(dir: &Descriptor) -> Result<Vec<(String, DescriptorType)>, ErrorCode> {
    let stream = dir.read_directory()?;
    let mut all = Vec::new();
    while let Some(entry) = stream.read_directory_entry()? {
        if entry.name != "." && entry.name != ".." {
            all.push((entry.name, entry.type_));
        }
    }
    Ok(all)
}

pub fn content(dir: &Descriptor, name: &str) -> Result<String, ErrorCode> {
    let file = dir.open_at(NOFOLLOW, name, OpenFlags::empty(), DescriptorFlags::READ)?;
    bytes(&file).map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
}

/// All of a file, however little one read gives.
pub fn bytes(file: &Descriptor) -> Result<Vec<u8>, ErrorCode> {
    let mut all = Vec::new();
    loop {
        let (bytes, end) = file.read(1 << 16, all.len() as u64)?;
        if bytes.is_empty() {
            return Ok(all);
        }
        all.extend(bytes);
        if end {
            return Ok(all);
        }
    }
}

pub fn kind_name(kind: DescriptorType) -> &'static str {
    match kind {
        DescriptorType::Unknown => "unknown",
        DescriptorType::BlockDevice => "block-device",
        DescriptorType::CharacterDevice => "character-device",
        DescriptorType::Directory => "directory",
        DescriptorType::Fifo => "fifo",
        DescriptorType::SymbolicLink => "symbolic-link",
        DescriptorType::RegularFile => "regular-file",
        DescriptorType::Socket => "socket",
    }
}

/// A path in the transcript: a long one by its length.
pub fn path_name(path: &str) -> String {
    if path.len() > 60 {
        format!("\"{}…\" ({} bytes)", &path[..8], path.len())
    } else {
        format!("{path:?}")
    }
}
