//! `wasi:io/streams` and `wasi:io/error`, on files and on the standard streams; the `trap-` cases break its rules.

use crate::files::{drain, next, put};
use crate::out::{self, Shown};
use crate::place::{self, NOFOLLOW};
use crate::{say, Case};
use wasip2::cli::{stderr, stdin, stdout};
use wasip2::filesystem::types::{Descriptor, DescriptorFlags, OpenFlags};
use wasip2::io::streams::{InputStream, OutputStream, StreamError};

pub const CASES: [(&str, Case); 9] = [
    ("io-splice", splice),
    ("io-check-write", check_write),
    ("io-skip", skip),
    ("io-stdin", stdin_read),
    ("io-stdin-skip", stdin_skip),
    ("io-stdout", stdout_write),
    ("trap-blocking-write-4097", trap_blocking_write),
    ("trap-blocking-zeroes-4097", trap_blocking_zeroes),
    ("trap-write-unpermitted", trap_write_unpermitted),
];

fn count(result: Result<u64, StreamError>) -> String {
    result.map(|n| n.to_string()).shown()
}

fn streams(dir: &Descriptor, from: &str, to: &str) -> (InputStream, OutputStream) {
    let reader = dir.open_at(NOFOLLOW, from, OpenFlags::empty(), DescriptorFlags::READ);
    let reader = reader.expect("a file to read").read_via_stream(0);
    let writer = place::file(dir, to).write_via_stream(0);
    (reader.expect("a stream"), writer.expect("a stream"))
}

/// Splices until the source ends; a non-blocking one may move nothing for a while.
fn all(from: &InputStream, to: &OutputStream, most: u64, blocking: bool) -> String {
    let mut sum = 0;
    loop {
        let moved = if blocking {
            to.blocking_splice(from, most)
        } else {
            to.splice(from, most)
        };
        match moved {
            Ok(0) if blocking => return format!("{sum} then nothing"),
            Ok(0) => {
                from.subscribe().block();
                to.subscribe().block();
            }
            Ok(n) if n > most => return format!("{n} where {most} were asked for"),
            Ok(n) => sum += n,
            Err(error) => return format!("{sum} then {}", out::stream_error(&error)),
        }
    }
}

fn splice() -> Result<(), ()> {
    let dir = place::full();
    let big: String = (0..100_000)
        .map(|i| char::from(b'a' + (i % 23) as u8))
        .collect();
    place::write_all(&dir, "big", big.as_bytes());
    for (name, blocking) in [("splice", false), ("blocking-splice", true)] {
        for most in [1 << 30, 1000, u64::MAX] {
            let to = format!("{name}{most}");
            let (from, into) = streams(&dir, "big", &to);
            say!("{name} {most}: {}", all(&from, &into, most, blocking));
            say!("  flush: {}", into.blocking_flush().shown());
            say!("  same: {}", place::content(&dir, &to) == Ok(big.clone()));
        }
    }
    let (from, into) = streams(&dir, "f", "new");
    say!("splice 0: {}", count(into.splice(&from, 0)));
    say!(
        "blocking-splice 0: {}",
        count(into.blocking_splice(&from, 0))
    );
    say!(
        "blocking-splice 2: {}",
        count(into.blocking_splice(&from, 2))
    );
    say!("between: {}", put(&into, b"-").shown());
    say!("the rest: {}", all(&from, &into, 100, true));
    say!("after the end: {}", count(into.blocking_splice(&from, 1)));
    say!("the target lives: {}", put(&into, b"!").shown());
    say!("{}", place::content(&dir, "new").shown());
    // To a stream that fails, and from one that has ended to one that has failed.
    let (from, _) = streams(&dir, "f", "other");
    let far = place::file(&dir, "other").write_via_stream(i64::MAX as u64);
    let far = far.map_err(drop)?;
    let moved = far.blocking_splice(&from, 5).map(|n| n.to_string());
    let flushed = far.blocking_flush();
    say!("into a failing stream: {}", moved.and(flushed).shown());
    say!("then: {}", count(far.blocking_splice(&from, 5)));
    Ok(())
}

fn check_write() -> Result<(), ()> {
    let dir = place::full();
    let stream = place::file(&dir, "f").write_via_stream(0).map_err(drop)?;
    let ready = |stream: &OutputStream| {
        let pollable = stream.subscribe();
        pollable.block();
        pollable.ready()
    };
    for _ in 0..3 {
        say!("ready {}", ready(&stream));
        say!(
            "permits {}",
            stream.check_write().map(|n| (n > 0).to_string()).shown()
        );
        say!(
            "asked twice {}",
            stream.check_write().map(|n| (n > 0).to_string()).shown()
        );
        say!("write {}", stream.write(b"abc").shown());
        say!("flush {}", stream.flush().shown());
        // A flush is over when the stream is ready again.
        say!("ready {}", ready(&stream));
        say!(
            "permits {}",
            stream.check_write().map(|n| (n > 0).to_string()).shown()
        );
        say!("write nothing {}", stream.write(b"").shown());
        say!("blocking-flush {}", stream.blocking_flush().shown());
        say!("again {}", stream.blocking_flush().shown());
    }
    say!("{}", place::content(&dir, "f").shown());
    for length in [0, 1, 4095, 4096] {
        say!(
            "blocking write of {length}: {}",
            stream.blocking_write_and_flush(&vec![b'x'; length]).shown()
        );
        say!(
            "blocking zeroes of {length}: {}",
            stream
                .blocking_write_zeroes_and_flush(length as u64)
                .shown()
        );
    }
    say!(
        "size {}",
        place::file(&dir, "f")
            .stat()
            .map(|stat| stat.size.to_string())
            .shown()
    );
    Ok(())
}

