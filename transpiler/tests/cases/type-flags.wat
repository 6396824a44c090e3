;; Flags in one byte.
(component
  (import "test:types/types@1.0.0" (instance $types
    (type $rights0 (flags "read" "write" "read-write"))
    (export "rights" (type $rights (eq $rights0)))
  ))
  (alias export $types "rights" (type $rights))
  (import "test:types/host@1.0.0" (instance $host
    (alias outer 1 $rights (type $rights0))
    (export "rights" (type $rights (eq $rights0)))
    (export "take" (func (param "x" $rights)))
    (export "give" (func (result $rights)))
  ))
  (core module $libc
    (memory (export "memory") 1)
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) unreachable))
  (core instance $libc (instantiate $libc))
  (core func $take (canon lower (func $host "take") (memory (core memory $libc "memory")) (realloc (core func $libc "realloc"))))
  (core func $give (canon lower (func $host "give") (memory (core memory $libc "memory")) (realloc (core func $libc "realloc"))))
  (core module $main
    (import "host" "take" (func (param i32)))
    (import "host" "give" (func (result i32)))
    (func (export "take") (param i32) unreachable)
    (func (export "give") (result i32) unreachable))
  (core instance $main (instantiate $main
    (with "host" (instance (export "take" (func $take)) (export "give" (func $give))))))
  (func $take-x (param "x" $rights) (canon lift (core func $main "take") (memory (core memory $libc "memory")) (realloc (core func $libc "realloc"))))
  (func $give-x (result $rights) (canon lift (core func $main "give") (memory (core memory $libc "memory")) (realloc (core func $libc "realloc"))))
  (instance $api
    (export "rights" (type $rights))
    (export "take" (func $take-x)) (export "give" (func $give-x)))
  (export "test:types/api@1.0.0" (instance $api))
)
