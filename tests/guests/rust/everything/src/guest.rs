//! The interface `guest` and the functions at the root.

use crate::exports::slipway::everything::guest::{
    Counter, CounterBorrow, Guest, GuestCounter, Holder, Summary,
};
use crate::slipway::everything::host::{self, Thing};
use crate::slipway::everything::types::{Colour, Point};
use crate::{Everything, Pair};
use std::cell::{Cell, RefCell};

thread_local! {
    static LIVE: Cell<u32> = const { Cell::new(0) };
    static KEPT: RefCell<Vec<Thing>> = const { RefCell::new(Vec::new()) };
}

pub struct Number(Cell<u32>);

impl Number {
    fn new_in_guest(n: u32) -> Self {
        LIVE.set(LIVE.get() + 1);
        Number(Cell::new(n))
    }
}

impl Drop for Number {
    fn drop(&mut self) {
        LIVE.set(LIVE.get() - 1);
    }
}

fn counter(n: u32) -> Counter {
    Counter::new(Number::new_in_guest(n))
}

fn value(c: &Counter) -> u32 {
    c.get::<Number>().0.get()
}

impl GuestCounter for Number {
    fn new(start: u32) -> Self {
        Number::new_in_guest(start)
    }

    fn get(&self) -> u32 {
        self.0.get()
    }

    fn add(&self, n: u32) -> u32 {
        self.0.set(self.0.get().wrapping_add(n));
        self.0.get()
    }

    fn clone(&self) -> Counter {
        counter(self.0.get())
    }

    fn merge(a: Counter, b: CounterBorrow<'_>) -> Result<Counter, String> {
        let sum = u64::from(value(&a)) + u64::from(b.get::<Number>().0.get());
        if sum > 1000 {
            return Err(format!("{sum} is too much"));
        }
        Ok(counter(sum as u32))
    }
}

impl Guest for Everything {
    type Counter = Number;

    fn live() -> u32 {
        LIVE.get()
    }

    fn sum(counters: Vec<CounterBorrow<'_>>) -> u64 {
        counters
            .iter()
            .map(|c| u64::from(c.get::<Number>().0.get()))
            .sum()
    }

    fn into_value(c: Counter) -> u32 {
        value(&c)
    }

    fn maybe(c: Option<Counter>) -> Result<Counter, String> {
        c.ok_or("none".to_string())
    }

    fn hold(h: Holder) -> Holder {
        h.inner.get::<Number>().add(1);
        Holder {
            label: format!("\u{201c}{}\u{201d}", h.label),
            inner: h.inner,
        }
    }

    fn sorted(mut counters: Vec<Counter>) -> Vec<Counter> {
        counters.sort_by_key(value);
        counters
    }

    fn make_thing(name: String) -> Thing {
        Thing::new(&name)
    }

    fn pass_own(t: Thing) -> Thing {
        t
    }

    fn pass_borrow(t: &Thing) -> String {
        host::look(t)
    }

    fn rename_thing(t: &Thing, to: String) -> Result<String, String> {
        t.rename(&to)
    }

    fn keep(t: Thing) {
        KEPT.with_borrow_mut(|kept| kept.push(t));
    }

    fn take_back() -> Option<Thing> {
        KEPT.with_borrow_mut(Vec::pop)
    }

    fn pairs(things: Vec<Thing>) -> Vec<(String, Thing)> {
        things.into_iter().map(|t| (t.name(), t)).collect()
    }

    fn join_things(a: Thing, b: Thing) -> (Thing, Thing) {
        (Thing::join(a, &b), b)
    }

    fn through_host(t: Thing) -> (String, Thing) {
        let name = t.name();
        (name, host::swap(t))
    }

    fn are_same(a: &Thing, b: &Thing) -> bool {
        a.same(b)
    }

    fn summarise(names: Vec<String>, places: Vec<Point>) -> Summary {
        let n = places.len() as i32;
        let middle = (n > 0).then(|| Point {
            x: places.iter().map(|p| p.x).fold(0i32, i32::wrapping_add) / n,
            y: places.iter().map(|p| p.y).sum::<f64>() / f64::from(n),
        });
        Summary {
            count: names.len() as u32,
            names,
            middle,
        }
    }

    fn checked(v: u32) -> Result<u32, String> {
        host::checked(v)
    }

    fn call_back() {
        host::call_back()
    }

    fn unreachable() {
        core::arch::wasm32::unreachable()
    }
}

impl crate::Guest for Everything {
    fn twice(p: Pair) -> Pair {
        crate::note(&p);
        Pair {
            left: p.left.wrapping_add(1),
            right: p.right.repeat(2),
        }
    }

    fn where_is(c: Colour) -> Point {
        crate::pick(c)
    }
}
