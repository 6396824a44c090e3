;; Lists of options: stored on the spot, tagged where undefined would mean two things.
(component
  (import "test:types/host@1.0.0" (instance $host
    (export "plain" (func (param "x" (list (option u32))) (result (list (option u32)))))
    (export "nested" (func (param "x" (list (option (option string)))) (result (list (option (option string))))))
  ))
  (core module $libc
    (memory (export "memory") 1)
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) unreachable))
  (core instance $libc (instantiate $libc))
  (core func $plain (canon lower (func $host "plain") (memory (core memory $libc "memory")) (realloc (core func $libc "realloc"))))
  (core func $nested (canon lower (func $host "nested") (memory (core memory $libc "memory")) (realloc (core func $libc "realloc"))))
  (core module $main
    (import "host" "plain" (func (param i32 i32 i32)))
    (import "host" "nested" (func (param i32 i32 i32)))
    (func (export "plain") (param i32 i32) (result i32) unreachable)
    (func (export "nested") (param i32 i32) (result i32) unreachable))
  (core instance $main (instantiate $main
    (with "host" (instance (export "plain" (func $plain)) (export "nested" (func $nested))))))
  (func $plain-x (param "x" (list (option u32))) (result (list (option u32)))
    (canon lift (core func $main "plain") (memory (core memory $libc "memory")) (realloc (core func $libc "realloc"))))
  (func $nested-x (param "x" (list (option (option string)))) (result (list (option (option string))))
    (canon lift (core func $main "nested") (memory (core memory $libc "memory")) (realloc (core func $libc "realloc"))))
  (export "plain" (func $plain-x))
  (export "nested" (func $nested-x))
)
