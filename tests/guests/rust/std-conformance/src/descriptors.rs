//! Calls on descriptors: preopens, files, the standard ones.

use crate::call::{at, close, file, list, open, put, shown, write, READ, ROOT, WRITE};
use crate::Case;
use wasi::{Ciovec, Errno, Fd, Iovec};

pub const CASES: [Case; 7] = [
    ("p1-preopens", preopens),
    ("p1-fd-read-write", read_write),
    ("p1-fd-seek", seek),
    ("p1-fd-append", append),
    ("p1-fd-metadata", metadata),
    ("p1-fd-readdir", readdir),
    ("p1-fd-close-renumber", close_renumber),
];

fn preopens() {
    for fd in 0..8 {
        let prestat = unsafe { wasi::fd_prestat_get(fd) };
        let name = prestat.and_then(|prestat| {
            let length = unsafe { prestat.u.dir.pr_name_len };
            let mut name = vec![0; length];
            for short in [0, length - 1] {
                let cut = unsafe { wasi::fd_prestat_dir_name(fd, name.as_mut_ptr(), short) };
                println!("{fd} in {short}: {}", shown(cut));
            }
            unsafe { wasi::fd_prestat_dir_name(fd, name.as_mut_ptr(), length) }?;
            Ok(String::from_utf8_lossy(&name).into_owned())
        });
        println!("{fd} prestat: {}", shown(name));
        let stat = unsafe { wasi::fd_fdstat_get(fd) };
        let shape = stat.map(|stat| (stat.fs_filetype.name().to_lowercase(), stat.fs_flags));
        println!("{fd} fdstat: {}", shown(shape));
        let stat = unsafe { wasi::fd_filestat_get(fd) };
        println!(
            "{fd} filestat: {}",
            shown(stat.map(|stat| stat.filetype.name().to_lowercase()))
        );
    }
}

/// All of several buffers, in as many calls as it takes.
fn gathered(fd: Fd, parts: &[&str]) -> Result<usize, Errno> {
    let mut done = 0;
    for part in parts {
        let mut rest = part.as_bytes();
        while !rest.is_empty() {
            let vector = [
                Ciovec {
                    buf: rest.as_ptr(),
                    buf_len: 0,
                },
                Ciovec {
                    buf: rest.as_ptr(),
                    buf_len: rest.len(),
                },
            ];
            let n = unsafe { wasi::fd_write(fd, &vector) }?;
            rest = &rest[n..];
            done += n;
        }
    }
    Ok(done)
}

fn read(fd: Fd, length: usize) -> Result<String, Errno> {
    let mut buffer = vec![0; length];
    let vector = [
        Iovec {
            buf: buffer.as_mut_ptr(),
            buf_len: 0,
        },
        Iovec {
            buf: buffer.as_mut_ptr(),
            buf_len: length,
        },
    ];
    let n = unsafe { wasi::fd_read(fd, &vector) }?;
    Ok(String::from_utf8_lossy(&buffer[..n]).replace('\0', "·"))
}

fn read_write() {
    let fd = file("f");
    println!(
        "write: {}",
        shown(gathered(fd, &["one ", "", "two ", "three"]))
    );
    println!(
        "write nothing: {}",
        shown(unsafe { wasi::fd_write(fd, &[]) })
    );
    println!("tell: {}", shown(unsafe { wasi::fd_tell(fd) }));
    println!("read at the end: {}", shown(read(fd, 10)));
    println!(
        "rewind: {}",
        shown(unsafe { wasi::fd_seek(fd, 0, wasi::WHENCE_SET) })
    );
    for length in [3, 1, 100, 100] {
        println!("read {length}: {}", shown(read(fd, length)));
    }
    println!(
        "read into nothing: {}",
        shown(unsafe { wasi::fd_read(fd, &[]) })
    );
    for (offset, length) in [
        (0, 3),
        (4, 100),
        (13, 1),
        (14, 1),
        (1 << 40, 1),
        (1 << 63, 1),
        (u64::MAX, 1),
    ] {
        println!(
            "pread {length} at {offset}: {}",
            shown(at(fd, offset, length))
        );
    }
    println!("tell: {}", shown(unsafe { wasi::fd_tell(fd) }));
    let part = Ciovec {
        buf: "XYZ".as_ptr(),
        buf_len: 3,
    };
    for offset in [4, 20, 1 << 63, u64::MAX] {
        println!(
            "pwrite at {offset}: {}",
            shown(unsafe { wasi::fd_pwrite(fd, &[part], offset) })
        );
    }
    println!("{}", shown(at(fd, 0, 100)));
    for (name, rights) in [("read", READ), ("write", WRITE), ("nothing", 0)] {
        let fd = open("f", 0, rights).expect("a file");
        println!("opened to {name}, read: {}", shown(read(fd, 3)));
        println!("opened to {name}, pread: {}", shown(at(fd, 0, 3)));
        if name != "nothing" {
            println!(
                "opened to {name}, pwrite: {}",
                shown(unsafe { wasi::fd_pwrite(fd, &[part], 0) })
            );
        }
        close(fd);
    }
    for fd in [ROOT, 99] {
        println!("{fd} read: {}", shown(read(fd, 3)));
        println!("{fd} write: {}", shown(gathered(fd, &["x"])));
        println!("{fd} pread: {}", shown(at(fd, 0, 3)));
        println!(
            "{fd} pwrite: {}",
            shown(unsafe { wasi::fd_pwrite(fd, &[part], 0) })
        );
    }
    println!("read of stdout: {}", shown(read(1, 3)));
    println!("write to stdin: {}", shown(gathered(0, &["x"])));
}

