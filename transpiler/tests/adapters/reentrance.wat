;; A guest that the host calls again while it calls the host.
(component
  (import "again" (func $again (param "n" u32) (result u32)))
  (import "sleep" (func $sleep (param "n" u32) (result u32)))
  (core func $again (canon lower (func $again)))
  (core func $sleep (canon lower (func $sleep)))

  (core module $m
    (import "" "again" (func $again (param i32) (result i32)))
    (global $dropped (mut i32) (i32.const 0))
    (func (export "factorial") (param i32) (result i32)
      (if (result i32) (i32.eqz (local.get 0))
        (then (i32.const 1))
        (else
          (i32.mul
            (local.get 0)
            (call $again (i32.sub (local.get 0) (i32.const 1)))))))
    (func (export "fail") unreachable)
    (func (export "drop") (param i32) (global.set $dropped (local.get 0)))
    (func (export "dropped") (result i32) (global.get $dropped)))
  (core instance $i (instantiate $m (with "" (instance
    (export "again" (func $again))))))

  (core module $w
    (import "" "sleep" (func $sleep (param i32) (result i32)))
    (func (export "wait") (param i32) (result i32)
      (i32.add (call $sleep (local.get 0)) (i32.const 1))))
  (core instance $j (instantiate $w (with "" (instance
    (export "sleep" (func $sleep))))))

  (type $thing' (resource (rep i32) (dtor (core func $i "drop"))))
  (export $thing "thing" (type $thing'))
  (core func $new (canon resource.new $thing'))
  (func (export "[constructor]thing") (param "n" u32) (result (own $thing))
    (canon lift (core func $new)))

  (func (export "factorial") (param "n" u32) (result u32)
    (canon lift (core func $i "factorial")))
  (func (export "fail") (canon lift (core func $i "fail")))
  (func (export "dropped") (result u32) (canon lift (core func $i "dropped")))
  (func (export "wait") (param "n" u32) (result u32)
    (canon lift (core func $j "wait"))))
