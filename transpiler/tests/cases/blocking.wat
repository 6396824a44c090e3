;; An import that may block is a pair behind a trampoline; an export that cannot reach it is a plain function.
(component
  (import "wasi:io/poll@0.2.3" (instance $poll
    (export "pollable" (type $pollable (sub resource)))
    (export "[method]pollable.block" (func (param "self" (borrow $pollable))))))
  (core func $block (canon lower (func $poll "[method]pollable.block")))
  (core module $waits
    (import "" "block" (func $block (param i32)))
    (func (export "wait") (call $block (i32.const 1))))
  (core module $plain (func (export "plain") (result i32) (i32.const 1)))
  (core instance $waits (instantiate $waits (with "" (instance (export "block" (func $block))))))
  (core instance $plain (instantiate $plain))
  (func (export "wait") (canon lift (core func $waits "wait")))
  (func (export "plain") (result u32) (canon lift (core func $plain "plain"))))
