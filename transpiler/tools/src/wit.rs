//! `wit`: WIT as text, whatever it came as. Adds nothing and leaves nothing out but docs, when asked to.

use crate::error::{Error, Result};
use crate::input::Wit;
use wit_component::WitPrinter;
use wit_parser::PackageId;

/// The text of a WIT package, or of a component's world, with the packages it depends on nested below it.
pub fn print(wit: &Wit, docs: bool) -> Result<String> {
    let resolve = wit.resolve();
    let main = match wit {
        Wit::Package(_, package) => Some(*package),
        Wit::Component(_, world) => resolve.worlds[*world].package,
    };
    let Some(main) = main else {
        return Err(Error::new("invalid", "this world belongs to no package"));
    };
    let mut nested: Vec<PackageId> = resolve
        .packages
        .iter()
        .map(|(id, _)| id)
        .filter(|id| *id != main)
        .collect();
    // The order they were read in says nothing to a reader.
    nested.sort_by_key(|id| resolve.packages[*id].name.to_string());
    let mut printer = WitPrinter::default();
    printer
        .emit_docs(docs)
        .print(resolve, main, &nested)
        .map_err(|e| Error::from_anyhow("invalid", &e))?;
    Ok(printer.output.to_string())
}
