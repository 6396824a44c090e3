//! Names: kebab-case → JavaScript, keywords, quoting, and scopes in which every name is taken once.

use crate::map::Set;

/// `some-name` → `someName`.
pub fn camel(kebab: &str) -> String {
    join(kebab, false)
}

/// `some-name` → `SomeName`.
pub fn pascal(kebab: &str) -> String {
    join(kebab, true)
}

fn join(kebab: &str, mut upper: bool) -> String {
    let mut out = String::with_capacity(kebab.len());
    for c in kebab.chars() {
        if !c.is_ascii_alphanumeric() {
            upper = !out.is_empty() || upper;
        } else {
            out.push(if upper {
                c.to_ascii_uppercase()
            } else {
                c.to_ascii_lowercase()
            });
            upper = false;
        }
    }
    out
}

/// `SomeName` → `someName`.
pub fn uncapital(name: &str) -> String {
    let mut chars = name.chars();
    let first = chars.next().map(|c| c.to_ascii_lowercase());
    first.into_iter().chain(chars).collect()
}

/// Words that cannot name a variable in a module, and globals that the glue uses: by their lengths, with a space in between. A
/// table of all of them would be more to download, and a text of all of them would be longer to look through.
const TAKEN: [&str; 21] = [
    "",
    "",
    "do if in of",
    "for let new try var Map NaN URL",
    "case else enum eval null this true void with atob",
    "async await break catch class const false super throw while yield Array Error fetch",
    "delete export import public return static switch typeof BigInt Number Object String Symbol",
    "default extends finally package private Promise process",
    "continue debugger function Infinity",
    "arguments interface protected undefined TypeError Int8Array",
    "implements instanceof Uint8Array globalThis Int16Array Int32Array",
    "WebAssembly Uint16Array Uint32Array",
    "Float32Array Float64Array",
    "BigInt64Array",
    "BigUint64Array",
    "",
    "",
    "",
    "",
    "",
    "FinalizationRegistry",
];

/// Whether `text` can stand as an identifier after a dot or as a plain key.
pub fn is_identifier(text: &str) -> bool {
    let mut bytes = text.bytes();
    bytes
        .next()
        .is_some_and(|b| b.is_ascii_alphabetic() || b == b'_' || b == b'$')
        && bytes.all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'$')
}

/// Whether `text` can name a binding.
pub fn is_binding(text: &str) -> bool {
    let words = TAKEN.get(text.len()).copied().unwrap_or_default();
    let mut words = words.as_bytes().chunks(text.len() + 1);
    is_identifier(text) && !words.any(|word| word.starts_with(text.as_bytes()))
}

/// A string literal.
pub fn quote(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('\'');
    for c in text.chars() {
        match c {
            '\'' | '\\' => {
                out.push('\\');
                out.push(c);
            }
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            // Other controls, and the two that older engines take for line ends.
            '\0'..='\x1f' | '\x7f' | '\u{2028}' | '\u{2029}' => {
                out.push_str("\\u");
                for shift in [12, 8, 4, 0] {
                    let digit = (c as u32 >> shift) & 15;
                    out.push(char::from_digit(digit, 16).unwrap_or('0'));
                }
            }
            _ => out.push(c),
        }
    }
    out.push('\'');
    out
}

/// `.name` or `['any name']`.
pub fn member(name: &str) -> String {
    if is_identifier(name) {
        [".", name].concat()
    } else {
        ["[", &quote(name), "]"].concat()
    }
}

/// Whether every object has a property of this name without being given one.
pub fn is_inherited(name: &str) -> bool {
    matches!(
        name,
        "constructor"
            | "hasOwnProperty"
            | "isPrototypeOf"
            | "propertyIsEnumerable"
            | "toLocaleString"
            | "toString"
            | "valueOf"
    )
}

/// A key of an object literal or an interface.
pub fn key(name: &str) -> String {
    match name {
        // A plain `__proto__:` would set the prototype.
        "__proto__" => "['__proto__']".into(),
        _ if is_identifier(name) => name.into(),
        _ => quote(name),
    }
}

