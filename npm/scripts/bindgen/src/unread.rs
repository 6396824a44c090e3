//! Finds data that nothing reads. The linker keeps what some function refers to, but functions leave the module after it
//! (`replace`), and with them the last use of messages and tables.

use crate::relocations::{Reached, Relocations};
use std::ops::Range;
use walrus::{DataId, Module};

/// Some bytes of a module's data.
pub struct Span {
    /// The segment's place among all of the module.
    pub segment: usize,
    pub bytes: Range<usize>,
}

impl Span {
    pub fn segment_in(&self, module: &Module) -> DataId {
        let segment = module.data.iter().nth(self.segment);
        segment.expect("a span of this module").id()
    }
}

/// Data that is not in `reached` and not zero.
pub fn unread(module: &Module, relocations: &Relocations, reached: &Reached) -> Vec<Span> {
    let mut spans = Vec::new();
    for (segment, data) in module.data.iter().enumerate() {
        // Symbols overlap: one string may be the end of another.
        let mut unread = vec![false; data.value.len()];
        for is_reached in [false, true] {
            for (number, bytes) in relocations.data_of(segment) {
                if reached.data.contains(&number) == is_reached {
                    unread[bytes].fill(!is_reached);
                }
            }
        }
        let mut at = 0;
        for run in unread.chunk_by(|a, b| a == b) {
            let bytes = at..at + run.len();
            at = bytes.end;
            if run[0] && data.value[bytes.clone()].iter().any(|byte| *byte != 0) {
                spans.push(Span { segment, bytes });
            }
        }
    }
    spans
}

/// Sets data to zero; wasm-opt leaves that out.
pub fn clear(module: &mut Module, data: &[Span]) {
    for span in data {
        let segment = span.segment_in(module);
        module.data.get_mut(segment).value[span.bytes.clone()].fill(0);
    }
}
