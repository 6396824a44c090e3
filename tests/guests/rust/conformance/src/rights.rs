//! What a descriptor allows: every operation on descriptors opened with each set of rights, and below a grant that is
//! read-only (`fs-readonly`, whose preopen holds a file `f`, a directory `d` with `x`, and a link `l` to `f`).

use crate::out::Shown;
use crate::place::{self, FOLLOW, NOFOLLOW};
use crate::{say, Case};
use wasip2::filesystem::types::{
    Advice, Descriptor, DescriptorFlags, ErrorCode, NewTimestamp, OpenFlags,
};

pub const CASES: [(&str, Case); 3] = [
    ("fs-rights-file", rights_file),
    ("fs-rights-directory", rights_directory),
    ("fs-readonly", readonly),
];

/// Everything that a descriptor can be asked by itself.
fn by_itself(name: &str, descriptor: &Descriptor) {
    let (keep, now) = (NewTimestamp::NoChange, NewTimestamp::Now);
    let length = |bytes: Vec<u8>| bytes.len().to_string();
    let flags = descriptor.get_flags().map(|flags| {
        let names: Vec<&str> = flags.iter_names().map(|(name, _)| name).collect();
        names.join(" ").to_lowercase()
    });
    say!("{name}, get-flags: {}", flags.shown());
    let kind = descriptor
        .get_type()
        .map(|kind| place::kind_name(kind).to_string());
    say!("{name}, get-type: {}", kind.shown());
    say!("{name}, stat: {}", descriptor.stat().map(drop).shown());
    say!(
        "{name}, metadata-hash: {}",
        descriptor.metadata_hash().map(drop).shown()
    );
    say!(
        "{name}, read: {}",
        descriptor
            .read(3, 0)
            .map(|(bytes, _)| length(bytes))
            .shown()
    );
    say!(
        "{name}, read 0: {}",
        descriptor
            .read(0, 0)
            .map(|(bytes, _)| length(bytes))
            .shown()
    );
    say!(
        "{name}, write: {}",
        descriptor.write(b"w", 0).map(|n| n.to_string()).shown()
    );
    say!(
        "{name}, write 0: {}",
        descriptor.write(b"", 0).map(|n| n.to_string()).shown()
    );
    say!(
        "{name}, read-via-stream: {}",
        descriptor.read_via_stream(0).map(drop).shown()
    );
    say!(
        "{name}, write-via-stream: {}",
        descriptor.write_via_stream(0).map(drop).shown()
    );
    say!(
        "{name}, append-via-stream: {}",
        descriptor.append_via_stream().map(drop).shown()
    );
    say!("{name}, set-size: {}", descriptor.set_size(4).shown());
    say!(
        "{name}, set-times: {}",
        descriptor.set_times(keep, now).shown()
    );
    say!(
        "{name}, set-times to nothing: {}",
        descriptor.set_times(keep, keep).shown()
    );
    say!(
        "{name}, advise: {}",
        descriptor.advise(0, 1, Advice::Normal).shown()
    );
    say!("{name}, sync: {}", descriptor.sync().shown());
    say!("{name}, sync-data: {}", descriptor.sync_data().shown());
    let count = place::entries(descriptor).map(|entries| entries.len().to_string());
    say!("{name}, read-directory: {}", count.shown());
    say!(
        "{name}, same as itself: {}",
        descriptor.is_same_object(descriptor)
    );
}

fn rights_file() -> Result<(), ()> {
    for (name, flags) in [
        ("none", DescriptorFlags::empty()),
        ("read", DescriptorFlags::READ),
        ("write", DescriptorFlags::WRITE),
        ("both", DescriptorFlags::READ | DescriptorFlags::WRITE),
        (
            "mutate",
            DescriptorFlags::READ | DescriptorFlags::MUTATE_DIRECTORY,
        ),
    ] {
        let dir = place::full();
        match dir.open_at(NOFOLLOW, "f", OpenFlags::empty(), flags) {
            Ok(file) => by_itself(name, &file),
            Err(code) => say!("{name}: {}", code.name()),
        }
        say!("{name}: {}", place::tree(&dir));
    }
    let both = DescriptorFlags::READ | DescriptorFlags::WRITE;
    for (name, flags) in [
        ("data", DescriptorFlags::DATA_INTEGRITY_SYNC),
        ("file", DescriptorFlags::FILE_INTEGRITY_SYNC),
        (
            "read",
            DescriptorFlags::DATA_INTEGRITY_SYNC | DescriptorFlags::REQUESTED_WRITE_SYNC,
        ),
    ] {
        let dir = place::full();
        let opened = dir.open_at(NOFOLLOW, "f", OpenFlags::empty(), flags | both);
        let written = opened.and_then(|file| file.write(b"synced", 0));
        say!("{name} sync: {}", written.map(|n| n.to_string()).shown());
    }
    Ok(())
}

