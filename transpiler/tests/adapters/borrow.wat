;; Two functions that take a borrow and a list, in either order, and give the borrow back.
(component
  (import "r" (type $r (sub resource)))
  (core func $drop (canon resource.drop $r))
  (core module $m
    (import "" "drop" (func $drop (param i32)))
    (memory (export "memory") 1)
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 8))
    (func (export "first") (param i32 i32 i32) (call $drop (local.get 0)))
    (func (export "last") (param i32 i32 i32) (call $drop (local.get 2))))
  (core instance $i (instantiate $m (with "" (instance (export "drop" (func $drop))))))
  (func (export "first") (param "r" (borrow $r)) (param "list" (list u32)) (canon lift
    (core func $i "first") (memory (core memory $i "memory")) (realloc (core func $i "realloc"))))
  (func (export "last") (param "list" (list u32)) (param "r" (borrow $r)) (canon lift
    (core func $i "last") (memory (core memory $i "memory")) (realloc (core func $i "realloc")))))
