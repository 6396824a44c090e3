/**
 * The generated files, and the choices that make them what they are.
 * @module
 */
import { useSignal } from "@preact/signals";
import { bytes, duration, integer } from "../format.js";
import { download, downloadZip } from "../save.js";
import { baseName } from "../state.js";
import { Code, CopyButton } from "../ui/code.jsx";
import { Failure } from "../ui/failure.jsx";

/** @import { App, Opened } from '../state.js' */

const encoder = new TextEncoder();

/** @param {string | Uint8Array} contents */
const sizeOf = (contents) =>
  typeof contents === "string"
    ? encoder.encode(contents).length
    : contents.length;

/** @param {{ app: App, opened: Opened }} props */
export function FilesPanel({ app, opened }) {
  const chosen = useSignal("");
  const error = app.glueError.value;
  const generated = app.generated.value;
  return (
    <section>
      <Choices app={app} />
      {error !== undefined && (
        <Failure
          title="These choices do not work for this component"
          error={error}
        />
      )}
      {error === undefined && generated && (
        <>
          <div class="bar">
            <p class="quiet">
              {Object.keys(generated.files).length} files, made in{" "}
              {duration(generated.ms)}
            </p>
            <button
              type="button"
              class="button small"
              onClick={() =>
                void downloadZip(
                  `${baseName(opened.name)}.zip`,
                  generated.files,
                )
              }
            >
              Download all (.zip)
            </button>
          </div>
          <div class="split">
            <FileList files={generated.files} chosen={chosen} />
            <File files={generated.files} path={chosen.value} />
          </div>
        </>
      )}
    </section>
  );
}

/** @param {{ app: App }} props */
function Choices({ app }) {
  const glue = app.glue.value;
  /** @param {Partial<typeof glue>} change */
  const set = (change) => (app.glue.value = { ...glue, ...change });
  return (
    <div class="choices">
      <label>
        Form{" "}
        <select
          value={glue.form}
          onChange={({ currentTarget: { value } }) =>
            set({ form: /** @type {typeof glue.form} */ (value) })
          }
        >
          <option value="esm">ES module</option>
          <option value="async">instantiate(), async</option>
          <option value="sync">instantiate(), sync</option>
        </select>
      </label>
      <label>
        Runtime{" "}
        <select
          value={glue.runtime}
          onChange={({ currentTarget: { value } }) =>
            set({ runtime: /** @type {typeof glue.runtime} */ (value) })
          }
        >
          <option value="inline">in the file</option>
          <option value="import">imported from slipway</option>
        </select>
      </label>
      <label class="check">
        <input
          type="checkbox"
          checked={glue.minify}
          onChange={({ currentTarget: { checked } }) =>
            set({ minify: checked })
          }
        />{" "}
        Minified
      </label>
      <label class="check">
        <input
          type="checkbox"
          checked={glue.strict}
          onChange={({ currentTarget: { checked } }) =>
            set({ strict: checked })
          }
        />{" "}
        Strict numbers
      </label>
    </div>
  );
}

/**
 * What a reader looks at first: the module with the component's name.
 * @param {Record<string, unknown>} files
 * @param {string} wanted
 */
const pick = (files, wanted) =>
  wanted in files
    ? wanted
    : (Object.keys(files).find((path) => /^[^/]+\.js$/.test(path)) ??
      Object.keys(files)[0]);

/**
 * @param {object} props
 * @param {Record<string, string | Uint8Array>} props.files
 * @param {import('@preact/signals').Signal<string>} props.chosen
 */
function FileList({ files, chosen }) {
  const shown = pick(files, chosen.value);
  return (
    <ul class="list" aria-label="Generated files">
      {Object.entries(files).map(([path, contents]) => (
        <li key={path}>
          <button
            type="button"
            aria-current={path === shown ? "true" : undefined}
            onClick={() => (chosen.value = path)}
          >
            <span class="list-name">{path}</span>
            <span class="list-note">{bytes(sizeOf(contents))}</span>
          </button>
        </li>
      ))}
    </ul>
  );
}

/**
 * @param {object} props
 * @param {Record<string, string | Uint8Array>} props.files
 * @param {string} props.path
 */
function File({ files, path }) {
  const shown = pick(files, path);
  const contents = files[shown];
  if (contents === undefined) return null;
  return (
    <div class="file">
      <div class="bar">
        <h2 class="file-name">{shown}</h2>
        <span class="buttons">
          {typeof contents === "string" && (
            <CopyButton key={shown} text={() => contents}>
              Copy
            </CopyButton>
          )}
          <button
            type="button"
            class="button small"
            onClick={() => download(shown, contents)}
          >
            Download
          </button>
        </span>
      </div>
      {typeof contents === "string" ? (
        <Code text={contents} lang="js" label={shown} />
      ) : (
        <p class="binary quiet">
          A core WebAssembly module of {integer(contents.length)} bytes.
        </p>
      )}
    </div>
  );
}
