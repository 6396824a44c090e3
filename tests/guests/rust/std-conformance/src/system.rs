//! Clocks, polls, random, arguments, and the ways to end.

use crate::call::{file, put, shown};
use crate::Case;
use wasi::{
    Clockid, Event, Subscription, SubscriptionClock, SubscriptionFdReadwrite, SubscriptionU,
    SubscriptionUU,
};

pub const CASES: [Case; 9] = [
    ("p1-clocks", clocks),
    ("p1-poll", poll),
    ("p1-random", random),
    ("p1-args-environ", args_environ),
    ("trap-p1-sockets", sockets),
    ("exit-p1-0", || unsafe { wasi::proc_exit(0) }),
    ("exit-p1-1", || unsafe { wasi::proc_exit(1) }),
    ("exit-p1-42", || unsafe { wasi::proc_exit(42) }),
    ("trap-p1-abort", || {
        println!("before the end");
        std::process::abort();
    }),
];

const IDS: [Clockid; 4] = [
    wasi::CLOCKID_REALTIME,
    wasi::CLOCKID_MONOTONIC,
    wasi::CLOCKID_PROCESS_CPUTIME_ID,
    wasi::CLOCKID_THREAD_CPUTIME_ID,
];

fn clocks() {
    for id in IDS {
        let resolution = unsafe { wasi::clock_res_get(id) };
        println!(
            "{} resolution: {}",
            id.name(),
            shown(resolution.map(|ns| ns > 0))
        );
        let (one, two) = unsafe { (wasi::clock_time_get(id, 1), wasi::clock_time_get(id, 1)) };
        println!(
            "{} time: {}",
            id.name(),
            shown(one.and_then(|one| Ok(one <= two?)))
        );
    }
    println!("yield: {}", shown(unsafe { wasi::sched_yield() }));
}

const MS: u64 = 1_000_000;

fn clock(userdata: u64, id: Clockid, timeout: u64, flags: wasi::Subclockflags) -> Subscription {
    let clock = SubscriptionClock {
        id,
        timeout,
        precision: 0,
        flags,
    };
    Subscription {
        userdata,
        u: SubscriptionU {
            tag: wasi::EVENTTYPE_CLOCK.raw(),
            u: SubscriptionUU { clock },
        },
    }
}

fn descriptor(userdata: u64, kind: wasi::Eventtype, file_descriptor: wasi::Fd) -> Subscription {
    let fd = SubscriptionFdReadwrite { file_descriptor };
    let u = if kind == wasi::EVENTTYPE_FD_READ {
        SubscriptionUU { fd_read: fd }
    } else {
        SubscriptionUU { fd_write: fd }
    };
    Subscription {
        userdata,
        u: SubscriptionU { tag: kind.raw(), u },
    }
}

/// What happened, by user data; how many bytes there are is not asked of a host.
fn happened(list: &[Subscription]) -> String {
    let mut events: Vec<Event> = Vec::with_capacity(list.len());
    let count = unsafe { wasi::poll_oneoff(list.as_ptr(), events.as_mut_ptr(), list.len()) };
    shown(count.map(|count| {
        unsafe { events.set_len(count) };
        let mut told: Vec<String> = events
            .iter()
            .map(|event| {
                format!(
                    "{}:{}:{}",
                    event.userdata,
                    event.type_.name(),
                    event.error.name()
                )
            })
            .collect();
        told.sort();
        told
    }))
}

fn poll() {
    let monotonic = wasi::CLOCKID_MONOTONIC;
    let day = 86_400_000 * MS;
    println!("nothing: {}", happened(&[]));
    println!("zero: {}", happened(&[clock(1, monotonic, 0, 0)]));
    println!(
        "a millisecond or a day: {}",
        happened(&[
            clock(1, monotonic, day, 0),
            clock(u64::MAX, monotonic, MS, 0)
        ])
    );
    let before = unsafe { wasi::clock_time_get(monotonic, 0) }.expect("a time");
    println!("a pause: {}", happened(&[clock(2, monotonic, 20 * MS, 0)]));
    let after = unsafe { wasi::clock_time_get(monotonic, 0) }.expect("a time");
    println!("it was one: {}", after - before >= 20 * MS);
    let absolute = wasi::SUBCLOCKFLAGS_SUBSCRIPTION_CLOCK_ABSTIME;
    println!(
        "until the past: {}",
        happened(&[clock(3, monotonic, before, absolute)])
    );
    println!(
        "until soon: {}",
        happened(&[clock(3, monotonic, after + 5 * MS, absolute)])
    );
    // Far enough ahead that a busy machine does not get there first.
    let real = unsafe { wasi::clock_time_get(wasi::CLOCKID_REALTIME, 0) }.expect("a time");
    println!(
        "real, for: {}",
        happened(&[clock(4, wasi::CLOCKID_REALTIME, MS, 0)])
    );
    println!(
        "real, until: {}",
        happened(&[clock(4, wasi::CLOCKID_REALTIME, real + 500 * MS, absolute)])
    );
    println!(
        "real, past: {}",
        happened(&[clock(4, wasi::CLOCKID_REALTIME, 1, absolute)])
    );
    let fd = file("f");
    put(fd, "hello", 0);
    let (read, write) = (wasi::EVENTTYPE_FD_READ, wasi::EVENTTYPE_FD_WRITE);
    println!("a file: {}", happened(&[descriptor(5, read, fd)]));
    println!("a file: {}", happened(&[descriptor(6, write, fd)]));
    println!(
        "a file or a day: {}",
        happened(&[clock(7, monotonic, day, 0), descriptor(8, read, fd)])
    );
    println!(
        "stdout: {}",
        happened(&[descriptor(9, write, 1), clock(7, monotonic, day, 0)])
    );
    println!("stdin: {}", happened(&[descriptor(10, read, 0)]));
    println!("none: {}", happened(&[descriptor(11, read, 99)]));
    println!("stdin to write: {}", happened(&[descriptor(12, write, 0)]));
}

fn random() {
    for length in [0usize, 1, 16, 70_000] {
        let mut bytes = vec![0; length];
        let got = unsafe { wasi::random_get(bytes.as_mut_ptr(), length) };
        let any = bytes.iter().any(|byte| *byte != 0) || length < 16;
        println!("random {length}: {} {any}", shown(got));
    }
}

fn args_environ() {
    let (count, size) = unsafe { wasi::args_sizes_get() }.expect("arguments");
    println!("arguments: {count} in {size} bytes");
    let (mut at, mut bytes) = (vec![std::ptr::null_mut(); count], vec![0; size]);
    let got = unsafe { wasi::args_get(at.as_mut_ptr(), bytes.as_mut_ptr()) };
    println!("{}: {:?}", shown(got), String::from_utf8_lossy(&bytes));
    let (count, size) = unsafe { wasi::environ_sizes_get() }.expect("variables");
    println!("variables: {count} in {size} bytes");
    let (mut at, mut bytes) = (vec![std::ptr::null_mut(); count], vec![0; size]);
    let got = unsafe { wasi::environ_get(at.as_mut_ptr(), bytes.as_mut_ptr()) };
    println!("{}: {:?}", shown(got), String::from_utf8_lossy(&bytes));
}

/// The adapter has none.
fn sockets() {
    println!("before the end");
    println!(
        "accept: {}",
        shown(unsafe { wasi::sock_accept(file("f"), 0) })
    );
}
