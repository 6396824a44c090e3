//! What a caller can ask of the transpiler; each field documented with its default.

/// How the output is instantiated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Instantiation {
    Async,
    Sync,
}

/// Where the runtime's pieces live.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Runtime {
    /// Copied into the output, by need.
    #[default]
    Inline,
    /// Imported from `slipway/runtime`.
    Import,
}

/// The form of adapters between components.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Adapters {
    /// Wasm modules that need multi-memory; JavaScript where Wasm cannot do it.
    #[default]
    Wasm,
    /// JavaScript only: every engine.
    Js,
    /// Both, chosen when the component is instantiated.
    Both,
}

/// Options of one transpilation.
#[derive(Clone, Debug)]
pub struct Options {
    /// Base name of the output files. Default `component`.
    pub name: String,
    /// Instantiation functions instead of an ES module that instantiates itself. Default: ES module.
    pub instantiation: Option<Instantiation>,
    /// Write declarations. Default true.
    pub typescript: bool,
    /// ESM only: export `$init` instead of using top-level await. Default false.
    pub tla_compat: bool,
    /// Core modules up to this many bytes stand in the JavaScript as base64. Default 0: none.
    pub base64_cutoff: u32,
    /// Leave out what only people read. Default false.
    pub minify: bool,
    /// Default inline.
    pub runtime: Runtime,
    /// ESM only: import name → module specifier. `*` in the first stands for anything and may be used in the second; `#name`
    /// at the end of the second picks an export. Earlier rules win.
    pub map: Vec<(String, String)>,
    /// ESM only: bind unmapped `wasi:*` imports to `@slipway/wasi`. Default true.
    pub wasi_shim: bool,
    /// ESM only: the module specifier whose default export is passed to `wasi()`.
    pub wasi_options: Option<String>,
    /// Default wasm.
    pub adapters: Adapters,
    /// Gated features to switch on: `fixed-length-lists`, `error-context`, `nested-names`, `memory64`, `values`, and
    /// what `decode` lists besides.
    pub features: Vec<String>,
    /// Validate function bodies and data too. Default false: the engine does when it compiles.
    pub validate: bool,
    /// Numbers out of range throw a TypeError instead of wrapping. Default false.
    pub strict: bool,
    /// Return the plan's text form. Default false.
    pub plan: bool,
    /// Return the component's world as data (see [`crate::world`]). Default false.
    pub world: bool,
    /// Report every import call to `imports.trace(name, args)`, or to the console if there is none. Default false.
    pub trace: bool,
    /// Further imports whose host functions may return a promise: `interface#function` or `function`, `*` allowed.
    pub async_imports: Vec<String>,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            name: "component".into(),
            instantiation: None,
            typescript: true,
            tla_compat: false,
            base64_cutoff: 0,
            minify: false,
            runtime: Runtime::Inline,
            map: Vec::new(),
            wasi_shim: true,
            wasi_options: None,
            adapters: Adapters::Wasm,
            features: Vec::new(),
            validate: false,
            strict: false,
            plan: false,
            world: false,
            trace: false,
            async_imports: Vec::new(),
        }
    }
}
