//! Times, identity and hashes of files. Times of now are compared, never printed.

use crate::out::Shown;
use crate::place::{self, FOLLOW, NOFOLLOW};
use crate::{say, Case};
use wasip2::clocks::wall_clock::{self, Datetime};
use wasip2::filesystem::types::{Descriptor, DescriptorStat, ErrorCode, NewTimestamp};

pub const CASES: [(&str, Case); 4] = [
    ("fs-set-times", set_times),
    ("fs-times-of-changes", times_of_changes),
    ("fs-is-same-object", is_same_object),
    ("fs-metadata-hash", metadata_hash),
];

fn at(seconds: u64, nanoseconds: u32) -> NewTimestamp {
    NewTimestamp::Timestamp(Datetime {
        seconds,
        nanoseconds,
    })
}

/// To the microsecond: what every way to set a time keeps.
fn micros(time: Option<Datetime>) -> String {
    time.map_or("none".into(), |time| {
        format!("{}.{:06}", time.seconds, time.nanoseconds / 1000)
    })
}

fn times(stat: Result<DescriptorStat, ErrorCode>) -> String {
    stat.map(|stat| {
        let (a, m) = (stat.data_access_timestamp, stat.data_modification_timestamp);
        format!("access {}, modification {}", micros(a), micros(m))
    })
    .shown()
}

fn set_times() -> Result<(), ()> {
    let dir = place::full();
    let file = place::file(&dir, "f");
    let (keep, now) = (NewTimestamp::NoChange, NewTimestamp::Now);
    for (a, m) in [
        (at(1, 0), at(2, 500_000_000)),
        (keep, at(3, 0)),
        (at(4, 999_999_000), keep),
        (keep, keep),
        (at(0, 0), at(0, 0)),
        (at(1 << 31, 1000), at((1 << 32) + 1, 0)),
    ] {
        say!(
            "set-times: {}: {}",
            file.set_times(a, m).shown(),
            times(file.stat())
        );
    }
    for (a, m) in [
        (at(5, 1_000_000_000), keep),
        (keep, at(5, u32::MAX)),
        (at(u64::MAX, 0), keep),
        (keep, at(1 << 63, 0)),
    ] {
        say!("out of range: {}", file.set_times(a, m).shown());
    }
    let before = wall_clock::now().seconds;
    say!("now: {}", file.set_times(at(7, 0), now).shown());
    let stat = file.stat().map_err(drop)?;
    let is_now = stat
        .data_modification_timestamp
        .is_some_and(|time| time.seconds >= before && time.seconds <= before + 60);
    say!(
        "is now: {is_now}, access {}",
        micros(stat.data_access_timestamp)
    );
    for (path, flags, name) in [
        ("g", NOFOLLOW, "a file"),
        ("lf", FOLLOW, "through a link"),
        ("lf", NOFOLLOW, "a link"),
        ("dangling", NOFOLLOW, "a dangling link"),
        ("dangling", FOLLOW, "through a dangling link"),
        ("d", NOFOLLOW, "a directory"),
        ("d/", FOLLOW, "a directory with a slash"),
        ("missing", FOLLOW, "nothing"),
        ("f/", FOLLOW, "a file as a directory"),
        ("..", FOLLOW, "out"),
        ("", FOLLOW, "no path"),
    ] {
        let set = dir.set_times_at(flags, path, at(100, 0), at(200, 0));
        say!("set-times-at {name}: {}", set.shown());
        say!("  {}", times(dir.stat_at(flags, path)));
    }
    say!("the link's file: {}", times(dir.stat_at(FOLLOW, "lf")));
    let d = place::directory(&dir, "d");
    say!(
        "of a descriptor of a directory: {}",
        d.set_times(at(8, 0), at(9, 0)).shown()
    );
    say!("  {}", times(d.stat()));
    Ok(())
}

