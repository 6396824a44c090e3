;; The docs of a WIT package stand in the declarations.
(component
  (import "test:docs/host@1.0.0" (instance $host
    (type $level' (enum "low" "high"))
    (export "level" (type $level (eq $level')))
    (type $entry' (record (field "text" string) (field "level" $level)))
    (export "entry" (type $entry (eq $entry')))
    (export "log" (type $log (sub resource)))
    (export "[method]log.write" (func (param "self" (borrow $log)) (param "entry" $entry)))))
  (core module $libc
    (memory (export "memory") 1)
    (func (export "run")))
  (core instance $libc (instantiate $libc))
  (core func $write (canon lower (func $host "[method]log.write") (memory (core memory $libc "memory"))))
  (core module $main
    (import "" "write" (func (param i32 i32 i32 i32)))
    (func (export "run")))
  (core instance $main (instantiate $main (with "" (instance (export "write" (func $write))))))
  (func (export "run") (canon lift (core func $main "run")))
  (@custom "package-docs" "\01{\22worlds\22:{\22w\22:{\22func_exports\22:{\22run\22:{\22docs\22:\22Runs it all.\22}}}},\22interfaces\22:{\22host\22:{\22docs\22:\22What the host gives.\22,\22types\22:{\22level\22:{\22docs\22:\22How bad it is.\22},\22entry\22:{\22docs\22:\22One line.\5cnAnd what it means */.\22,\22items\22:{\22text\22:\22Its text.\22}},\22log\22:{\22docs\22:\22Where lines go.\22}},\22funcs\22:{\22[method]log.write\22:{\22docs\22:\22Writes a line.\22}}}}}"))
