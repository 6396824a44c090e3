// SQLite as a command: `sqlite FILE [STATEMENTS…]`. Runs the statements of each argument, or of stdin when there is
// none, on the database FILE; a row is a line, its values between `|`. An error goes to stderr and ends it: status 1.
// `sqlite --version` prints the version. sqlite3.c comes from the crate libsqlite3-sys (lib/recipes.js).

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sqlite3.h"

// The preview 1 adapter keeps its state in memory that it gets here. Without this it grows the memory by itself, by a
// page that older versions of wasi-libc (Debian's is of 2022) take for their heap's.
__attribute__((export_name("cabi_realloc"))) void *
cabi_realloc(void *old, size_t old_size, size_t align, size_t size) {
  (void)old_size;
  (void)align; // malloc's, 16, is the largest asked for
  void *result = realloc(old, size);
  if (!result && size) abort();
  return result;
}

static int row(void *unused, int count, char **values, char **names) {
  (void)unused;
  (void)names;
  for (int i = 0; i < count; i++)
    printf("%s%s", i ? "|" : "", values[i] ? values[i] : "NULL");
  putchar('\n');
  return 0;
}

static int run(sqlite3 *db, const char *statements) {
  char *message = NULL;
  int code = sqlite3_exec(db, statements, row, NULL, &message);
  if (code == SQLITE_OK) return 0;
  fflush(stdout);
  fprintf(stderr, "sqlite: %s (%d)\n", message, sqlite3_extended_errcode(db));
  return 1;
}

static char *all_of_stdin(void) {
  size_t size = 0, room = 1 << 16;
  char *text = malloc(room);
  for (size_t n; text && (n = fread(text + size, 1, room - size - 1, stdin)) > 0;) {
    size += n;
    if (room - size < 2) text = realloc(text, room *= 2);
  }
  if (text) text[size] = 0;
  return text;
}

int main(int argc, char **argv) {
  if (argc < 2) {
    fprintf(stderr, "usage: sqlite FILE [STATEMENTS...]\n");
    return 2;
  }
  if (strcmp(argv[1], "--version") == 0) {
    printf("%s\n", sqlite3_libversion());
    return 0;
  }
  sqlite3 *db;
  // A component is alone with its database; the lock of the default VFS, a folder, would outlive a crash.
  int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
  int code = sqlite3_open_v2(argv[1], &db, flags, "unix-none");
  if (code != SQLITE_OK) {
    fprintf(stderr, "sqlite: %s: %s\n", argv[1], sqlite3_errmsg(db));
    return 1;
  }
  int status = 0;
  if (argc == 2) {
    char *text = all_of_stdin();
    status = text ? run(db, text) : 1;
    free(text);
  }
  for (int i = 2; i < argc && !status; i++) status = run(db, argv[i]);
  code = sqlite3_close(db);
  if (code != SQLITE_OK) {
    fprintf(stderr, "sqlite: close: %s\n", sqlite3_errstr(code));
    status = 1;
  }
  return status;
}
