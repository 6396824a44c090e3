;; A function of a module made later needs the shim; a function of the glue goes around it all the same.
(component
  (import "log" (func $log (param "line" string)))
  (core module $main
    (import "host" "log" (func $log (param i32 i32)))
    (import "preview1" "length" (func $length (result i32)))
    (memory (export "memory") 1)
    (func (export "run") (call $log (i32.const 0) (call $length))))
  (core module $adapter
    (import "main" "memory" (memory 1))
    (func (export "length") (result i32) (i32.load8_u (i32.const 0))))
  (core module $shim
    (type $log (func (param i32 i32)))
    (type $length (func (result i32)))
    (table (export "$imports") 2 2 funcref)
    (func (export "0") (type $log)
      (call_indirect (type $log) (local.get 0) (local.get 1) (i32.const 0)))
    (func (export "1") (type $length) (call_indirect (type $length) (i32.const 1))))
  (core module $fix-up
    (import "" "0" (func $0 (param i32 i32)))
    (import "" "1" (func $1 (result i32)))
    (import "" "$imports" (table 2 2 funcref))
    (elem (i32.const 0) func $0 $1))
  (core instance $s (instantiate $shim))
  (core instance $m (instantiate $main
    (with "host" (instance (export "log" (func $s "0"))))
    (with "preview1" (instance (export "length" (func $s "1"))))))
  (core instance $a (instantiate $adapter (with "main" (instance $m))))
  (core func $log (canon lower (func $log) (memory (core memory $m "memory"))))
  (core instance (instantiate $fix-up (with "" (instance
    (export "0" (func $log))
    (export "1" (func $a "length"))
    (export "$imports" (table $s "$imports"))))))
  (func (export "run") (canon lift (core func $m "run"))))
