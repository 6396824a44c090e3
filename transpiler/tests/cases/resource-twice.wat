;; A component that defines a resource, instantiated twice: two resource types.
(component
  (component $c
    (type $r' (resource (rep i32)))
    (core func $new (canon resource.new $r'))
    (core module $m
      (import "" "new" (func $new (param i32) (result i32)))
      (func (export "make") (result i32) (call $new (i32.const 1))))
    (core instance $i (instantiate $m (with "" (instance (export "new" (func $new))))))
    (export $r "r" (type $r'))
    (func (export "make") (result (own $r)) (canon lift (core func $i "make"))))
  (instance $a (instantiate $c))
  (instance $b (instantiate $c))
  (export "test:twice/a@1.0.0" (instance $a))
  (export "test:twice/b@1.0.0" (instance $b)))
