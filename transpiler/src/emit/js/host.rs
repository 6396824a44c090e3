//! What the module takes from its host: which imports, by which variable, with which members.

use super::surface::Exported;
use super::Js;
use crate::emit::names::{camel, is_identifier, key, pascal, quote};
use crate::emit::printer::{cat, line, open, Printer};
use crate::plan::{ExportItem, HostInstanceId, ResourceOrigin};
use crate::types::ResourceId;

/// One import of the component, in the order of first use.
pub struct Import {
    pub name: String,
    pub var: String,
    /// A function or class at the root, found by its name alone.
    pub root: bool,
    /// Members that have to be functions: `f`, `Class`, `Class.static`, `Class#method`.
    pub members: Vec<String>,
    /// No import: an instance that the host makes of an imported component.
    pub made: bool,
}

/// A function name of the component model, taken apart.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FuncName<'n> {
    Plain(&'n str),
    Constructor(&'n str),
    Method(&'n str, &'n str),
    Static(&'n str, &'n str),
}

impl<'n> FuncName<'n> {
    pub fn parse(name: &'n str) -> FuncName<'n> {
        let name = name.strip_prefix("[async]").unwrap_or(name);
        let split = |rest: &'n str| rest.split_once('.');
        for prefix in ["[method]", "[async method]", "[method async]"] {
            if let Some((r, f)) = name.strip_prefix(prefix).and_then(split) {
                return FuncName::Method(r, f);
            }
        }
        for prefix in ["[static]", "[async static]", "[static async]"] {
            if let Some((r, f)) = name.strip_prefix(prefix).and_then(split) {
                return FuncName::Static(r, f);
            }
        }
        match name.strip_prefix("[constructor]") {
            Some(r) => FuncName::Constructor(r),
            None => FuncName::Plain(name),
        }
    }

    /// The resource that the function belongs to.
    pub fn resource(self) -> Option<&'n str> {
        match self {
            FuncName::Plain(_) => None,
            FuncName::Constructor(r) | FuncName::Method(r, _) | FuncName::Static(r, _) => Some(r),
        }
    }
}

/// The last part of an interface name, `streams` of `wasi:io/streams@0.2.3`.
pub fn short_name(name: &str) -> &str {
    let path = name.split('@').next().unwrap_or(name);
    path.rsplit(['/', ':']).next().unwrap_or(path)
}

impl Js<'_> {
    /// The variable of an import, which is from now on wanted.
    fn import(&mut self, name: &str, root: bool) -> usize {
        if let Some(i) = self.imports.iter().position(|i| i.name == name) {
            self.imports[i].root &= root;
            return i;
        }
        let var = self.scope.global(&camel(short_name(name)));
        self.imports.push(Import {
            name: name.into(),
            var,
            root,
            members: Vec::new(),
            made: self.plan.host_instances.iter().any(|h| h.name == name),
        });
        self.imports.len() - 1
    }

    fn want(&mut self, i: usize, member: String) {
        let members = &mut self.imports[i].members;
        if !member.is_empty() && !members.contains(&member) {
            members.push(member);
        }
    }

    /// How a host function is called, up to its arguments: a callee, and whether the first argument is the receiver.
    pub fn host_callee(&mut self, path: &[String]) -> (String, bool) {
        let (Some(first), Some(last)) = (path.first(), path.last()) else {
            return (String::new(), false);
        };
        let name = FuncName::parse(last);
        if path.len() == 1 {
            return match name {
                FuncName::Plain(_) => {
                    let i = self.import(first, true);
                    (self.imports[i].var.clone(), false)
                }
                // A resource of the root and its functions: the class is an import of its own.
                _ => {
                    let i = self.import(name.resource().unwrap_or_default(), true);
                    self.class_member(i, String::new(), String::new(), name)
                }
            };
        }
        let i = self.import(first, false);
        let prefix = prefix_of(&path[1..path.len() - 1]);
        let base = cat!(self.imports[i].var, ".", prefix);
        match name {
            FuncName::Plain(f) => {
                self.want(i, cat!(prefix, camel(f)));
                (cat!(base, camel(f)), false)
            }
            _ => {
                let class = pascal(name.resource().unwrap_or_default());
                self.class_member(i, prefix, class, name)
            }
        }
    }

    fn class_member(
        &mut self,
        i: usize,
        prefix: String,
        class: String,
        name: FuncName,
    ) -> (String, bool) {
        let var = self.imports[i].var.clone();
        let dot = if class.is_empty() { "" } else { "." };
        let class_expr = cat!(var, dot, prefix, class);
        let joint = |sep: &str, f: &str| match class.is_empty() {
            true => cat!(sep.replace('.', ""), camel(f)),
            false => cat!(prefix, class, sep, camel(f)),
        };
        match name {
            FuncName::Constructor(_) => {
                self.want(i, cat!(prefix, class));
                (cat!("new ", class_expr), false)
            }
            FuncName::Static(_, f) => {
                self.want_class_member(i, joint(".", f));
                (cat!(class_expr, ".", camel(f)), false)
            }
            FuncName::Method(_, f) => {
                self.want_class_member(i, joint("#", f));
                (camel(f), true)
            }
            FuncName::Plain(f) => (camel(f), false),
        }
    }

    fn want_class_member(&mut self, i: usize, member: String) {
        // A root class is found by its name alone; its members show when they are called.
        if !self.imports[i].root {
            self.want(i, member);
        }
    }

    /// A call of a host function with JavaScript values.
    pub fn host_call(&mut self, path: &[String], mut args: Vec<String>) -> String {
        let (callee, method) = self.host_callee(path);
        let callee = match method && !args.is_empty() {
            true => cat!(args.remove(0), ".", callee),
            false => callee,
        };
        cat!(callee, "(", args.join(", "), ")")
    }

    /// The names of the imports that the code looks up.
    pub fn wanted(&self) -> Vec<String> {
        let modules = self.imported_modules.iter();
        let modules = modules.filter_map(|(path, _)| path.first().cloned());
        let imports = self.imports.iter().filter(|i| !i.made);
        let mut names: Vec<String> = imports.map(|i| i.name.clone()).collect();
        for name in modules.chain(self.value_imports()) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names
    }

    /// The host's class for an imported resource.
    pub fn imported_class(&mut self, r: ResourceId) -> String {
        let ResourceOrigin::Imported { path } = &self.plan.resource(r).origin else {
            return String::new();
        };
        let (first, rest) = (path.first().cloned().unwrap_or_default(), &path[1..]);
        let i = self.import(&first, rest.is_empty());
        let Some((class, between)) = rest.split_last() else {
            return self.imports[i].var.clone();
        };
        let prefix = prefix_of(between);
        let member = cat!(prefix, pascal(class));
        self.want(i, member.clone());
        cat!(self.imports[i].var, ".", member)
    }

    /// The component that the host supplies under a path: an object that can instantiate it.
    pub fn imported_component(&mut self, path: &[String]) -> String {
        let i = self.import(&path[0], false);
        let rest: Vec<String> = path[1..].iter().map(|p| camel(p)).collect();
        let mut member = rest.clone();
        member.push("instantiate".into());
        self.want(i, member.join("."));
        let mut all = vec![self.imports[i].var.clone()];
        all.extend(rest);
        all.join(".")
    }

    /// Prints what the arguments of the host's instances are made of: before the steps, which bind what they use.
    pub fn prepare_host_instances(&mut self) {
        for instance in &self.plan.host_instances {
            self.imported_component(&instance.component);
            let mut args = Vec::new();
            let text = self.printed(1, |js| {
                for (name, item) in &instance.args {
                    let value = match item {
                        ExportItem::Instance(items) => {
                            Some(js.interface_object(&camel(short_name(name)), items, true))
                        }
                        item => js.member(name, item).map(|(_, value)| value),
                    };
                    args.extend(value.map(|value| Exported {
                        name: name.clone(),
                        value,
                    }));
                }
            });
            self.host_args.push((text, args));
        }
    }

    /// `const [c] = link({ 'c': await component.instantiate({ … }) }, [['c', …]]);`
    pub fn print_host_instance(&mut self, id: HostInstanceId) {
        let instance = &self.plan.host_instances[id.index()];
        let (before, args) = std::mem::take(&mut self.host_args[id.index()]);
        self.out.append(&before);
        let component = self.imported_component(&instance.component);
        let wait = if self.is_sync() { "" } else { "await " };
        let call = cat!(wait, component, ".instantiate(");
        match self.imports.iter().find(|i| i.name == instance.name) {
            None => self.print_object(&call, &args, ");"),
            Some(import) => {
                let (var, wanted) = (import.var.clone(), wanted_members(import));
                let link = self.rt("link");
                let name = quote(&instance.name);
                self.print_object(
                    &cat!("const [", var, "] = ", link, "({ ", name, ": ", call),
                    &args,
                    &cat!(") }, [", wanted, "]);"),
                );
            }
        }
    }

    /// `const [a, b] = link(imports, […]);`
    pub fn print_link(&mut self) {
        let mut imports = std::mem::take(&mut self.imports);
        imports.retain(|i| !i.made);
        if imports.is_empty() {
            return;
        }
        let link = self.rt("link");
        let vars: Vec<&str> = imports.iter().map(|i| i.var.as_str()).collect();
        let wants: Vec<String> = imports.iter().map(wanted_members).collect();
        let whole = cat!(
            "const [",
            vars.join(", "),
            "] = ",
            link,
            "(imports, [",
            wants.join(", "),
            "]);"
        );
        if whole.len() <= 100 {
            self.out.line(&whole);
        } else {
            open!(
                self.out,
                "const [",
                vars.join(", "),
                "] = ",
                link,
                "(imports, ["
            );
            for want in &wants {
                line!(self.out, want, ",");
            }
            self.out.close("]);");
        }
        self.imports = imports;
    }
}

