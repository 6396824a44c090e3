/**
 * Real programs on files: steps, each a run of a guest on what the steps before left in /data, and what it prints. The
 * same on every volume and engine; tests/e2e/programs.test.js sees to it that wasmtime prints it too. Knows no volume.
 * @module
 */

/**
 * @typedef {object} Step
 * @property {string[]} args without the program's name
 * @property {string} [stdin]
 * @property {string} [stdout]
 * @property {string} [stderr]
 * @property {number} [status]
 *
 * @typedef {object} Program
 * @property {string} guest
 * @property {Step[]} steps
 */

/** @type {Program[]} */
export const programs = [
  {
    guest: "rust-tree",
    steps: [
      {
        args: ["make", "/data/t", "1", "2"],
        stdout: "",
      },
      {
        args: ["walk", "/data/t"],
        stdout:
          "/data/t/dir0/\n/data/t/dir0/file0.txt 3014\n/data/t/dir0/file1.txt 1824\n/data/t/dir1/\n/data/t/dir1/file0.txt 3014\n/data/t/dir1/file1.txt 1824\n/data/t/file0.txt 3449\n/data/t/file1.txt 1148\n6 files, 2 directories, 14273 bytes\n",
      },
      {
        args: ["grep", "fir fir", "/data/t"],
        stdout:
          "/data/t/dir0/file0.txt:14: 13: birch fir fir\n/data/t/dir0/file0.txt:16: 15: elm fir fir\n/data/t/dir0/file0.txt:23: 22: elm fir fir\n/data/t/dir0/file0.txt:70: 69: fir fir ginkgo\n/data/t/dir0/file0.txt:94: 93: alder fir fir\n/data/t/dir0/file1.txt:71: 70: fir fir elm\n/data/t/dir0/file1.txt:77: 76: fir fir alder\n/data/t/dir1/file0.txt:14: 13: birch fir fir\n/data/t/dir1/file0.txt:16: 15: elm fir fir\n/data/t/dir1/file0.txt:23: 22: elm fir fir\n/data/t/dir1/file0.txt:70: 69: fir fir ginkgo\n/data/t/dir1/file0.txt:94: 93: alder fir fir\n/data/t/dir1/file1.txt:71: 70: fir fir elm\n/data/t/dir1/file1.txt:77: 76: fir fir alder\n/data/t/file0.txt:5: 4: elm fir fir\n/data/t/file0.txt:31: 30: birch fir fir\n/data/t/file0.txt:47: 46: żywotnik fir fir\n/data/t/file0.txt:53: 52: fir fir alder\n/data/t/file0.txt:122: 121: fir fir ginkgo\n/data/t/file1.txt:5: 4: fir fir birch\n20 lines in 6 files\n",
      },
      {
        args: ["replace", "żywotnik", "thuja", "/data/t"],
        stdout: "6 files changed\n",
      },
      {
        args: ["grep", "żywotnik", "/data/t"],
        stdout: "0 lines in 0 files\n",
      },
      {
        args: ["grep", "thuja thuja", "/data/t/dir1"],
        stdout:
          "/data/t/dir1/file0.txt:45: 44: alder thuja thuja\n/data/t/dir1/file0.txt:51: 50: thuja thuja thuja\n/data/t/dir1/file0.txt:52: 51: alder thuja thuja\n/data/t/dir1/file0.txt:54: 53: fir thuja thuja\n/data/t/dir1/file0.txt:124: 123: thuja thuja alder\n/data/t/dir1/file1.txt:30: 29: thuja thuja ginkgo\n6 lines in 2 files\n",
      },
      {
        args: ["copy", "/data/t", "/data/u"],
        stdout: "",
      },
      {
        args: ["copy", "/data/t", "/data/u"],
        stdout: "",
        stderr: "tree: /data/u: AlreadyExists\n",
        status: 1,
      },
      {
        args: ["link", "/data/u"],
        stdout: "",
      },
      {
        args: ["replace", "thuja", "T", "/data/u"],
        stdout: "8 files changed\n",
      },
      {
        args: ["walk", "/data/u"],
        stdout:
          "/data/u/dir0/\n/data/u/dir0/file0.txt 2614\n/data/u/dir0/file1.txt 1616\n/data/u/dir1/\n/data/u/dir1/file0.txt 2614\n/data/u/dir1/file1.txt 1616\n/data/u/file0.txt 3009\n/data/u/file0.txt.link 3009\n/data/u/file1.txt 996\n/data/u/file1.txt.link 996\n8 files, 2 directories, 16470 bytes\n",
      },
      {
        args: ["remove", "/data/t"],
        stdout: "",
      },
      {
        args: ["walk", "/data/t"],
        stdout: "",
        stderr: "tree: /data/t: NotFound\n",
        status: 1,
      },
      {
        args: ["make", "/data/big", "3", "3"],
        stdout: "",
      },
      {
        args: ["grep", "no such tree", "/data/big"],
        stdout: "0 lines in 0 files\n",
      },
      {
        args: ["remove", "/data/big"],
        stdout: "",
      },
      {
        args: ["walk", "/data"],
        stdout:
          "/data/u/\n/data/u/dir0/\n/data/u/dir0/file0.txt 2614\n/data/u/dir0/file1.txt 1616\n/data/u/dir1/\n/data/u/dir1/file0.txt 2614\n/data/u/dir1/file1.txt 1616\n/data/u/file0.txt 3009\n/data/u/file0.txt.link 3009\n/data/u/file1.txt 996\n/data/u/file1.txt.link 996\n8 files, 3 directories, 16470 bytes\n",
      },
      {
        args: ["lines"],
        stdin: "one\nżółw\n\nlast",
        stdout: "eno\nwłóż\n\ntsal\n",
      },
    ],
  },
  {
    guest: "sqlite",
    steps: [
      {
        args: [
          "/data/a.db",
          "create table t(a integer primary key, b text unique, c blob); insert into t values (1,'żółw',x'00ff'),(2,'two',null); select a, b, hex(c) from t; pragma journal_mode",
        ],
        stdout: "1|żółw|00FF\n2|two|\ndelete\n",
      },
      {
        args: ["/data/a.db"],
        stdin:
          "begin;\nwith recursive n(i) as (values(3) union all select i + 1 from n where i < 5000)\n  insert into t select i, printf('%05d', i * 7919 % 100003), zeroblob(i % 300) from n;\ncreate index by_length on t(length(c));\ncommit;\nselect count(*), sum(a), sum(length(c)) from t;\n",
        stdout: "5000|12502500|737699\n",
      },
      {
        args: ["/data/a.db", "insert into t values (5001,'two',null)"],
        stdout: "",
        stderr: "sqlite: UNIQUE constraint failed: t.b (2067)\n",
        status: 1,
      },
      {
        args: [
          "/data/a.db",
          "begin; delete from t; select count(*) from t",
          "select * from nothing",
        ],
        stdout: "0\n",
        stderr: 'sqlite: near "nothing": syntax error (1)\n',
        status: 1,
      },
      {
        args: [
          "/data/a.db",
          "select count(*) from t; select a, b from t where length(c) = 299 order by b limit 3; pragma integrity_check",
        ],
        stdout: "5000\n4799|02141\n899|18968\n2099|21483\nok\n",
      },
      {
        args: [
          "/data/a.db",
          "delete from t where a % 5; vacuum; pragma page_count; select count(*) from t",
        ],
        stdout: "52\n1000\n",
      },
      {
        args: [
          "/data/a.db",
          "pragma journal_mode=truncate; update t set b = b || '!' where a < 20; select group_concat(b) from (select b from t where a < 20 order by a)",
        ],
        stdout: "truncate\n39595!,79190!,18782!\n",
      },
      {
        args: ["/data/missing/a.db", "select 1"],
        stdout: "",
        stderr: "sqlite: /data/missing/a.db: unable to open database file\n",
        status: 1,
      },
      {
        args: [
          "/data/a.db",
          "pragma temp_store=file; create temp table s as select b from t; select count(*), min(b), max(b) from s; drop table t; pragma integrity_check",
        ],
        stdout: "1000|00427|99984\nok\n",
      },
    ],
  },
  {
    guest: "python-files",
    steps: [
      {
        args: ["/data"],
        stdout: `[prepare]
[read]
link 9 True
words.txt 28 False
deep/data.json 36 False
deep/words2.txt 28 False
deep/er/blob.bin 256000 False
deep/er/table.csv 29 False
[['alder', 'birch'], ['żywotnik'], [], ['cedar']]
{'b': [1, 2.5, None], 'a': 'ż'}
23
255997 b'\\xfd\\xfe\\xff'
127020 101000
['deep/words2.txt', 'words.txt']
words.txt
[change]
['alder', 'birch', 'żywotnik', 'cedar', 'fir']
b'\\x00\\x01\\x02\\x03\\x04xyz\\x08\\t'
1234567890.0 ['er', 'words2.txt']
['copy', 'copy/er', 'copy/er/blob.bin', 'copy/er/table.csv', 'copy/words2.txt', 'data.json', 'link', 'renamed', 'words.txt']
[errors]
missing FileNotFoundError ENOENT
a folder IsADirectoryError EISDIR
through a file NotADirectoryError ENOTDIR
exclusive FileExistsError EEXIST
mkdir FileExistsError EEXIST
rmdir OSError ENOTEMPTY
unlink FileNotFoundError ENOENT
rename OSError EINVAL
name OSError ENAMETOOLONG
loop OSError ELOOP
outside FileNotFoundError ENOENT
way out PermissionError EPERM
`,
      },
    ],
  },
];

