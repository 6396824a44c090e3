;; Strings in utf16.
(component
  (import "test:types/host@1.0.0" (instance $host
    (export "take" (func (param "x" string)))
    (export "give" (func (result string)))
  ))
  (core module $libc
    (memory (export "memory") 1)
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) unreachable))
  (core instance $libc (instantiate $libc))
  (core func $take (canon lower (func $host "take") (memory (core memory $libc "memory")) (realloc (core func $libc "realloc")) string-encoding=utf16))
  (core func $give (canon lower (func $host "give") (memory (core memory $libc "memory")) (realloc (core func $libc "realloc")) string-encoding=utf16))
  (core module $main
    (import "host" "take" (func (param i32 i32)))
    (import "host" "give" (func (param i32)))
    (func (export "take") (param i32 i32) unreachable)
    (func (export "give") (result i32) unreachable))
  (core instance $main (instantiate $main
    (with "host" (instance (export "take" (func $take)) (export "give" (func $give))))))
  (func $take-x (param "x" string) (canon lift (core func $main "take") (memory (core memory $libc "memory")) (realloc (core func $libc "realloc")) string-encoding=utf16))
  (func $give-x (result string) (canon lift (core func $main "give") (memory (core memory $libc "memory")) (realloc (core func $libc "realloc")) string-encoding=utf16))
  (export "take" (func $take-x))
  (export "give" (func $give-x))
)
