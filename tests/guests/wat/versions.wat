;; Imports one interface in two compatible versions and one that is compatible with neither; says what each answers.
(component
  (import "test:dep/which@0.2.1" (instance $a (export "which" (func (result u32)))))
  (import "test:dep/which@0.2.6" (instance $b (export "which" (func (result u32)))))
  (import "test:dep/which@0.3.0" (instance $c (export "which" (func (result u32)))))
  (core func $fa (canon lower (func $a "which")))
  (core func $fb (canon lower (func $b "which")))
  (core func $fc (canon lower (func $c "which")))
  (core module $m
    (import "which" "a" (func $a (result i32)))
    (import "which" "b" (func $b (result i32)))
    (import "which" "c" (func $c (result i32)))
    (func (export "a") (result i32) (call $a))
    (func (export "b") (result i32) (call $b))
    (func (export "c") (result i32) (call $c)))
  (core instance $i (instantiate $m (with "which" (instance
    (export "a" (func $fa)) (export "b" (func $fb)) (export "c" (func $fc))))))
  (func (export "first") (result u32) (canon lift (core func $i "a")))
  (func (export "second") (result u32) (canon lift (core func $i "b")))
  (func (export "third") (result u32) (canon lift (core func $i "c"))))
