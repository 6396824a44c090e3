/**
 * Calling exported functions: which one, its form, what it answered.
 * @module
 */
import { duration } from "../format.js";
import { Field } from "../form/field.jsx";
import { Console } from "../ui/console.jsx";
import { Unmet } from "./unmet.jsx";

/** @import { App, Opened } from '../state.js' */
/** @import { Callable } from '../model.js' */
/** @typedef {App['calls']} Calls */

/** @param {{ app: App, opened: Opened }} props */
export function CallPanel({ app: { calls }, opened }) {
  if (opened.unmet.length)
    return (
      <Unmet names={opened.unmet} what="Its functions cannot be called here" />
    );
  const callable = calls.selected.value;
  if (!callable) return <p class="quiet">It exports no function.</p>;
  return (
    <div class="split">
      <Functions calls={calls} opened={opened} />
      <div class="call">
        <Form
          key={callable.key}
          calls={calls}
          opened={opened}
          callable={callable}
        />
        <History calls={calls} />
        {calls.output.chunks.value.length > 0 && (
          <section>
            <h2>Written meanwhile</h2>
            <Console output={calls.output} label="Written meanwhile" />
          </section>
        )}
      </div>
    </div>
  );
}

/** @param {{ calls: Calls, opened: Opened }} props */
function Functions({ calls, opened }) {
  /** @type {Map<string | null, Callable[]>} */
  const groups = new Map();
  for (const callable of opened.callables)
    groups.set(callable.scope, [
      ...(groups.get(callable.scope) ?? []),
      callable,
    ]);
  const current = calls.selected.value?.key;
  return (
    <nav aria-label="Functions">
      {[...groups].map(([scope, callables]) => (
        <div key={scope}>
          {scope !== null && <h2 class="list-head">{scope}</h2>}
          <ul class="list">
            {callables.map(({ key, label }) => (
              <li key={key}>
                <button
                  type="button"
                  aria-current={key === current ? "true" : undefined}
                  onClick={() => calls.select(key)}
                >
                  <span class="list-name">{label}</span>
                </button>
              </li>
            ))}
          </ul>
        </div>
      ))}
    </nav>
  );
}

/** @param {{ calls: Calls, opened: Opened, callable: Callable }} props */
function Form({ calls, opened, callable }) {
  const { world } = opened;
  const { obstacle, signature, label, params } = callable;
  const input = calls.input.value;
  const problem = calls.problem.value;
  const pending = calls.pending.value;
  if (!input) return null;
  return (
    <form
      class="call-form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void calls.call();
      }}
    >
      <h2 class="signature">
        <code>
          <b>{label}</b>: {signature}
        </code>
      </h2>
      {obstacle ? (
        <p class="quiet">{obstacle}</p>
      ) : (
        <>
          {input.mode === "text" ? (
            <label class="field">
              <span>Arguments, as WAVE text</span>
              <textarea
                rows={3}
                spellcheck={false}
                value={input.text}
                onInput={({ currentTarget }) =>
                  calls.setInput({ mode: "text", text: currentTarget.value })
                }
              />
            </label>
          ) : (
            params.map(([name, type], i) => (
              <Field
                key={name}
                label={name}
                world={world}
                names={callable.names}
                type={type}
                draft={input.drafts[i]}
                handles={calls.handles.value}
                problem={problem}
                path={[name]}
                onDraft={(draft) => {
                  const latest = calls.input.value;
                  if (latest?.mode !== "form") return;
                  calls.setInput({
                    mode: "form",
                    drafts: latest.drafts.with(i, draft),
                  });
                }}
              />
            ))
          )}
          {problem && (
            <p class="problem" role="alert">
              {problem.path.length > 0 && <b>{problem.path.join(" › ")}: </b>}
              {problem.message}
            </p>
          )}
          <div class="actions">
            {pending ? (
              <button
                key="stop"
                type="button"
                class="button danger"
                onClick={() => calls.stop()}
              >
                Stop
              </button>
            ) : (
              <button key="call" type="submit" class="button primary">
                Call
              </button>
            )}
            {params.length > 0 && !callable.usesHandles && (
              <button
                type="button"
                class="button"
                onClick={() =>
                  void calls.setMode(input.mode === "form" ? "text" : "form")
                }
              >
                {input.mode === "form" ? "As text" : "As a form"}
              </button>
            )}
            {calls.isLive.value && !pending && (
              <button
                type="button"
                class="button"
                title="Ends this instance and its state; the next call makes a new one"
                onClick={() => calls.stop()}
              >
                New instance
              </button>
            )}
          </div>
        </>
      )}
    </form>
  );
}

const OUTCOMES = {
  value: "→",
  error: "error",
  trap: "trap",
  stopped: "",
  pending: "…",
};

/** @param {{ calls: Calls }} props */
function History({ calls }) {
  const entries = calls.history.value;
  return (
    <ol class="history" aria-label="Calls" aria-live="polite" reversed>
      {entries.map(({ key, call, kind, outcome, detail, ms }) => (
        <li key={key} class={`entry entry-${kind}`}>
          <code class="entry-call">{call}</code>
          <div class="entry-outcome">
            <span class="entry-mark">{OUTCOMES[kind]}</span>
            <code>{outcome || (kind === "value" ? "done" : "")}</code>
            {ms !== undefined && <span class="quiet">{duration(ms)}</span>}
          </div>
          {detail && (
            <details>
              <summary>Where</summary>
              <pre>{detail}</pre>
            </details>
          )}
        </li>
      ))}
    </ol>
  );
}
