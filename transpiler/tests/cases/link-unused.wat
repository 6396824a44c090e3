;; What nothing reaches leaves no trace in the glue: an unused import, an unused module, a lift that is not exported.
(component
  (import "unused" (func $unused (param "s" string)))
  (core module $never (func (export "f")))
  (core module $m (func (export "f")) (func (export "g")))
  (core instance $i (instantiate $m))
  (func $hidden (canon lift (core func $i "f")))
  (func (export "g") (canon lift (core func $i "g"))))
