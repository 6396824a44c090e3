/**
 * @module The bodies of `wasi:http/types`, both ways, and the trailers that follow
 * them. They own the rules of the specification: what is given once, what a child
 * forbids, which lengths must match; over sources and sinks.
 */
import { DISPOSE } from "../core/exit.js";
import { InputStream, OutputStream, Pollable } from "../io.js";
import { Signal } from "../wait.js";
import { failure } from "./errors.js";
import { Family } from "./family.js";
import { Fields } from "./fields.js";

/** @import { Event, Waiter } from "../wait.js" */
/** @import { Sink, Source } from "../core/stream.js" */
/** @import { Entry } from "./fields.js" */
/** @import { Exchange } from "./exchange.js" */
/** @import { Result } from "./types.js" */

/** `result` without payloads: what is thrown for its error. @returns {never} */
export function refuse() {
  throw undefined;
}

/**
 * Where an outgoing body goes, decided when its message is sent.
 * @typedef {object} Outlet
 * @property {Sink} sink
 * @property {(trailers: Entry[] | undefined) => void} finish
 * @property {(reason: unknown) => void} abort
 */

/** What may be written to a body whose message has not been sent. */
const AHEAD = 1 << 20;

/** The resource `outgoing-body`. */
export class OutgoingBody {
  /** @type {Outlet | undefined} */
  #outlet;
  /** @type {{ chunks: Uint8Array[], length: number }} */
  #ahead = { chunks: [], length: 0 };
  #connected = new Signal();
  #waiter;
  #expected;
  #kind;
  #written = 0;
  #taken = false;
  #family = new Family("an outgoing-body");
  #closed = () => {};
  /** @type {"open" | "finished" | "dropped"} */
  #state = "open";
  /** @type {Entry[] | undefined} */
  #trailers;

  /**
   * @param {Waiter} waiter
   * @param {number | undefined} expected the content's length, if it was told
   * @param {"request" | "response"} kind
   */
  constructor(waiter, expected, kind) {
    this.#waiter = waiter;
    this.#expected = expected;
    this.#kind = kind;
  }

