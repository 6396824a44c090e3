//! The runtime's pieces and the closure of those in use. Knows names and texts, not what they mean.

/// One top-level declaration of `runtime/*.js`, cut by `build.rs`.
struct Piece {
    name: &'static str,
    /// The pieces that it mentions: a character each, their numbers counted from the space.
    deps: &'static str,
    text: &'static str,
    /// Whether the output mentions it.
    used: bool,
}

// `PIECES`: name, deps and text of each piece, and a NUL after each of them. In a download one text is much less than a table.
include!(concat!(env!("OUT_DIR"), "/pieces.rs"));

/// All pieces, and which of them the output mentions.
pub struct Pieces(Vec<Piece>);

impl Default for Pieces {
    fn default() -> Self {
        let mut pieces = Vec::new();
        let mut fields = PIECES.split('\0');
        while let (Some(name), Some(deps), Some(text)) =
            (fields.next(), fields.next(), fields.next())
        {
            let used = false;
            pieces.push(Piece {
                name,
                deps,
                text,
                used,
            });
        }
        Pieces(pieces)
    }
}

impl Pieces {
    /// The names of all pieces there are.
    pub fn known(&self) -> impl Iterator<Item = &'static str> + '_ {
        self.0.iter().map(|p| p.name)
    }

    /// Notes that the output uses `name`.
    pub fn need(&mut self, name: &'static str) -> &'static str {
        let piece = self.0.iter_mut().find(|p| p.name == name);
        piece
            .expect("the emitter names only pieces that exist")
            .used = true;
        name
    }

    pub fn is_empty(&self) -> bool {
        !self.0.iter().any(|p| p.used)
    }

    /// Whether the output mentions a piece.
    pub fn has(&self, name: &str) -> bool {
        self.0.iter().any(|p| p.used && p.name == name)
    }

    /// Names of the pieces mentioned, for an import.
    pub fn names(&self) -> Vec<&'static str> {
        let used = self.0.iter().filter(|p| p.used);
        used.map(|p| p.name).collect()
    }

    /// Texts of the pieces mentioned and of all they need.
    pub fn texts(&self) -> Vec<&'static str> {
        let mut all: Vec<bool> = self.0.iter().map(|p| p.used).collect();
        let mut work: Vec<usize> = (0..all.len()).filter(|&i| all[i]).collect();
        while let Some(i) = work.pop() {
            for dep in self.0[i].deps.chars() {
                let dep = dep as usize - ' ' as usize;
                if !std::mem::replace(&mut all[dep], true) {
                    work.push(dep);
                }
            }
        }
        let needed = self.0.iter().zip(all).filter(|(_, needed)| *needed);
        needed.map(|(piece, _)| piece.text).collect()
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
            "const utf8",
        ] {
            let present = text.contains(name);
            assert_eq!(present, name != "class Memory", "{name}");
        }
        assert!(!text.contains("storeUtf8") && !text.contains("/**"));
    }
}
