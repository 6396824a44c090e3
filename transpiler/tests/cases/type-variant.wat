;; A variant whose payloads share flat slots of different types.
(component
  (import "test:types/types@1.0.0" (instance $types
    (type $shape0 (variant (case "none") (case "circle" f32) (case "big" u64) (case "named" string)))
    (export "shape" (type $shape (eq $shape0)))
  ))
  (alias export $types "shape" (type $shape))
  (import "test:types/host@1.0.0" (instance $host
    (alias outer 1 $shape (type $shape0))
    (export "shape" (type $shape (eq $shape0)))
    (export "take" (func (param "x" $shape)))
    (export "give" (func (result $shape)))
  ))
  (core module $libc
    (memory (export "memory") 1)
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) unreachable))
  (core instance $libc (instantiate $libc))
  (core func $take (canon lower (func $host "take") (memory (core memory $libc "memory")) (realloc (core func $libc "realloc"))))
  (core func $give (canon lower (func $host "give") (memory (core memory $libc "memory")) (realloc (core func $libc "realloc"))))
  (core module $main
    (import "host" "take" (func (param i32 i64 i32)))
    (import "host" "give" (func (param i32)))
    (func (export "take") (param i32 i64 i32) unreachable)
    (func (export "give") (result i32) unreachable))
  (core instance $main (instantiate $main
    (with "host" (instance (export "take" (func $take)) (export "give" (func $give))))))
  (func $take-x (param "x" $shape) (canon lift (core func $main "take") (memory (core memory $libc "memory")) (realloc (core func $libc "realloc"))))
  (func $give-x (result $shape) (canon lift (core func $main "give") (memory (core memory $libc "memory")) (realloc (core func $libc "realloc"))))
  (instance $api
    (export "shape" (type $shape))
    (export "take" (func $take-x)) (export "give" (func $give-x)))
  (export "test:types/api@1.0.0" (instance $api))
)