fn seek() {
    let fd = file("f");
    put(fd, "0123456789", 0);
    for (offset, whence) in [
        (3, wasi::WHENCE_SET),
        (2, wasi::WHENCE_CUR),
        (-1, wasi::WHENCE_CUR),
        (-2, wasi::WHENCE_END),
        (5, wasi::WHENCE_END),
        (0, wasi::WHENCE_CUR),
        (-100, wasi::WHENCE_CUR),
        (-11, wasi::WHENCE_END),
        (-1, wasi::WHENCE_SET),
        (1 << 40, wasi::WHENCE_SET),
        (0, wasi::WHENCE_SET),
    ] {
        let sought = unsafe { wasi::fd_seek(fd, offset, whence) };
        let tell = unsafe { wasi::fd_tell(fd) };
        println!(
            "seek {offset} {}: {}, tell {}",
            whence.name(),
            shown(sought),
            shown(tell)
        );
        println!("  read {}", shown(read(fd, 2)));
    }
    for fd in [0, 1, 2, ROOT, 99] {
        println!(
            "{fd} seek: {}",
            shown(unsafe { wasi::fd_seek(fd, 0, wasi::WHENCE_CUR) })
        );
        println!("{fd} tell: {}", shown(unsafe { wasi::fd_tell(fd) }));
    }
}

fn append() {
    write("f", "start");
    let flags = wasi::FDFLAGS_APPEND;
    let fd = unsafe { wasi::path_open(ROOT, 0, "f", 0, READ | WRITE, 0, flags) }.expect("a file");
    println!("write: {}", shown(gathered(fd, &["+1", "+2"])));
    println!(
        "rewind: {}",
        shown(unsafe { wasi::fd_seek(fd, 0, wasi::WHENCE_SET) })
    );
    println!("write: {}", shown(gathered(fd, &["+3"])));
    println!("{}", shown(at(fd, 0, 100)));
    println!(
        "flags: {}",
        shown(unsafe { wasi::fd_fdstat_get(fd) }.map(|stat| stat.fs_flags))
    );
    println!(
        "no append: {}",
        shown(unsafe { wasi::fd_fdstat_set_flags(fd, 0) })
    );
    println!(
        "rewind: {}",
        shown(unsafe { wasi::fd_seek(fd, 0, wasi::WHENCE_SET) })
    );
    println!("write: {}", shown(gathered(fd, &["S"])));
    println!(
        "append again: {}",
        shown(unsafe { wasi::fd_fdstat_set_flags(fd, flags) })
    );
    println!("write: {}", shown(gathered(fd, &["+4"])));
    println!("{}", shown(at(fd, 0, 100)));
    for flags in [
        wasi::FDFLAGS_NONBLOCK,
        wasi::FDFLAGS_SYNC,
        wasi::FDFLAGS_DSYNC,
        wasi::FDFLAGS_RSYNC,
    ] {
        println!(
            "set {flags:#b}: {}",
            shown(unsafe { wasi::fd_fdstat_set_flags(fd, flags) })
        );
    }
    println!(
        "set on a directory: {}",
        shown(unsafe { wasi::fd_fdstat_set_flags(ROOT, 1) })
    );
}

