//! WIT docs out of a component's `package-docs`: JSON, read as far as declarations need it.
//!
//! Docs are a courtesy: text that is not what it should be has no docs in it, and is no error.

/// A JSON value. Numbers, booleans and null matter to nobody here; arrays neither.
enum Json {
    Text(String),
    Object(Vec<(String, Json)>),
    Other,
}

/// The docs of a package.
pub struct Docs(Json);

impl Docs {
    pub fn parse(json: Option<&str>) -> Docs {
        let mut reader = Reader {
            rest: json.unwrap_or(""),
        };
        Docs(reader.value(0).unwrap_or(Json::Other))
    }

    /// The docs at a path of keys: the text itself, or the `docs` of an object.
    pub fn at(&self, path: &[&str]) -> Option<&str> {
        let mut json = &self.0;
        for key in path {
            json = json.get(key)?;
        }
        match json.get("docs").unwrap_or(json) {
            Json::Text(text) if !text.is_empty() => Some(text),
            _ => None,
        }
    }

    /// The docs of a function of the root, in whichever world has it.
    pub fn of_root(&self, name: &str) -> Option<&str> {
        let Some(Json::Object(worlds)) = self.0.get("worlds") else {
            return None;
        };
        worlds.iter().find_map(|(world, _)| {
            let kinds = ["func_exports", "func_imports", "funcs"];
            kinds
                .iter()
                .find_map(|kind| self.at(&["worlds", world, kind, name]))
        })
    }
}

impl Json {
    fn get(&self, key: &str) -> Option<&Json> {
        match self {
            Json::Object(entries) => entries.iter().find(|(k, _)| k == key).map(|(_, v)| v),
            _ => None,
        }
    }
}

struct Reader<'t> {
    rest: &'t str,
}

impl Reader<'_> {
    fn value(&mut self, depth: u32) -> Option<Json> {
        match self.peek()? {
            '"' => self.text().map(Json::Text),
            '{' if depth < 32 => {
                let mut entries = Vec::new();
                self.skip('{')?;
                while self.peek()? != '}' {
                    let key = self.text()?;
                    self.skip(':')?;
                    entries.push((key, self.value(depth + 1)?));
                    if self.peek()? == ',' {
                        self.skip(',')?;
                    }
                }
                self.skip('}')?;
                Some(Json::Object(entries))
            }
            '[' | '{' => None,
            _ => {
                let end = self.rest.find([',', '}'])?;
                self.rest = &self.rest[end..];
                Some(Json::Other)
            }
        }
    }

    fn peek(&mut self) -> Option<char> {
        self.rest = self.rest.trim_start();
        self.rest.chars().next()
    }

    fn skip(&mut self, c: char) -> Option<()> {
        (self.peek()? == c).then(|| self.rest = &self.rest[1..])
    }

    fn text(&mut self) -> Option<String> {
        self.skip('"')?;
        let mut out = String::new();
        let mut chars = self.rest.char_indices();
        while let Some((i, c)) = chars.next() {
            match c {
                '"' => {
                    self.rest = &self.rest[i + 1..];
                    return Some(out);
                }
                '\\' => match chars.next()?.1 {
                    'n' => out.push('\n'),
                    't' => out.push('\t'),
                    'r' | 'b' | 'f' => {}
                    'u' => {
                        let digits: String = (0..4)
                            .filter_map(|_| chars.next())
                            .map(|(_, c)| c)
                            .collect();
                        let unit = u32::from_str_radix(&digits, 16).ok()?;
                        out.push(char::from_u32(unit).unwrap_or(char::REPLACEMENT_CHARACTER));
                    }
                    other => out.push(other),
                },
                c => out.push(c),
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn docs_are_found_by_path() {
        let json = r#"{"docs":"all","worlds":{"w":{"func_exports":{"run":{"docs":"Runs.","stability":null}}}},
            "interfaces":{"i":{"docs":"An \"i\".\nTwo lines.","funcs":{"f":"Does \u0066."},"types":{"t":{"items":{"x":"X."}}}}}}"#;
        let docs = Docs::parse(Some(json));
        assert_eq!(docs.at(&["interfaces", "i"]), Some("An \"i\".\nTwo lines."));
        assert_eq!(docs.at(&["interfaces", "i", "funcs", "f"]), Some("Does f."));
        assert_eq!(
            docs.at(&["interfaces", "i", "types", "t", "items", "x"]),
            Some("X.")
        );
        assert_eq!(docs.at(&["interfaces", "i", "types", "t"]), None);
        assert_eq!(docs.of_root("run"), Some("Runs."));
        for bad in ["", "{", "[1]", "{\"a\":", "{\"a\" 1}", "nonsense"] {
            assert_eq!(Docs::parse(Some(bad)).at(&["a"]), None);
        }
    }
}