/// What each operation does to the times of a file and of its directory, which were long ago before it.
fn times_of_changes() -> Result<(), ()> {
    let dir = place::full();
    let file = place::file(&dir, "f");
    let long_ago = at(1000, 0);
    let changed = |name: &str, what: &dyn Fn() -> Result<(), ErrorCode>| {
        for thing in [&file, &dir] {
            thing.set_times(long_ago, long_ago).expect("times to set");
        }
        let result = what();
        let old = |thing: &Descriptor| {
            let stat = thing.stat().expect("a stat");
            match stat.data_modification_timestamp {
                Some(time) if time.seconds == 1000 => "old",
                _ => "new",
            }
        };
        say!(
            "{name}: {}: file {}, directory {}",
            result.shown(),
            old(&file),
            old(&dir)
        );
    };
    changed("read", &|| file.read(5, 0).map(drop));
    changed("write", &|| file.write(b"x", 0).map(drop));
    changed("write nothing", &|| file.write(b"", 0).map(drop));
    changed("set-size", &|| file.set_size(2));
    changed("create a file", &|| Ok(place::write(&dir, "new", "")));
    changed("write it", &|| Ok(place::write(&dir, "new", "more")));
    changed("link", &|| dir.link_at(NOFOLLOW, "f", &dir, "f2"));
    changed("rename", &|| dir.rename_at("f2", &dir, "f3"));
    changed("unlink", &|| dir.unlink_file_at("f3"));
    changed("create a directory", &|| dir.create_directory_at("dir"));
    changed("in it", &|| dir.create_directory_at("dir/in"));
    changed("remove in it", &|| dir.remove_directory_at("dir/in"));
    changed("symlink", &|| dir.symlink_at("f", "link"));
    changed("readlink", &|| dir.readlink_at("link").map(drop));
    changed("list", &|| place::entries(&dir).map(drop));
    changed("a failing create", &|| dir.create_directory_at("dir"));
    changed("a failing unlink", &|| dir.unlink_file_at("missing"));
    Ok(())
}

fn is_same_object() -> Result<(), ()> {
    let dir = place::full();
    let named = [
        ("f", place::file(&dir, "f")),
        ("f again", place::file(&dir, "f")),
        ("g", place::file(&dir, "g")),
        ("h, a link of g", place::file(&dir, "h")),
        ("d", place::directory(&dir, "d")),
        ("d again", place::directory(&dir, "d/../d")),
        ("e", place::directory(&dir, "e")),
        ("the directory", place::directory(&dir, ".")),
    ];
    for (name, one) in &named {
        for (other, two) in &named {
            say!("{name} and {other}: {}", one.is_same_object(two));
        }
    }
    dir.rename_at("f", &dir, "moved").map_err(drop)?;
    say!(
        "after a rename: {}",
        named[0].1.is_same_object(&place::file(&dir, "moved"))
    );
    Ok(())
}

/// Equal for one object that has not changed, however it was reached; another after a change.
fn metadata_hash() -> Result<(), ()> {
    let dir = place::full();
    // So that a write's time is another one.
    dir.set_times_at(NOFOLLOW, "f", at(1, 0), at(1, 0))
        .map_err(drop)?;
    let hash = |flags, path: &str| {
        dir.metadata_hash_at(flags, path)
            .map(|hash| (hash.lower, hash.upper))
    };
    let file = place::file(&dir, "f");
    let of_f = file
        .metadata_hash()
        .map(|hash| (hash.lower, hash.upper))
        .map_err(drop)?;
    for (flags, path) in [
        (NOFOLLOW, "f"),
        (FOLLOW, "lf"),
        (NOFOLLOW, "lf"),
        (FOLLOW, "ll"),
        (NOFOLLOW, "g"),
        (NOFOLLOW, "d"),
        (FOLLOW, "dangling"),
        (NOFOLLOW, "dangling"),
        (FOLLOW, "missing"),
        (FOLLOW, "f/"),
        (FOLLOW, ".."),
        (FOLLOW, ""),
    ] {
        let same = hash(flags, path).map(|value| (value == of_f).to_string());
        say!("{path:?} as f: {}", same.shown());
    }
    say!("g and h: {}", hash(NOFOLLOW, "g") == hash(NOFOLLOW, "h"));
    say!("twice: {}", hash(NOFOLLOW, "f") == Ok(of_f));
    file.write(b"longer than it was", 0).map_err(drop)?;
    say!("after a write: {}", hash(NOFOLLOW, "f") == Ok(of_f));
    say!(
        "by descriptor: {}",
        file.metadata_hash().map(|h| (h.lower, h.upper)) == hash(FOLLOW, "f")
    );
    Ok(())
}
