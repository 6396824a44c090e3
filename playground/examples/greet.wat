;; greet: func(name: string) -> string, the first component of most people.
;; The allocator only ever goes up; post-return takes it back to the start.
(component
  (core module $m
    (memory (export "memory") 1)
    (data (i32.const 8) "Hello, ")
    (global $top (mut i32) (i32.const 32))
    (func (export "realloc") (param $old i32) (param $old-size i32) (param $align i32) (param $size i32) (result i32)
      (local $at i32)
      (local.set $at (i32.and
        (i32.add (global.get $top) (i32.sub (local.get $align) (i32.const 1)))
        (i32.sub (i32.const 0) (local.get $align))))
      (global.set $top (i32.add (local.get $at) (local.get $size)))
      (block $fits
        (br_if $fits (i32.le_u (global.get $top) (i32.shl (memory.size) (i32.const 16))))
        (br_if $fits (i32.ne (i32.const -1)
          (memory.grow (i32.add (i32.const 1) (i32.shr_u (local.get $size) (i32.const 16))))))
        unreachable)
      (memory.copy (local.get $at) (local.get $old) (local.get $old-size))
      (local.get $at))
    (func (export "greet") (param $name i32) (param $length i32) (result i32)
      (local $end i32)
      ;; The greeting goes where the allocator would go on: (pointer, length) first, then the text.
      (local.set $end (i32.and (i32.add (global.get $top) (i32.const 3)) (i32.const -4)))
      (block $fits
        (br_if $fits (i32.le_u
          (i32.add (i32.add (local.get $end) (local.get $length)) (i32.const 16))
          (i32.shl (memory.size) (i32.const 16))))
        (br_if $fits (i32.ne (i32.const -1)
          (memory.grow (i32.add (i32.const 1) (i32.shr_u (local.get $length) (i32.const 16))))))
        unreachable)
      (i32.store (local.get $end) (i32.add (local.get $end) (i32.const 8)))
      (i32.store offset=4 (local.get $end) (i32.add (local.get $length) (i32.const 8)))
      (memory.copy (i32.add (local.get $end) (i32.const 8)) (i32.const 8) (i32.const 7))
      (memory.copy (i32.add (local.get $end) (i32.const 15)) (local.get $name) (local.get $length))
      (i32.store8 offset=15 (i32.add (local.get $end) (local.get $length)) (i32.const 0x21))
      (local.get $end))
    (func (export "post") (param i32)
      (global.set $top (i32.const 32))))
  (core instance $i (instantiate $m))
  (func (export "greet") (param "name" string) (result string)
    (canon lift (core func $i "greet")
      (memory (core memory $i "memory")) (realloc (core func $i "realloc")) (post-return (core func $i "post")))))
