/**
 * The example components, by the names that links use. Their texts are in `examples/`.
 * @module
 */

/** @typedef {{ id: string, title: string, about: string }} Example */

/** @type {Example[]} */
export const examples = [
  {
    id: "greet",
    title: "Greet",
    about: "One function from string to string.",
  },
  {
    id: "types",
    title: "Types",
    about: "Records, variants, options, lists, results that fail.",
  },
  {
    id: "counter",
    title: "Counter",
    about: "A resource with a constructor, methods and a static.",
  },
  {
    id: "command",
    title: "Command",
    about: "A WASI program: arguments, variables, standard input.",
  },
  {
    id: "clock",
    title: "Clock",
    about: "A WASI program that waits, and goes on until stopped.",
  },
];
