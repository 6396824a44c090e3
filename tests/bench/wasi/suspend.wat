;; Calls an import of the host again and again; the host makes it wait.
(component
  (import "wait" (func $wait))
  (core module $M
    (import "host" "wait" (func $wait))
    (func (export "run") (param $n i32)
      (loop $again
        (call $wait)
        (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))))
  (core func $lowered (canon lower (func $wait)))
  (core instance $m (instantiate $M (with "host" (instance (export "wait" (func $lowered))))))
  (func (export "run") (param "n" u32) (canon lift (core func $m "run"))))
