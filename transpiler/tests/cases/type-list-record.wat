;; A list of records: offsets are fixed, bounds are checked once.
(component
  (import "test:types/types@1.0.0" (instance $types
    (type $point0 (record (field "x" f64) (field "y" f64) (field "label" string)))
    (export "point" (type $point (eq $point0)))
  ))
  (alias export $types "point" (type $point))
  (import "test:types/host@1.0.0" (instance $host
    (alias outer 1 $point (type $point0))
    (export "point" (type $point (eq $point0)))
    (export "take" (func (param "x" (list $point))))
    (export "give" (func (result (list $point))))
  ))
  (core module $libc
    (memory (export "memory") 1)
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) unreachable))
  (core instance $libc (instantiate $libc))
  (core func $take (canon lower (func $host "take") (memory (core memory $libc "memory")) (realloc (core func $libc "realloc"))))
  (core func $give (canon lower (func $host "give") (memory (core memory $libc "memory")) (realloc (core func $libc "realloc"))))
  (core module $main
    (import "host" "take" (func (param i32 i32)))
    (import "host" "give" (func (param i32)))
    (func (export "take") (param i32 i32) unreachable)
    (func (export "give") (result i32) unreachable))
  (core instance $main (instantiate $main
    (with "host" (instance (export "take" (func $take)) (export "give" (func $give))))))
  (func $take-x (param "x" (list $point)) (canon lift (core func $main "take") (memory (core memory $libc "memory")) (realloc (core func $libc "realloc"))))
  (func $give-x (result (list $point)) (canon lift (core func $main "give") (memory (core memory $libc "memory")) (realloc (core func $libc "realloc"))))
  (instance $api
    (export "point" (type $point))
    (export "take" (func $take-x)) (export "give" (func $give-x)))
  (export "test:types/api@1.0.0" (instance $api))
)
