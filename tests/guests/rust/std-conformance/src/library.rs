//! Rust's std, as programs use it: what its calls answer, and the kinds of its errors.

use crate::Case;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead, ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::time::{Duration, Instant, SystemTime};

pub const CASES: [Case; 4] = [
    ("std-files", files),
    ("std-errors", errors),
    ("std-stdio", stdio),
    ("std-time", time),
];

fn said<T: std::fmt::Debug>(name: &str, result: io::Result<T>) {
    match result {
        Ok(value) => println!("{name}: ok {value:?}"),
        Err(error) => println!("{name}: {:?}", error.kind()),
    }
}

fn files() {
    let path = Path::new("/data/file");
    said("write", fs::write(path, "line 1\nline 2\nżółw"));
    said("read", fs::read_to_string(path));
    said(
        "append",
        OpenOptions::new()
            .append(true)
            .open(path)
            .and_then(|mut file| file.write_all(b"!\n")),
    );
    said(
        "lines",
        File::open(path).map(|file| {
            io::BufReader::new(file)
                .lines()
                .map_while(Result::ok)
                .collect::<Vec<_>>()
        }),
    );
    let mut file = OpenOptions::new()
        .read(true)
        .write(true)
        .open(path)
        .expect("a file");
    said("seek", file.seek(SeekFrom::End(-4)));
    let mut rest = String::new();
    said("rest", file.read_to_string(&mut rest));
    println!("{rest:?}");
    said("back", file.seek(SeekFrom::Start(5)));
    said("over", file.write_all(b"X"));
    said("position", file.stream_position());
    said("cut", file.set_len(9));
    said("sync", file.sync_all());
    said("read", fs::read_to_string(path));
    said(
        "length",
        file.metadata()
            .map(|metadata| (metadata.len(), metadata.is_file())),
    );
    said("copy", fs::copy(path, "/data/copy"));
    said("link", fs::hard_link(path, "/data/linked"));
    said("rename", fs::rename("/data/copy", "/data/renamed"));
    said("make", fs::create_dir_all("/data/a/b/c"));
    said("in it", fs::write("/data/a/b/c/f", "deep"));
    let mut names: Vec<String> = fs::read_dir("/data")
        .expect("a directory")
        .map(|entry| {
            let entry = entry.expect("an entry");
            let kind = entry.file_type().expect("a type");
            format!("{} {}", entry.file_name().to_string_lossy(), kind.is_dir())
        })
        .collect();
    names.sort();
    println!("{names:?}");
    said("remove", fs::remove_dir_all("/data/a"));
    said("remove", fs::remove_file(path));
    said("linked", fs::read_to_string("/data/linked"));
    said("exists", fs::exists("/data/a"));
    let big: Vec<u8> = (0..3_000_000u32).map(|i| (i * 7) as u8).collect();
    said("big", fs::write("/data/big", &big));
    said("the same", fs::read("/data/big").map(|bytes| bytes == big));
}

fn errors() {
    fs::write("/data/f", [0xff, 0xfe]).expect("a file");
    fs::create_dir_all("/data/d/e").expect("a directory");
    said("missing", File::open("/data/missing"));
    said("not UTF-8", fs::read_to_string("/data/f"));
    said("a directory", fs::read("/data/d"));
    said("a file as directory", fs::read_dir("/data/f").map(drop));
    said("through a file", fs::metadata("/data/f/x").map(drop));
    said(
        "exclusive",
        OpenOptions::new()
            .write(true)
            .create_new(true)
            .open("/data/f")
            .map(drop),
    );
    said("directory there", fs::create_dir("/data/d"));
    said("parent missing", fs::create_dir("/data/x/y"));
    said("not empty", fs::remove_dir("/data/d"));
    said("not a directory", fs::remove_dir("/data/f"));
    said("remove a directory as a file", fs::remove_file("/data/d"));
    said(
        "rename over a full one",
        fs::create_dir("/data/g").and_then(|()| fs::rename("/data/g", "/data/d")),
    );
    said("rename into itself", fs::rename("/data/d", "/data/d/e/d"));
    said(
        "long",
        File::create(format!("/data/{}", "n".repeat(300))).map(drop),
    );
    said("empty", File::open(""));
    said("nul", File::open("a\0b"));
    said("outside", File::open("/etc/passwd"));
    said("way out", File::open("/data/../etc/passwd"));
    said("relative", File::open("f"));
    said(
        "write to a reader",
        File::open("/data/f").and_then(|mut file| file.write_all(b"x")),
    );
    said(
        "read of a writer",
        OpenOptions::new()
            .write(true)
            .open("/data/f")
            .and_then(|mut file| file.read(&mut [0; 4])),
    );
    said(
        "no way at all",
        OpenOptions::new().open("/data/f").map(drop),
    );
    said(
        "set a length",
        File::open("/data/f").and_then(|file| file.set_len(1)),
    );
    said("kind", Err::<(), _>(io::Error::from(ErrorKind::Other)));
}

fn stdio() {
    let mut line = String::new();
    said("line", io::stdin().read_line(&mut line));
    println!("{line:?}");
    let mut rest = Vec::new();
    said("rest", io::stdin().read_to_end(&mut rest));
    println!("{:?}", String::from_utf8_lossy(&rest));
    said("end", io::stdin().read(&mut [0; 4]));
    eprintln!("to stderr");
    print!("no newline, ");
    said("flush", io::stdout().flush());
    said(
        "big",
        io::stdout().write_all("0123456789abcdef\n".repeat(5000).as_bytes()),
    );
    println!("{:?}", std::env::args().skip(1).collect::<Vec<_>>());
    println!("{:?}", std::env::var("EARLIER"));
    println!("{:?}", std::env::var("NOWHERE"));
}

fn time() {
    let (start, wall) = (Instant::now(), SystemTime::now());
    std::thread::sleep(Duration::from_millis(30));
    println!("slept: {}", start.elapsed() >= Duration::from_millis(30));
    println!("goes on: {}", SystemTime::now() > wall);
    fs::write("/data/f", "x").expect("a file");
    let modified = fs::metadata("/data/f").and_then(|metadata| metadata.modified());
    // File systems round down to ticks of their own.
    let near = modified.map(|time| {
        time + Duration::from_secs(1) > wall && time < SystemTime::now() + Duration::from_secs(1)
    });
    said("written now", near);
    let file = File::options().write(true).open("/data/f").expect("a file");
    let then = SystemTime::UNIX_EPOCH + Duration::new(1_000_000_000, 123_456_000);
    said("set", file.set_modified(then));
    // To the microsecond: hosts in JavaScript set times as doubles.
    let kept = file.metadata().and_then(|metadata| metadata.modified());
    let micros = kept.map(|time| time.duration_since(then).map(|more| more.as_micros()));
    said("microseconds off", micros);
}
