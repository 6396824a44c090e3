//! Operations on one path, each with every kind of path.

use crate::out::Shown;
use crate::place::{self, kind_name, path_name, FOLLOW, NOFOLLOW};
use crate::{say, Case};
use wasip2::filesystem::types::{
    Descriptor, DescriptorFlags, DescriptorType, ErrorCode, NewTimestamp, OpenFlags, PathFlags,
};

pub const CASES: [(&str, Case); 8] = [
    ("fs-stat-at", stat_at),
    ("fs-open-paths", open_paths),
    ("fs-open-flags", open_flags),
    ("fs-create-directory-at", create_directory_at),
    ("fs-unlink-remove", unlink_remove),
    ("fs-symlink-at", symlink_at),
    ("fs-readlink-at", readlink_at),
    ("fs-paths-of-files", paths_of_files),
];

/// Paths of each kind, in a `place::full()`.
pub fn paths() -> Vec<String> {
    let mut paths: Vec<String> = [
        "f",
        "d",
        "e",
        "h",
        "lf",
        "ld",
        "ll",
        "dangling",
        "loop",
        "up",
        "slash",
        "missing",
        "f/",
        "d/",
        "e/",
        "lf/",
        "ld/",
        "ll/",
        "dangling/",
        "loop/",
        "up/",
        "slash/",
        "missing/",
        "f//",
        "d//",
        ".",
        "./",
        "./f",
        "f/.",
        "f/..",
        "d/.",
        "d/..",
        "d/./x",
        "d/../f",
        "d//x",
        "e/..",
        "ld/x",
        "ld/..",
        "ld/../f",
        "slash/x",
        "lf/x",
        "f/x",
        "f/../f",
        "missing/x",
        "missing/..",
        "missing/../f",
        "dangling/x",
        "loop/x",
        "d/x",
        "d/x/",
        "d/back",
        "d/back/",
        "d/missing",
        "d/../d/back",
        "..",
        "../",
        "../f",
        "d/../..",
        "d/../../f",
        "up/f",
        "up/place0",
        "/",
        "//",
        "/f",
        "/etc/passwd",
        "/data",
        "",
        " ",
        "a b",
        "...",
        "__proto__",
        "constructor",
        "F",
        "é",
        "e\u{301}",
        "𝄞",
        "a\0b",
        "f\0",
        "\0",
        "a\\b",
        "a:b",
        "*",
        "\u{7f}",
        "\n",
    ]
    .map(String::from)
    .to_vec();
    paths.push("n".repeat(255));
    paths.push("n".repeat(256));
    paths.push("é".repeat(127));
    paths.push("é".repeat(128));
    paths.push(format!("d/{}", "n".repeat(256)));
    paths.push("./".repeat(2000) + "f");
    paths.push("./".repeat(3000) + "f");
    paths.push("d/../".repeat(800) + "f");
    paths.push("n".repeat(65_536));
    paths
}

fn stat_at() -> Result<(), ()> {
    let dir = place::full();
    for path in paths() {
        for (flags, name) in [(NOFOLLOW, "stat"), (FOLLOW, "stat follow")] {
            let shown = dir.stat_at(flags, &path).map(|stat| {
                let kind = kind_name(stat.type_);
                // What directories have here is the file system's own affair.
                match stat.type_ {
                    DescriptorType::Directory => kind.to_string(),
                    _ => format!("{kind}, {} bytes, {} links", stat.size, stat.link_count),
                }
            });
            say!("{name} {}: {}", path_name(&path), shown.shown());
        }
    }
    Ok(())
}

fn flags_name(flags: DescriptorFlags) -> String {
    let names: Vec<&str> = flags.iter_names().map(|(name, _)| name).collect();
    format!("[{}]", names.join(" ").to_lowercase())
}

fn opened(result: &Result<Descriptor, ErrorCode>) -> String {
    match result {
        Err(code) => code.name().into(),
        Ok(file) => format!(
            "ok {} {}",
            file.get_type().map_or_else(|code| code.name(), kind_name),
            file.get_flags()
                .map_or_else(|code| code.name().into(), flags_name)
        ),
    }
}

