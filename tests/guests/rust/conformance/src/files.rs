//! What is in files: read, write, sizes, streams from and to them, and files that have no name any more.

use crate::out::{stream_error, Shown};
use crate::place::{self, NOFOLLOW};
use crate::{say, Case};
use wasip2::filesystem::types::{Advice, Descriptor, DescriptorFlags, ErrorCode, OpenFlags};
use wasip2::io::streams::{InputStream, OutputStream, StreamError};

pub const CASES: [(&str, Case); 8] = [
    ("fs-read-write", read_write),
    ("fs-set-size", set_size),
    ("fs-read-via-stream", read_via_stream),
    ("fs-write-via-stream", write_via_stream),
    ("fs-append-via-stream", append_via_stream),
    ("fs-read-directory", read_directory),
    ("fs-unlinked", unlinked),
    ("fs-advise-sync", advise_sync),
];

const OFFSETS: [u64; 12] = [
    0,
    1,
    4,
    5,
    6,
    1 << 20,
    (1 << 31) - 1,
    1 << 32,
    (1 << 53) + 1,
    i64::MAX as u64,
    1 << 63,
    u64::MAX,
];

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).replace('\0', "·")
}

fn size(file: &Descriptor) -> String {
    file.stat().map(|stat| stat.size.to_string()).shown()
}

fn read_write() -> Result<(), ()> {
    let dir = place::full();
    let file = place::file(&dir, "f");
    for offset in OFFSETS {
        // Not of nothing at the last offset: a host that counts in doubles has none there.
        let first = usize::from(offset == i64::MAX as u64);
        for length in &[0, 1, 3, 5, 100][first..] {
            let read = file
                .read(*length, offset)
                .map(|(bytes, end)| format!("{:?} end {end}", text(&bytes)));
            say!("read {length} at {offset}: {}", read.shown());
        }
    }
    say!(
        "read {} at 0: {}",
        u64::MAX,
        file.read(u64::MAX, 0).map(|(b, _)| text(&b)).shown()
    );
    for (at, bytes) in [(0, "H"), (4, "O!"), (6, ""), (9, "hole"), (1, "ELL")] {
        let written = file.write(bytes.as_bytes(), at).map(|n| n.to_string());
        say!(
            "write {bytes:?} at {at}: {}, size {}",
            written.shown(),
            size(&file)
        );
        say!("  {}", place::bytes(&file).map(|b| text(&b)).shown());
    }
    for offset in [1 << 53, i64::MAX as u64, 1 << 63, u64::MAX] {
        let written = file.write(b"x", offset).map(|n| n.to_string());
        say!("write at {offset}: {}", written.shown());
        if offset == i64::MAX as u64 {
            continue;
        }
        let none = file.write(b"", offset).map(|n| n.to_string());
        say!("write nothing at {offset}: {}", none.shown());
    }
    sparse(&place::file(&dir, "sparse"))?;
    two_descriptors(&dir);
    Ok(())
}

/// A megabyte behind a hole: written and read in pieces, whatever one call takes.
fn sparse(file: &Descriptor) -> Result<(), ()> {
    let block: Vec<u8> = (0..1 << 20).map(|i| (i % 251) as u8).collect();
    let start = 3_000_001u64;
    let mut done = 0;
    while done < block.len() {
        let n = file
            .write(&block[done..], start + done as u64)
            .map_err(drop)?;
        done += n as usize;
    }
    say!("sparse: size {}", size(file));
    let all = place::bytes(file).map_err(drop)?;
    let holes = all[..start as usize].iter().all(|byte| *byte == 0);
    say!(
        "sparse: {} bytes, zeros {holes}, rest {}",
        all.len(),
        all[start as usize..] == block[..]
    );
    Ok(())
}

/// Two descriptors of one file see each other's writes.
fn two_descriptors(dir: &Descriptor) {
    let (one, two) = (place::file(dir, "g"), place::file(dir, "h"));
    say!(
        "write by one: {}",
        one.write(b"GOOD", 0).map(|n| n.to_string()).shown()
    );
    say!(
        "read by the other: {}",
        place::bytes(&two).map(|b| text(&b)).shown()
    );
    say!("cut by the other: {}", two.set_size(2).shown());
    say!(
        "read by one: {}",
        place::bytes(&one).map(|b| text(&b)).shown()
    );
    let flags = DescriptorFlags::READ;
    let opened = dir.open_at(
        NOFOLLOW,
        "g",
        OpenFlags::TRUNCATE,
        flags | DescriptorFlags::WRITE,
    );
    say!(
        "truncating open: {}",
        opened.map(|file| size(&file)).shown()
    );
    say!("size by one: {}", size(&one));
}

