/** What the page and its workers say to each other. */
import type { World } from "../../../npm/src/types.js";

/** What a component is granted. */
export interface Grants {
  args: string[];
  env: Array<[string, string]>;
  stdin: string;
  /** Files of the directory granted as `/`, by path; null grants none. */
  files: Array<[path: string, contents: string | Uint8Array]> | null;
}

/** Everything that an instance is made from. */
export interface Start {
  type: "start";
  /** Generated JavaScript, with `--instantiation async`. */
  code: string;
  /** Compiled core modules, by the path that the code asks for. */
  modules: Map<string, WebAssembly.Module>;
  world: World;
  grants: Grants;
  /** The interface to run as a program; null keeps the instance for calls. */
  command: string | null;
}

export interface Call {
  type: "call";
  id: number;
  scope: string | null;
  name: string;
  params: Array<[name: string, type: number]>;
  result: number | null;
  /** Resources stand in it by their numbers. */
  args: unknown[];
}

export type ToWorker = Start | Call;

/** Something thrown, as it can cross. */
export type Failure =
  | { kind: "error"; payload: unknown; message: string }
  | { kind: "exit"; code: number }
  | { kind: "trap"; message: string; stack: string }
  | { kind: "link"; message: string }
  | { kind: "other"; name: string; message: string; stack: string };

/** A resource that the page can use by its number. */
export interface Handle {
  id: number;
  /** Index of `World.resources`. */
  resource: number;
}

export type FromWorker =
  | { type: "ready"; blocking: string; ms: number }
  | { type: "output"; stream: "stdout" | "stderr"; bytes: Uint8Array }
  | { type: "skipped"; bytes: number }
  | {
      type: "ended";
      /** Undefined where the program came to its end by itself. */
      failure?: Failure;
      ms: number;
      files: Array<[path: string, contents: Uint8Array]> | null;
    }
  | { type: "failed"; failure: Failure }
  | {
      type: "answer";
      id: number;
      value?: unknown;
      failure?: Failure;
      ms: number;
      handles: Handle[];
    };
