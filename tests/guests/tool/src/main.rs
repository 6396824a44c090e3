//! Turns core modules, WIT and text into component binaries for the tests: the few verbs of `wasm-tools` and
//! `wit-bindgen c` that the guests need, so that neither has to be installed. Knows nothing of which guests exist
//! (that is `build.js`), and nothing of Slipway.

use anyhow::{bail, Context, Result};
use std::path::{Path, PathBuf};
use wasi_preview1_component_adapter_provider as adapters;
use wit_bindgen_core::Files;
use wit_component::{embed_component_metadata, ComponentEncoder, StringEncoding};
use wit_parser::{Resolve, WorldId};

const USAGE: &str = "usage:
  slipway-guest-tool new CORE -o OUT [--adapt command|reactor] [--wit DIR --world NAME] [--encoding utf8|utf16|compact-utf16]
  slipway-guest-tool text FILE.wat -o OUT
  slipway-guest-tool c WITDIR --world NAME -o DIR [--encoding E]";

struct Args {
    input: PathBuf,
    out: PathBuf,
    adapt: Option<String>,
    wit: Option<PathBuf>,
    world: Option<String>,
    encoding: StringEncoding,
}

fn parse(mut args: impl Iterator<Item = String>) -> Result<(String, Args)> {
    let verb = args.next().context(USAGE)?;
    let (mut input, mut out, mut adapt, mut wit, mut world) = (None, None, None, None, None);
    let mut encoding = StringEncoding::UTF8;
    while let Some(arg) = args.next() {
        let mut value = || args.next().with_context(|| format!("{arg} wants a value"));
        match arg.as_str() {
            "-o" => out = Some(PathBuf::from(value()?)),
            "--adapt" => adapt = Some(value()?),
            "--wit" => wit = Some(PathBuf::from(value()?)),
            "--world" => world = Some(value()?),
            "--encoding" => encoding = value()?.parse()?,
            _ if arg.starts_with('-') => bail!("unknown option {arg}\n{USAGE}"),
            _ => input = Some(PathBuf::from(arg)),
        }
    }
    let input = input.context(USAGE)?;
    let out = out.context(USAGE)?;
    Ok((
        verb,
        Args {
            input,
            out,
            adapt,
            wit,
            world,
            encoding,
        },
    ))
}

fn resolve(dir: &Path, world: Option<&str>) -> Result<(Resolve, WorldId)> {
    let mut resolve = Resolve {
        all_features: true,
        ..Resolve::default()
    };
    let (package, _) = resolve.push_path(dir)?;
    let world = resolve.select_world(&[package], world)?;
    Ok((resolve, world))
}

fn component(args: &Args) -> Result<()> {
    let mut core =
        std::fs::read(&args.input).with_context(|| format!("{}", args.input.display()))?;
    if let Some(dir) = &args.wit {
        let (resolve, world) = resolve(dir, args.world.as_deref())?;
        embed_component_metadata(&mut core, &resolve, world, args.encoding, false)?;
    }
    let mut encoder = ComponentEncoder::default();
    encoder.module(&core)?.validate(true);
    match args.adapt.as_deref() {
        None => {}
        Some("command") => {
            encoder.adapter(
                "wasi_snapshot_preview1",
                adapters::WASI_SNAPSHOT_PREVIEW1_COMMAND_ADAPTER,
            )?;
        }
        Some("reactor") => {
            encoder.adapter(
                "wasi_snapshot_preview1",
                adapters::WASI_SNAPSHOT_PREVIEW1_REACTOR_ADAPTER,
            )?;
        }
        Some(other) => bail!("no adapter {other}: want command or reactor"),
    }
    Ok(std::fs::write(&args.out, encoder.encode()?)?)
}

fn c_bindings(args: &Args) -> Result<()> {
    let (mut resolve, world) = resolve(&args.input, args.world.as_deref())?;
    let opts = wit_bindgen_c::Opts {
        string_encoding: args.encoding,
        ..Default::default()
    };
    let mut files = Files::default();
    opts.build().generate(&mut resolve, world, &mut files)?;
    std::fs::create_dir_all(&args.out)?;
    for (name, bytes) in files.iter() {
        std::fs::write(args.out.join(name), bytes)?;
    }
    Ok(())
}

fn main() -> Result<()> {
    let (verb, args) = parse(std::env::args().skip(1))?;
    match verb.as_str() {
        "new" => component(&args),
        "text" => Ok(std::fs::write(&args.out, wat::parse_file(&args.input)?)?),
        "c" => c_bindings(&args),
        _ => bail!("unknown verb {verb}\n{USAGE}"),
    }
}
