//! Operations on two paths: every kind of path with every other.

use crate::out::Shown;
use crate::place::{self, path_name, FOLLOW, NOFOLLOW};
use crate::{say, Case};
use wasip2::filesystem::preopens::get_directories;
use wasip2::filesystem::types::{Descriptor, ErrorCode};

pub const CASES: [(&str, Case); 4] = [
    ("fs-rename-at", rename_at),
    ("fs-link-at", link_at),
    ("fs-rename-between", rename_between),
    ("fs-two-preopens", two_preopens),
];

const PATHS: [&str; 30] = [
    "f",
    "g",
    "h",
    "d",
    "e",
    "lf",
    "ld",
    "dangling",
    "loop",
    "up",
    "missing",
    "f/",
    "d/",
    "e/",
    "lf/",
    "ld/",
    "missing/",
    ".",
    "./f",
    "d/.",
    "d/..",
    "d/x",
    "d/new",
    "e/new",
    "d/e/new",
    "missing/x",
    "..",
    "../x",
    "/x",
    "",
];

/// A call on every pair, on a fresh place wherever one before succeeded, and what is there then.
fn each(name: &str, many: usize, call: impl Fn(&Descriptor, &str, &str) -> Result<(), ErrorCode>) {
    let mut dir = place::full();
    for from in PATHS {
        for to in &PATHS[..many] {
            let result = call(&dir, from, to);
            let done = result.is_ok();
            let mut line = format!("{name} {from:?} {to:?}: {}", result.shown());
            if done {
                line += &format!(": {}", place::tree(&dir));
                dir = place::full();
            }
            say!("{line}");
        }
    }
    say!("{}", place::tree(&dir));
}

fn rename_at() -> Result<(), ()> {
    each("rename", PATHS.len(), |dir, from, to| {
        dir.rename_at(from, dir, to)
    });
    let long = "n".repeat(256);
    for (from, to) in [
        ("f", long.as_str()),
        (&long, "f"),
        ("f", "a\0b"),
        ("a\0b", "f"),
    ] {
        let dir = place::full();
        let result = dir.rename_at(from, &dir, to).shown();
        say!("rename {} {}: {result}", path_name(from), path_name(to));
    }
    Ok(())
}

fn link_at() -> Result<(), ()> {
    each("link", PATHS.len(), |dir, from, to| {
        dir.link_at(NOFOLLOW, from, dir, to)
    });
    // To follow is refused whatever the paths are.
    each("link follow", 4, |dir, from, to| {
        dir.link_at(FOLLOW, from, dir, to)
    });
    Ok(())
}

/// Between two descriptors, also of directories one in the other, moved or removed.
fn rename_between() -> Result<(), ()> {
    let dir = place::full();
    let (d, e) = (place::directory(&dir, "d"), place::directory(&dir, "e"));
    say!("into: {}", dir.rename_at("f", &e, "f").shown());
    say!("out: {}", d.rename_at("x", &dir, "x").shown());
    say!("beside: {}", d.rename_at("back", &e, "back").shown());
    say!(
        "link beside: {}",
        e.link_at(NOFOLLOW, "f", &d, "f2").shown()
    );
    say!("into itself: {}", dir.rename_at("d", &d, "d").shown());
    say!("{}", place::tree(&dir));
    say!("moved: {}", dir.rename_at("d", &e, "d").shown());
    say!(
        "in what was moved: {}",
        d.rename_at("f2", &dir, "f3").shown()
    );
    say!("parent into child: {}", dir.rename_at("e", &d, "e").shown());
    say!("{}", place::tree(&dir));
    say!("remove: {}", e.remove_directory_at("d").shown());
    say!(
        "into what is gone: {}",
        dir.rename_at("f3", &d, "f").shown()
    );
    say!(
        "make in what is gone: {}",
        d.create_directory_at("new").shown()
    );
    say!(
        "list what is gone: {}",
        place::entries(&d).map(|e| e.len().to_string()).shown()
    );
    say!("{}", place::tree(&dir));
    Ok(())
}

/// Two grants: what the second preopen is, and whether anything passes between them.
fn two_preopens() -> Result<(), ()> {
    let preopens = get_directories();
    for (dir, name) in &preopens {
        say!("preopen {name}: {}", place::tree(dir));
    }
    let [(one, _), (two, _), ..] = &preopens[..] else {
        say!("there are {} preopens", preopens.len());
        return Err(());
    };
    say!("same object: {}", one.is_same_object(two));
    say!(
        "up from the second: {}",
        two.stat_at(FOLLOW, "..").map(drop).shown()
    );
    place::write(one, "mine", "1");
    say!(
        "rename across: {}",
        one.rename_at("mine", two, "yours").shown()
    );
    place::write(one, "mine", "1");
    say!(
        "link across: {}",
        one.link_at(NOFOLLOW, "mine", two, "linked").shown()
    );
    // Every call gives descriptors of their own.
    drop(preopens);
    for (dir, name) in get_directories() {
        say!("preopen {name} again: {}", place::tree(&dir));
    }
    Ok(())
}
