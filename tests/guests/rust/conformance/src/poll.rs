//! `wasi:io/poll`: any mix of pollables, those that are ready, used again, dropped.

use crate::files::{next, shown_bytes};
use crate::out;
use crate::place::{self, NOFOLLOW};
use crate::{say, Case};
use wasip2::cli::{stdin, stdout};
use wasip2::clocks::monotonic_clock::{now, subscribe_duration, subscribe_instant};
use wasip2::filesystem::types::{DescriptorFlags, OpenFlags};
use wasip2::io::poll::{self, Pollable};

pub const CASES: [(&str, Case); 6] = [
    ("poll-timers", timers),
    ("poll-mixed", mixed),
    ("poll-reused", reused),
    ("poll-many", many),
    ("trap-poll-empty", trap_empty),
    ("trap-pollable-unknown", trap_unknown),
];

/// Which are ready, sorted: the WIT asks for no order.
fn poll(list: &[&Pollable]) -> Vec<u32> {
    let mut ready = poll::poll(list);
    ready.sort_unstable();
    ready
}

const MS: u64 = 1_000_000;
const DAY: u64 = 86_400_000 * MS;

fn timers() -> Result<(), ()> {
    let never = subscribe_duration(DAY);
    let zero = subscribe_duration(0);
    zero.block();
    say!("a zero timer is ready: {}", zero.ready());
    say!("a day is not: {}", never.ready());
    say!("never, zero: {:?}", poll(&[&never, &zero]));
    say!("zero, never, zero: {:?}", poll(&[&zero, &never, &zero]));
    let start = now();
    let soon = subscribe_duration(20 * MS);
    say!("never, soon: {:?}", poll(&[&never, &soon]));
    say!("no earlier: {}", now() - start >= 20 * MS);
    say!("soon, now: {}", soon.ready());
    let start = now();
    let (a, b) = (subscribe_duration(40 * MS), subscribe_duration(MS));
    // Both, where this machine was busy.
    say!("the shorter is there: {}", poll(&[&a, &b]).contains(&1));
    a.block();
    say!("then both: {:?}", poll(&[&a, &b]));
    say!("no earlier: {}", now() - start >= 40 * MS);
    for (name, when) in [("long ago", 0), ("a moment ago", now() - 1), ("now", now())] {
        let instant = subscribe_instant(when);
        instant.block();
        say!("instant {name}: {}", instant.ready());
    }
    for (name, pollable) in [
        ("the last instant", subscribe_instant(u64::MAX)),
        ("the longest duration", subscribe_duration(u64::MAX)),
        ("an instant in a day", subscribe_instant(now() + DAY)),
    ] {
        say!(
            "{name}: {}, {:?}",
            pollable.ready(),
            poll(&[&pollable, &zero])
        );
    }
    Ok(())
}

/// Files, standard streams and timers in one list: those that are ready answer, in the list's order.
fn mixed() -> Result<(), ()> {
    let dir = place::full();
    let file = dir.open_at(NOFOLLOW, "g", OpenFlags::empty(), DescriptorFlags::READ);
    let reader = file.map_err(drop)?.read_via_stream(0).map_err(drop)?;
    let writer = place::file(&dir, "f").write_via_stream(0).map_err(drop)?;
    let (input, output) = (stdin::get_stdin(), stdout::get_stdout());
    let never = subscribe_duration(DAY);
    let ready = [
        reader.subscribe(),
        writer.subscribe(),
        input.subscribe(),
        output.subscribe(),
    ];
    // One at a time, so that each is ready by then; all that are ready are told.
    for pollable in &ready {
        pollable.block();
    }
    let [r, w, i, o] = &ready;
    say!("all: {:?}", poll(&[r, &never, w, i, &never, o]));
    say!("reversed: {:?}", poll(&[o, i, &never, w, r]));
    say!("still there: {}", shown_bytes(next(&reader, 3)));
    r.block();
    say!("used again: {:?}", poll(&[&never, r]));
    // Dropping pollables, in any order, leaves the streams and the others as they are.
    let [r, w, i, o] = ready;
    drop(never);
    drop((o, r));
    say!("those that are left: {:?}", poll(&[&w, &i]));
    drop((w, i));
    say!("after all: {}", shown_bytes(next(&reader, 3)));
    Ok(())
}

fn reused() -> Result<(), ()> {
    let zero = subscribe_duration(0);
    for _ in 0..5 {
        zero.block();
        say!("{} {:?}", zero.ready(), poll(&[&zero]));
    }
    let soon = subscribe_duration(5 * MS);
    soon.block();
    soon.block();
    say!("a timer stays ready: {}", soon.ready());
    // Handles of what was dropped are given again: no state may come with them.
    for round in 0..3 {
        drop(subscribe_duration(0));
        let never = subscribe_duration(DAY);
        say!("round {round}: {}", never.ready());
    }
    Ok(())
}

fn many() -> Result<(), ()> {
    let timers: Vec<Pollable> = (0..1000)
        .map(|i| subscribe_duration(if i % 100 == 7 { 0 } else { DAY }))
        .collect();
    for timer in timers.iter().skip(7).step_by(100) {
        timer.block();
    }
    let list: Vec<&Pollable> = timers.iter().collect();
    say!("{:?}", poll(&list));
    let last: Vec<&Pollable> = timers[200..].iter().rev().collect();
    say!("{:?}", poll(&last));
    Ok(())
}

fn trap_empty() -> Result<(), ()> {
    out::flush();
    say!("did not trap: {:?}", poll(&[]));
    Ok(())
}

/// A handle that is none.
fn trap_unknown() -> Result<(), ()> {
    let pollable = unsafe { Pollable::from_handle(4_000) };
    out::flush();
    say!("did not trap: {}", pollable.ready());
    Ok(())
}
