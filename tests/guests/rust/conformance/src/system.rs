//! Clocks and random: what must hold of values that are never the same.

use crate::{say, Case};
use wasip2::clocks::{monotonic_clock, wall_clock};
use wasip2::random::{insecure, insecure_seed, random};

pub const CASES: [(&str, Case); 2] = [("clocks", clocks), ("random", randoms)];

fn clocks() -> Result<(), ()> {
    let mut last = monotonic_clock::now();
    let backward = (0..10_000).any(|_| {
        let now = monotonic_clock::now();
        let back = now < last;
        last = now;
        back
    });
    say!("monotonic goes back: {backward}");
    say!(
        "monotonic resolution: {}",
        monotonic_clock::resolution() > 0
    );
    let start = monotonic_clock::now();
    let (wall, pause) = (wall_clock::now(), 50_000_000);
    monotonic_clock::subscribe_duration(pause).block();
    let passed = monotonic_clock::now() - start;
    say!(
        "a pause takes that long: {}, and ends: {}",
        passed >= pause,
        passed < 60_000_000_000
    );
    monotonic_clock::subscribe_instant(start + 2 * pause).block();
    say!(
        "until an instant: {}",
        monotonic_clock::now() >= start + 2 * pause
    );
    let later = wall_clock::now();
    let of = |time: wall_clock::Datetime| time.seconds as f64 + f64::from(time.nanoseconds) / 1e9;
    say!("wall clock goes on: {}", of(later) > of(wall));
    say!(
        "this century: {}",
        later.seconds > 1_700_000_000 && later.seconds < 4_102_444_800
    );
    say!(
        "nanoseconds in range: {}",
        later.nanoseconds < 1_000_000_000
    );
    let resolution = wall_clock::resolution();
    say!(
        "resolution: {}",
        resolution.seconds == 0 && resolution.nanoseconds > 0
    );
    Ok(())
}

fn randoms() -> Result<(), ()> {
    type Bytes = fn(u64) -> Vec<u8>;
    let sources: [(&str, Bytes); 2] = [
        ("random", random::get_random_bytes),
        ("insecure", insecure::get_insecure_random_bytes),
    ];
    for (name, bytes) in sources {
        for length in [0, 1, 2, 16, 1000, 65_536, 65_537, 1_000_000] {
            say!("{name} {length}: {}", bytes(length).len());
        }
        say!("{name} twice: {}", bytes(32) == bytes(32));
        let mut seen = [false; 256];
        for byte in bytes(100_000) {
            seen[usize::from(byte)] = true;
        }
        say!("{name} every byte: {}", seen.iter().all(|seen| *seen));
        // Beyond what one call of a platform gives, too.
        let tail = bytes(200_000);
        say!(
            "{name} no zeros at the end: {}",
            tail[199_000..].iter().any(|byte| *byte != 0)
        );
    }
    say!(
        "u64: {}",
        random::get_random_u64() == random::get_random_u64()
    );
    say!(
        "insecure u64: {}",
        insecure::get_insecure_random_u64() == insecure::get_insecure_random_u64()
    );
    let ones = (0..1000).fold(0, |all, _| all | random::get_random_u64());
    say!("every bit of u64: {}", ones == u64::MAX);
    let (a, b) = insecure_seed::insecure_seed();
    say!("seed: {}", a != 0 || b != 0);
    Ok(())
}
