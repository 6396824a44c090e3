;; An import exported again without a core module between.
(component
  (import "host" (func $host (param "name" string) (result string)))
  (import "test:a/b@1.0.0" (instance $b (export "f" (func (result u8)))))
  (export "guest" (func $host))
  (export "test:a/b@1.0.0" (instance $b)))
