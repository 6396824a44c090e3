//! A program as people write them: Rust's std, directories and files, no word of WASI.
//!
//! | command | does |
//! | --- | --- |
//! | `make DIR DEPTH WIDTH` | writes a tree: WIDTH files in each directory, WIDTH directories down to DEPTH |
//! | `walk DIR` | a line for each thing below, sorted: `PATH/`, or `PATH SIZE`; then `N files, N directories, N bytes` |
//! | `grep WORD DIR` | `PATH:LINE: text` for each line that holds WORD; then `N lines in N files` |
//! | `replace WORD BY DIR` | rewrites the files that hold WORD, each through a file beside it that takes its place |
//! | `copy FROM TO` | copies a tree |
//! | `link DIR` | gives each file in DIR a second name, `NAME.link` |
//! | `remove DIR` | removes a tree |
//! | `lines` | reads stdin by lines, and says each reversed |
//!
//! An error is `tree: PATH: REASON` on stderr and status 1.

#[path = "../../realloc/mod.rs"]
mod realloc;

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

type Outcome = Result<(), String>;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let result = match args[..] {
        ["make", dir, depth, width] => number(depth)
            .and_then(|depth| Ok((depth, number(width)?)))
            .and_then(|(depth, width)| make(Path::new(dir), depth, width)),
        ["walk", dir] => walk(Path::new(dir)),
        ["grep", word, dir] => grep(word, Path::new(dir)),
        ["replace", word, by, dir] => replace(word, by, Path::new(dir)),
        ["copy", from, to] => copy(Path::new(from), Path::new(to)),
        ["link", dir] => link(Path::new(dir)),
        ["remove", dir] => fs::remove_dir_all(dir).map_err(|error| at(Path::new(dir), &error)),
        ["lines"] => lines(),
        _ => Err("usage: tree make|walk|grep|replace|copy|link|remove|lines ARGUMENTS".into()),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("tree: {message}");
            ExitCode::FAILURE
        }
    }
}

fn number(text: &str) -> Result<u32, String> {
    text.parse().map_err(|error| format!("{text}: {error}"))
}

/// Kinds, not the system's texts, which differ from one libc to the next.
fn at(path: &Path, error: &io::Error) -> String {
    format!("{}: {:?}", path.display(), error.kind())
}

/// A number that is the same everywhere, and looks like nothing.
fn scrambled(seed: u32) -> u32 {
    let mut x = seed.wrapping_mul(0x9e37_79b9) ^ 0x5bd1_e995;
    x ^= x >> 15;
    x = x.wrapping_mul(0x85eb_ca6b);
    x ^ (x >> 13)
}

const WORDS: [&str; 8] = [
    "alder",
    "birch",
    "cedar",
    "żywotnik",
    "elm",
    "fir",
    "ginkgo",
    "hazel",
];

fn make(dir: &Path, depth: u32, width: u32) -> Outcome {
    fs::create_dir_all(dir).map_err(|error| at(dir, &error))?;
    for i in 0..width {
        let path = dir.join(format!("file{i}.txt"));
        let seed = scrambled(depth * 1000 + i);
        let written = File::create(&path)
            .map(BufWriter::new)
            .and_then(|mut file| {
                for line in 0..seed % 200 {
                    let word = |n: u32| WORDS[(scrambled(seed ^ (line * 7 + n)) % 8) as usize];
                    writeln!(file, "{line}: {} {} {}", word(1), word(2), word(3))?;
                }
                file.flush()
            });
        written.map_err(|error| at(&path, &error))?;
    }
    for i in 0..if depth == 0 { 0 } else { width } {
        make(&dir.join(format!("dir{i}")), depth - 1, width)?;
    }
    Ok(())
}

