;; A resource that the component defines: constructor, method, static function, destructor.
(component
  (core module $dtor (func (export "drop") (param i32)))
  (core instance $dtor (instantiate $dtor))
  (type $file' (resource (rep i32) (dtor (core func $dtor "drop"))))
  (core func $new (canon resource.new $file'))
  (core module $m
    (import "file" "new" (func $new (param i32) (result i32)))
    (func (export "constructor") (param i32) (result i32) (call $new (local.get 0)))
    (func (export "size") (param i32) (result i32) (local.get 0))
    (func (export "largest") (param i32 i32) (result i32) (call $new (i32.const 9))))
  (core instance $m (instantiate $m (with "file" (instance (export "new" (func $new))))))
  (export $file "file" (type $file'))
  (func $constructor (param "size" u32) (result (own $file)) (canon lift (core func $m "constructor")))
  (export "[constructor]file" (func $constructor))
  (func $size (param "self" (borrow $file)) (result u32) (canon lift (core func $m "size")))
  (export "[method]file.size" (func $size))
  (func $largest (param "a" (own $file)) (param "b" (borrow $file)) (result (own $file)) (canon lift (core func $m "largest")))
  (export "[static]file.largest" (func $largest)))
