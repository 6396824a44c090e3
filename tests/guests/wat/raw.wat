;; A guest that hands out whatever core value or bytes the caller put there: every wrong answer a guest can give.
(component
  (import "thing" (type $thing (sub resource)))
  (import "sink-string" (func $sink-string (param "v" string)))
  (import "sink-list" (func $sink-list (param "v" (list u64))))
  (import "sink-char" (func $sink-char (param "v" char)))
  (import "give-string" (func $give-string (result string)))

  (core module $memory
    (memory (export "memory") 1)
    (global $next (mut i32) (i32.const 0))
    ;; What the next realloc answers; nothing is ever freed or moved here.
    (func (export "set") (param i32) (global.set $next (local.get 0)))
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) (global.get $next)))
  (core instance $mem (instantiate $memory))
  (alias core export $mem "memory" (core memory $memory))
  (alias core export $mem "realloc" (core func $realloc))

  (core func $sink-string' (canon lower (func $sink-string) (memory $memory) string-encoding=utf8))
  (core func $sink-list' (canon lower (func $sink-list) (memory $memory)))
  (core func $sink-char' (canon lower (func $sink-char)))
  (core func $give-string' (canon lower (func $give-string) (memory $memory) (realloc $realloc) string-encoding=utf8))

  (core module $main
    (import "mem" "memory" (memory 1))
    (import "host" "string" (func $string (param i32 i32)))
    (import "host" "list" (func $list (param i32 i32)))
    (import "host" "char" (func $char (param i32)))
    (import "host" "give" (func $give (param i32)))
    (func (export "id") (param i32) (result i32) (local.get 0))
    (func (export "poke") (param i32 i32) (i32.store (local.get 0) (local.get 1)))
    (func (export "peek") (param i32) (result i32) (i32.load (local.get 0)))
    (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
    (func (export "take") (param i32 i32))
    (func (export "send-string") (param i32 i32) (call $string (local.get 0) (local.get 1)))
    (func (export "send-list") (param i32 i32) (call $list (local.get 0) (local.get 1)))
    (func (export "send-char") (param i32) (call $char (local.get 0)))
    (func (export "ask") (param i32) (call $give (local.get 0)))
    (func (export "trap") unreachable))
  (core instance $i (instantiate $main
    (with "mem" (instance $mem))
    (with "host" (instance
      (export "string" (func $sink-string')) (export "list" (func $sink-list'))
      (export "char" (func $sink-char')) (export "give" (func $give-string'))))))
  (alias core export $i "id" (core func $id))

  ;; The bytes behind the answers.
  (func (export "poke") (param "at" u32) (param "v" u32) (canon lift (core func $i "poke")))
  (func (export "peek") (param "at" u32) (result u32) (canon lift (core func $i "peek")))
  (func (export "grow") (param "pages" u32) (result s32) (canon lift (core func $i "grow")))
  (func (export "set-realloc") (param "at" u32) (canon lift (core func $mem "set")))
  (func (export "trap") (canon lift (core func $i "trap")))

  ;; Core values as results.
  (func (export "as-bool") (param "v" u32) (result bool) (canon lift (core func $id)))
  (func (export "as-u8") (param "v" u32) (result u8) (canon lift (core func $id)))
  (func (export "as-s8") (param "v" u32) (result s8) (canon lift (core func $id)))
  (func (export "as-u16") (param "v" u32) (result u16) (canon lift (core func $id)))
  (func (export "as-s16") (param "v" u32) (result s16) (canon lift (core func $id)))
  (func (export "as-char") (param "v" u32) (result char) (canon lift (core func $id)))
  (type $colour' (enum "red" "green" "blue"))
  (export $colour "colour" (type $colour'))
  (func (export "as-colour") (param "v" u32) (result $colour) (canon lift (core func $id)))
  (type $rights' (flags "read" "write" "exec"))
  (export $rights "rights" (type $rights'))
  (func (export "as-rights") (param "v" u32) (result $rights) (canon lift (core func $id)))
  (func (export "as-thing") (param "v" u32) (result (own $thing)) (canon lift (core func $id)))

  ;; Bytes in memory as results.
  (func (export "at-string") (param "at" u32) (result string)
    (canon lift (core func $id) (memory $memory) string-encoding=utf8))
  (func (export "at-utf16") (param "at" u32) (result string)
    (canon lift (core func $id) (memory $memory) string-encoding=utf16))
  (func (export "at-latin1") (param "at" u32) (result string)
    (canon lift (core func $id) (memory $memory) string-encoding=latin1+utf16))
  (func (export "at-bytes") (param "at" u32) (result (list u8)) (canon lift (core func $id) (memory $memory)))
  (func (export "at-words") (param "at" u32) (result (list u32)) (canon lift (core func $id) (memory $memory)))
  (func (export "at-longs") (param "at" u32) (result (list u64)) (canon lift (core func $id) (memory $memory)))
  (func (export "at-bools") (param "at" u32) (result (list bool)) (canon lift (core func $id) (memory $memory)))
  (func (export "at-option") (param "at" u32) (result (option u32)) (canon lift (core func $id) (memory $memory)))
  (func (export "at-results") (param "at" u32) (result (tuple (result u32 (error u32))))
    (canon lift (core func $id) (memory $memory)))
  (type $choice' (variant (case "none") (case "number" u32) (case "letter" char)))
  (export $choice "choice" (type $choice'))
  (func (export "at-choice") (param "at" u32) (result $choice) (canon lift (core func $id) (memory $memory)))

  ;; Core values as arguments of the host's.
  (func (export "send-string") (param "at" u32) (param "len" u32) (canon lift (core func $i "send-string")))
  (func (export "send-list") (param "at" u32) (param "len" u32) (canon lift (core func $i "send-list")))
  (func (export "send-char") (param "v" u32) (canon lift (core func $i "send-char")))
  ;; The host's string, at an address for its pointer and length.
  (func (export "ask") (param "at" u32) (canon lift (core func $i "ask")))
  ;; Parameters that want room: realloc says where.
  (func (export "take-string") (param "v" string)
    (canon lift (core func $i "take") (memory $memory) (realloc $realloc) string-encoding=utf8))
  (func (export "take-longs") (param "v" (list u64))
    (canon lift (core func $i "take") (memory $memory) (realloc $realloc))))