fn open_paths() -> Result<(), ()> {
    let (read, write) = (DescriptorFlags::READ, DescriptorFlags::WRITE);
    let mut dir = place::full();
    for path in paths() {
        for (name, how, open, flags) in [
            ("read", NOFOLLOW, OpenFlags::empty(), read),
            ("read follow", FOLLOW, OpenFlags::empty(), read),
            ("directory follow", FOLLOW, OpenFlags::DIRECTORY, read),
            ("write follow", FOLLOW, OpenFlags::empty(), write),
            ("create", NOFOLLOW, OpenFlags::CREATE, write),
            ("create follow", FOLLOW, OpenFlags::CREATE, write),
            (
                "exclusive follow",
                FOLLOW,
                OpenFlags::CREATE | OpenFlags::EXCLUSIVE,
                write,
            ),
            ("truncate follow", FOLLOW, OpenFlags::TRUNCATE, write),
        ] {
            let result = dir.open_at(how, &path, open, flags);
            let shown = opened(&result);
            let mut line = format!("open {name} {}: {shown}", path_name(&path));
            if result.is_ok() && open.intersects(OpenFlags::CREATE | OpenFlags::TRUNCATE) {
                line += &format!(": {}", place::tree(&dir));
                dir = place::full();
            }
            say!("{line}");
        }
    }
    Ok(())
}

/// All combinations of flags on a few paths.
fn open_flags() -> Result<(), ()> {
    let mut dir = place::full();
    let rights = [
        DescriptorFlags::empty(),
        DescriptorFlags::READ,
        DescriptorFlags::WRITE,
        DescriptorFlags::READ | DescriptorFlags::WRITE,
        DescriptorFlags::MUTATE_DIRECTORY,
        DescriptorFlags::READ | DescriptorFlags::MUTATE_DIRECTORY,
        DescriptorFlags::READ | DescriptorFlags::WRITE | DescriptorFlags::MUTATE_DIRECTORY,
    ];
    for path in [
        "f", "d", "lf", "ld", "dangling", "missing", "f/", "d/", "missing/",
    ] {
        for how in [NOFOLLOW, FOLLOW] {
            for bits in 0..16 {
                let open = OpenFlags::from_bits_truncate(bits);
                for flags in rights {
                    let result = dir.open_at(how, path, open, flags);
                    let names: Vec<&str> = open.iter_names().map(|(name, _)| name).collect();
                    say!(
                        "open {path:?} {}[{}] {}: {}",
                        if how == FOLLOW { "follow " } else { "" },
                        names.join(" ").to_lowercase(),
                        flags_name(flags),
                        opened(&result)
                    );
                    if result.is_ok() && (bits & 9) != 0 {
                        drop(result);
                        dir = place::full();
                    }
                }
            }
        }
    }
    Ok(())
}

/// A call on every path, each on a fresh place, and what is there afterwards where it succeeded.
fn each(name: &str, call: impl Fn(&Descriptor, &str) -> Result<(), ErrorCode>) {
    let mut dir = place::full();
    for path in paths() {
        let result = call(&dir, &path);
        let done = result.is_ok();
        let mut line = format!("{name} {}: {}", path_name(&path), result.shown());
        if done {
            let tree = place::tree(&dir).replace(&"n".repeat(255), "<255>");
            line += &format!(": {tree}");
            dir = place::full();
        }
        say!("{line}");
    }
}

fn create_directory_at() -> Result<(), ()> {
    each("create-directory", |dir, path| {
        dir.create_directory_at(path)
    });
    Ok(())
}

fn unlink_remove() -> Result<(), ()> {
    each("unlink-file", |dir, path| dir.unlink_file_at(path));
    each("remove-directory", |dir, path| {
        dir.remove_directory_at(path)
    });
    Ok(())
}

