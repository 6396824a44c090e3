//! WIT as it comes: one file or a directory with `deps`, text or binary, as paths with bytes, into a `Resolve`. The layout of
//! a directory is wit-parser's; where the bytes come from is not known here.

use crate::error::{Error, Result};
use crate::text;
use std::collections::BTreeMap;
use wit_parser::decoding::{decode, DecodedWasm};
use wit_parser::{PackageId, Resolve, SourceMap, UnresolvedPackageGroup, WorldId};

/// A file: its path as the user would name it, and what it holds.
#[derive(Clone, Debug)]
pub struct File {
    pub path: String,
    pub bytes: Vec<u8>,
}

impl File {
    pub fn new(path: impl Into<String>, bytes: impl Into<Vec<u8>>) -> File {
        File {
            path: path.into(),
            bytes: bytes.into(),
        }
    }
}

/// What `types`, `wit` and `embed` take.
#[derive(Clone, Debug, Default)]
pub struct WitInput {
    pub files: Vec<File>,
    /// The directory that the paths of `files` start with; none where the input is one file.
    pub directory: Option<String>,
    /// `@unstable` features to show.
    pub features: Vec<String>,
    pub all_features: bool,
}

/// WIT, resolved.
pub enum Wit {
    Package(Box<Resolve>, PackageId),
    /// The world of a component.
    Component(Box<Resolve>, WorldId),
}

impl Wit {
    pub fn resolve(&self) -> &Resolve {
        match self {
            Wit::Package(resolve, _) | Wit::Component(resolve, _) => resolve,
        }
    }

    /// The world called `name`, or the only one.
    pub fn world(&self, name: Option<&str>) -> Result<WorldId> {
        match self {
            Wit::Package(resolve, package) => resolve
                .select_world(&[*package], name)
                .map_err(|e| Error::from_anyhow("options", &e)),
            Wit::Component(_, world) if name.is_none() => Ok(*world),
            Wit::Component(..) => Err(Error::new(
                "options",
                "a component has one world: leave out the world's name",
            )),
        }
    }
}

/// Reads WIT.
pub fn read(input: &WitInput) -> Result<Wit> {
    let mut resolve = Resolve {
        all_features: input.all_features,
        ..Resolve::default()
    };
    resolve.features.extend(input.features.iter().cloned());
    match (&input.directory, input.files.as_slice()) {
        (Some(directory), files) => read_directory(resolve, directory, files),
        (None, [file]) => read_file(resolve, file),
        (None, _) => Err(Error::new(
            "options",
            "want one WIT file or a directory of them",
        )),
    }
}

fn read_file(mut resolve: Resolve, file: &File) -> Result<Wit> {
    if let Some(wasm) = encoded(file)? {
        return decoded(&wasm, file);
    }
    let group = parse_group(&[file])?;
    push(&mut resolve, group, Vec::new()).map(|package| Wit::Package(Box::new(resolve), package))
}

/// `*.wit` are the package; `deps/NAME/*.wit` and `deps/NAME.{wit,wat,wasm}` one package each.
fn read_directory(mut resolve: Resolve, directory: &str, files: &[File]) -> Result<Wit> {
    let mut main = Vec::new();
    let mut deps: BTreeMap<&str, Vec<&File>> = BTreeMap::new();
    for file in files {
        let path = file.path.strip_prefix(directory).unwrap_or(&file.path);
        let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
        match parts.as_slice() {
            [name] if name.ends_with(".wit") => main.push(file),
            ["deps", name]
                if [".wit", ".wat", ".wasm"]
                    .iter()
                    .any(|end| name.ends_with(end)) =>
            {
                deps.entry(name).or_default().push(file);
            }
            ["deps", folder, name] if name.ends_with(".wit") => {
                deps.entry(folder).or_default().push(file);
            }
            _ => {}
        }
    }
    if main.is_empty() {
        return Err(Error::new("wit", "no .wit file in this directory").at(directory));
    }
    let main = parse_group(&main)?;
    let mut groups = Vec::new();
    for files in deps.values() {
        match encoded(files[0])? {
            Some(wasm) => merge(&mut resolve, decoded(&wasm, files[0])?, files[0])?,
            None => groups.push(parse_group(files)?),
        }
    }
    push(&mut resolve, main, groups).map(|package| Wit::Package(Box::new(resolve), package))
}

/// The bytes of a file that is WebAssembly, in either format.
fn encoded(file: &File) -> Result<Option<Vec<u8>>> {
    let wasm = file.bytes.starts_with(b"\0asm") || text::is_text_format(&file.bytes);
    Ok(if wasm {
        Some(text::binary(file)?.into_owned())
    } else {
        None
    })
}

/// A component's world, the world embedded in a core module, or an encoded WIT package.
fn decoded(wasm: &[u8], file: &File) -> Result<Wit> {
    let failed = |e: anyhow::Error| Error::from_anyhow("invalid", &e).at(&file.path);
    if !wasmparser::Parser::is_component(wasm) {
        let (rest, bindgen) = wit_component::metadata::decode(wasm).map_err(failed)?;
        return match rest {
            Some(_) => Ok(Wit::Component(Box::new(bindgen.resolve), bindgen.world)),
            None => Err(Error::new(
                "invalid",
                "this core module has no WIT embedded; `slipway embed` does that",
            )
            .at(&file.path)),
        };
    }
    Ok(match decode(wasm).map_err(failed)? {
        DecodedWasm::WitPackage(resolve, package) => Wit::Package(Box::new(resolve), package),
        DecodedWasm::Component(resolve, world) => Wit::Component(Box::new(resolve), world),
    })
}

fn merge(resolve: &mut Resolve, dep: Wit, file: &File) -> Result<()> {
    match dep {
        Wit::Package(dep, _) => {
            let merged = resolve.merge(*dep);
            merged.map_err(|e| Error::from_anyhow("wit", &e).at(&file.path))?;
            Ok(())
        }
        Wit::Component(..) => Err(Error::new(
            "wit",
            "a dependency has to be a WIT package, this is a component or module",
        )
        .at(&file.path)),
    }
}

fn parse_group(files: &[&File]) -> Result<UnresolvedPackageGroup> {
    let mut sources = SourceMap::default();
    for file in files {
        sources.push_str(&file.path, text::utf8(file)?);
    }
    sources
        .parse()
        .map_err(|(sources, error)| Error::from_wit(&error.into(), &sources))
}

fn push(
    resolve: &mut Resolve,
    main: UnresolvedPackageGroup,
    deps: Vec<UnresolvedPackageGroup>,
) -> Result<PackageId> {
    // With its dependencies in `deps`, the order they have to be pushed in is wit-parser's business.
    resolve
        .push_groups(main, deps)
        .map_err(|error| Error::from_wit(&error.into(), &resolve.source_map))
}
