//! Names functions so that, sorted by name, copies of one generic function stand together: gzip looks back 32 kB, and what it
//! finds there is free. Owns the naming; wasm-opt sorts by it (`--reorder-functions-by-name`) and then drops all names.

use walrus::Module;

/// `<Vec<u8> as Clone>::clone` becomes `Clone::clone Vec`, and its full name after that.
pub fn name_by_origin(module: &mut Module) {
    for func in module.funcs.iter_mut() {
        if let Some(name) = &func.name {
            let name = format!("{:#}", rustc_demangle::demangle(name));
            func.name = Some(format!("{} | {name}", origin(&name)));
        }
    }
}

/// The generic function of which a function is a copy: its path without type arguments, a trait's before the type's.
fn origin(name: &str) -> String {
    let end = match name.starts_with('<') {
        true => close(name),
        false => None,
    };
    let Some(end) = end else {
        return without_arguments(name);
    };
    let (ty, rest) = (&name[1..end], without_arguments(&name[end + 1..]));
    match ty
        .match_indices(" as ")
        .find(|(at, _)| depth(&ty[..*at]) == 0)
    {
        Some((at, by)) => {
            let of_trait = without_arguments(&ty[at + by.len()..]);
            format!("{of_trait}{rest} {}", without_arguments(&ty[..at]))
        }
        None => format!("{}{rest}", without_arguments(ty)),
    }
}

/// How each character changes the depth of brackets; the arrow of a function type does not.
fn steps(text: &str) -> impl Iterator<Item = (usize, char, i32)> + '_ {
    let mut last = ' ';
    text.char_indices().map(move |(at, c)| {
        let step = match c {
            '<' => 1,
            '>' if last != '-' => -1,
            _ => 0,
        };
        last = c;
        (at, c, step)
    })
}

fn depth(text: &str) -> i32 {
    steps(text).map(|(_, _, step)| step).sum()
}

/// Where the bracket that opens a text is closed.
fn close(text: &str) -> Option<usize> {
    let mut depth = 0;
    steps(text).find_map(|(at, _, step)| {
        depth += step;
        (depth == 0).then_some(at)
    })
}

fn without_arguments(text: &str) -> String {
    let mut depth = 0;
    let kept = steps(text).filter(|(_, _, step)| {
        let inside = depth > 0 || *step != 0;
        depth += step;
        !inside
    });
    kept.map(|(_, c, _)| c).collect()
}

#[cfg(test)]
mod tests {
    use super::origin;

    #[test]
    fn copies_share_an_origin() {
        for (name, of) in [
            (
                "<alloc::vec::Vec<u8> as core::clone::Clone>::clone",
                "core::clone::Clone::clone alloc::vec::Vec",
            ),
            (
                "<hashbrown::raw::RawTable<(u32, fn(u8) -> u8)>>::reserve::<f>",
                "hashbrown::raw::RawTable::reserve::",
            ),
            (
                "core::ptr::drop_in_place::<<a::B as c::D<u8>>::E>",
                "core::ptr::drop_in_place::",
            ),
            (
                "<<a::B as c::D>::E as f::G<u8>>::h::{closure#0}",
                "f::G::h::{closure#0} ::E",
            ),
            ("transpiler_finish", "transpiler_finish"),
        ] {
            assert_eq!(origin(name), of, "{name}");
        }
    }
}
