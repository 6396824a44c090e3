;; One small function per kind of type, so that every kind of form has something to do.
(component
  (core module $m
    (memory (export "memory") 1)
    (global $top (mut i32) (i32.const 64))
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
      (local.get $at))
    (func (export "post") (param i32)
      (global.set $top (i32.const 64)))

    (func (export "add") (param i32 i32) (result i32)
      (i32.add (local.get 0) (local.get 1)))

    (func (export "opposite") (param i32) (result i32)
      (i32.xor (local.get 0) (i32.const 1)))

    (func (export "invert") (param i32) (result i32)
      (i32.xor (local.get 0) (i32.const 7)))

    ;; circle(r), rectangle(w, h), triangle(a, b, c) by Heron's formula, nothing
    (func (export "area") (param $case i32) (param $a f64) (param $b f64) (param $c f64) (result f64)
      (local $s f64)
      (block $nothing
        (block $triangle
          (block $rectangle
            (block $circle
              (br_table $circle $rectangle $triangle $nothing (local.get $case)))
            (return (f64.mul (f64.const 3.141592653589793) (f64.mul (local.get $a) (local.get $a)))))
          (return (f64.mul (local.get $a) (local.get $b))))
        (local.set $s (f64.div (f64.add (f64.add (local.get $a) (local.get $b)) (local.get $c)) (f64.const 2)))
        (return (f64.sqrt (f64.mul
          (f64.mul (local.get $s) (f64.sub (local.get $s) (local.get $a)))
          (f64.mul (f64.sub (local.get $s) (local.get $b)) (f64.sub (local.get $s) (local.get $c)))))))
      (f64.const 0))

    (func (export "sum") (param $at i32) (param $count i32) (result f64)
      (local $total f64)
      (block $done
        (loop $next
          (br_if $done (i32.eqz (local.get $count)))
          (local.set $total (f64.add (local.get $total) (f64.load (local.get $at))))
          (local.set $at (i32.add (local.get $at) (i32.const 8)))
          (local.set $count (i32.sub (local.get $count) (i32.const 1)))
          (br $next)))
      (global.set $top (i32.const 64))
      (local.get $total))

    ;; result<s32, enum { division-by-zero, overflow }> at address 16
    (func (export "divide") (param $a i32) (param $b i32) (result i32)
      (i32.store (i32.const 16) (i32.const 1))
      (i32.store (i32.const 20) (i32.const 0))
      (if (i32.eqz (local.get $b)) (then (return (i32.const 16))))
      (i32.store (i32.const 20) (i32.const 1))
      (if (i32.and
            (i32.eq (local.get $a) (i32.const 0x80000000))
            (i32.eq (local.get $b) (i32.const -1)))
        (then (return (i32.const 16))))
      (i32.store (i32.const 16) (i32.const 0))
      (i32.store (i32.const 20) (i32.div_s (local.get $a) (local.get $b)))
      (i32.const 16))

    ;; person { name: string, age: u32, nickname: option<string> } at address 16; a year if nobody says how many
    (func (export "older")
      (param $name i32) (param $name-length i32) (param $age i32)
      (param $has-nickname i32) (param $nickname i32) (param $nickname-length i32)
      (param $has-years i32) (param $years i32)
      (result i32)
      (i32.store (i32.const 16) (local.get $name))
      (i32.store (i32.const 20) (local.get $name-length))
      (i32.store (i32.const 24) (i32.add (local.get $age)
        (select (local.get $years) (i32.const 1) (local.get $has-years))))
      (i32.store (i32.const 28) (local.get $has-nickname))
      (i32.store (i32.const 32) (local.get $nickname))
      (i32.store (i32.const 36) (local.get $nickname-length))
      (i32.const 16))

    ;; option<char>: the next scalar value
    (func (export "next-char") (param $c i32) (result i32)
      (i32.store (i32.const 16) (i32.ne (local.get $c) (i32.const 0x10ffff)))
      (i32.store (i32.const 20) (select
        (i32.const 0xe000)
        (i32.add (local.get $c) (i32.const 1))
        (i32.eq (local.get $c) (i32.const 0xd7ff))))
      (i32.const 16))

    ;; tuple<s64, bool>: twice as much, and whether that still fits
    (func (export "double") (param $n i64) (result i32)
      (local $twice i64)
      (local.set $twice (i64.shl (local.get $n) (i64.const 1)))
      (i64.store (i32.const 16) (local.get $twice))
      (i32.store (i32.const 24) (i64.eq (i64.shr_s (local.get $twice) (i64.const 1)) (local.get $n)))
      (i32.const 16))

    (func (export "never") unreachable))
  (core instance $i (instantiate $m))

  (type $direction-enum (enum "north" "south" "east" "west"))
  (export $direction "direction" (type $direction-enum))
  (type $math-error-enum (enum "division-by-zero" "overflow"))
  (export $math-error "math-error" (type $math-error-enum))
  (type $permissions-flags (flags "read" "write" "run-it"))
  (export $permissions "permissions" (type $permissions-flags))
  (type $rectangle-record (record (field "width" f64) (field "height" f64)))
  (export $rectangle "rectangle" (type $rectangle-record))
  (type $shape-variant (variant
    (case "circle" f64)
    (case "rectangle" $rectangle)
    (case "triangle" (tuple f64 f64 f64))
    (case "nothing")))
  (export $shape "shape" (type $shape-variant))
  (type $person-record (record (field "name" string) (field "age" u32) (field "nickname" (option string))))
  (export $person "person" (type $person-record))

  (func (export "add") (param "a" u32) (param "b" u32) (result u32)
    (canon lift (core func $i "add")))
  (func (export "area") (param "of" $shape) (result f64)
    (canon lift (core func $i "area")))
  (func (export "divide") (param "a" s32) (param "b" s32) (result (result s32 (error $math-error)))
    (canon lift (core func $i "divide") (memory (core memory $i "memory"))))
  (func (export "double") (param "n" s64) (result (tuple s64 bool))
    (canon lift (core func $i "double") (memory (core memory $i "memory"))))
  (func (export "invert") (param "what" $permissions) (result $permissions)
    (canon lift (core func $i "invert")))
  (func (export "next-char") (param "after" char) (result (option char))
    (canon lift (core func $i "next-char") (memory (core memory $i "memory"))))
  (func (export "older") (param "who" $person) (param "years" (option u32)) (result $person)
    (canon lift (core func $i "older")
      (memory (core memory $i "memory")) (realloc (core func $i "realloc")) (post-return (core func $i "post"))))
  (func (export "opposite") (param "of" $direction) (result $direction)
    (canon lift (core func $i "opposite")))
  (func (export "sum") (param "numbers" (list f64)) (result f64)
    (canon lift (core func $i "sum") (memory (core memory $i "memory")) (realloc (core func $i "realloc"))))
  (func (export "never")
    (canon lift (core func $i "never"))))