fn metadata() {
    let fd = file("f");
    put(fd, "hello", 0);
    let size = || shown(unsafe { wasi::fd_filestat_get(fd) }.map(|stat| (stat.size, stat.nlink)));
    println!("filestat: {}", size());
    for to in [10, 3, 0, 1 << 20, 5, 1 << 63] {
        println!(
            "set-size {to}: {}, {}",
            shown(unsafe { wasi::fd_filestat_set_size(fd, to) }),
            size()
        );
    }
    for (offset, length) in [(0, 3), (0, 100), (50, 100), (u64::MAX, 1), (0, 0)] {
        let made = unsafe { wasi::fd_allocate(fd, offset, length) };
        println!("allocate {offset} {length}: {}, {}", shown(made), size());
    }
    for flags in 0..16 {
        let set = unsafe { wasi::fd_filestat_set_times(fd, 1_000_000_000, 2_000_000_000, flags) };
        println!("set-times {flags:#b}: {}", shown(set));
    }
    let set = unsafe { wasi::fd_filestat_set_times(fd, 4_000_000_000, 5_000_000_000, 5) };
    let stat = unsafe { wasi::fd_filestat_get(fd) };
    println!(
        "set-times: {}, {}",
        shown(set),
        shown(stat.map(|stat| (stat.atim, stat.mtim)))
    );
    for advice in [
        wasi::ADVICE_NORMAL,
        wasi::ADVICE_WILLNEED,
        wasi::ADVICE_NOREUSE,
    ] {
        println!(
            "advise {}: {}",
            advice.name(),
            shown(unsafe { wasi::fd_advise(fd, 0, 5, advice) })
        );
    }
    for fd in [fd, ROOT, 1, 99] {
        let name = if fd == 99 || fd < 4 {
            fd.to_string()
        } else {
            "file".into()
        };
        println!("{name} sync: {}", shown(unsafe { wasi::fd_sync(fd) }));
        println!(
            "{name} datasync: {}",
            shown(unsafe { wasi::fd_datasync(fd) })
        );
        println!(
            "{name} rights: {}",
            shown(unsafe { wasi::fd_fdstat_set_rights(fd, 0, 0) })
        );
        println!(
            "{name} set-size: {}",
            shown(unsafe { wasi::fd_filestat_set_size(fd, 1) })
        );
        println!(
            "{name} advise: {}",
            shown(unsafe { wasi::fd_advise(fd, 0, 1, wasi::ADVICE_NORMAL) })
        );
    }
}

fn readdir() {
    println!("empty: {}", shown(list(ROOT, 4096)));
    for i in 0..40 {
        write(&format!("file{i:02}-{}", "n".repeat(i)), "");
    }
    unsafe { wasi::path_create_directory(ROOT, "directory") }.expect("a directory");
    unsafe { wasi::path_symlink("file00-", ROOT, "link") }.expect("a link");
    let all = list(ROOT, 4096).expect("a list");
    println!(
        "{} entries, {:?} {:?} {:?}",
        all.len(),
        all[0],
        all[1],
        all[41]
    );
    // However small the buffer is, if one entry fits.
    for room in [100, 128, 1000, 10_000] {
        println!("in {room}: {}", list(ROOT, room).as_ref() == Ok(&all));
    }
    // A buffer too small for a head is filled, and a cookie beyond the end is the end.
    let mut buffer = [0u8; 24];
    for room in [0, 1, 23, 24] {
        let used = unsafe { wasi::fd_readdir(ROOT, buffer.as_mut_ptr(), room, 0) };
        println!("readdir in {room}: {}", shown(used));
    }
    let end = unsafe { wasi::fd_readdir(ROOT, buffer.as_mut_ptr(), 24, 1000) };
    println!("beyond the end: {}", shown(end));
}

fn close_renumber() {
    write("f", "one");
    write("g", "two");
    let (a, b) = (file("f"), file("g"));
    println!("renumber: {}", shown(unsafe { wasi::fd_renumber(a, b) }));
    println!("b is a: {}", shown(at(b, 0, 10)));
    println!("a is gone: {}", shown(at(a, 0, 10)));
    println!(
        "renumber what is gone: {}",
        shown(unsafe { wasi::fd_renumber(a, b) })
    );
    println!("to nothing: {}", shown(unsafe { wasi::fd_renumber(b, 99) }));
    println!("close: {}", shown(unsafe { wasi::fd_close(b) }));
    println!("close again: {}", shown(unsafe { wasi::fd_close(b) }));
    println!("close none: {}", shown(unsafe { wasi::fd_close(99) }));
    let lowest = file("g");
    println!("a number is used again: {}", lowest == a || lowest == b);
    println!("close stdin: {}", shown(unsafe { wasi::fd_close(0) }));
    println!("read it: {}", shown(read(0, 1)));
    println!(
        "close a preopen: {}",
        shown(unsafe { wasi::fd_close(ROOT) })
    );
    println!("use it: {}", shown(open("f", 0, READ)));
}
