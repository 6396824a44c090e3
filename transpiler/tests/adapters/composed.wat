;; Two components, the inner of which waits for the host: inner takes UTF-8, outer has UTF-16.
(component
  (import "sleep" (func $sleep (param "n" u32) (result u32)))
  (core module $Libc
    (memory (export "memory") 1)
    (global $top (mut i32) (i32.const 1024))
    (func (export "realloc") (param $old i32) (param $old-size i32) (param $align i32) (param $size i32) (result i32)
      (local $at i32)
      (local.set $at (i32.and (i32.add (global.get $top) (i32.const 7)) (i32.const -8)))
      (global.set $top (i32.add (local.get $at) (local.get $size)))
      (memory.copy (local.get $at) (local.get $old)
        (select (local.get $old-size) (local.get $size) (i32.lt_u (local.get $old-size) (local.get $size))))
      (local.get $at)))
  (component $Inner
    (alias outer 1 $Libc (core module $Libc))
    (import "sleep" (func $sleep (param "n" u32) (result u32)))
    (core instance $libc (instantiate $Libc))
    (core func $sleep' (canon lower (func $sleep)))
    (core module $M
      (import "host" "sleep" (func $sleep (param i32) (result i32)))
      (import "libc" "memory" (memory 1))
      ;; Gives back its argument after sleeping for as long as it has bytes.
      (func (export "echo") (param $ptr i32) (param $len i32) (result i32)
        (i32.store (i32.const 8) (local.get $ptr))
        (i32.store (i32.const 12) (call $sleep (local.get $len)))
        (i32.const 8)))
    (core instance $m (instantiate $M
      (with "libc" (instance $libc))
      (with "host" (instance (export "sleep" (func $sleep'))))))
    (func (export "echo") (param "text" string) (result string)
      (canon lift (core func $m "echo") (memory (core memory $libc "memory")) (realloc (core func $libc "realloc")))))
  (component $Outer
    (alias outer 1 $Libc (core module $Libc))
    (import "echo" (func $echo (param "text" string) (result string)))
    (core instance $libc (instantiate $Libc))
    (core func $echo' (canon lower (func $echo) string-encoding=utf16
      (memory (core memory $libc "memory")) (realloc (core func $libc "realloc"))))
    (core module $M
      (import "" "echo" (func $echo (param i32 i32 i32)))
      (func (export "run") (param $ptr i32) (param $len i32) (result i32)
        (call $echo (local.get $ptr) (local.get $len) (i32.const 16))
        (i32.const 16)))
    (core instance $m (instantiate $M (with "" (instance (export "echo" (func $echo'))))))
    (func (export "run") (param "text" string) (result string)
      (canon lift (core func $m "run") string-encoding=utf16
        (memory (core memory $libc "memory")) (realloc (core func $libc "realloc")))))
  (instance $inner (instantiate $Inner (with "sleep" (func $sleep))))
  (instance $outer (instantiate $Outer (with "echo" (func $inner "echo"))))
  (export "run" (func $outer "run")))