fn set_size() -> Result<(), ()> {
    let dir = place::full();
    let file = place::file(&dir, "f");
    for to in [5, 3, 0, 2, 7, 1 << 20, 4] {
        say!(
            "set-size {to}: {}, size {}",
            file.set_size(to).shown(),
            size(&file)
        );
        if to < 100 {
            say!("  {}", place::bytes(&file).map(|b| text(&b)).shown());
        }
    }
    // Sparse, and given back at once.
    for to in [1 << 31, 1 << 63, u64::MAX, 0] {
        say!(
            "set-size {to}: {}, size {}",
            file.set_size(to).shown(),
            size(&file)
        );
    }
    let reader = dir.open_at(NOFOLLOW, "f", OpenFlags::empty(), DescriptorFlags::READ);
    say!("by a reader: {}", reader.map_err(drop)?.set_size(1).shown());
    say!(
        "of a directory: {}",
        place::directory(&dir, "d").set_size(1).shown()
    );
    Ok(())
}

/// Reads to the end, in pieces of `most`; an error ends it.
pub fn drain(stream: &InputStream, most: u64) -> String {
    let mut all = Vec::new();
    loop {
        match stream.blocking_read(most) {
            Ok(bytes) => all.extend(bytes),
            Err(error) => return format!("{:?} then {}", text(&all), stream_error(&error)),
        }
    }
}

/// What a stream has, after waiting for it: `read` may say that there is nothing yet.
pub fn next(stream: &InputStream, most: u64) -> Result<Vec<u8>, StreamError> {
    let pollable = stream.subscribe();
    loop {
        let bytes = stream.read(most)?;
        if !bytes.is_empty() || most == 0 {
            return Ok(bytes);
        }
        pollable.block();
    }
}

pub fn shown_bytes(result: Result<Vec<u8>, StreamError>) -> String {
    result.map(|bytes| format!("{:?}", text(&bytes))).shown()
}

fn read_via_stream() -> Result<(), ()> {
    let dir = place::full();
    let file = place::file(&dir, "g");
    for offset in OFFSETS {
        match file.read_via_stream(offset) {
            Ok(stream) => say!("stream at {offset}: {}", drain(&stream, 3)),
            Err(code) => say!("stream at {offset}: {}", code.name()),
        }
    }
    let stream = file.read_via_stream(0).map_err(drop)?;
    say!("read 2: {}", shown_bytes(next(&stream, 2)));
    say!("blocking-read 2: {}", shown_bytes(stream.blocking_read(2)));
    say!(
        "blocking-skip 2: {}",
        stream.blocking_skip(2).map(|n| n.to_string()).shown()
    );
    // A write where the stream has not been is what it will read.
    say!(
        "write: {}",
        file.write(b"E!", 6).map(|n| n.to_string()).shown()
    );
    say!("the rest: {}", drain(&stream, 100));
    say!("after the end, read: {}", shown_bytes(stream.read(1)));
    say!(
        "after the end, blocking-read: {}",
        shown_bytes(stream.blocking_read(1))
    );
    say!(
        "after the end, skip: {}",
        stream.skip(1).map(|n| n.to_string()).shown()
    );
    say!("after the end, ready: {}", stream.subscribe().ready());
    let nothing = file.read_via_stream(0).map_err(drop)?;
    say!("read 0: {}", shown_bytes(nothing.read(0)));
    say!(
        "blocking-read 0 after it: {}",
        shown_bytes(nothing.blocking_read(0))
    );
    // Two streams of one descriptor go their own ways, and on when it is gone.
    let (a, b) = (
        file.read_via_stream(0).map_err(drop)?,
        file.read_via_stream(2).map_err(drop)?,
    );
    say!("a: {}", shown_bytes(next(&a, 3)));
    say!("b: {}", shown_bytes(next(&b, 3)));
    drop(file);
    say!("a without its descriptor: {}", drain(&a, 100));
    say!("b without its descriptor: {}", drain(&b, 1));
    Ok(())
}

