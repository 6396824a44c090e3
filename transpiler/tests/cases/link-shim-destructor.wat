;; A destructor of the main module, which is there later than the resource type: the shim's function for it is not needed.
(component
  (core module $shim
    (table (export "$imports") 1 1 funcref)
    (func (export "0") (param i32) (call_indirect (param i32) (local.get 0) (i32.const 0))))
  (core module $main
    (import "own" "drop" (func $drop (param i32)))
    (import "own" "new" (func $new (param i32) (result i32)))
    (global $dropped (mut i32) (i32.const 0))
    (func (export "make") (param i32) (result i32) (call $new (local.get 0)))
    (func (export "dtor") (param i32) (global.set $dropped (local.get 0)))
    (func (export "dropped") (result i32) (global.get $dropped)))
  (core module $fix-up
    (import "" "0" (func $f (param i32)))
    (import "" "$imports" (table 1 1 funcref))
    (elem (i32.const 0) func $f))
  (core instance $s (instantiate $shim))
  (type $thing' (resource (rep i32) (dtor (core func $s "0"))))
  (core func $drop (canon resource.drop $thing'))
  (core func $new (canon resource.new $thing'))
  (core instance $m (instantiate $main (with "own" (instance
    (export "drop" (func $drop)) (export "new" (func $new))))))
  (core instance (instantiate $fix-up (with "" (instance
    (export "0" (func $m "dtor"))
    (export "$imports" (table $s "$imports"))))))
  (export $thing "thing" (type $thing'))
  (func (export "make") (param "rep" u32) (result (own $thing)) (canon lift (core func $m "make")))
  (func (export "dropped") (result u32) (canon lift (core func $m "dropped"))))
