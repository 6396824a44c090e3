;; A resource that the host defines: its constructor and methods lowered, owned and borrowed handles into the guest.
(component
  (import "test:io/streams@1.0.0" (instance $streams
    (export "stream" (type $stream (sub resource)))
    (export "[constructor]stream" (func (param "size" u32) (result (own $stream))))
    (export "[method]stream.read" (func (param "self" (borrow $stream)) (result u32)))
    (export "[static]stream.count" (func (result u32)))))
  (alias export $streams "stream" (type $stream))
  (core func $new (canon lower (func $streams "[constructor]stream")))
  (core func $read (canon lower (func $streams "[method]stream.read")))
  (core func $drop (canon resource.drop $stream))
  (core module $m
    (import "streams" "new" (func $new (param i32) (result i32)))
    (import "streams" "read" (func $read (param i32) (result i32)))
    (import "streams" "drop" (func $drop (param i32)))
    (func (export "use") (param i32) (result i32) (call $read (local.get 0)))
    (func (export "take") (param i32) (call $drop (local.get 0)))
    (func (export "make") (result i32) (call $new (i32.const 1))))
  (core instance $i (instantiate $m (with "streams" (instance
    (export "new" (func $new)) (export "read" (func $read)) (export "drop" (func $drop))))))
  (func (export "use") (param "s" (borrow $stream)) (result u32) (canon lift (core func $i "use")))
  (func (export "take") (param "s" (own $stream)) (canon lift (core func $i "take")))
  (func (export "make") (result (own $stream)) (canon lift (core func $i "make"))))
