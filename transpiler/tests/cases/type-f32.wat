;; The type f32, in both directions.
(component
  (import "test:types/host@1.0.0" (instance $host
    (export "take" (func (param "x" f32)))
    (export "give" (func (result f32)))
  ))
  (core module $libc
    (memory (export "memory") 1)
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) unreachable))
  (core instance $libc (instantiate $libc))
  (core func $take (canon lower (func $host "take") (memory (core memory $libc "memory")) (realloc (core func $libc "realloc"))))
  (core func $give (canon lower (func $host "give") (memory (core memory $libc "memory")) (realloc (core func $libc "realloc"))))
  (core module $main
    (import "host" "take" (func (param f32)))
    (import "host" "give" (func (result f32)))
    (func (export "take") (param f32) unreachable)
    (func (export "give") (result f32) unreachable))
  (core instance $main (instantiate $main
    (with "host" (instance (export "take" (func $take)) (export "give" (func $give))))))
  (func $take-x (param "x" f32) (canon lift (core func $main "take") (memory (core memory $libc "memory")) (realloc (core func $libc "realloc"))))
  (func $give-x (result f32) (canon lift (core func $main "give") (memory (core memory $libc "memory")) (realloc (core func $libc "realloc"))))
  (export "take" (func $take-x))
  (export "give" (func $give-x))
)
