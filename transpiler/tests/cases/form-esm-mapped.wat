;; --esm
;; --map test:host/*=./host-*.js
;; --map log=./log.js#write
;; Imports bound to modules: by wildcard, by export, and WASI to the shim.
(component
  (import "test:host/clock@1.0.0" (instance $clock (export "now" (func (result u64)))))
  (import "wasi:random/random@0.2.3" (instance $random (export "get-random-u64" (func (result u64)))))
  (import "log" (func $log (param "n" u64)))
  (import "other" (func $other))
  (core func $now (canon lower (func $clock "now")))
  (core func $random (canon lower (func $random "get-random-u64")))
  (core func $log (canon lower (func $log)))
  (core func $other (canon lower (func $other)))
  (core module $m
    (import "" "now" (func $now (result i64)))
    (import "" "random" (func $random (result i64)))
    (import "" "log" (func $log (param i64)))
    (import "" "other" (func $other))
    (func (export "run") (call $log (i64.add (call $now) (call $random))) (call $other)))
  (core instance $i (instantiate $m (with "" (instance
    (export "now" (func $now)) (export "random" (func $random)) (export "log" (func $log)) (export "other" (func $other))))))
  (func (export "run") (canon lift (core func $i "run"))))
