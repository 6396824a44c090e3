//! The runtime's pieces and the closure of those in use. Knows names and texts, not what they mean.

/// One top-level declaration of `runtime/*.js`, cut by `build.rs`.
pub struct Piece {
    pub name: &'static str,
    pub deps: &'static [usize],
    pub text: &'static str,
}

include!(concat!(env!("OUT_DIR"), "/pieces.rs"));

/// The pieces that the output mentions: a mark each.
pub struct Pieces([bool; PIECES.len()]);

impl Default for Pieces {
    fn default() -> Self {
        Pieces([false; PIECES.len()])
    }
}

impl Pieces {
    /// Notes that the output uses `name`.
    pub fn need(&mut self, name: &'static str) -> &'static str {
        let at = PIECES.iter().position(|p| p.name == name);
        self.0[at.expect("the emitter names only pieces that exist")] = true;
        name
    }

    pub fn is_empty(&self) -> bool {
        !self.0.contains(&true)
    }

    /// Whether the output mentions a piece.
    pub fn has(&self, name: &str) -> bool {
        PIECES
            .iter()
            .zip(&self.0)
            .any(|(p, used)| *used && p.name == name)
    }

    /// Names of the pieces mentioned, for an import.
    pub fn names(&self) -> Vec<&'static str> {
        Pieces::marked(&self.0).map(|p| p.name).collect()
    }

    /// Texts of the pieces mentioned and of all they need.
    pub fn texts(&self) -> Vec<&'static str> {
        let mut all = self.0;
        let mut work: Vec<usize> = (0..all.len()).filter(|&i| all[i]).collect();
        while let Some(i) = work.pop() {
            let new = |&d: &usize| !std::mem::replace(&mut all[d], true);
            work.extend(PIECES[i].deps.iter().copied().filter(new));
        }
        Pieces::marked(&all).map(|p| p.text).collect()
    }

    fn marked(marks: &[bool]) -> impl Iterator<Item = &'static Piece> + '_ {
        let marked = marks.iter().zip(PIECES).filter(|(mark, _)| **mark);
        marked.map(|(_, piece)| piece)
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
