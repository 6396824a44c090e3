;; A component two levels down instantiates a core module of the root, and uses a type of it.
(component
  (core module $m (func (export "one") (result i32) (i32.const 1)))
  (type $pair (tuple u8 u8))
  (component $c
    (component $d
      (alias outer 2 $m (core module $inner))
      (alias outer 2 $pair (type $pair))
      (core module $memory (memory (export "memory") 1))
      (core instance $memory (instantiate $memory))
      (core instance $i (instantiate $inner))
      (func (export "one") (result $pair)
        (canon lift (core func $i "one") (memory (core memory $memory "memory")))))
    (instance $d (instantiate $d))
    (export "one" (func $d "one")))
  (instance $c (instantiate $c))
  (export "one" (func $c "one")))