/// The objects between an import and its member, each with its dot.
fn prefix_of(path: &[String]) -> String {
    let mut prefix = String::new();
    for name in path {
        prefix.push_str(&camel(short_name(name)));
        prefix.push('.');
    }
    prefix
}

/// What `link` looks for: a name, or a list of it and members, with the methods of a class in a list of their own.
fn wanted_members(import: &Import) -> String {
    let name = quote(&import.name);
    if import.root {
        return name;
    }
    let mut parts = vec![name];
    for member in &import.members {
        let Some((class, method)) = member.split_once('#') else {
            parts.push(quote(member));
            continue;
        };
        let list = cat!("[", quote(class), ", ");
        let method = cat!(quote(method), "]");
        match parts.iter_mut().find(|part| part.starts_with(&list)) {
            Some(part) => {
                part.truncate(part.len() - 1);
                part.push_str(&cat!(", ", method));
            }
            None => parts.push(cat!(list, method)),
        }
    }
    cat!("[", parts.join(", "), "]")
}

/// WASI's packages of which `@slipway/wasi` has a face.
const FACES: [&str; 7] = [
    "io",
    "cli",
    "clocks",
    "random",
    "filesystem",
    "sockets",
    "http",
];

/// The package of a WASI interface, `cli` of `wasi:cli/stdin@0.2.3`.
fn package(name: &str) -> &str {
    let path = name.split('/').next().unwrap_or(name);
    path.strip_prefix("wasi:").unwrap_or(path)
}

