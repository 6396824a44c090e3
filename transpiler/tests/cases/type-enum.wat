;; An enum.
(component
  (import "test:types/types@1.0.0" (instance $types
    (type $level0 (enum "low" "very-high" "default"))
    (export "level" (type $level (eq $level0)))
  ))
  (alias export $types "level" (type $level))
  (import "test:types/host@1.0.0" (instance $host
    (alias outer 1 $level (type $level0))
    (export "level" (type $level (eq $level0)))
    (export "take" (func (param "x" $level)))
    (export "give" (func (result $level)))
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
  (func $take-x (param "x" $level) (canon lift (core func $main "take") (memory (core memory $libc "memory")) (realloc (core func $libc "realloc"))))
  (func $give-x (result $level) (canon lift (core func $main "give") (memory (core memory $libc "memory")) (realloc (core func $libc "realloc"))))
  (instance $api
    (export "level" (type $level))
    (export "take" (func $take-x)) (export "give" (func $give-x)))
  (export "test:types/api@1.0.0" (instance $api))
)
