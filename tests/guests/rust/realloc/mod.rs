//! For commands on Preview 1. The adapter keeps its state in memory that it gets here. Without this it grows the memory by
//! itself, by a page that older versions of wasi-libc (Debian's is of 2022) take for their heap's.

#[no_mangle]
unsafe extern "C" fn cabi_realloc(
    old: *mut u8,
    old_size: usize,
    align: usize,
    size: usize,
) -> *mut u8 {
    use std::alloc::{alloc, handle_alloc_error, realloc, Layout};
    let layout = |size| Layout::from_size_align(size, align).expect("a layout of the adapter's");
    let new = if old_size == 0 {
        alloc(layout(size))
    } else {
        realloc(old, layout(old_size), size)
    };
    if new.is_null() {
        handle_alloc_error(layout(size));
    }
    new
}
