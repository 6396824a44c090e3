/**
 * Runs the commands of one lowered script against a transpiler: definitions, instances, calls, refusals. It owns what each
 * directive means and when it has passed; it refuses to know which directives are claimed (run.js) and where scripts
 * come from (suite.js).
 * @module
 */
import { camelCase, difference, show, toJs } from "./values.js";

/**
 * @typedef {object} Backend
 * @property {(bytes: Uint8Array, options: object) => Promise<{files: Record<string, string | Uint8Array>}>} transpile
 * @property {(files: Record<string, string | Uint8Array>, key: string) => Promise<Instantiate>} load
 *
 * @typedef {(imports: Record<string, unknown>) => Promise<Record<string, any>>} Instantiate
 *
 * @typedef {object} Outcome
 * @property {number} line
 * @property {string} type the directive's name
 * @property {"passed" | "failed" | "unsupported" | "text" | "core"} status `text`: the text format alone decides it;
 *   `core`: it is about a core module on its own; `unsupported`: the transpiler refused by name
 * @property {string} [why]
 * @property {[expected: string, actual: string]} [trap] what assert_trap demanded and what was thrown
 */

/** Why a command did not pass. */
class Failure extends Error {
  /** @param {string} message @param {Outcome["status"]} [status] */
  constructor(message, status = "failed") {
    super(message);
    this.status = status;
  }
}

/** The state of one script: what was defined, instantiated, registered. */
export class ScriptRun {
  /** @type {Map<string | null, Promise<Instantiate>>} */ #definitions =
    new Map();
  /** @type {Map<string | null, () => Promise<Record<string, any>>>} */ #instances =
    new Map();
  /** @type {Record<string, unknown>} */ #registered = {};
  /** @type {Backend} */ #backend;
  /** @type {object} */ #options;
  /** @type {Uint8Array} */ #blob;
  /** @type {boolean} */ #lazy;
  #count = 0;

  /**
   * @param {Backend} backend @param {Uint8Array} blob
   * @param {{ options: object, lazy: boolean }} settings lazy: a `component` is instantiated when something is called,
   *   because the suite was written for validation alone
   */
  constructor(backend, blob, { options, lazy }) {
    this.#backend = backend;
    this.#blob = blob;
    this.#options = options;
    this.#lazy = lazy;
  }

  /** @param {any} command @returns {Promise<Outcome>} */
  async run(command) {
    const { line, type } = command;
    /** @type {Outcome} */
    const outcome = { line, type, status: "passed" };
    try {
      await this.#command(command, outcome);
    } catch (e) {
      outcome.status = e instanceof Failure ? e.status : "failed";
      outcome.why = e instanceof Failure ? e.message : describe(e);
    }
    return outcome;
  }

