;; --features values
;; Values that the host supplies, a start function, values exported.
(component
  (import "name" (value $name string))
  (import "n" (value $n (option (list u8))))
  (type $point' (record (field "x" s32) (field "the-y" (option (option u8)))))
  (import "point" (type $point (eq $point')))
  (import "a:b/c@1.0.0" (instance $i (export "point" (type $p (eq $point))) (export "origin" (value (type $p))) (export "f" (func (param "a" string) (result (result u8 (error string)))))))
  (core module $Libc
    (memory (export "memory") 1)
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) i32.const 64)
    (func (export "start") (param i32 i32) (result i32)
      ;; A name that starts with "tr".
      local.get 0 i32.load16_u i32.const 0x7274 i32.eq
      if unreachable end
      i32.const 16 local.get 0 i32.store
      i32.const 20 local.get 1 i32.store
      i32.const 16))
  (core instance $libc (instantiate $Libc))
  (func $start (param "p1" string) (result string)
    (canon lift (core func $libc "start") (memory (core memory $libc "memory")) (realloc (core func $libc "realloc"))))
  (start $start (value $name) (result (value $greeting)))
  (export "greeting" (value $greeting))
  (export "n-again" (value $n))
  (instance $out (export "origin" (value $i "origin")))
  (export "geo:out/values@1.0.0" (instance $out))
  (component $Shouting
    (import "shout" (func $shout (param "text" string) (result (result string (error string)))))
    (import "text" (value $text string))
    (start $shout (value $text) (result (value $shouted)))
    (export "shouted" (value $shouted)))
  (import "shout" (func $shout (param "text" string) (result (result string (error string)))))
  (import "hello" (value $hello string))
  (instance $shouting (instantiate $Shouting (with "shout" (func $shout)) (with "text" (value $hello))))
  (export "shouted" (value $shouting "shouted"))
)
