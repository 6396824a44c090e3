/**
 * Running a command: what it is given, its output, its end.
 * @module
 */
import { useEffect } from "preact/hooks";
import { useSignal } from "@preact/signals";
import { bytes, duration } from "../format.js";
import { download } from "../save.js";
import { Console } from "../ui/console.jsx";
import { FileButton } from "../ui/file-button.jsx";
import { Unmet } from "./unmet.jsx";

/** @import { App, Opened } from '../state.js' */
/** @typedef {App['run']} Run */

/** @param {{ app: App, opened: Opened }} props */
export function RunPanel({ app: { run }, opened }) {
  if (opened.unmet.length)
    return <Unmet names={opened.unmet} what="It cannot run here" />;
  const live = run.isLive.value;
  return (
    <div class="columns run">
      <form
        class="grants"
        onSubmit={(event) => {
          event.preventDefault();
          void run.start();
        }}
      >
        <label class="field">
          <span>Arguments</span>
          <input
            type="text"
            autocomplete="off"
            autocapitalize="off"
            spellcheck={false}
            placeholder="one 'two words'"
            value={run.args.value}
            onInput={({ currentTarget }) =>
              (run.args.value = currentTarget.value)
            }
          />
        </label>
        <label class="field">
          <span>Variables</span>
          <textarea
            rows={2}
            spellcheck={false}
            placeholder={"NAME=value\nanother line, another variable"}
            value={run.env.value}
            onInput={({ currentTarget }) =>
              (run.env.value = currentTarget.value)
            }
          />
        </label>
        <label class="field">
          <span>Standard input</span>
          <textarea
            rows={3}
            spellcheck={false}
            value={run.stdin.value}
            onInput={({ currentTarget }) =>
              (run.stdin.value = currentTarget.value)
            }
          />
        </label>
        <GrantedFiles run={run} />
        <div class="actions">
          {live ? (
            // Another key: a button that turned into another one under a press would take the press.
            <button
              key="stop"
              type="button"
              class="button danger"
              onClick={() => run.stop()}
            >
              Stop
            </button>
          ) : (
            <button key="run" type="submit" class="button primary">
              Run
            </button>
          )}
          <Progress run={run} />
        </div>
      </form>
      <div>
        <Console
          output={run.output}
          label="Output"
          empty="Nothing written yet."
        />
        {run.blocking.value === "none" && (
          <p class="problem">
            This browser cannot suspend WebAssembly (JSPI): a program that waits
            for a clock traps instead.
          </p>
        )}
        <After run={run} />
      </div>
    </div>
  );
}

/** @param {{ run: Run }} props */
function GrantedFiles({ run }) {
  const { files, grantsFiles } = run;
  /** @param {File} file */
  const add = async (file) => {
    const contents = new Uint8Array(await file.arrayBuffer());
    const others = files.value.filter(({ path }) => path !== file.name);
    files.value = [...others, { path: file.name, contents, text: false }];
  };
  return (
    <fieldset
      class="field"
      onDragOver={(event) => event.preventDefault()}
      onDrop={(event) => {
        if (!grantsFiles.value) return;
        event.preventDefault();
        for (const file of event.dataTransfer?.files ?? []) void add(file);
      }}
    >
      <legend>
        <label class="check">
          <input
            type="checkbox"
            checked={grantsFiles.value}
            onChange={({ currentTarget }) =>
              (grantsFiles.value = currentTarget.checked)
            }
          />{" "}
          A directory in memory, as <code>/</code>
        </label>
      </legend>
      {grantsFiles.value && (
        <>
          {files.value.map((file) => (
            <GrantedFile key={file.path} run={run} file={file} />
          ))}
          <NewFile run={run} />
          <FileButton
            class="button small"
            accept="*"
            multiple
            onFile={(file) => void add(file)}
          >
            Add files of yours…
          </FileButton>
        </>
      )}
    </fieldset>
  );
}

/** @param {{ run: Run, file: import('../program.js').GrantedFile }} props */
function GrantedFile({ run: { files }, file }) {
  const encoder = new TextEncoder();
  const decoder = new TextDecoder();
  return (
    <div class="granted">
      <div class="granted-head">
        <code>{file.path}</code>
        <span class="quiet">{bytes(file.contents.length)}</span>
        <button
          type="button"
          class="button small"
          aria-label={`Remove ${file.path}`}
          onClick={() =>
            (files.value = files.value.filter((other) => other !== file))
          }
        >
          Remove
        </button>
      </div>
      {file.text && (
        <textarea
          rows={3}
          spellcheck={false}
          aria-label={`Contents of ${file.path}`}
          value={decoder.decode(file.contents)}
          onInput={({ currentTarget }) => {
            const contents = encoder.encode(currentTarget.value);
            files.value = files.value.map((other) =>
              other.path === file.path ? { ...other, contents } : other,
            );
          }}
        />
      )}
    </div>
  );
}

