/** @module The 12 MB library guest: what `wit/hello.wit` asks for, in plain JavaScript for componentize-js. */

export function greet(name) {
  return `Hello, ${name}!`;
}

export const people = {
  describe({ name, age, tags }) {
    return `${name}, ${age}${tags.length > 0 ? ` (${tags.join(", ")})` : ""}`;
  },
  birthday({ name, age, tags }) {
    if (name === "") throw "nobody has no birthday";
    return { name, age: age + 1, tags: [...tags, `was ${age}`] };
  },
};