/// What an import of the ES form is bound to: a module specifier and the export of it that counts, if not all.
fn specifier(rules: &[(String, String)], name: &str) -> Option<(String, Option<String>)> {
    let plain = name.split('@').next().unwrap_or(name);
    rules.iter().find_map(|(from, to)| {
        let rest = wildcard(from, plain).or_else(|| wildcard(from, name))?;
        let to = to.replace('*', rest);
        Some(match to.split_once('#') {
            Some((module, export)) => (module.into(), Some(export.into())),
            None => (to, None),
        })
    })
}

/// What `*` in `pattern` stands for in `name`, if it matches.
fn wildcard<'n>(pattern: &str, name: &'n str) -> Option<&'n str> {
    match pattern.split_once('*') {
        None => (pattern == name).then_some(""),
        Some((before, after)) => name.strip_prefix(before)?.strip_suffix(after),
    }
}

impl Js<'_> {
    /// ES form: prints nothing here, but leaves the import statements for the head; returns the `imports` argument.
    pub fn print_host_object(&mut self) -> String {
        let mut out = Printer::new(0, self.options.minify);
        let mut entries: Vec<String> = Vec::new();
        let mut wasi = false;
        let mut faces = [false; FACES.len()];
        for name in self.wanted() {
            let rule = specifier(&self.options.map, &name);
            if rule.is_none() && self.options.wasi_shim && name.starts_with("wasi:") {
                wasi = true;
                for (wanted, face) in faces.iter_mut().zip(FACES) {
                    *wanted |= package(&name) == face;
                }
                continue;
            }
            let (module, export) = rule.unwrap_or((name.clone(), None));
            let local = self.scope.global(&camel(&cat!("host-", short_name(&name))));
            let clause = match export {
                None => cat!("* as ", local),
                Some(e) if e == "default" => local.clone(),
                Some(e) => cat!(
                    "{ ",
                    if is_identifier(&e) { e } else { quote(&e) },
                    " as ",
                    local,
                    " }"
                ),
            };
            line!(out, "import ", clause, " from ", quote(&module), ";");
            entries.push(cat!(key(&name), ": ", local));
        }
        if wasi {
            let host = self.wasi_host(&mut out, &faces);
            entries.insert(0, host);
        }
        self.host_imports = out.out;
        match entries.is_empty() {
            true => String::new(),
            false => cat!("{ ", entries.join(", "), " }"),
        }
    }
}