fn symlink_at() -> Result<(), ()> {
    each("symlink f at", |dir, path| dir.symlink_at("f", path));
    // Any text may be a target; where it leads is found out when it is followed.
    for target in [
        "", "/", "/etc", "..", "../..", "a\0b", ".", "./", "f/", "missing", "a//b", "é", "a\\b",
    ]
    .map(String::from)
    .into_iter()
    .chain(["t".repeat(255), "t".repeat(4095), "t".repeat(4096)])
    {
        let dir = place::empty();
        let made = dir.symlink_at(&target, "new");
        let back = dir.readlink_at("new").map(|text| path_name(&text));
        say!(
            "symlink {}: {}, reads {}",
            path_name(&target),
            made.shown(),
            back.shown()
        );
        let size = dir
            .stat_at(NOFOLLOW, "new")
            .map(|stat| stat.size.to_string());
        say!("  size {}", size.shown());
        let open = dir.open_at(FOLLOW, "new", OpenFlags::empty(), DescriptorFlags::READ);
        say!("  opens {}", opened(&open));
    }
    chains()
}

/// Links to links: as many as may be, and one more.
fn chains() -> Result<(), ()> {
    let dir = place::empty();
    place::write(&dir, "link0", "end");
    for i in 1..=50 {
        dir.symlink_at(&format!("link{}", i - 1), &format!("link{i}"))
            .map_err(drop)?;
    }
    for i in [1, 2, 10, 32, 39, 40, 41, 50] {
        let found = dir.stat_at(FOLLOW, &format!("link{i}"));
        say!(
            "chain of {i}: {}",
            found.map(|stat| stat.size.to_string()).shown()
        );
    }
    // A link in the middle that leads out and comes back in is out all the same.
    dir.create_directory_at("sub").map_err(drop)?;
    dir.symlink_at("../../place0", "sub/out").map_err(drop)?;
    dir.symlink_at("../link0", "sub/in").map_err(drop)?;
    let sub = place::directory(&dir, "sub");
    for (base, name, path) in [
        (&dir, "dir", "sub/out/f"),
        (&dir, "dir", "sub/in"),
        (&sub, "sub", "in"),
        (&sub, "sub", "../link0"),
        (&sub, "sub", "out/f"),
    ] {
        let found = base.stat_at(FOLLOW, path);
        say!(
            "from {name}, {path}: {}",
            found.map(|stat| stat.size.to_string()).shown()
        );
    }
    Ok(())
}

fn readlink_at() -> Result<(), ()> {
    let dir = place::full();
    for path in paths() {
        let target = dir.readlink_at(&path);
        say!("readlink {}: {}", path_name(&path), target.shown());
    }
    Ok(())
}

/// What takes a path wants a directory to start from.
fn paths_of_files() -> Result<(), ()> {
    let dir = place::full();
    let file = place::file(&dir, "f");
    for path in ["x", ".", "", "/x", "..", "../d"] {
        let no = NewTimestamp::NoChange;
        let all: [(&str, Result<(), ErrorCode>); 12] = [
            ("stat-at", file.stat_at(PathFlags::empty(), path).map(drop)),
            ("set-times-at", file.set_times_at(NOFOLLOW, path, no, no)),
            (
                "metadata-hash-at",
                file.metadata_hash_at(NOFOLLOW, path).map(drop),
            ),
            ("create-directory-at", file.create_directory_at(path)),
            ("link-at from", file.link_at(NOFOLLOW, path, &dir, "new")),
            ("link-at to", dir.link_at(NOFOLLOW, "f", &file, path)),
            (
                "open-at",
                file.open_at(NOFOLLOW, path, OpenFlags::empty(), DescriptorFlags::READ)
                    .map(drop),
            ),
            ("readlink-at", file.readlink_at(path).map(drop)),
            ("remove-directory-at", file.remove_directory_at(path)),
            ("rename-at from", file.rename_at(path, &dir, "new")),
            ("rename-at to", dir.rename_at("f", &file, path)),
            ("symlink-at", file.symlink_at("f", path)),
        ];
        for (name, result) in all {
            say!("{name} {path:?} of a file: {}", result.shown());
        }
        let unlinked = file.unlink_file_at(path);
        say!("unlink-file-at {path:?} of a file: {}", unlinked.shown());
    }
    say!("{}", place::tree(&dir));
    Ok(())
}
