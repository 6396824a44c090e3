;; --adapters both
;; Both forms, one of them chosen when the component is instantiated.
(component
  (component $callee
    (core module $m
      (memory (export "memory") 1)
      (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 64))
      (func (export "add") (param i32 i64) (result i64) (i64.add (i64.extend_i32_u (local.get 0)) (local.get 1)))
      (func (export "echo") (param i32 i32) (result i32)
        (i32.store (i32.const 0) (local.get 0))
        (i32.store (i32.const 4) (local.get 1))
        (i32.const 0)))
    (core instance $i (instantiate $m))
    (func (export "add") (param "a" u32) (param "b" u64) (result u64) (canon lift (core func $i "add")))
    (func (export "echo") (param "s" string) (result string)
      (canon lift (core func $i "echo") (memory (core memory $i "memory")) (realloc (core func $i "realloc")) string-encoding=utf16)))
  (component $caller
    (import "callee" (instance $callee
      (export "add" (func (param "a" u32) (param "b" u64) (result u64)))
      (export "echo" (func (param "s" string) (result string)))))
    (core module $libc
      (memory (export "memory") 1)
      (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 128)))
    (core instance $libc (instantiate $libc))
    (core func $add (canon lower (func $callee "add")))
    (core func $echo (canon lower (func $callee "echo") (memory (core memory $libc "memory")) (realloc (core func $libc "realloc"))))
    (core module $m
      (import "callee" "add" (func $add (param i32 i64) (result i64)))
      (import "callee" "echo" (func $echo (param i32 i32 i32)))
      (func (export "run") (result i64)
        (call $echo (i32.const 8) (i32.const 2) (i32.const 16))
        (call $add (i32.const 1) (i64.const 2))))
    (core instance $i (instantiate $m
      (with "callee" (instance (export "add" (func $add)) (export "echo" (func $echo))))))
    (func (export "run") (result u64) (canon lift (core func $i "run"))))
  (instance $callee (instantiate $callee))
  (instance $caller (instantiate $caller (with "callee" (instance $callee))))
  (export "run" (func $caller "run")))
