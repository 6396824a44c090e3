;; What stands between the two components of composed.wat, written by hand: the caller's memory is $a, the callee's $b.
(module
  (import "a" "memory" (memory $a 64))
  (import "b" "memory" (memory $b 64))
  (import "b" "realloc" (func $realloc (param i32 i32 i32 i32) (result i32)))
  (import "b" "take" (func $take (param i32 i32) (result i32)))
  (import "b" "add-small" (func $add-small (param i32 i32) (result i32)))

  (func (export "add-small") (param i32 i32) (result i32)
    (i32.and
      (call $add-small (i32.and (local.get 0) (i32.const 0xffff)) (i32.and (local.get 1) (i32.const 0xffff)))
      (i32.const 0xffff)))

  (func $bytes (export "bytes") (param $p i32) (param $n i32) (result i32)
    (local $to i32)
    (local.set $to (call $realloc (i32.const 0) (i32.const 0) (i32.const 1) (local.get $n)))
    (memory.copy $b $a (local.get $to) (local.get $p) (local.get $n))
    (call $take (local.get $to) (local.get $n)))

  ;; UTF-8 has to be valid before the callee sees it.
  (func (export "text") (param $p i32) (param $n i32) (result i32)
    (call $validate (local.get $p) (i32.add (local.get $p) (local.get $n)))
    (call $bytes (local.get $p) (local.get $n)))

  (func $more (param $at i32) (param $end i32)
    (if (i32.ge_u (local.get $at) (local.get $end)) (then (unreachable)))
    (if (i32.ne (i32.and (i32.load8_u $a (local.get $at)) (i32.const 0xc0)) (i32.const 0x80)) (then (unreachable))))

  (func $between (param $at i32) (param $low i32) (param $high i32)
    (local $c i32)
    (local.set $c (i32.load8_u $a (local.get $at)))
    (if (i32.or (i32.lt_u (local.get $c) (local.get $low)) (i32.gt_u (local.get $c) (local.get $high)))
      (then (unreachable))))

  (func $validate (param $p i32) (param $end i32)
    (local $c i32)
    (loop $next
      (block $slow
        (loop $words
          (br_if $slow (i32.gt_u (i32.add (local.get $p) (i32.const 8)) (local.get $end)))
          (br_if $slow (i64.ne
            (i64.and (i64.load $a align=1 (local.get $p)) (i64.const 0x8080808080808080)) (i64.const 0)))
          (local.set $p (i32.add (local.get $p) (i32.const 8)))
          (br $words)))
      (if (i32.ge_u (local.get $p) (local.get $end)) (then (return)))
      (local.set $c (i32.load8_u $a (local.get $p)))
      (local.set $p (i32.add (local.get $p) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $c) (i32.const 0x80)))
      (if (i32.lt_u (local.get $c) (i32.const 0xc2)) (then (unreachable)))
      (if (i32.ge_u (local.get $c) (i32.const 0xf5)) (then (unreachable)))
      (call $more (local.get $p) (local.get $end))
      (if (i32.eq (local.get $c) (i32.const 0xe0)) (then (call $between (local.get $p) (i32.const 0xa0) (i32.const 0xbf))))
      (if (i32.eq (local.get $c) (i32.const 0xed)) (then (call $between (local.get $p) (i32.const 0x80) (i32.const 0x9f))))
      (if (i32.eq (local.get $c) (i32.const 0xf0)) (then (call $between (local.get $p) (i32.const 0x90) (i32.const 0xbf))))
      (if (i32.eq (local.get $c) (i32.const 0xf4)) (then (call $between (local.get $p) (i32.const 0x80) (i32.const 0x8f))))
      (local.set $p (i32.add (local.get $p) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $c) (i32.const 0xe0)))
      (call $more (local.get $p) (local.get $end))
      (local.set $p (i32.add (local.get $p) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $c) (i32.const 0xf0)))
      (call $more (local.get $p) (local.get $end))
      (local.set $p (i32.add (local.get $p) (i32.const 1)))
      (br $next)))

  ;; UTF-16 to UTF-8: as if it were ASCII; with the first unit that is none, room for the worst.
  (func (export "text16") (param $p i32) (param $units i32) (result i32)
    (local $to i32) (local $at i32) (local $i i32) (local $c i32) (local $low i32) (local $wide i32)
    (local.set $to (call $realloc (i32.const 0) (i32.const 0) (i32.const 1) (local.get $units)))
    (if (i32.eqz (local.get $units)) (then (return (call $take (local.get $to) (i32.const 0)))))
    (loop $next
      (local.set $c (i32.load16_u $a (i32.add (local.get $p) (i32.shl (local.get $i) (i32.const 1)))))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (block $done
        (if (i32.lt_u (local.get $c) (i32.const 0x80)) (then
          (i32.store8 $b (i32.add (local.get $to) (local.get $at)) (local.get $c))
          (local.set $at (i32.add (local.get $at) (i32.const 1)))
          (br $done)))
        (if (i32.eqz (local.get $wide)) (then
          (local.set $wide (i32.const 1))
          (local.set $to (call $realloc (local.get $to) (local.get $units) (i32.const 1)
            (i32.mul (local.get $units) (i32.const 3))))))
        (if (i32.lt_u (local.get $c) (i32.const 0x800)) (then
          (call $put (i32.add (local.get $to) (local.get $at))
            (i32.or (i32.const 0xc0) (i32.shr_u (local.get $c) (i32.const 6))))
          (call $tail (i32.add (local.get $to) (i32.add (local.get $at) (i32.const 1))) (local.get $c) (i32.const 0))
          (local.set $at (i32.add (local.get $at) (i32.const 2)))
          (br $done)))
        (if (i32.ne (i32.and (local.get $c) (i32.const 0xf800)) (i32.const 0xd800)) (then
          (call $put (i32.add (local.get $to) (local.get $at))
            (i32.or (i32.const 0xe0) (i32.shr_u (local.get $c) (i32.const 12))))
          (call $tail (i32.add (local.get $to) (i32.add (local.get $at) (i32.const 1))) (local.get $c) (i32.const 6))
          (call $tail (i32.add (local.get $to) (i32.add (local.get $at) (i32.const 2))) (local.get $c) (i32.const 0))
          (local.set $at (i32.add (local.get $at) (i32.const 3)))
          (br $done)))
        (if (i32.ge_u (local.get $c) (i32.const 0xdc00)) (then (unreachable)))
        (if (i32.ge_u (local.get $i) (local.get $units)) (then (unreachable)))
        (local.set $low (i32.load16_u $a (i32.add (local.get $p) (i32.shl (local.get $i) (i32.const 1)))))
        (if (i32.ne (i32.and (local.get $low) (i32.const 0xfc00)) (i32.const 0xdc00)) (then (unreachable)))
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (local.set $c (i32.add (i32.const 0x10000) (i32.or
          (i32.shl (i32.and (local.get $c) (i32.const 0x3ff)) (i32.const 10))
          (i32.and (local.get $low) (i32.const 0x3ff)))))
        (call $put (i32.add (local.get $to) (local.get $at))
          (i32.or (i32.const 0xf0) (i32.shr_u (local.get $c) (i32.const 18))))
        (call $tail (i32.add (local.get $to) (i32.add (local.get $at) (i32.const 1))) (local.get $c) (i32.const 12))
        (call $tail (i32.add (local.get $to) (i32.add (local.get $at) (i32.const 2))) (local.get $c) (i32.const 6))
        (call $tail (i32.add (local.get $to) (i32.add (local.get $at) (i32.const 3))) (local.get $c) (i32.const 0))
        (local.set $at (i32.add (local.get $at) (i32.const 4))))
      (br_if $next (i32.lt_u (local.get $i) (local.get $units))))
    (if (local.get $wide) (then
      (local.set $to (call $realloc (local.get $to) (i32.mul (local.get $units) (i32.const 3)) (i32.const 1)
        (local.get $at)))))
    (call $take (local.get $to) (local.get $at)))

  (func $put (param i32 i32) (i32.store8 $b (local.get 0) (local.get 1)))
  (func $tail (param $at i32) (param $c i32) (param $shift i32)
    (call $put (local.get $at)
      (i32.or (i32.const 0x80) (i32.and (i32.shr_u (local.get $c) (local.get $shift)) (i32.const 0x3f))))))
