//! Lowers `.wast` scripts to what a runner without a text parser can execute: per script one JSON document of commands
//! and one blob of the binaries these name by range. It owns the reading of the text format; it refuses to know what
//! Slipway is, which directives are claimed, and how a value looks in JavaScript.
//!
//! `slipway-lower-wast OUT < LIST`, where each line of LIST is `SCRIPT<tab>KEY`: writes `OUT/KEY.json` and `OUT/KEY.bin`.
//! The environment variable WAST_STRICT_COMPONENT_INDICES is read by the `wast` crate itself, so scripts that differ in
//! it go through two runs.

mod directive;
mod value;

use serde_json::{json, Value};
use std::io::Read;
use std::path::Path;
use std::process::ExitCode;
use wast::lexer::Lexer;
use wast::parser::{self, ParseBuffer};
use wast::Wast;

fn main() -> ExitCode {
    let Some(out) = std::env::args_os().nth(1) else {
        eprintln!("usage: slipway-lower-wast OUT < LIST");
        return ExitCode::from(2);
    };
    let mut list = String::new();
    if let Err(e) = std::io::stdin().read_to_string(&mut list) {
        eprintln!("standard input: {e}");
        return ExitCode::FAILURE;
    }
    for line in list.lines() {
        let Some((script, key)) = line.split_once('\t') else {
            eprintln!("no tab in {line:?}");
            return ExitCode::from(2);
        };
        if let Err(e) = lower_file(Path::new(script), Path::new(&out), key) {
            eprintln!("{script}: {e}");
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}

/// A script that does not parse is a document too (`{"error": …}`): whether that is a failure is for the runner to say.
fn lower_file(script: &Path, out: &Path, key: &str) -> std::io::Result<()> {
    let text = std::fs::read_to_string(script)?;
    let mut blob = Vec::new();
    let document = match lower_text(&text, &mut blob) {
        Ok(commands) => json!({ "run": run_lines(&text), "commands": commands }),
        Err(mut e) => {
            e.set_text(&text);
            json!({ "run": run_lines(&text), "error": e.to_string() })
        }
    };
    let json = out.join(format!("{key}.json"));
    if let Some(parent) = json.parent() {
        std::fs::create_dir_all(parent)?;
    }
    std::fs::write(json, document.to_string())?;
    std::fs::write(out.join(format!("{key}.bin")), blob)
}

fn lower_text(text: &str, blob: &mut Vec<u8>) -> Result<Vec<Value>, wast::Error> {
    let mut lexer = Lexer::new(text);
    // Scripts about strings hold every kind of character.
    lexer.allow_confusing_unicode(true);
    let buffer = ParseBuffer::new_with_lexer(lexer)?;
    let wast = parser::parse::<Wast>(&buffer)?;
    let mut cx = directive::Lowering { text, blob };
    Ok(wast
        .directives
        .into_iter()
        .map(|d| cx.directive(d))
        .collect())
}

/// The `;; RUN…` lines that open a script of wasm-tools' own suite, with their continuations: they carry the features.
fn run_lines(text: &str) -> Vec<String> {
    let mut runs: Vec<String> = Vec::new();
    let mut open = false;
    for line in text.lines().take_while(|l| l.starts_with(";;")) {
        let body = line.trim_start_matches(';').trim();
        let (body, more) = match body.strip_suffix('\\') {
            Some(b) => (b.trim_end(), true),
            None => (body, false),
        };
        if body.starts_with("RUN") {
            runs.push(body.to_string());
        } else if let (true, Some(last)) = (open, runs.last_mut()) {
            last.push(' ');
            last.push_str(body);
        } else {
            continue;
        }
        open = more;
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_carry_lines_ranges_and_values() {
        let text = "(component definition $C)\n(component instance $i $C)\n\
                    (assert_return (invoke $i \"f\" (u32.const 1)) (list.const (char.const \"x\")))\n\
                    (assert_malformed (component quote \"(export )\") \"m\")";
        let mut blob = Vec::new();
        let commands = lower_text(text, &mut blob).unwrap();
        assert_eq!(commands.len(), 4);
        assert_eq!(commands[0]["type"], "define");
        assert_eq!(commands[0]["name"], "C");
        assert_eq!(commands[0]["wasm"]["range"], json!([0, blob.len()]));
        assert_eq!(
            commands[1],
            json!({"type": "instance", "line": 2, "name": "i", "of": "C"})
        );
        assert_eq!(commands[2]["exec"]["args"], json!([["u32", 1]]));
        assert_eq!(commands[2]["results"], json!([["list", [["char", "x"]]]]));
        assert!(commands[3]["wasm"]["error"].is_string());
    }

    #[test]
    fn run_lines_join_their_continuations() {
        let text = ";; RUN: wast \\\n;;   --features=a \\\n;;   -f b\n;; a remark\n(component)";
        assert_eq!(run_lines(text), ["RUN: wast --features=a -f b"]);
    }

    #[test]
    fn a_script_that_does_not_parse_is_an_error() {
        assert!(lower_text("(component (nonsense))", &mut Vec::new()).is_err());
    }
}