/// Writes all, as much at a time as is permitted.
pub fn put(stream: &OutputStream, mut bytes: &[u8]) -> Result<(), StreamError> {
    while !bytes.is_empty() {
        let permit = stream.check_write()? as usize;
        if permit == 0 {
            stream.subscribe().block();
            continue;
        }
        let (now, later) = bytes.split_at(permit.min(bytes.len()));
        stream.write(now)?;
        bytes = later;
    }
    stream.blocking_flush()
}

fn write_via_stream() -> Result<(), ()> {
    let dir = place::full();
    let file = place::file(&dir, "f");
    let shown = |what: &str, result: Result<(), StreamError>| {
        let content = place::bytes(&file).map(|b| text(&b)).shown();
        say!("{what}: {}, then {content}", result.shown());
    };
    let stream = file.write_via_stream(1).map_err(drop)?;
    say!(
        "permits: {}",
        stream.check_write().map(|n| (n > 0).to_string()).shown()
    );
    shown("write", put(&stream, b"AB"));
    shown("write nothing", put(&stream, b""));
    shown("write more", put(&stream, b"CDEF"));
    shown("blocking", stream.blocking_write_and_flush(b"GH"));
    shown("blocking nothing", stream.blocking_write_and_flush(b""));
    shown("zeroes", stream.blocking_write_zeroes_and_flush(2));
    say!(
        "permits: {}",
        stream.check_write().map(|n| (n > 0).to_string()).shown()
    );
    let zeroes = stream
        .write_zeroes(1)
        .and_then(|()| stream.blocking_flush());
    shown("write-zeroes", zeroes);
    shown("end", put(&stream, b"!"));
    let second = file.write_via_stream(0).map_err(drop)?;
    shown("another, from the start", put(&second, b"<<"));
    shown("the first goes on", put(&stream, b">>"));
    let far = file.write_via_stream(25).map_err(drop)?;
    shown("beyond the end", put(&far, b"far"));
    drop(file);
    let result = put(&stream, b"*");
    say!(
        "without its descriptor: {}, {:?}",
        result.shown(),
        place::content(&dir, "f").shown()
    );
    failing(&dir);
    Ok(())
}

/// A stream whose write fails says so once, with the code, and is closed from then on.
fn failing(dir: &Descriptor) {
    let file = place::file(dir, "h");
    for offset in [1 << 62, i64::MAX as u64, 1 << 63, u64::MAX] {
        let stream = match file.write_via_stream(offset) {
            Ok(stream) => stream,
            Err(code) => {
                say!("write stream at {offset}: {}", code.name());
                continue;
            }
        };
        say!(
            "write at {offset}: {}",
            put(&stream, b"far too far").shown()
        );
        say!(
            "  then check-write: {}",
            stream.check_write().map(|_| String::new()).shown()
        );
        say!("  then flush: {}", stream.blocking_flush().shown());
        say!(
            "  then blocking write: {}",
            stream.blocking_write_and_flush(b"x").shown()
        );
        say!("  ready: {}", stream.subscribe().ready());
    }
}

fn append_via_stream() -> Result<(), ()> {
    let dir = place::full();
    let file = place::file(&dir, "f");
    let (one, two) = (
        file.append_via_stream().map_err(drop)?,
        file.append_via_stream().map_err(drop)?,
    );
    for (stream, bytes) in [(&one, "1"), (&two, "22"), (&one, "333"), (&two, "")] {
        let result = put(stream, bytes.as_bytes());
        let content = place::bytes(&file).map(|b| text(&b)).shown();
        say!("append {bytes:?}: {}, then {content}", result.shown());
    }
    say!("cut: {}", file.set_size(3).shown());
    say!("append: {}", put(&one, b"after").shown());
    say!("{}", place::bytes(&file).map(|b| text(&b)).shown());
    say!(
        "write far: {}",
        file.write(b"x", 12).map(|n| n.to_string()).shown()
    );
    say!("append: {}", put(&two, b"end").shown());
    say!("{}", place::bytes(&file).map(|b| text(&b)).shown());
    Ok(())
}

