;; A wasi:cli command: prints its arguments and variables, copies standard input, and fails when it was given no argument.
(component
  (import "wasi:io/error@0.2.0" (instance $error
    (export "error" (type (sub resource)))))
  (alias export $error "error" (type $error-resource))
  (import "wasi:io/streams@0.2.0" (instance $streams
    (export "output-stream" (type $out (sub resource)))
    (export "input-stream" (type $in (sub resource)))
    (alias outer 1 $error-resource (type $error-resource))
    (export "error" (type $error (eq $error-resource)))
    (type $stream-error-variant (variant (case "last-operation-failed" (own $error)) (case "closed")))
    (export "stream-error" (type $stream-error (eq $stream-error-variant)))
    (export "[method]output-stream.blocking-write-and-flush"
      (func (param "self" (borrow $out)) (param "contents" (list u8)) (result (result (error $stream-error)))))
    (export "[method]input-stream.blocking-read"
      (func (param "self" (borrow $in)) (param "len" u64) (result (result (list u8) (error $stream-error)))))))
  (alias export $streams "output-stream" (type $out))
  (alias export $streams "input-stream" (type $in))
  (import "wasi:cli/environment@0.2.0" (instance $environment
    (export "get-environment" (func (result (list (tuple string string)))))
    (export "get-arguments" (func (result (list string))))))
  (import "wasi:cli/stdin@0.2.0" (instance $stdin
    (alias outer 1 $in (type $stream))
    (export "input-stream" (type $in (eq $stream)))
    (export "get-stdin" (func (result (own $in))))))
  (import "wasi:cli/stdout@0.2.0" (instance $stdout
    (alias outer 1 $out (type $stream))
    (export "output-stream" (type $out (eq $stream)))
    (export "get-stdout" (func (result (own $out))))))
  (import "wasi:cli/stderr@0.2.0" (instance $stderr
    (alias outer 1 $out (type $stream))
    (export "output-stream" (type $out (eq $stream)))
    (export "get-stderr" (func (result (own $out))))))

  ;; Memory and allocator have a module of their own, because the imports need them before the program is there.
  (core module $heap
    (memory (export "memory") 2)
    (data (i32.const 128) "Hello from a component!\0a")
    (data (i32.const 160) "argument ")
    (data (i32.const 176) "variable ")
    (data (i32.const 192) "=")
    (data (i32.const 196) "\0a")
    (data (i32.const 208) "Give me an argument, and I succeed.\0a")
    (global $top (mut i32) (i32.const 1024))
    (func (export "realloc") (param $old i32) (param $old-size i32) (param $align i32) (param $size i32) (result i32)
      (local $at i32)
      (local.set $at (i32.and
        (i32.add (global.get $top) (i32.sub (local.get $align) (i32.const 1)))
        (i32.sub (i32.const 0) (local.get $align))))
      (global.set $top (i32.add (local.get $at) (local.get $size)))
      (block $fits
        (br_if $fits (i32.le_u (global.get $top) (i32.shl (memory.size) (i32.const 16))))
        (br_if $fits (i32.ne (i32.const -1)
          (memory.grow (i32.add (i32.const 1) (i32.shr_u (local.get $size) (i32.const 16))))))
        unreachable)
      (memory.copy (local.get $at) (local.get $old) (local.get $old-size))
      (local.get $at)))
  (core instance $heap (instantiate $heap))

  (core func $get-arguments (canon lower (func $environment "get-arguments")
    (memory (core memory $heap "memory")) (realloc (core func $heap "realloc"))))
  (core func $get-environment (canon lower (func $environment "get-environment")
    (memory (core memory $heap "memory")) (realloc (core func $heap "realloc"))))
  (core func $get-stdin (canon lower (func $stdin "get-stdin")))
  (core func $get-stdout (canon lower (func $stdout "get-stdout")))
  (core func $get-stderr (canon lower (func $stderr "get-stderr")))
  (core func $read (canon lower (func $streams "[method]input-stream.blocking-read")
    (memory (core memory $heap "memory")) (realloc (core func $heap "realloc"))))
  (core func $write (canon lower (func $streams "[method]output-stream.blocking-write-and-flush")
    (memory (core memory $heap "memory"))))
  (core func $drop-in (canon resource.drop $in))
  (core func $drop-out (canon resource.drop $out))

  (core module $program
    (import "heap" "memory" (memory 2))
    (import "wasi" "get-arguments" (func $get-arguments (param i32)))
    (import "wasi" "get-environment" (func $get-environment (param i32)))
    (import "wasi" "get-stdin" (func $get-stdin (result i32)))
    (import "wasi" "get-stdout" (func $get-stdout (result i32)))
    (import "wasi" "get-stderr" (func $get-stderr (result i32)))
    (import "wasi" "read" (func $read (param i32 i64 i32)))
    (import "wasi" "write" (func $write (param i32 i32 i32 i32)))
    (import "wasi" "drop-in" (func $drop-in (param i32)))
    (import "wasi" "drop-out" (func $drop-out (param i32)))
    (global $stdout (mut i32) (i32.const 0))

    ;; A failed write ends the program: there is nobody to tell.
    (func $put (param $at i32) (param $length i32)
      (local $chunk i32)
      (loop $more
        ;; The function takes 4096 bytes at a time.
        (local.set $chunk (select (i32.const 4096) (local.get $length)
          (i32.gt_u (local.get $length) (i32.const 4096))))
        (call $write (global.get $stdout) (local.get $at) (local.get $chunk) (i32.const 16))
        (if (i32.load8_u (i32.const 16)) (then unreachable))
        (local.set $at (i32.add (local.get $at) (local.get $chunk)))
        (local.set $length (i32.sub (local.get $length) (local.get $chunk)))
        (br_if $more (local.get $length))))
    (func $put-string (param $pair i32)
      (if (i32.load offset=4 (local.get $pair))
        (then (call $put (i32.load (local.get $pair)) (i32.load offset=4 (local.get $pair))))))

    (func $put-arguments (result i32)
      (local $at i32) (local $end i32)
      (call $get-arguments (i32.const 32))
      (local.set $at (i32.load (i32.const 32)))
      (local.set $end (i32.add (local.get $at) (i32.mul (i32.load (i32.const 36)) (i32.const 8))))
      (block $done
        (loop $next
          (br_if $done (i32.eq (local.get $at) (local.get $end)))
          (call $put (i32.const 160) (i32.const 9))
          (call $put-string (local.get $at))
          (call $put (i32.const 196) (i32.const 1))
          (local.set $at (i32.add (local.get $at) (i32.const 8)))
          (br $next)))
      ;; The first is the program's name.
      (i32.gt_u (i32.load (i32.const 36)) (i32.const 1)))

    (func $put-variables
      (local $at i32) (local $end i32)
      (call $get-environment (i32.const 32))
      (local.set $at (i32.load (i32.const 32)))
      (local.set $end (i32.add (local.get $at) (i32.mul (i32.load (i32.const 36)) (i32.const 16))))
      (block $done
        (loop $next
          (br_if $done (i32.eq (local.get $at) (local.get $end)))
          (call $put (i32.const 176) (i32.const 9))
          (call $put-string (local.get $at))
          (call $put (i32.const 192) (i32.const 1))
          (call $put-string (i32.add (local.get $at) (i32.const 8)))
          (call $put (i32.const 196) (i32.const 1))
          (local.set $at (i32.add (local.get $at) (i32.const 16)))
          (br $next))))

    (func $copy-input
      (local $stdin i32)
      (local.set $stdin (call $get-stdin))
      (block $end
        (loop $next
          (call $read (local.get $stdin) (i64.const 4096) (i32.const 48))
          (br_if $end (i32.load8_u (i32.const 48)))
          (if (i32.load (i32.const 56))
            (then (call $put (i32.load (i32.const 52)) (i32.load (i32.const 56)))))
          (br $next)))
      (call $drop-in (local.get $stdin)))

    (func (export "run") (result i32)
      (local $given i32)
      (global.set $stdout (call $get-stdout))
      (call $put (i32.const 128) (i32.const 24))
      (local.set $given (call $put-arguments))
      (call $put-variables)
      (call $copy-input)
      (call $drop-out (global.get $stdout))
      (if (local.get $given) (then (return (i32.const 0))))
      (global.set $stdout (call $get-stderr))
      (call $put (i32.const 208) (i32.const 36))
      (call $drop-out (global.get $stdout))
      (i32.const 1)))
  (core instance $program (instantiate $program
    (with "heap" (instance $heap))
    (with "wasi" (instance
      (export "get-arguments" (func $get-arguments))
      (export "get-environment" (func $get-environment))
      (export "get-stdin" (func $get-stdin))
      (export "get-stdout" (func $get-stdout))
      (export "get-stderr" (func $get-stderr))
      (export "read" (func $read))
      (export "write" (func $write))
      (export "drop-in" (func $drop-in))
      (export "drop-out" (func $drop-out))))))

  (func $run (result (result))
    (canon lift (core func $program "run")))
  (instance $cli-run (export "run" (func $run)))
  (export "wasi:cli/run@0.2.0" (instance $cli-run)))
