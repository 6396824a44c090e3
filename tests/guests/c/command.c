/* The report command (see ../README.md) in C on wasi-libc. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LANG "c"

static int fail(const char *path) {
  fprintf(stderr, LANG ": cannot open %s\n", path);
  return 1;
}

/* All of a file, with room to spare; the length in *len. */
static char *drain(FILE *file, size_t *len) {
  size_t room = 4096;
  char *bytes = malloc(room);
  *len = 0;
  for (size_t n; bytes && (n = fread(bytes + *len, 1, room - *len, file)) > 0;) {
    *len += n;
    if (*len == room) bytes = realloc(bytes, room *= 2);
  }
  return bytes;
}

int main(int argc, char **argv) {
  printf("args: ");
  for (int i = 1; i < argc; i++) printf("%s%s", i > 1 ? "|" : "", argv[i]);
  const char *greeting = getenv("GREETING");
  if (greeting) printf("\nGREETING=%s\n", greeting);
  else printf("\nGREETING unset\n");
  int status = 0;
  if (argc > 1) {
    FILE *in = strcmp(argv[1], "-") == 0 ? stdin : fopen(argv[1], "rb");
    if (!in) return fail(argv[1]);
    size_t len;
    char *bytes = drain(in, &len);
    if (!bytes) return fail(argv[1]);
    size_t lines = 0;
    for (size_t i = 0; i < len; i++) lines += bytes[i] == '\n';
    printf("%s: %zu bytes, %zu lines\n", argv[1], len, lines);
    if (argc > 2 && argv[2][0]) {
      FILE *out = fopen(argv[2], "wb");
      if (!out) return fail(argv[2]);
      fputs(LANG ":", out);
      fwrite(bytes, 1, len, out);
      if (fclose(out) != 0) return fail(argv[2]);
    }
    if (argc > 3) status = atoi(argv[3]);
  }
  fprintf(stderr, LANG ": status %d\n", status);
  return status;
}