  /**
   * The message is on its way: here is where its body goes.
   * @param {Outlet} outlet
   */
  connect(outlet) {
    this.#outlet = outlet;
    if (this.#state !== "dropped")
      for (const chunk of this.#ahead.chunks) outlet.sink.write(chunk);
    this.#ahead.chunks = [];
    if (this.#state === "finished") outlet.finish(this.#trailers);
    if (this.#state === "dropped") outlet.abort(incomplete());
    this.#connected.fire();
  }

  /** @returns {OutputStream} */
  write() {
    if (this.#taken) refuse();
    this.#taken = true;
    this.#closed = this.#family.adopt();
    return new OutputStream(this.#sink(), this.#waiter);
  }

  /**
   * Until the message is sent a guest may write ahead, as some do before they set
   * their response; after that what the outlet takes, and never more than was
   * announced.
   * @returns {Sink}
   */
  #sink() {
    const outlet = () => this.#outlet;
    const room = () => Math.max(0, AHEAD - this.#ahead.length);
    return {
      event: {
        get shared() {
          return outlet()?.sink.event.shared;
        },
        ready: () => this.#outlet?.sink.event.ready() ?? room() > 0,
        onReady: (wake) =>
          this.#outlet
            ? this.#outlet.sink.event.onReady(wake)
            : this.#connected.onReady(wake),
      },
      permit: () => this.#outlet?.sink.permit() ?? room(),
      write: (bytes) => {
        this.#written += bytes.length;
        if (this.#written > (this.#expected ?? Infinity))
          throw this.#wrongSize();
        if (this.#outlet) return this.#outlet.sink.write(bytes);
        this.#ahead.chunks.push(bytes);
        this.#ahead.length += bytes.length;
      },
      // What was written ahead goes on when the message does.
      flush: () => this.#outlet?.sink.flush(),
      close: () => this.#closed(),
    };
  }

  /** Whether nothing was written to it, and nothing announced. */
  get empty() {
    return this.#written === 0 && !this.#expected;
  }

  #wrongSize() {
    return failure(`HTTP-${this.#kind}-body-size`, BigInt(this.#written));
  }

  /**
   * @param {OutgoingBody} body
   * @param {Fields | undefined} trailers
   */
  static finish(body, trailers) {
    body.#family.leave("finished");
    body.#state = "finished";
    body.#trailers = trailers?.given();
    if (body.#written !== (body.#expected ?? body.#written)) {
      const error = body.#wrongSize();
      body.#state = "dropped";
      body.#outlet?.abort(error);
      throw error.code;
    }
    body.#outlet?.finish(body.#trailers);
  }

  [DISPOSE]() {
    this.#family.leave("dropped");
    if (this.#state !== "open") return;
    this.#state = "dropped";
    this.#outlet?.abort(incomplete());
  }
}

/** A body that was dropped without `finish`: what was sent of it is not whole. */
function incomplete() {
  return failure("connection-terminated");
}

/**
 * What comes in with a message: a source and what follows it.
 * @typedef {object} Inlet
 * @property {Source} body
 * @property {Exchange["trailers"]} trailers
 */

/** The resource `incoming-body`. */
export class IncomingBody {
  #inlet;
  #waiter;
  #taken = false;
  #family = new Family("an incoming-body");
  #finished = false;

  /**
   * @param {Inlet} inlet
   * @param {Waiter} waiter
   */
  constructor(inlet, waiter) {
    this.#inlet = inlet;
    this.#waiter = waiter;
  }

  /** @returns {InputStream} */
  stream() {
    if (this.#taken) refuse();
    this.#taken = true;
    const closed = this.#family.adopt();
    const { body } = this.#inlet;
    return new InputStream(
      {
        event: body.event,
        read: (max) => body.read(max),
        // The rest may still be wanted, for its trailers.
        close: closed,
      },
      this.#waiter,
    );
  }

  /**
   * @param {IncomingBody} body
   * @returns {FutureTrailers}
   */
  static finish(body) {
    body.#family.leave("finished");
    body.#finished = true;
    return new FutureTrailers(body.#inlet, body.#waiter);
  }

  [DISPOSE]() {
    this.#family.leave("dropped");
    if (!this.#finished) this.#inlet.body.close?.();
  }
}

/** The resource `future-trailers`. */
export class FutureTrailers {
  #inlet;
  #waiter;
  #taken = false;

  /**
   * @param {Inlet} inlet
   * @param {Waiter} waiter
   */
  constructor(inlet, waiter) {
    this.#inlet = inlet;
    this.#waiter = waiter;
  }

  /** Reads away what is left of the body: the trailers come after it. */
  #drain() {
    const { body } = this.#inlet;
    try {
      while (body.event.ready()) if (!body.read(1 << 20)) return;
    } catch {
      // The trailers tell.
    }
  }

  /** @returns {Event} */
  get #event() {
    const { body, trailers } = this.#inlet;
    return {
      shared: trailers.event.shared,
      ready: () => {
        this.#drain();
        return trailers.event.ready();
      },
      onReady: (wake) => {
        const cancels = [
          trailers.event.onReady(wake),
          body.event.onReady(wake),
        ];
        return () => {
          for (const cancel of cancels) cancel();
        };
      },
    };
  }

  subscribe() {
    return new Pollable(this.#event, this.#waiter);
  }

  /** @returns {Result<Result<Fields | undefined>> | undefined} */
  get() {
    if (this.#taken) return { tag: "err", val: undefined };
    this.#drain();
    const { result } = this.#inlet.trailers;
    if (!result) return undefined;
    this.#taken = true;
    if ("error" in result)
      return { tag: "ok", val: { tag: "err", val: result.error } };
    const fields = result.value && Fields.received(result.value);
    return { tag: "ok", val: { tag: "ok", val: fields } };
  }

  [DISPOSE]() {
    this.#inlet.body.close?.();
  }
}
