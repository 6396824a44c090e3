//! Cuts `runtime/*.js` into pieces, one per top-level declaration, for `emit/js/runtime.rs` to choose from.
//!
//! Relies on the formatter: a declaration starts in column 0 and nothing else does, except comments, imports and what
//! closes a declaration. Anything unexpected fails the build. Comments are for readers of the runtime, not of its copies,
//! and stay behind.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::{env, fs, path::Path};

struct Piece {
    name: String,
    text: String,
    file: String,
}

fn main() {
    println!("cargo::rerun-if-changed=runtime");
    // The stack comes first in memory, a megabyte by default. A little less, and the addresses of all data have three bytes
    // instead of four.
    if env::var("CARGO_CFG_TARGET_ARCH").is_ok_and(|arch| arch == "wasm32") {
        println!("cargo::rustc-link-arg-cdylib=-zstack-size=917504");
        // By which the build finds what nothing refers to any more, and what only some of it needs
        // (`npm/scripts/bindgen/src/relocations.rs`).
        println!("cargo::rustc-link-arg-cdylib=--emit-relocs");
    }
    let mut files: Vec<_> = fs::read_dir("runtime")
        .expect("runtime/ is part of the crate")
        .map(|entry| entry.expect("readable").path())
        .filter(|p| {
            let name = p
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            name.ends_with(".js") && !name.ends_with(".test.js") && name != "index.js"
        })
        .collect();
    files.sort();
    let mut pieces = Vec::new();
    for path in &files {
        let text = fs::read_to_string(path).expect("UTF-8");
        let file = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        cut(&file, &text, &mut pieces);
    }
    let index: BTreeMap<&str, usize> = pieces
        .iter()
        .enumerate()
        .map(|(i, p)| (p.name.as_str(), i))
        .collect();
    assert_eq!(index.len(), pieces.len(), "two pieces share a name");
    let mut out = String::from("static PIECES: &str = concat!(\n");
    for (i, piece) in pieces.iter().enumerate() {
        let deps: String = identifiers(&piece.text)
            .iter()
            .filter_map(|word| index.get(word.as_str()).copied())
            .filter(|&d| d != i)
            .map(|d| char::from_u32(' ' as u32 + d as u32).expect("fewer pieces than characters"))
            .collect();
        writeln!(
            out,
            "    {:?}, {:?}, {:?}, // {}",
            format!("{}\0", piece.name),
            format!("{deps}\0"),
            format!("{}\0", piece.text),
            piece.file
        )
        .expect("a string");
    }
    out.push_str(");\n");
    let dir = env::var("OUT_DIR").expect("cargo sets it");
    fs::write(Path::new(&dir).join("pieces.rs"), out).expect("writable");
}

/// Splits one file.
fn cut(file: &str, text: &str, pieces: &mut Vec<Piece>) {
    let text = strip_comments(text);
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        if line.trim().is_empty() {
            continue;
        }
        if line.starts_with("import ") {
            let mut last = line;
            while !last.ends_with(';') {
                last = lines.next().expect("an import ends");
            }
            continue;
        }
        let Some(body) = line.strip_prefix("export ").or_else(|| {
            ["const ", "function ", "class "]
                .iter()
                .any(|k| line.starts_with(k))
                .then_some(line)
        }) else {
            panic!("{file}: not a declaration: {line}")
        };
        let name = body
            .trim_start_matches("async ")
            .split_once(' ')
            .map(|(_, rest)| rest)
            .and_then(|rest| rest.split(|c: char| !is_word(c)).next())
            .expect("a name")
            .trim_start_matches('*')
            .to_string();
        let mut whole = String::from(body);
        while lines
            .peek()
            .is_some_and(|l| l.starts_with([' ', '}', ']', ')']) || l.is_empty())
        {
            let l = lines.next().expect("peeked");
            if l.trim().is_empty() {
                continue;
            }
            whole.push('\n');
            whole.push_str(l);
        }
        pieces.push(Piece {
            name,
            text: whole,
            file: file.to_string(),
        });
    }
}

/// Removes comments, with the lines that hold nothing else.
fn strip_comments(text: &str) -> String {
    let mut out = String::new();
    let mut chars = text.chars().peekable();
    let mut quote: Option<char> = None;
    let mut previous = ' ';
    while let Some(c) = chars.next() {
        if let Some(q) = quote {
            out.push(c);
            if c == '\\' {
                out.extend(chars.next());
            } else if c == q {
                quote = None;
            }
            continue;
        }
        match (c, chars.peek()) {
            ('/', Some('*')) => {
                let mut last = ' ';
                chars.next();
                for d in chars.by_ref() {
                    if last == '*' && d == '/' {
                        break;
                    }
                    last = d;
                }
                // A cast's space goes with it.
                if chars.peek() == Some(&' ') {
                    chars.next();
                }
                drop_blank_line(&mut out, &mut chars);
            }
            ('/', Some('/')) => {
                while chars.peek().is_some_and(|&d| d != '\n') {
                    chars.next();
                }
                drop_blank_line(&mut out, &mut chars);
            }
            // A regular expression: after an operator or an opening bracket.
            ('/', _) if "(=,!&|?:".contains(previous) => {
                out.push(c);
                let mut class = false;
                while let Some(d) = chars.next() {
                    out.push(d);
                    match d {
                        '\\' => out.extend(chars.next()),
                        '[' => class = true,
                        ']' => class = false,
                        '/' if !class => break,
                        _ => {}
                    }
                }
            }
            ('"' | '\'' | '`', _) => {
                quote = Some(c);
                out.push(c);
            }
            _ => out.push(c),
        }
        if !c.is_whitespace() {
            previous = c;
        }
    }
    out
}

fn drop_blank_line(out: &mut String, chars: &mut std::iter::Peekable<std::str::Chars<'_>>) {
    let start = out.rfind('\n').map_or(0, |i| i + 1);
    if out[start..].trim().is_empty() && chars.peek() == Some(&'\n') {
        out.truncate(start);
        chars.next();
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '$' || c == '*'
}

/// Identifiers outside of plain strings that are not members (`.name`) or keys (`name:`).
fn identifiers(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let chars: Vec<char> = text.chars().collect();
    let mut i = 0;
    while i < chars.len() {
        let c = chars[i];
        if c == '"' || c == '\'' {
            i += 1;
            while i < chars.len() && chars[i] != c {
                i += if chars[i] == '\\' { 2 } else { 1 };
            }
            i += 1;
        } else if c.is_alphabetic() || c == '_' || c == '$' {
            let start = i;
            while i < chars.len() && is_word(chars[i]) && chars[i] != '*' {
                i += 1;
            }
            if start == 0 || chars[start - 1] != '.' || (start > 2 && chars[start - 2] == '.') {
                let word: String = chars[start..i].iter().collect();
                if !found.contains(&word) {
                    found.push(word);
                }
            }
        } else {
            i += 1;
        }
    }
    found
}