fn skip() -> Result<(), ()> {
    let dir = place::full();
    let (stream, _) = streams(&dir, "g", "new");
    say!("blocking-skip 3: {}", count(stream.blocking_skip(3)));
    say!(
        "read 1: {:?}",
        next(&stream, 1)
            .map(|b| String::from_utf8_lossy(&b).into_owned())
            .shown()
    );
    let mut skipped = 0;
    let end = loop {
        match stream.skip(100) {
            Ok(0) => stream.subscribe().block(),
            Ok(n) => skipped += n,
            Err(error) => break out::stream_error(&error),
        }
    };
    say!("skip 100: {skipped} then {end}");
    say!("blocking-skip: {}", count(stream.blocking_skip(1)));
    Ok(())
}

/// All handles are of one stream.
fn stdin_read() -> Result<(), ()> {
    let (one, two) = (stdin::get_stdin(), stdin::get_stdin());
    say!(
        "read 0: {}",
        one.read(0).map(|b| b.len().to_string()).shown()
    );
    say!("two bytes: {}", exactly(&one, 2));
    say!("three by another handle: {}", exactly(&two, 3));
    drop(two);
    say!("one when that is gone: {}", exactly(&one, 1));
    say!("the rest: {}", drain(&one, 7));
    say!(
        "after the end: {}",
        one.blocking_read(1).map(|b| b.len().to_string()).shown()
    );
    let pollable = one.subscribe();
    pollable.block();
    say!("ready at the end: {}", pollable.ready());
    let again = stdin::get_stdin();
    say!(
        "another handle at the end: {}",
        again.blocking_read(1).map(|b| b.len().to_string()).shown()
    );
    Ok(())
}

fn exactly(stream: &InputStream, length: usize) -> String {
    let mut all = Vec::new();
    while all.len() < length {
        match stream.blocking_read((length - all.len()) as u64) {
            Ok(bytes) => all.extend(bytes),
            Err(error) => return format!("{all:?} then {}", out::stream_error(&error)),
        }
    }
    format!("{:?}", String::from_utf8_lossy(&all))
}

fn stdin_skip() -> Result<(), ()> {
    let stream = stdin::get_stdin();
    let mut skipped = 0;
    while skipped < 5 {
        match stream.blocking_skip(5 - skipped) {
            Ok(n) => skipped += n,
            Err(error) => {
                say!("{skipped} then {}", out::stream_error(&error));
                return Err(());
            }
        }
    }
    out::flush();
    let to = stdout::get_stdout();
    say!("spliced: {}", all(&stream, &to, 3, true));
    Ok(())
}

fn stdout_write() -> Result<(), ()> {
    let (out, err) = (stdout::get_stdout(), stderr::get_stderr());
    for (name, stream) in [("stdout", &out), ("stderr", &err)] {
        say!(
            "{name} permits {}",
            stream.check_write().map(|n| (n > 0).to_string()).shown()
        );
        out::flush();
        let result = put(stream, format!("[{name}, put]\n").as_bytes());
        say!("{name} put {}", result.shown());
        out::flush();
        let result = stream.blocking_write_and_flush(format!("[{name}, blocking]\n").as_bytes());
        say!("{name} blocking {}", result.shown());
        say!(
            "{name} nothing {}",
            stream.blocking_write_and_flush(b"").shown()
        );
        out::flush();
        let result = stream.blocking_write_zeroes_and_flush(3);
        say!("{name} zeroes {}", result.shown());
        let big = vec![b'.'; 200_000];
        out::flush();
        say!("{name} big {}", put(stream, &big).shown());
        say!("{name} ready {}", stream.subscribe().ready());
    }
    let again = stdout::get_stdout();
    drop(out);
    out::flush();
    say!(
        "when another handle is gone: {}",
        put(&again, b"still\n").shown()
    );
    Ok(())
}

fn a_stream() -> OutputStream {
    let dir = place::empty();
    place::file(&dir, "f")
        .write_via_stream(0)
        .expect("a stream")
}

fn trap_blocking_write() -> Result<(), ()> {
    let stream = a_stream();
    out::flush();
    let result = stream.blocking_write_and_flush(&[0; 4097]);
    say!("did not trap: {}", result.shown());
    Ok(())
}

fn trap_blocking_zeroes() -> Result<(), ()> {
    let stream = a_stream();
    out::flush();
    say!(
        "did not trap: {}",
        stream.blocking_write_zeroes_and_flush(4097).shown()
    );
    Ok(())
}

fn trap_write_unpermitted() -> Result<(), ()> {
    let stream = a_stream();
    let permit = stream.check_write().expect("open");
    out::flush();
    say!(
        "did not trap: {}",
        stream.write(&vec![0; permit as usize + 1]).shown()
    );
    Ok(())
}
