;; Flags in four bytes, the top bit among them.
(component
  (import "test:types/types@1.0.0" (instance $types
    (type $bits0 (flags "b0" "b1" "b2" "b3" "b4" "b5" "b6" "b7" "b8" "b9" "b10" "b11" "b12" "b13" "b14" "b15" "b16" "b17" "b18" "b19" "b20" "b21" "b22" "b23" "b24" "b25" "b26" "b27" "b28" "b29" "b30" "b31"))
    (export "bits" (type $bits (eq $bits0)))
  ))
  (alias export $types "bits" (type $bits))
  (import "test:types/host@1.0.0" (instance $host
    (alias outer 1 $bits (type $bits0))
    (export "bits" (type $bits (eq $bits0)))
    (export "take" (func (param "x" $bits)))
    (export "give" (func (result $bits)))
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
  (func $take-x (param "x" $bits) (canon lift (core func $main "take") (memory (core memory $libc "memory")) (realloc (core func $libc "realloc"))))
  (func $give-x (result $bits) (canon lift (core func $main "give") (memory (core memory $libc "memory")) (realloc (core func $libc "realloc"))))
  (instance $api
    (export "bits" (type $bits))
    (export "take" (func $take-x)) (export "give" (func $give-x)))
  (export "test:types/api@1.0.0" (instance $api))
)