/** @param {{ run: Run }} props */
function NewFile({ run: { files } }) {
  const path = useSignal("");
  const problem = useSignal("");
  const add = () => {
    const name = path.value
      .split("/")
      .filter((part) => part && part !== ".")
      .join("/");
    const clash = files.value.some(
      (file) =>
        file.path === name ||
        file.path.startsWith(`${name}/`) ||
        name.startsWith(`${file.path}/`),
    );
    if (!name || name.split("/").includes(".."))
      problem.value = "A name is missing, or it leads out of the directory.";
    else if (clash) problem.value = "There is something of that name already.";
    else {
      const file = { path: name, contents: new Uint8Array(), text: true };
      files.value = [...files.value, file];
      path.value = problem.value = "";
    }
  };
  return (
    <>
      <div class="joined">
        <input
          type="text"
          aria-label="Name of a new file"
          placeholder="folder/new-file.txt"
          spellcheck={false}
          autocapitalize="off"
          value={path.value}
          onInput={({ currentTarget }) => (path.value = currentTarget.value)}
          onKeyDown={(event) => {
            // Enter adds the file; the form around it would run the program.
            if (event.key !== "Enter") return;
            event.preventDefault();
            add();
          }}
        />
        <button type="button" class="button" onClick={add}>
          Add
        </button>
      </div>
      {problem.value && <p class="problem">{problem}</p>}
    </>
  );
}

/** @param {{ run: Run }} props */
function Progress({ run }) {
  const progress = run.progress.value;
  const seconds = useSeconds(
    progress.kind === "running" ? progress.since : undefined,
  );
  return (
    <p role="status" class={`progress ${toneOf(progress)}`}>
      {words(progress, seconds)}
    </p>
  );
}

/** @param {import('../program.js').Progress} progress */
function toneOf(progress) {
  if (progress.kind === "broken") return "bad";
  if (progress.kind !== "ended") return "";
  const { failure } = progress;
  return !failure || (failure.kind === "exit" && failure.code === 0)
    ? "good"
    : "bad";
}

/**
 * @param {import('../program.js').Progress} progress
 * @param {number} seconds
 * @returns {string}
 */
function words(progress, seconds) {
  switch (progress.kind) {
    case "idle":
      return "";
    case "starting":
      return "Starting…";
    case "running":
      return seconds ? `Running for ${seconds} s` : "Running…";
    case "stopped":
      return "Stopped.";
    case "broken":
      return `It could not be started: ${progress.reason}`;
    case "ended": {
      const { failure, ms } = progress;
      const after = `after ${duration(ms)}`;
      if (!failure) return `Exit status 0 ${after}`;
      // WASI's `run` says only that it failed; a shell calls that 1.
      if (failure.kind === "error") return `Exit status 1 ${after}`;
      if (failure.kind === "exit")
        return `Exit status ${failure.code} ${after}`;
      if (failure.kind === "trap")
        return `Trapped ${after}: ${failure.message}`;
      return failure.message;
    }
  }
}

/**
 * Whole seconds since a moment, for as long as there is one.
 * @param {number | undefined} since
 */
function useSeconds(since) {
  const seconds = useSignal(0);
  useEffect(() => {
    seconds.value = 0;
    if (since === undefined) return;
    const timer = setInterval(
      () => (seconds.value = Math.floor((performance.now() - since) / 1000)),
      1000,
    );
    return () => clearInterval(timer);
  }, [since]);
  return seconds.value;
}

const CHANGES = { new: "new", changed: "changed", same: "as it was" };

/** @param {{ run: Run }} props */
function After({ run }) {
  const files = run.after.value;
  if (!files) return null;
  return (
    <section>
      <h2>The directory afterwards</h2>
      {files.length === 0 && <p class="quiet">It is empty.</p>}
      <ul class="externs">
        {files.map(({ path, contents, change }) => (
          <li key={path}>
            <code>{path}</code>
            <span class="quiet">
              {bytes(contents.length)}, {CHANGES[change]}
            </span>
            <button
              type="button"
              class="button small"
              aria-label={`Download ${path}`}
              onClick={() => download(path, contents)}
            >
              Download
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
