/**
 * Calling what the component exports: which function, what stands in its form, the instance that answers and what it said.
 * Signals and actions; knows no element.
 * @module
 */
import { batch, computed, signal } from "@preact/signals";
import { createConsole } from "./console.js";
import { DraftError, draftOf, emptyDraft, readDraft } from "./form/draft.js";
import { isHandle } from "./model.js";
import { Session } from "./run/session.js";

/**
 * @import { ReadonlySignal } from '@preact/signals'
 * @import { World } from '../../npm/src/types.js'
 * @import { Draft } from './form/draft.js'
 * @import { Failure, FromWorker, Handle } from './run/messages.js'
 * @import { Link } from './hash.js'
 * @import { Callable } from './model.js'
 * @import { Library, Opened } from './state.js'
 */

/**
 * A call that was made. `outcome` is WAVE text where there is some.
 * @typedef {object} Entry
 * @property {number} key
 * @property {string} call
 * @property {'value' | 'error' | 'trap' | 'stopped' | 'pending'} kind
 * @property {string} outcome
 * @property {string} [detail] a stack
 * @property {number} [ms]
 */

/** @typedef {{ mode: 'form', drafts: Draft[] } | { mode: 'text', text: string }} Input */

const HISTORY = 50;
/** Characters of a value that are shown. */
const SHOWN_MAX = 20_000;
/** Characters of a call that a link still carries. */
const LINK_MAX = 4000;

/**
 * @param {object} given
 * @param {ReadonlySignal<Opened | undefined>} given.opened
 * @param {() => Promise<Library>} given.library
 * @param {ReadonlySignal<Library | undefined>} given.loaded the same, once it is there
 */
