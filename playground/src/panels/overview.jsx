/**
 * What a component is: its world, and how large its parts and its JavaScript are.
 * @module
 */
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { transpiler } from "virtual:facts";
import { bytes, duration, integer } from "../format.js";
import { gzipSize } from "../save.js";
import { Code, CopyButton } from "../ui/code.jsx";
import { Failure } from "../ui/failure.jsx";

/** @import { WorldExtern } from '../../../npm/src/types.js' */
/** @import { App, Generated, Opened } from '../state.js' */

/** @param {{ app: App, opened: Opened }} props */
export function OverviewPanel({ app, opened }) {
  return (
    <div class="columns">
      <div>
        <section>
          <h2>Exports</h2>
          <Externs items={opened.world.exports} none="It exports nothing." />
        </section>
        <section>
          <h2>Imports</h2>
          <Externs items={opened.world.imports} none="It needs nothing." />
        </section>
        <section>
          <h2>Sizes</h2>
          {app.glueError.value !== undefined ? (
            <Failure
              title="No JavaScript could be made"
              error={app.glueError.value}
            />
          ) : (
            <Sizes opened={opened} generated={app.generated.value} />
          )}
        </section>
      </div>
      <Wit app={app} opened={opened} />
    </div>
  );
}

/** @param {{ items: WorldExtern[], none: string }} props */
function Externs({ items, none }) {
  // A type at the root says nothing by itself; the text beside shows it.
  const shown = items.filter(({ kind }) => kind !== "type");
  if (!shown.length) return <p class="quiet">{none}</p>;
  return (
    <ul class="externs">
      {shown.map((item) => (
        <li key={item.name}>
          <code>{item.name}</code>
          <span class="quiet">
            {item.kind === "instance" ? contents(item.items) : item.kind}
          </span>
        </li>
      ))}
    </ul>
  );
}

/** @param {WorldExtern[]} items */
function contents(items) {
  const count = (/** @type {WorldExtern['kind']} */ kind) =>
    items.filter((item) => item.kind === kind).length;
  const words = [
    [count("func"), "function"],
    [count("resource"), "resource"],
    [count("type"), "type"],
  ]
    .filter(([n]) => n)
    .map(([n, word]) => `${n} ${word}${n === 1 ? "" : "s"}`);
  return words.join(", ") || "empty";
}

/** @typedef {{ name: string, note?: string, size: number, contents: string | Uint8Array, core: boolean }} Row */

/**
 * @param {Opened} opened
 * @param {Generated} generated
 * @returns {Row[]}
 */
function rows({ bytes: whole }, { files }) {
  const encoder = new TextEncoder();
  const declarations = Object.entries(files)
    .filter(([path]) => path.endsWith(".d.ts"))
    .map(([, text]) => text)
    .join("");
  const parts = Object.entries(files)
    .filter(([path]) => !path.endsWith(".d.ts"))
    .map(([path, text]) => ({
      name: path,
      note: typeof text === "string" ? "glue" : "core module",
      size:
        typeof text === "string" ? encoder.encode(text).length : text.length,
      contents: text,
      core: typeof text !== "string",
    }));
  return [
    { name: "the component", size: whole.length, contents: whole, core: false },
    ...parts,
    ...(declarations
      ? [
          {
            name: "declarations",
            note: "all .d.ts",
            size: encoder.encode(declarations).length,
            contents: declarations,
            core: false,
          },
        ]
      : []),
  ];
}

/** @param {{ opened: Opened, generated: Generated | undefined }} props */
function Sizes({ opened, generated }) {
  if (!generated) return <p class="quiet">…</p>;
  const all = rows(opened, generated);
  return (
    <>
      <table class="sizes">
        <thead>
          <tr>
            <th scope="col">Part</th>
            <th scope="col">Bytes</th>
            <th scope="col">gzip</th>
          </tr>
        </thead>
        <tbody>
          {all.map((row) => (
            <tr key={row.name}>
              <th scope="row">
                <span class="size-name">{row.name}</span>{" "}
                {row.note && <span class="quiet">{row.note}</span>}
                <span
                  class="size-bar"
                  aria-hidden="true"
                  style={{
                    width: `${Math.min(100, (100 * row.size) / all[0].size)}%`,
                  }}
                />
              </th>
              <td>{integer(row.size)}</td>
              <td>
                <Gzip contents={row.contents} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <p class="quiet">
        Transpiled in {duration(generated.ms)} by {bytes(transpiler.bytes)} of
        WebAssembly ({bytes(transpiler.gzip)} gzip).
      </p>
    </>
  );
}

/** @param {{ contents: string | Uint8Array }} props */
function Gzip({ contents }) {
  const size = useSignal(/** @type {number | undefined} */ (undefined));
  useEffect(() => {
    let current = true;
    void gzipSize(contents).then((n) => current && (size.value = n));
    return () => void (current = false);
  }, [contents]);
  return <>{size.value === undefined ? "…" : integer(size.value)}</>;
}

/** @param {{ app: App, opened: Opened }} props */
function Wit({ app, opened }) {
  const all = useSignal(false);
  const library = app.loaded.value;
  const imported = opened.world.imports.filter(
    ({ kind }) => kind === "instance",
  );
  const names = new Set(imported.map(({ name }) => name));
  const shows = (/** @type {string} */ name) => all.value || !names.has(name);
  const text = library?.printWit(opened.world, shows) ?? "";
  return (
    <section class="wit">
      <div class="bar">
        <h2>WIT</h2>
        <span class="buttons">
          {imported.length > 0 && (
            <label class="check">
              <input
                type="checkbox"
                checked={all.value}
                onChange={(event) => (all.value = event.currentTarget.checked)}
              />{" "}
              with what it imports
            </label>
          )}
          <CopyButton text={() => text}>Copy</CopyButton>
        </span>
      </div>
      <Code text={text} lang="wit" label="WIT" />
    </section>
  );
}