/// Everything below a directory that changes something, or would.
fn changes(name: &str, dir: &Descriptor) {
    let (keep, now) = (NewTimestamp::NoChange, NewTimestamp::Now);
    let open = |path: &str, open: OpenFlags, flags: DescriptorFlags| {
        let opened = dir.open_at(FOLLOW, path, open, flags);
        opened.map(drop).shown()
    };
    let (none, read, write) = (
        OpenFlags::empty(),
        DescriptorFlags::READ,
        DescriptorFlags::WRITE,
    );
    say!("{name}, open to read: {}", open("f", none, read));
    say!("{name}, open to write: {}", open("f", none, write));
    say!(
        "{name}, open to write what is missing: {}",
        open("missing", none, write)
    );
    say!(
        "{name}, open a directory to write: {}",
        open("d", none, write)
    );
    say!(
        "{name}, open to mutate: {}",
        open("d", none, read | DescriptorFlags::MUTATE_DIRECTORY)
    );
    say!(
        "{name}, open to truncate: {}",
        open("f", OpenFlags::TRUNCATE, write)
    );
    say!(
        "{name}, open to truncate, reading: {}",
        open("f", OpenFlags::TRUNCATE, read)
    );
    say!(
        "{name}, open to create what is there: {}",
        open("f", OpenFlags::CREATE, read)
    );
    say!(
        "{name}, open to create: {}",
        open("new", OpenFlags::CREATE, read | write)
    );
    let exclusive = OpenFlags::CREATE | OpenFlags::EXCLUSIVE;
    say!(
        "{name}, open exclusive what is there: {}",
        open("f", exclusive, write)
    );
    let calls: [(&str, Result<(), ErrorCode>); 17] = [
        ("create-directory", dir.create_directory_at("new-dir")),
        (
            "create-directory that is there",
            dir.create_directory_at("d"),
        ),
        ("create-directory out", dir.create_directory_at("../out")),
        ("symlink", dir.symlink_at("f", "new-link")),
        ("symlink that is there", dir.symlink_at("f", "l")),
        ("link", dir.link_at(NOFOLLOW, "f", dir, "new-name")),
        (
            "link of nothing",
            dir.link_at(NOFOLLOW, "missing", dir, "new-name2"),
        ),
        ("rename", dir.rename_at("f", dir, "renamed")),
        (
            "rename of nothing",
            dir.rename_at("missing", dir, "renamed2"),
        ),
        ("set-times-at", dir.set_times_at(FOLLOW, "d", keep, now)),
        (
            "set-times-at to nothing",
            dir.set_times_at(FOLLOW, "d", keep, keep),
        ),
        (
            "set-times-at of nothing",
            dir.set_times_at(FOLLOW, "missing", keep, now),
        ),
        ("unlink", dir.unlink_file_at("d/x")),
        ("unlink of nothing", dir.unlink_file_at("missing")),
        ("unlink of a directory", dir.unlink_file_at("d")),
        ("remove", dir.remove_directory_at("d")),
        ("remove of nothing", dir.remove_directory_at("missing")),
    ];
    for (what, result) in calls {
        say!("{name}, {what}: {}", result.shown());
    }
    say!(
        "{name}, stat-at: {}",
        dir.stat_at(FOLLOW, "l").map(drop).shown()
    );
    say!("{name}, readlink-at: {}", dir.readlink_at("l").shown());
    say!(
        "{name}, metadata-hash-at: {}",
        dir.metadata_hash_at(FOLLOW, "d").map(drop).shown()
    );
    say!("{name}: {}", place::tree(dir));
}

fn rights_directory() -> Result<(), ()> {
    for (name, flags) in [
        ("none", DescriptorFlags::empty()),
        ("read", DescriptorFlags::READ),
        ("mutate", DescriptorFlags::MUTATE_DIRECTORY),
        (
            "both",
            DescriptorFlags::READ | DescriptorFlags::MUTATE_DIRECTORY,
        ),
    ] {
        let dir = place::empty();
        dir.create_directory_at("base").map_err(drop)?;
        let base = place::directory(&dir, "base");
        place::write(&base, "f", "hello");
        base.create_directory_at("d").map_err(drop)?;
        place::write(&base, "d/x", "x");
        base.symlink_at("f", "l").map_err(drop)?;
        match dir.open_at(NOFOLLOW, "base", OpenFlags::DIRECTORY, flags) {
            Ok(opened) => {
                by_itself(name, &opened);
                changes(name, &opened);
                // What a right lacks is not given by a way through it.
                let flags = DescriptorFlags::READ | DescriptorFlags::MUTATE_DIRECTORY;
                match opened.open_at(NOFOLLOW, "d", OpenFlags::DIRECTORY, flags) {
                    Ok(child) => {
                        let made = child.create_directory_at("made");
                        say!("{name}, make in a child opened to mutate: {}", made.shown());
                    }
                    Err(code) => say!("{name}, open a child to mutate: {}", code.name()),
                }
            }
            Err(code) => say!("{name}: {}", code.name()),
        }
        say!("{name}: {}", place::tree(&base));
    }
    Ok(())
}

fn readonly() -> Result<(), ()> {
    let root = place::root();
    by_itself("root", &root);
    changes("root", &root);
    match root.open_at(NOFOLLOW, "f", OpenFlags::empty(), DescriptorFlags::READ) {
        Ok(file) => by_itself("file", &file),
        Err(code) => say!("file: {}", code.name()),
    }
    match root.open_at(NOFOLLOW, "d", OpenFlags::DIRECTORY, DescriptorFlags::READ) {
        Ok(child) => by_itself("child", &child),
        Err(code) => say!("child: {}", code.name()),
    }
    Ok(())
}
