;; --runtime inline
;; --esm
;; A module that instantiates itself.
(component
  (core module $m
    (memory (export "memory") 1)
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 64))
    (func (export "greet") (param i32 i32) (result i32) unreachable)
    (func (export "after") (param i32)))
  (core instance $i (instantiate $m))
  (func (export "greet") (param "name" string) (result string)
    (canon lift (core func $i "greet") (memory (core memory $i "memory")) (realloc (core func $i "realloc")) (post-return (core func $i "after")))))
