;; The shape that wit-component gives to a module whose imports need its own memory: a shim with a table, the module, the
;; lowered functions, and a fix-up module that fills the table.
(component
  (import "log" (func $log (param "text" string)))
  (core module $shim
    (table (export "$imports") 1 1 funcref)
    (func (export "0") (param i32 i32)
      (call_indirect (param i32 i32) (local.get 0) (local.get 1) (i32.const 0))))
  (core module $main
    (import "host" "log" (func $log (param i32 i32)))
    (memory (export "memory") 1)
    (data (i32.const 16) "hello")
    (func (export "run") (call $log (i32.const 16) (i32.const 5))))
  (core module $fixup
    (import "" "0" (func $f (param i32 i32)))
    (import "" "$imports" (table 1 1 funcref))
    (elem (i32.const 0) func $f))
  (core instance $shim (instantiate $shim))
  (core instance $main (instantiate $main (with "host" (instance (export "log" (func $shim "0"))))))
  (core func $log (canon lower (func $log) (memory (core memory $main "memory"))))
  (core instance (instantiate $fixup (with "" (instance
    (export "0" (func $log))
    (export "$imports" (table $shim "$imports"))))))
  (func (export "run") (canon lift (core func $main "run"))))
