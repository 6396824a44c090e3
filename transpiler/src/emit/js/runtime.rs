//! The runtime's pieces and the closure of those in use. Knows names and texts, not what they mean.

use std::collections::BTreeSet;

/// One top-level declaration of `runtime/*.js`, cut by `build.rs`.
pub struct Piece {
    pub name: &'static str,
    pub deps: &'static [usize],
    pub text: &'static str,
}

include!(concat!(env!("OUT_DIR"), "/pieces.rs"));

/// The pieces that the output mentions.
#[derive(Default)]
pub struct Pieces(BTreeSet<usize>);

impl Pieces {
    /// Notes that the output uses `name`.
    pub fn need(&mut self, name: &'static str) -> &'static str {
        let at = PIECES.iter().position(|p| p.name == name);
        self.0
            .insert(at.expect("the emitter names only pieces that exist"));
        name
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Names of the pieces mentioned, for an import.
    pub fn names(&self) -> Vec<&'static str> {
        self.0.iter().map(|&i| PIECES[i].name).collect()
    }

    /// Texts of the pieces mentioned and of all they need.
    pub fn texts(&self) -> Vec<&'static str> {
        let mut all = self.0.clone();
        let mut work: Vec<usize> = all.iter().copied().collect();
        while let Some(i) = work.pop() {
            work.extend(PIECES[i].deps.iter().copied().filter(|&d| all.insert(d)));
        }
        all.into_iter().map(|i| PIECES[i].text).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_closure_is_complete_and_small() {
        let mut pieces = Pieces::default();
        pieces.need("loadUtf8");
        let text = pieces.texts().join("\n");
        for name in [
            "class Trap",
            "class Memory",
            "function checkRange",
            "const MAX_BYTE_LENGTH",
        ] {
            let present = text.contains(name);
            assert_eq!(present, name != "class Memory", "{name}");
        }
        assert!(!text.contains("storeUtf8") && !text.contains("/**"));
    }
}
