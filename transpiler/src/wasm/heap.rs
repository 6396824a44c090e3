//! The Wasm's allocator: takes memory and never gives any back. Knows nothing of what is in it.
//!
//! A transpilation is short and asks for little in all (1 to 3 MB for a component of 12 MB), and whoever drives it takes a new
//! instance once the memory has grown (`npm/src/slipway.js`). What that buys is less the allocator's code than everyone's drop glue: where freeing is
//! nothing, it is dead code, and the optimisers take it out.
#![allow(unsafe_code)]

use std::alloc::{GlobalAlloc, Layout};
use std::arch::wasm32::{memory_grow, memory_size};
use std::cell::Cell;
use std::ptr::null_mut;

const PAGE: usize = 1 << 16;

struct Heap {
    /// Where the next block may start; 0 before the first.
    next: Cell<usize>,
}

// SAFETY: the module has no shared memory, so one thread runs in an instance.
unsafe impl Sync for Heap {}

#[global_allocator]
static HEAP: Heap = Heap { next: Cell::new(0) };

extern "C" {
    /// Where the linker's data and stack end.
    static __heap_base: u8;
}

impl Heap {
    /// Takes all up to `end`, which grows the memory by an eighth or more.
    #[inline(never)]
    fn take(&self, end: usize) -> bool {
        let size = memory_size(0) * PAGE;
        if end > size {
            let pages = (end - size).max(size / 8).div_ceil(PAGE);
            if memory_grow(0, pages) == usize::MAX {
                return false;
            }
        }
        self.next.set(end);
        true
    }
}

// SAFETY: blocks are disjoint, aligned, inside of the memory and never handed out twice.
unsafe impl GlobalAlloc for Heap {
    #[inline(never)]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let next = match self.next.get() {
            0 => &raw const __heap_base as usize,
            next => next,
        };
        let start = next.next_multiple_of(layout.align());
        // Sizes stay below 2 GiB, and so does what has been handed out where the sum could overflow.
        match start.checked_add(layout.size()) {
            Some(end) if self.take(end) => start as *mut u8,
            _ => null_mut(),
        }
    }

    #[inline(always)]
    unsafe fn dealloc(&self, _: *mut u8, _: Layout) {}

    /// Memory comes zeroed from the engine, and no block is handed out twice.
    #[inline(always)]
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        self.alloc(layout)
    }

    /// The last block grows where it is.
    #[inline(never)]
    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        if size <= layout.size() {
            return block;
        }
        let start = block as usize;
        if start + layout.size() == self.next.get() {
            let fits = start.checked_add(size).is_some_and(|end| self.take(end));
            return if fits { block } else { null_mut() };
        }
        let new = self.alloc(Layout::from_size_align_unchecked(size, layout.align()));
        if !new.is_null() {
            new.copy_from_nonoverlapping(block, layout.size());
        }
        new
    }
}