/// Camel-case names of fields, cases or members; where two agree, the later gets a number.
pub fn distinct(names: &[String]) -> Vec<String> {
    let mut taken = Set::new();
    let mut all = Vec::new();
    for name in names {
        let name = unused(camel(name), |name| taken.contains(name));
        taken.insert(name.clone());
        all.push(name);
    }
    all
}

/// The names of fields or cases.
pub fn names_of<T>(items: &[(String, T)]) -> Vec<String> {
    items.iter().map(|(name, _)| name.clone()).collect()
}

/// Each as a string of JavaScript.
pub fn quoted(names: &[String]) -> Vec<String> {
    names.iter().map(|name| quote(name)).collect()
}

/// The way to an import as a list of strings: the first name is as it is, those below are camel-case.
pub fn quoted_path(path: &[String]) -> String {
    let mut names = Vec::new();
    for (i, name) in path.iter().enumerate() {
        names.push(match i {
            0 => quote(name),
            _ => quote(&camel(name)),
        });
    }
    names.join(", ")
}

/// `hint`, or `hint` with the smallest number that `taken` does not know.
pub fn unused(hint: String, taken: impl Fn(&str) -> bool) -> String {
    if !taken(&hint) {
        return hint;
    }
    (1u32..)
        .map(|n| [hint.as_str(), &n.to_string()].concat())
        .find(|name| !taken(name))
        .unwrap_or(hint)
}

/// The names of a module: its own, and those of the function being printed.
#[derive(Default)]
pub struct Scope {
    global: Set<String>,
    /// Every local name ever given out: a later global must not be shadowed by one.
    locals: Set<String>,
    current: Set<String>,
}

impl Scope {
    /// Claims a module-level name.
    pub fn global(&mut self, hint: &str) -> String {
        let name = unused(binding(hint), |n| {
            self.global.contains(n) || self.locals.contains(n)
        });
        self.global.insert(name.clone());
        name
    }

    /// Reserves a name that is given.
    pub fn reserve(&mut self, name: &str) {
        self.global.insert(name.into());
    }

    /// Starts the scope of another function; returns the one before, for [`Scope::leave`].
    pub fn enter(&mut self) -> Set<String> {
        std::mem::take(&mut self.current)
    }

    pub fn leave(&mut self, outer: Set<String>) {
        self.current = outer;
    }

    /// Claims a name in the current function.
    pub fn local(&mut self, hint: &str) -> String {
        let name = unused(binding(hint), |n| {
            self.global.contains(n) || self.current.contains(n)
        });
        self.current.insert(name.clone());
        self.locals.insert(name.clone());
        name
    }
}

/// `hint` as something that can name a binding.
fn binding(hint: &str) -> String {
    if is_binding(hint) {
        hint.into()
    } else if is_identifier(hint) {
        [hint, "_"].concat()
    } else {
        ["_", &camel(hint)].concat()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn taken_words_stand_where_they_are_looked_for() {
        for (length, words) in TAKEN.iter().enumerate() {
            for word in words.split(' ').filter(|word| !word.is_empty()) {
                assert_eq!(word.len(), length, "{word}");
                assert!(!is_binding(word) && is_binding(&[word, "_"].concat()));
            }
        }
        assert!(!is_binding("") && !is_binding("a-b") && is_binding("clas") && is_binding("r"));
    }

    #[test]
    fn names_become_javascript() {
        assert_eq!(camel("get-HTTP-body"), "getHttpBody");
        assert_eq!(pascal("input-stream"), "InputStream");
        assert_eq!(
            distinct(&["a-1", "a1", "b"].map(String::from)),
            ["a1", "a11", "b"]
        );
        assert_eq!(quote("it's\n\u{2028}"), "'it\\'s\\n\\u2028'");
        assert_eq!(key("__proto__"), "['__proto__']");
        assert_eq!(member(""), "['']");
        let mut scope = Scope::default();
        assert_eq!(scope.global("default"), "default_");
        assert_eq!(scope.local("x"), "x");
        assert_eq!(scope.global("x"), "x1");
    }
}