impl Js<'_> {
    /// A host with the faces that are wanted, and so those alone in what a bundler makes of it; what it takes is imported.
    fn wasi_host(&mut self, out: &mut Printer, wanted: &[bool]) -> String {
        let faces = FACES.iter().zip(wanted).filter(|(_, &wanted)| wanted);
        let exports = std::iter::once("host").chain(faces.map(|(&face, _)| face));
        let mut locals = Vec::new();
        let mut clauses = Vec::new();
        for export in exports {
            let local = self.scope.global(export);
            clauses.push(match local == export {
                true => local.clone(),
                false => cat!(export, " as ", local),
            });
            locals.push(local);
        }
        let clauses = clauses.join(", ");
        line!(out, "import { ", clauses, " } from '@slipway/wasi';");
        let options = match &self.options.wasi_options {
            None => "{}".into(),
            Some(module) => {
                let local = self.scope.global("wasiOptions");
                line!(out, "import ", local, " from ", quote(module), ";");
                local
            }
        };
        let faces = locals[1..].join(", ");
        cat!("...", locals[0], "(", options, ", [", faces, "]).imports")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn maps_have_wildcards_and_exports() {
        let rules = [
            ("wasi:cli/*".to_string(), "shim/cli#*".to_string()),
            ("a:b/c".into(), "./c.js".into()),
        ];
        assert_eq!(
            specifier(&rules, "wasi:cli/stdin@0.2.0"),
            Some(("shim/cli".into(), Some("stdin".into())))
        );
        assert_eq!(
            specifier(&rules, "a:b/c@1.0.0"),
            Some(("./c.js".into(), None))
        );
        assert_eq!(specifier(&rules, "a:b/d"), None);
    }

    #[test]
    fn function_names_come_apart() {
        assert_eq!(
            FuncName::parse("[method]a.b-c"),
            FuncName::Method("a", "b-c")
        );
        assert_eq!(
            FuncName::parse("[constructor]a"),
            FuncName::Constructor("a")
        );
        assert_eq!(FuncName::parse("[async]f"), FuncName::Plain("f"));
        assert_eq!(short_name("wasi:io/streams@0.2.3"), "streams");
    }
}