export function createCalls({ opened, library, loaded }) {
  const key = signal(/** @type {string | undefined} */ (undefined));
  const inputs = signal(/** @type {Record<string, Input>} */ ({}));
  const problem = signal(
    /** @type {{ message: string, path: string[] } | undefined} */ (undefined),
  );
  const history = signal(/** @type {Entry[]} */ ([]));
  const handles = signal(/** @type {Handle[]} */ ([]));
  const pending = signal(false);
  const isLive = signal(false);
  const output = createConsole();
  /** @type {Session | undefined} */
  let session;
  let turn = 0;
  let last = 0;

  const selected = computed(() => {
    const all = opened.value?.callables ?? [];
    return all.find((callable) => callable.key === key.value) ?? all[0];
  });

  /** @type {ReadonlySignal<Input | undefined>} */
  const input = computed(() => {
    const it = opened.value;
    const callable = selected.value;
    if (!it || !callable) return undefined;
    return (
      inputs.value[callable.key] ?? {
        mode: "form",
        drafts: callable.params.map(([, type]) => emptyDraft(it.world, type)),
      }
    );
  });

  /** @param {Input} value */
  function setInput(value) {
    const callable = selected.value;
    if (!callable) return;
    batch(() => {
      problem.value = undefined;
      inputs.value = { ...inputs.value, [callable.key]: value };
    });
  }

  /** @param {string} to */
  function select(to) {
    batch(() => {
      key.value = to;
      problem.value = undefined;
    });
  }

  /** @param {Failure | { kind: 'broken', message: string }} failure */
  function lost(failure) {
    drop();
    const text =
      failure.kind === "exit"
        ? `it exited with status ${failure.code}`
        : failure.message;
    settle({
      kind: "trap",
      outcome: `The component could not be started: ${text}`,
      ...("stack" in failure && { detail: failure.stack }),
    });
  }

  /** @param {FromWorker} message */
  function hear(message) {
    if (message.type === "output") output.write(message.stream, message.bytes);
    else if (message.type === "skipped") output.skipped(message.bytes);
    else if (message.type === "failed") lost(message.failure);
  }

  /** The newest entry comes to its end. @param {Partial<Entry>} end */
  function settle(end) {
    const [newest, ...rest] = history.value;
    if (newest?.kind !== "pending") return;
    batch(() => {
      pending.value = false;
      history.value = [{ ...newest, ...end }, ...rest];
    });
  }

  /** @param {Opened} it */
  async function connect(it) {
    const { code, modules } = await it.runnable();
    const grants = { args: [it.name], env: [], stdin: "", files: null };
    isLive.value = true;
    return new Session(
      { code, modules, world: it.world, grants, command: null },
      {
        message: hear,
        broken: (message) => lost({ kind: "broken", message }),
      },
    );
  }

  /**
   * The arguments as values, from the form or from the text.
   * @param {Callable} callable
   * @param {Input} from
   * @param {World} world
   * @param {Library} lib
   */
  function read(callable, from, world, lib) {
    if (from.mode === "text")
      return lib.parseArguments(from.text, callable.params, world);
    return callable.params.map(([name, type], i) =>
      readDraft(world, type, from.drafts[i], [name]),
    );
  }

  /**
   * `("Ada", 3)`
   * @param {Callable} callable
   * @param {unknown[]} values
   * @param {World} world
   * @param {Library} lib
   */
  function print({ params }, values, world, lib) {
    const texts = params.map(([, type], i) => {
      const shape = world.types[type];
      if (isHandle(shape)) return `#${values[i]}`;
      return lib.printWave(values[i], type, world);
    });
    return `(${texts.join(", ")})`;
  }

  async function call() {
    const it = opened.value;
    const callable = selected.value;
    const from = input.value;
    if (!it || !callable || !from || pending.value) return;
    const mine = ++turn;
    const lib = await library();
    let args;
    try {
      args = read(callable, from, it.world, lib);
    } catch (error) {
      const { message } = /** @type {Error} */ (error);
      const path = error instanceof DraftError ? error.path : [];
      problem.value = { message, path };
      return;
    }
    batch(() => {
      problem.value = undefined;
      pending.value = true;
      history.value = [
        {
          key: ++last,
          call: callable.label + print(callable, args, it.world, lib),
          kind: /** @type {const} */ ("pending"),
          outcome: "",
        },
        ...history.value,
      ].slice(0, HISTORY);
    });
    try {
      session ??= await connect(it);
      if (mine !== turn) return;
      const { scope, name, params, result } = callable;
      const answer = await session.call({ scope, name, params, result, args });
      output.flush();
      batch(() => {
        handles.value = answer.handles;
        settle(outcome(callable, answer, it.world, lib));
      });
    } catch (error) {
      if (mine === turn)
        lost({ kind: "broken", message: /** @type {Error} */ (error).message });
    }
  }

  function drop() {
    session?.stop();
    session = undefined;
    batch(() => {
      isLive.value = false;
      handles.value = [];
    });
  }

  /** Ends the instance, and with it what it was doing; the next call makes a new one. */
  function stop() {
    turn += 1;
    output.flush();
    drop();
    settle({ kind: "stopped", outcome: "stopped" });
  }

  function reset() {
    stop();
    batch(() => {
      output.clear();
      key.value = undefined;
      inputs.value = {};
      problem.value = undefined;
      history.value = [];
    });
  }

  /** From form to text or back, with what stands in it where that can be read. @param {'form' | 'text'} mode */
  async function setMode(mode) {
    const it = opened.value;
    const callable = selected.value;
    const from = input.value;
    if (!it || !callable || !from || from.mode === mode) return;
    const { world } = it;
    const lib = await library();
    try {
      const values = read(callable, from, world, lib);
      setInput(
        mode === "text"
          ? { mode, text: print(callable, values, world, lib) }
          : {
              mode,
              drafts: callable.params.map(([, type], i) =>
                draftOf(world, type, values[i]),
              ),
            },
      );
    } catch (error) {
      const { message } = /** @type {Error} */ (error);
      const path = error instanceof DraftError ? error.path : [];
      problem.value = { message, path };
    }
  }

  /** @param {Link} link */
  async function follow(link) {
    const it = opened.value;
    if (!it || link.call === undefined) return;
    const lib = await library();
    if (opened.value !== it) return;
    try {
      const { name, args } = lib.splitCall(link.call);
      const callable = it.callables.find((one) => one.key === name);
      if (!callable) return;
      select(callable.key);
      const values = lib.parseArguments(args, callable.params, it.world);
      const drafts = callable.params.map(([, type], i) =>
        draftOf(it.world, type, values[i]),
      );
      setInput({ mode: "form", drafts });
    } catch {
      // A link with a call that this component does not have still shows the component.
    }
  }

  /**
   * The selected call, for a link. Only what was chosen or filled in is worth saying, and only what can be read.
   * @returns {Partial<Link>}
   */
  function link() {
    const it = opened.value;
    const callable = selected.value;
    const lib = loaded.value;
    const from = input.value;
    const isTouched = callable && (key.value || inputs.value[callable.key]);
    if (!it || !callable || !from || !lib || !isTouched) return {};
    if (callable.usesHandles) return {};
    try {
      const values = read(callable, from, it.world, lib);
      const text = callable.key + print(callable, values, it.world, lib);
      return text.length > LINK_MAX ? {} : { call: text };
    } catch {
      return {};
    }
  }

  return {
    key,
    selected,
    input,
    problem,
    history,
    handles,
    pending,
    isLive,
    output,
    select,
    setInput,
    setMode,
    call,
    stop,
    reset,
    follow,
    link,
  };
}

/**
 * @param {Callable} callable
 * @param {{ value?: unknown, failure?: Failure, ms: number }} answer
 * @param {World} world
 * @param {Library} lib
 * @returns {Partial<Entry>}
 */
function outcome({ result }, { value, failure, ms }, world, lib) {
  const whole = result === null ? undefined : world.types[result];
  const halves =
    typeof whole === "object" && "result" in whole ? whole.result : undefined;
  const print = (
    /** @type {number | null} */ type,
    /** @type {unknown} */ v,
  ) => {
    if (type === null) return "";
    const shape = world.types[type];
    if (typeof shape === "object" && "own" in shape)
      return `${world.resources[shape.own].name} #${v}`;
    const text = lib.printWave(v, type, world);
    if (text.length <= SHOWN_MAX) return text;
    return `${text.slice(0, SHOWN_MAX)}… (${text.length} characters)`;
  };
  if (!failure) {
    const text = print(halves ? halves[0] : result, value);
    return { kind: "value", outcome: text, ms };
  }
  if (failure.kind === "error")
    return {
      kind: "error",
      outcome: print(halves?.[1] ?? null, failure.payload),
      ms,
    };
  if (failure.kind === "exit")
    return {
      kind: "trap",
      outcome: `The component exited with status ${failure.code}.`,
      ms,
    };
  const name = failure.kind === "other" ? `${failure.name}: ` : "";
  return {
    kind: "trap",
    outcome: name + failure.message,
    ms,
    ...("stack" in failure && { detail: failure.stack }),
  };
}
