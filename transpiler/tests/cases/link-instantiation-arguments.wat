;; Functions go into a nested component as arguments, through an instance made of exports, and come out again.
(component
  (import "log" (func $log (param "n" u32)))
  (component $c
    (import "api" (instance $api (export "log" (func (param "n" u32)))))
    (core func $log (canon lower (func $api "log")))
    (core module $m
      (import "" "log" (func $log (param i32)))
      (func (export "run") (call $log (i32.const 7))))
    (core instance $i (instantiate $m (with "" (instance (export "log" (func $log))))))
    (func (export "run") (canon lift (core func $i "run"))))
  (instance $api (export "log" (func $log)))
  (instance $c (instantiate $c (with "api" (instance $api))))
  (export "run" (func $c "run")))
