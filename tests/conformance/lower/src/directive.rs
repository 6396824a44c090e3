//! Directives as JSON commands `{type, line, …}`. A definition that the text format itself refuses has an `error` in
//! place of its `range`; nothing is left out, so that the runner can count every directive of the script.

use crate::value;
use serde_json::{json, Value};
use wast::token::{Id, Span};
use wast::{QuoteWat, WastDirective, WastExecute, WastInvoke, Wat};

pub struct Lowering<'a> {
    pub text: &'a str,
    pub blob: &'a mut Vec<u8>,
}

impl Lowering<'_> {
    pub fn directive(&mut self, directive: WastDirective<'_>) -> Value {
        let line = self.line(directive.span());
        let mut command = match directive {
            WastDirective::Module(wat) => self.definition("component", wat),
            WastDirective::ModuleDefinition(wat) => self.definition("define", wat),
            WastDirective::ModuleInstance {
                instance, module, ..
            } => {
                json!({ "type": "instance", "name": id(instance), "of": id(module) })
            }
            WastDirective::AssertMalformed {
                module, message, ..
            } => self.refusal("assert_malformed", module, message),
            WastDirective::AssertInvalid {
                module, message, ..
            } => self.refusal("assert_invalid", module, message),
            WastDirective::AssertMalformedCustom {
                module, message, ..
            } => self.refusal("assert_malformed_custom", module, message),
            WastDirective::AssertInvalidCustom {
                module, message, ..
            } => self.refusal("assert_invalid_custom", module, message),
            WastDirective::AssertUnlinkable {
                module, message, ..
            } => self.refusal("assert_unlinkable", QuoteWat::Wat(module), message),
            WastDirective::Register { name, module, .. } => {
                json!({ "type": "register", "as": name, "of": id(module) })
            }
            WastDirective::Invoke(call) => json!({ "type": "invoke", "exec": invoke(&call) }),
            WastDirective::AssertTrap { exec, message, .. } => {
                json!({ "type": "assert_trap", "exec": self.execute(exec), "message": message })
            }
            WastDirective::AssertReturn { exec, results, .. } => json!({
                "type": "assert_return",
                "exec": self.execute(exec),
                "results": results.iter().map(value::ret).collect::<Vec<_>>(),
            }),
            WastDirective::AssertExhaustion { call, message, .. } => {
                json!({ "type": "assert_exhaustion", "exec": invoke(&call), "message": message })
            }
            WastDirective::AssertException { exec, .. } => {
                json!({ "type": "assert_exception", "exec": self.execute(exec) })
            }
            WastDirective::AssertSuspension { exec, message, .. } => {
                json!({ "type": "assert_suspension", "exec": self.execute(exec), "message": message })
            }
            WastDirective::Thread(thread) => json!({
                "type": "thread",
                "name": thread.name.name(),
                "commands": thread.directives.into_iter().map(|d| self.directive(d)).collect::<Vec<_>>(),
            }),
            WastDirective::Wait { thread, .. } => json!({ "type": "wait", "name": thread.name() }),
        };
        command["line"] = json!(line);
        command
    }

    fn line(&self, span: Span) -> usize {
        span.linecol_in(self.text).0 + 1
    }

    fn definition(&mut self, kind: &str, wat: QuoteWat<'_>) -> Value {
        let name = id(wat.name());
        json!({ "type": kind, "name": name, "wasm": self.wasm(wat) })
    }

    fn refusal(&mut self, kind: &str, wat: QuoteWat<'_>, message: &str) -> Value {
        json!({ "type": kind, "wasm": self.wasm(wat), "message": message })
    }

    fn execute(&mut self, exec: WastExecute<'_>) -> Value {
        match exec {
            WastExecute::Invoke(call) => invoke(&call),
            WastExecute::Wat(wat) => {
                json!({ "type": "component", "wasm": self.wasm(QuoteWat::Wat(wat)) })
            }
            WastExecute::Get { module, global, .. } => {
                json!({ "type": "get", "of": id(module), "export": global })
            }
        }
    }

    fn wasm(&mut self, mut wat: QuoteWat<'_>) -> Value {
        let core = matches!(
            wat,
            QuoteWat::Wat(Wat::Module(_)) | QuoteWat::QuoteModule(..)
        );
        match wat.encode() {
            Ok(bytes) => {
                let start = self.blob.len();
                self.blob.extend_from_slice(&bytes);
                json!({ "core": core, "range": [start, self.blob.len()] })
            }
            Err(e) => json!({ "core": core, "error": e.message() }),
        }
    }
}

fn invoke(call: &WastInvoke<'_>) -> Value {
    json!({
        "type": "invoke",
        "of": id(call.module),
        "export": call.name,
        "args": call.args.iter().map(value::arg).collect::<Vec<_>>(),
    })
}

fn id(id: Option<Id<'_>>) -> Value {
    id.map_or(Value::Null, |id| json!(id.name()))
}
