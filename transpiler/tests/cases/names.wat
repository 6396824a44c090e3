;; Names that JavaScript has other plans for.
(component
  (import "class" (func $class (param "this" u8) (param "arguments" u8)))
  (core func $class (canon lower (func $class)))
  (core module $m
    (import "" "f" (func $f (param i32 i32)))
    (func (export "") (param i32 i32) (call $f (local.get 0) (local.get 1)))
    (func (export "quote \" and\nnewline") (result i32) (i32.const 0))
    (func (export "__proto__") (result i32) (i32.const 1)))
  (core instance $i (instantiate $m (with "" (instance (export "f" (func $class))))))
  (func (export "default") (param "new" u8) (param "await" u8) (canon lift (core func $i "")))
  (func (export "constructor") (result u8) (canon lift (core func $i "quote \" and\nnewline")))
  (func (export "instantiate") (result u8) (canon lift (core func $i "__proto__"))))
