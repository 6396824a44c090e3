/**
 * Where we print another line than wasmtime does, and why that is right. Each entry names the line as wasmtime has it and
 * as we have it; one that no run needs any more fails the test.
 * @module
 */

/**
 * @typedef {object} Allowed
 * @property {string} why
 * @property {RegExp} cases
 * @property {RegExp} theirs
 * @property {string} ours what `theirs` is replaced by gives our line
 */

/** @type {Allowed[]} */
export const allowed = [
  {
    why: "a descriptor that may change its directory says so; wasmtime's may, and does not",
    cases: /^fs-(open|symlink|rights-directory)/,
    theirs: /((?:ok directory \[|get-flags: ok )read)(\]?)$/,
    ours: "$1 mutate_directory$2",
  },
  {
    why: "what is opened to read stays so, though opening made or cut it",
    cases: /^fs-open-flags$/,
    theirs:
      /^(open .*\[.*(?:create|truncate)\b.*: ok regular-file) \[read write\]$/,
    ours: "$1 [read]",
  },
  {
    why: "flags for synchronous writes are kept; wasmtime has none",
    cases: /^fs-rights-file$/,
    theirs: /^(data|file|read) sync: unsupported$/,
    ours: "$1 sync: ok 6",
  },
  {
    why: "a stream against a descriptor's rights is refused when it is made, not when it is first used",
    cases: /^fs-rights-file$/,
    theirs: /^(none|read|mutate), (write|append)-via-stream: ok$/,
    ours: "$1, $2-via-stream: bad-descriptor",
  },
  {
    why: "as above",
    cases: /^fs-rights-file$/,
    theirs: /^write, read-via-stream: ok$/,
    ours: "write, read-via-stream: bad-descriptor",
  },
  {
    why: "the hash changes with the time and the size, as the WIT wants it",
    cases: /^fs-metadata-hash$/,
    theirs: /^after a write: true$/,
    ours: "after a write: false",
  },
  {
    why: "a read of nothing is not the end of a file",
    cases: /^fs-read-via-stream$/,
    theirs: /^blocking-read 0 after it: closed$/,
    ours: 'blocking-read 0 after it: ok ""',
  },
  {
    why: "nanoseconds must be less than a second, says the WIT",
    cases: /^fs-set-times$/,
    theirs: /^out of range: ok$/,
    ours: "out of range: invalid",
  },
  {
    why: "two volumes are two devices",
    cases: /^fs-two-preopens$/,
    theirs: /^(rename|link) across: ok$/,
    ours: "$1 across: cross-device",
  },
  {
    why: "as above",
    cases: /^fs-two-preopens$/,
    theirs: /^preopen \/other again: linked=1 yours=1$/,
    ours: "preopen /other again: ",
  },
  {
    why: "a path has an end, as systems have it (4096 bytes)",
    cases: /^fs-/,
    theirs: /(\(6001 bytes\)): .*$/,
    ours: "$1: name-too-long",
  },
  {
    why: "rmdir takes a slash at the end of a directory's name, and of nothing else's",
    cases: /^fs-unlink-remove$/,
    theirs: /^(remove-directory "(?:ld|dangling|loop|up|slash)\/": ).*$/,
    ours: "$1not-directory",
  },
  {
    why: "as above",
    cases: /^fs-unlink-remove$/,
    theirs: /^(remove-directory "(?:d\/|d\/\/|.*\.\.)": )invalid$/,
    ours: "$1not-empty",
  },
  {
    why: "as above",
    cases: /^fs-unlink-remove$/,
    theirs: /^(remove-directory "e\/": )invalid$/,
    ours: "$1ok: d/ d/back->../f d/x=x dangling->nowhere f=hello g=goodbye h=goodbye ld->d lf->f ll->lf loop->loop slash->d/ up->..",
  },
  {
    why: "as above",
    cases: /^p1-path-changes$/,
    theirs: /^remove-directory "ld\/": inval$/,
    ours: 'remove-directory "ld/": notdir',
  },
  {
    why: "as above",
    cases: /^p1-path-changes$/,
    theirs: /^(remove-directory "d\/(?:\.\.)?"): inval$/,
    ours: "$1: notempty",
  },
  {
    why: "the WIT's code for what a descriptor without mutate-directory refuses is read-only",
    cases: /^fs-readonly$/,
    theirs: /^((?:root|child), .*): not-permitted$/,
    ours: "$1: read-only",
  },
  {
    why: "as above, and what is not there is told first",
    cases: /^fs-readonly$/,
    theirs: /^(root, set-times-at of nothing): not-permitted$/,
    ours: "$1: no-entry",
  },
  {
    why: "as above; it would be a descriptor that permits what this one does not",
    cases: /^fs-readonly$/,
    theirs: /^root, open to mutate: ok$/,
    ours: "root, open to mutate: read-only",
  },
  {
    why: "a file that was not opened to write refuses as everywhere",
    cases: /^fs-readonly$/,
    theirs: /^(file, (?:write.*|append-via-stream)): not-permitted$/,
    ours: "$1: bad-descriptor",
  },
  {
    why: "as above",
    cases: /^fs-readonly$/,
    theirs: /^(file, set-size): not-permitted$/,
    ours: "$1: invalid",
  },
  {
    why: "as above",
    cases: /^fs-readonly$/,
    theirs: /^(file, set-times.*): not-permitted$/,
    ours: "$1: read-only",
  },
];
