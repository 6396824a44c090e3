//! Inputs: number N of a seed is always the same bytes (given the same corpus). Most are mutants of real components, some are
//! nothing but noise after a header, some are made to be deep or to multiply.

use slipway_transpiler::options::{Adapters, Instantiation, Runtime};
use slipway_transpiler::Options;

pub struct Rng(u64);

impl Rng {
    pub fn new(seed: u64, n: u64) -> Rng {
        let mut rng =
            Rng(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ n.wrapping_mul(0xd134_2543_de82_ef95));
        rng.next();
        rng
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, n: usize) -> usize {
        (self.next() % n.max(1) as u64) as usize
    }
}

const HEADER: [u8; 8] = [0, b'a', b's', b'm', 0x0d, 0, 1, 0];

pub fn bytes(rng: &mut Rng, corpus: &[Vec<u8>]) -> Vec<u8> {
    match rng.below(40) {
        0 => noise(rng),
        1 => nested_components(1 + rng.below(5000)),
        2 => nested_types(1 + rng.below(3000)),
        3 => doubling(1 + rng.below(60)),
        _ => mutant(rng, corpus),
    }
}

pub fn options(rng: &mut Rng) -> Options {
    let bits = rng.next();
    let bit = |i: u32| bits >> i & 1 == 1;
    let mut options = Options {
        validate: bit(0),
        typescript: bit(1),
        minify: bit(2),
        strict: bit(3),
        plan: bit(4),
        tla_compat: bit(5),
        trace: bit(6),
        base64_cutoff: if bit(7) { 4096 } else { 0 },
        adapters: [Adapters::Wasm, Adapters::Js, Adapters::Both][rng.below(3)],
        instantiation: [None, Some(Instantiation::Async), Some(Instantiation::Sync)][rng.below(3)],
        runtime: if bit(8) {
            Runtime::Inline
        } else {
            Runtime::Import
        },
        ..Options::default()
    };
    for (i, name) in [
        "fixed-length-lists",
        "error-context",
        "nested-names",
        "memory64",
        "values",
    ]
    .iter()
    .enumerate()
    {
        if bit(16 + i as u32) {
            options.features.push((*name).into());
        }
    }
    options
}

fn noise(rng: &mut Rng) -> Vec<u8> {
    let mut bytes = HEADER.to_vec();
    for _ in 0..rng.below(200) {
        // Small numbers are what the format is made of.
        let b = rng.next();
        bytes.push(if b & 0x300 == 0 {
            b as u8
        } else {
            b as u8 % 16
        });
    }
    bytes
}

fn mutant(rng: &mut Rng, corpus: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = corpus[rng.below(corpus.len())].clone();
    for _ in 0..1 + rng.below(4) {
        if bytes.len() < 9 {
            break;
        }
        let at = 8 + rng.below(bytes.len() - 8);
        match rng.below(12) {
            0 => bytes[at] ^= 1 << rng.below(8),
            1 => bytes[at] = rng.next() as u8,
            2 => {
                bytes[at] = *[0, 1, 0x40, 0x7f, 0x80, 0xff]
                    .get(rng.below(6))
                    .expect("six")
            }
            3 => bytes[at] = bytes[at].wrapping_add(1),
            4 => bytes[at] = bytes[at].wrapping_sub(1),
            5 => bytes.truncate(at),
            6 => {
                bytes.remove(at);
            }
            7 => bytes.insert(at, rng.next() as u8),
            8 => {
                // A longer way to write a number.
                bytes[at] |= 0x80;
                bytes.insert(at + 1, 0);
            }
            9 => {
                let n = rng.below(64).min(bytes.len() - at);
                let piece = bytes[at..at + n].to_vec();
                let to = 8 + rng.below(bytes.len() - 8);
                bytes.splice(to..to, piece);
            }
            10 => {
                let other = &corpus[rng.below(corpus.len())];
                let from = rng.below(other.len());
                let n = rng.below(256).min(other.len() - from);
                bytes.splice(at..at, other[from..from + n].iter().copied());
            }
            _ => {
                let n = rng.below(32).min(bytes.len() - at);
                bytes.drain(at..at + n);
            }
        }
    }
    bytes
}

fn leb(mut n: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let b = (n & 0x7f) as u8;
        n >>= 7;
        if n == 0 {
            bytes.push(b);
            return bytes;
        }
        bytes.push(b | 0x80);
    }
}

fn section(id: u8, body: &[u8]) -> Vec<u8> {
    [&[id], leb(body.len()).as_slice(), body].concat()
}

/// A component in a component in a component …
fn nested_components(depth: usize) -> Vec<u8> {
    let mut sizes = vec![8usize];
    for _ in 0..depth {
        let inner = *sizes.last().expect("one at least");
        sizes.push(8 + 1 + leb(inner).len() + inner);
    }
    let mut bytes = Vec::new();
    for size in sizes.iter().rev().skip(1) {
        bytes.extend(HEADER);
        bytes.push(4);
        bytes.extend(leb(*size));
    }
    bytes.extend(HEADER);
    bytes
}

/// list<list<list<…>>>, each defined by the one before; an exported function takes the last.
fn nested_types(depth: usize) -> Vec<u8> {
    let mut body = leb(depth + 1);
    body.extend([0x70, 0x7d]); // list<u8>
    for i in 0..depth {
        body.push(0x70);
        body.extend(leb(i));
    }
    [HEADER.as_slice(), &section(7, &body)].concat()
}

/// Component N instantiates component N-1 twice, and the root the last: 2^depth instances in a few bytes.
fn doubling(depth: usize) -> Vec<u8> {
    let mut bytes = HEADER.to_vec();
    bytes.extend(section(4, &HEADER));
    for i in 0..depth {
        let mut inner = HEADER.to_vec();
        let alias = [&[1, 0x04, 0x02, 1][..], &leb(i)].concat();
        inner.extend(section(6, &alias));
        inner.extend(section(5, &[2, 0, 0, 0, 0, 0, 0]));
        bytes.extend(section(4, &inner));
    }
    bytes.extend(section(5, &[&[1, 0][..], &leb(depth), &[0]].concat()));
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_made_to_be_deep_is_well_formed() {
        for bytes in [nested_components(3), nested_types(3), doubling(3)] {
            slipway_transpiler::decode::decode(&bytes, &Options::default()).expect("valid");
        }
    }

    #[test]
    fn an_input_depends_on_seed_and_number_alone() {
        let corpus = vec![doubling(4), nested_types(9)];
        let make = |n| bytes(&mut Rng::new(3, n), &corpus);
        assert_eq!(make(5), make(5));
        assert_ne!(
            (0..20).map(make).collect::<Vec<_>>(),
            (20..40).map(make).collect::<Vec<_>>()
        );
    }
}
