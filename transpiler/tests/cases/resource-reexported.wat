;; A resource imported and exported again is the same resource, under two names.
(component
  (import "test:io/streams@1.0.0" (instance $streams
    (export "stream" (type $stream (sub resource)))
    (export "open" (func (result (own $stream))))))
  (alias export $streams "stream" (type $stream))
  (export $mine "my-stream" (type $stream))
  (core func $open (canon lower (func $streams "open")))
  (core module $m
    (import "" "open" (func $open (result i32)))
    (func (export "open") (result i32) (call $open)))
  (core instance $i (instantiate $m (with "" (instance (export "open" (func $open))))))
  (func (export "open") (result (own $mine)) (canon lift (core func $i "open"))))