/** All bytes given, as text. */
function collector() {
  const decoder = new TextDecoder();
  let text = "";
  return {
    write: (/** @type {Uint8Array} */ bytes) =>
      void (text += decoder.decode(bytes, { stream: true })),
    text: () => text + decoder.decode(),
  };
}

/**
 * Runs one step.
 * @param {object} on
 * @param {(imports: any) => Promise<any>} on.instantiate
 * @param {typeof import('@slipway/wasi').wasi} on.wasi
 * @param {any} on.volume what /data is
 * @param {string} guest
 * @param {Step} step
 * @returns {Promise<Required<Omit<Step, "args" | "stdin">>>}
 */
export async function runStep({ instantiate, wasi, volume }, guest, step) {
  const [out, err] = [collector(), collector()];
  const host = wasi({
    args: [guest, ...step.args],
    stdin: step.stdin,
    stdout: out.write,
    stderr: err.write,
    fs: { "/data": volume },
  });
  const exports = await instantiate(host.imports);
  const name = Object.keys(exports).find((key) => /^wasi:cli\/run@/.test(key));
  let status = 0;
  try {
    await exports[String(name)].run();
  } catch (error) {
    const { name, exitCode, stack } = /** @type {any} */ (error);
    if (name === "ComponentError") status = 1;
    else if (typeof exitCode === "number") status = exitCode;
    else throw new Error(`${guest} ${step.args}: ${stack}`, { cause: error });
  }
  return { stdout: out.text(), stderr: err.text(), status };
}

/** @param {Step} step @returns {Required<Omit<Step, "args" | "stdin">>} what it should print */
export function expected({ stdout = "", stderr = "", status = 0 }) {
  return { stdout, stderr, status };
}