/// What is in a directory, sorted by name.
fn sorted(dir: &Path) -> Result<Vec<PathBuf>, String> {
    let read = || -> io::Result<Vec<PathBuf>> {
        fs::read_dir(dir)?
            .map(|entry| entry.map(|entry| entry.path()))
            .collect()
    };
    let mut paths = read().map_err(|error| at(dir, &error))?;
    paths.sort();
    Ok(paths)
}

/// Calls `each` for everything below, directories before what they hold.
fn below(dir: &Path, each: &mut dyn FnMut(&Path, &fs::Metadata) -> Outcome) -> Outcome {
    for path in sorted(dir)? {
        let metadata = fs::symlink_metadata(&path).map_err(|error| at(&path, &error))?;
        each(&path, &metadata)?;
        if metadata.is_dir() {
            below(&path, each)?;
        }
    }
    Ok(())
}

fn walk(dir: &Path) -> Outcome {
    let (mut files, mut directories, mut bytes) = (0, 0, 0);
    let mut text = String::new();
    below(dir, &mut |path, metadata| {
        let line = if metadata.is_dir() {
            directories += 1;
            writeln!(text, "{}/", path.display())
        } else {
            files += 1;
            bytes += metadata.len();
            writeln!(text, "{} {}", path.display(), metadata.len())
        };
        line.map_err(|error| error.to_string())
    })?;
    print!("{text}");
    println!("{files} files, {directories} directories, {bytes} bytes");
    Ok(())
}

fn grep(word: &str, dir: &Path) -> Outcome {
    let (mut count, mut files) = (0, 0);
    let mut out = BufWriter::new(io::stdout().lock());
    below(dir, &mut |path, metadata| {
        if metadata.is_dir() {
            return Ok(());
        }
        let mut found = false;
        let mut search = || -> io::Result<()> {
            for (number, line) in BufReader::new(File::open(path)?).lines().enumerate() {
                let line = line?;
                if line.contains(word) {
                    writeln!(out, "{}:{}: {line}", path.display(), number + 1)?;
                    count += 1;
                    found = true;
                }
            }
            Ok(())
        };
        search().map_err(|error| at(path, &error))?;
        files += u32::from(found);
        Ok(())
    })?;
    writeln!(out, "{count} lines in {files} files").map_err(|error| error.to_string())
}

fn replace(word: &str, by: &str, dir: &Path) -> Outcome {
    let mut changed = 0;
    below(dir, &mut |path, metadata| {
        if metadata.is_dir() {
            return Ok(());
        }
        let mut rewrite = || -> io::Result<()> {
            let text = fs::read_to_string(path)?;
            if !text.contains(word) {
                return Ok(());
            }
            let aside = path.with_extension("tmp");
            let mut file = fs::OpenOptions::new()
                .write(true)
                .create_new(true)
                .open(&aside)?;
            file.write_all(text.replace(word, by).as_bytes())?;
            file.sync_all()?;
            drop(file);
            fs::rename(&aside, path)?;
            changed += 1;
            Ok(())
        };
        rewrite().map_err(|error| at(path, &error))
    })?;
    println!("{changed} files changed");
    Ok(())
}

fn copy(from: &Path, to: &Path) -> Outcome {
    fs::create_dir(to).map_err(|error| at(to, &error))?;
    for path in sorted(from)? {
        let target = to.join(path.file_name().expect("a name below a directory"));
        if path.is_dir() {
            copy(&path, &target)?;
        } else {
            fs::copy(&path, &target).map_err(|error| at(&path, &error))?;
        }
    }
    Ok(())
}

fn link(dir: &Path) -> Outcome {
    for path in sorted(dir)? {
        if path.is_file() {
            let mut name = path.clone().into_os_string();
            name.push(".link");
            fs::hard_link(&path, &name).map_err(|error| at(&path, &error))?;
        }
    }
    Ok(())
}

fn lines() -> Outcome {
    for line in io::stdin().lock().lines() {
        let line = line.map_err(|error| error.to_string())?;
        println!("{}", line.chars().rev().collect::<String>());
    }
    Ok(())
}