  /** @param {any} command @param {Outcome} outcome */
  async #command(command, outcome) {
    switch (command.type) {
      case "component":
      case "define":
        return this.#define(command);
      case "instance":
        return this.#instance(command);
      case "register":
        this.#registered[command.as] = await this.#get(command.of);
        return;
      case "invoke":
        await this.#call(command.exec);
        return;
      case "assert_return":
        return this.#assertReturn(command);
      case "assert_trap":
        return this.#assertTrap(command, outcome);
      case "assert_invalid":
      case "assert_malformed":
        return this.#assertRefused(command);
      case "assert_unlinkable":
        return this.#assertUnlinkable(command);
      default:
        throw new Failure(`the runner knows no directive ${command.type}`);
    }
  }

  /** @param {any} command */
  async #define({ type, name, wasm }) {
    const definition = this.#load(wasm);
    this.#definitions.set(name, definition);
    if (type === "component") {
      const instance = definition.then((make) =>
        this.#lazy ? make : make({ ...this.#registered }),
      );
      const get = this.#lazy
        ? once(async () => (await definition)({ ...this.#registered }))
        : () => instance;
      this.#keep(name, /** @type {() => Promise<Record<string, any>>} */ (get));
      await instance;
    }
    await definition;
  }

  /** @param {any} command */
  async #instance({ name, of }) {
    const definition = this.#definitions.get(of);
    if (!definition) throw new Failure(`nothing is defined as ${of}`);
    const instance = definition.then((make) => make({ ...this.#registered }));
    this.#keep(name, () => instance);
    await instance;
  }

  /** @param {string | null} name @param {() => Promise<Record<string, any>>} get */
  #keep(name, get) {
    this.#instances.set(null, get);
    if (name !== null) this.#instances.set(name, get);
  }

  /** @param {string | null} name */
  async #get(name) {
    const get = this.#instances.get(name);
    if (!get) throw new Failure(`there is no instance ${name ?? ""}`);
    try {
      return await get();
    } catch (e) {
      throw new Failure(
        `no instance ${name ?? ""}: ${describe(e)}`,
        isUnsupported(e) ? "unsupported" : "failed",
      );
    }
  }

  /** @param {any} wasm @param {object} [more] @returns {Promise<Instantiate>} */
  async #load(wasm, more) {
    if (wasm.error !== undefined)
      throw new Failure(`the text format refuses it: ${wasm.error}`);
    if (wasm.core) throw new Failure("a core module on its own", "core");
    const files = await this.#transpile(wasm, more);
    return this.#backend.load(files, String(this.#count++));
  }

  /** @param {any} wasm @param {object} [more] */
  async #transpile(wasm, more) {
    const bytes = this.#blob.subarray(...wasm.range);
    try {
      return (
        await this.#backend.transpile(bytes, { ...this.#options, ...more })
      ).files;
    } catch (e) {
      if (isUnsupported(e)) throw new Failure(describe(e), "unsupported");
      throw e;
    }
  }

  /** @param {any} exec */
  async #call(exec) {
    if (exec.type !== "invoke")
      throw new Failure(`the runner cannot execute a ${exec.type} here`);
    const instance = await this.#get(exec.of);
    const f = instance[exec.export] ?? instance[camelCase(exec.export)];
    if (typeof f !== "function")
      throw new Failure(
        `no function ${exec.export} among ${Object.keys(instance)}`,
      );
    return f(...exec.args.map(toJs));
  }

  /** @param {any} command */
  async #assertReturn({ exec, results }) {
    const own =
      results.length === 1 && results[0][0] === "result"
        ? results[0][1]
        : undefined;
    let value;
    try {
      value = await this.#call(exec);
    } catch (e) {
      // A result as the function's own result is thrown when it is an err.
      if (
        own?.[0] !== "err" ||
        !(/** @type {any} */ (e)?.name === "ComponentError")
      )
        throw e;
      const { payload } = /** @type {any} */ (e);
      return check(
        own[1] === null
          ? same(payload, undefined)
          : difference(own[1], payload, "payload"),
      );
    }
    if (own) {
      if (own[0] === "err")
        throw new Failure(`expected a ComponentError, got ${show(value)}`);
      return check(
        own[1] === null ? same(value, undefined) : difference(own[1], value),
      );
    }
    check(
      results.length === 0
        ? same(value, undefined)
        : difference(results[0], value),
    );
  }

  /** @param {any} command @param {Outcome} outcome */
  async #assertTrap({ exec, message }, outcome) {
    let value;
    try {
      if (exec.type === "component") {
        const make = await this.#load(exec.wasm);
        value = await trapping(() => make({ ...this.#registered }));
      } else {
        await this.#get(exec.of);
        value = await trapping(() => this.#call(exec));
      }
    } catch (e) {
      if (!(e instanceof Trapped)) throw e;
      outcome.trap = [message, e.message];
      return;
    }
    throw new Failure(`expected a trap (${message}), got ${show(value)}`);
  }

  /**
   * Refused for what it is: a refusal because we do not support something counts only where the script demands just that
   * (that a feature is off). What only the validation of function bodies can tell needs `validate`.
   * @param {any} command
   */
  async #assertRefused({ wasm, message }) {
    if (wasm.core) throw new Failure("a core module on its own", "core");
    if (wasm.error !== undefined) throw new Failure(wasm.error, "text");
    for (const validate of [false, true]) {
      try {
        await this.#transpile(wasm, { validate });
      } catch (e) {
        const demanded = e instanceof Failure && e.message.includes(message);
        if (!demanded && (e instanceof Failure || !isRefusal(e))) throw e;
        return;
      }
    }
    throw new Failure(`was accepted (${message})`);
  }

  /** @param {any} command */
  async #assertUnlinkable({ wasm, message }) {
    const make = await this.#load(wasm);
    try {
      await make({ ...this.#registered });
    } catch (e) {
      if (/** @type {any} */ (e)?.name === "LinkError") return;
      throw e;
    }
    throw new Failure(`was linked (${message})`);
  }
}

/** A Trap was thrown where it may be. */
class Trapped extends Error {}

/** @template T @param {() => Promise<T>} body */
async function trapping(body) {
  try {
    return await body();
  } catch (e) {
    if (/** @type {any} */ (e)?.name === "Trap")
      throw new Trapped(/** @type {any} */ (e).message);
    if (e instanceof Failure) throw e;
    throw new Failure(`expected a Trap, but thrown was ${describe(e)}`);
  }
}

/** @param {unknown} e @returns {boolean} the transpiler refused it because it is bad */
function isRefusal(e) {
  return /** @type {any} */ (e)?.name === "TranspileError";
}

/** @param {unknown} e */
function isUnsupported(e) {
  return (
    (e instanceof Failure && e.status === "unsupported") ||
    /** @type {any} */ (e)?.code === "unsupported"
  );
}

/** @param {unknown} actual @param {unknown} expected */
function same(actual, expected) {
  return Object.is(actual, expected)
    ? null
    : `expected ${show(expected)}, got ${show(actual)}`;
}

/** @param {string | null} d */
function check(d) {
  if (d !== null) throw new Failure(d);
}

/** @param {unknown} e */
export function describe(e) {
  if (!(e instanceof Error)) return show(e);
  const at =
    e.stack
      ?.split("\n")
      .find((l) => l.includes("    at "))
      ?.trim() ?? "";
  const cause = e.cause instanceof Error ? ` (cause: ${e.cause.message})` : "";
  return `${e.name}: ${e.message}${cause} ${at}`;
}

/** @template T @param {() => Promise<T>} make */
function once(make) {
  /** @type {Promise<T> | undefined} */
  let made;
  return () => (made ??= make());
}
