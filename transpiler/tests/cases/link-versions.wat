;; Two versions of one interface stay two.
(component
  (import "test:a/b@0.2.1" (instance $old (export "f" (func (result u32)))))
  (import "test:a/b@0.3.0" (instance $new (export "f" (func (result u32)))))
  (core func $old (canon lower (func $old "f")))
  (core func $new (canon lower (func $new "f")))
  (core module $m
    (import "old" "f" (func $old (result i32)))
    (import "new" "f" (func $new (result i32)))
    (func (export "sum") (result i32) (i32.add (call $old) (call $new))))
  (core instance $i (instantiate $m
    (with "old" (instance (export "f" (func $old))))
    (with "new" (instance (export "f" (func $new))))))
  (func (export "sum") (result u32) (canon lift (core func $i "sum"))))
