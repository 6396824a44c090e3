//! Which imports may answer with a promise: what WASI says blocks, and what the caller lists. The transpiler's rule
//! (`transpiler/src/link/blocking.rs`), asked of names alone.

/// Whether `function` of an import may have to wait; a function of the root is its own import.
pub fn may_block(import: &str, function: &str, listed: &[String]) -> bool {
    let interface = import.split('@').next().unwrap_or(import);
    let by_wasi = match interface {
        "wasi:io/poll" => matches!(function, "poll" | "[method]pollable.block"),
        "wasi:io/streams" => function.contains(".blocking-"),
        _ => false,
    };
    by_wasi
        || listed.iter().any(|pattern| match pattern.split_once('#') {
            Some((i, f)) => (glob(i, interface) || glob(i, import)) && glob(f, function),
            None => glob(pattern, function),
        })
}

/// Matches `text` against a pattern in which `*` stands for any run of characters.
fn glob(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((start, rest)) => text.strip_prefix(start).is_some_and(|text| {
            // Backtracking over one star at a time; patterns are a person's.
            (0..=text.len()).any(|at| text.is_char_boundary(at) && glob(rest, &text[at..]))
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_wasi_and_by_list() {
        assert!(may_block("wasi:io/poll@0.2.3", "poll", &[]));
        assert!(may_block(
            "wasi:io/streams@0.2.0",
            "[method]input-stream.blocking-read",
            &[]
        ));
        assert!(!may_block(
            "wasi:io/streams@0.2.0",
            "[method]input-stream.read",
            &[]
        ));
        for (pattern, hit) in [
            ("a:b/c#f", true),
            ("a:b/c@1.0.0#f", true),
            ("a:*#*", true),
            ("f", true),
            ("a:b/c#g", false),
            ("a:b/d#f", false),
            ("*g", false),
        ] {
            assert_eq!(
                may_block("a:b/c@1.0.0", "f", &[pattern.into()]),
                hit,
                "{pattern}"
            );
        }
    }
}
