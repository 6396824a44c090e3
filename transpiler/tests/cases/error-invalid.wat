;; Refused by validation, two components down: the error says where.
(component
  (component
    (component
      (core module $m (func (export "f") (param i32)))
      (core instance $i (instantiate $m))
      (func (export "f") (result string) (canon lift (core func $i "f"))))))