fn read_directory() -> Result<(), ()> {
    let dir = place::empty();
    say!("empty: {:?}", names(&dir));
    for i in 0..300 {
        place::write(&dir, &format!("file{i:03}"), "");
    }
    for name in ["é", "𝄞", " ", "__proto__", "constructor", "a\\b"] {
        dir.create_directory_at(name).map_err(drop)?;
    }
    let all = names(&dir);
    say!(
        "{} entries, {:?} … {:?}",
        all.len(),
        &all[..4],
        &all[all.len() - 4..]
    );
    let (one, two) = (
        dir.read_directory().map_err(drop)?,
        dir.read_directory().map_err(drop)?,
    );
    let _ = one.read_directory_entry();
    let count = |stream: &wasip2::filesystem::types::DirectoryEntryStream| {
        let mut names = Vec::new();
        while let Ok(Some(entry)) = stream.read_directory_entry() {
            if entry.name != "." && entry.name != ".." {
                names.push(entry.name);
            }
        }
        names.len()
    };
    say!("the second, while the first has begun: {}", count(&two));
    say!(
        "after the end: {}",
        two.read_directory_entry()
            .map(|e| e.is_none().to_string())
            .shown()
    );
    drop(dir);
    say!(
        "the first, without its descriptor: at least 300 {}",
        count(&one) >= 300
    );
    Ok(())
}

fn names(dir: &Descriptor) -> Vec<String> {
    let mut names: Vec<String> = place::entries(dir)
        .unwrap_or_default()
        .into_iter()
        .map(|(name, _)| name)
        .collect();
    names.sort();
    names
}

fn unlinked() -> Result<(), ()> {
    let dir = place::full();
    let file = place::file(&dir, "f");
    say!("unlink: {}", dir.unlink_file_at("f").shown());
    say!("gone: {}", dir.stat_at(NOFOLLOW, "f").map(drop).shown());
    say!("read: {}", place::bytes(&file).map(|b| text(&b)).shown());
    say!(
        "write: {}",
        file.write(b"still", 5).map(|n| n.to_string()).shown()
    );
    say!("read: {}", place::bytes(&file).map(|b| text(&b)).shown());
    say!(
        "links: {}",
        file.stat().map(|stat| stat.link_count.to_string()).shown()
    );
    place::write(&dir, "f", "another");
    say!(
        "another of that name: {}",
        file.is_same_object(&place::file(&dir, "f"))
    );
    let (g, e) = (place::file(&dir, "g"), place::directory(&dir, "e"));
    say!("rename over it: {}", dir.rename_at("f", &dir, "g").shown());
    say!(
        "what was there: {}",
        place::bytes(&g).map(|b| text(&b)).shown()
    );
    say!(
        "its links: {}",
        g.stat().map(|stat| stat.link_count.to_string()).shown()
    );
    say!("remove: {}", dir.remove_directory_at("e").shown());
    say!(
        "list: {}",
        place::entries(&e).map(|all| all.len().to_string()).shown()
    );
    say!("make: {}", e.create_directory_at("new").shown());
    let open = e.open_at(NOFOLLOW, "new", OpenFlags::CREATE, DescriptorFlags::WRITE);
    say!("open: {}", open.map(drop).shown());
    say!("stat: {}", e.stat().map(drop).shown());
    say!("{}", place::tree(&dir));
    Ok(())
}

fn advise_sync() -> Result<(), ()> {
    let dir = place::full();
    let (file, d) = (place::file(&dir, "f"), place::directory(&dir, "d"));
    for (name, advice) in [
        ("normal", Advice::Normal),
        ("sequential", Advice::Sequential),
        ("random", Advice::Random),
        ("will-need", Advice::WillNeed),
        ("dont-need", Advice::DontNeed),
        ("no-reuse", Advice::NoReuse),
    ] {
        say!("advise {name}: {}", file.advise(0, 5, advice).shown());
    }
    for (offset, length) in [
        (0, 0),
        (100, 1),
        (0, u64::MAX),
        (1 << 63, 1),
        (u64::MAX, u64::MAX),
    ] {
        let result: Result<(), ErrorCode> = file.advise(offset, length, Advice::Normal);
        say!("advise {offset} {length}: {}", result.shown());
    }
    say!("sync: {}", file.sync().shown());
    say!("sync-data: {}", file.sync_data().shown());
    say!("sync of a directory: {}", d.sync().shown());
    say!("sync-data of a directory: {}", d.sync_data().shown());
    Ok(())
}
