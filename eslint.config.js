/**
 * What ESLint looks for: mistakes, and what the house forbids (evaluating strings). Formatting is prettier's, types are tsc's.
 * @module
 */
import js from "@eslint/js";
import globals from "globals";

export default [
  {
    ignores: [
      "target/",
      "**/dist/",
      "**/node_modules/",
      "transpiler/tests/cases/",
      "tests/**/fixtures/",
      "**/*.d.ts",
    ],
  },
  js.configs.recommended,
  {
    files: ["**/*.js", "**/*.jsx"],
    languageOptions: {
      globals: {
        ...globals.browser,
        ...globals.nodeBuiltin,
        ...globals.es2025,
      },
      parserOptions: { ecmaFeatures: { jsx: true } },
    },
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      eqeqeq: ["error", "always", { null: "ignore" }],
      "no-eval": "error",
      "no-implied-eval": "error",
      "no-new-func": "error",
      // Names of components, and HTTP's, are defined by what controls they exclude.
      "no-control-regex": "off",
      "no-var": "error",
      "prefer-const": "error",
      "no-unused-vars": [
        "error",
        {
          argsIgnorePattern: "^_",
          varsIgnorePattern: "^_",
          caughtErrors: "none",
          ignoreRestSiblings: true,
        },
      ],
      "object-shorthand": "error",
    },
  },
  {
    // The capability core is written once, below the faces: WASI 0.3 will be a second one on it.
    files: ["shims/src/core/**/*.js", "shims/src/fs/**/*.js"],
    rules: {
      "no-restricted-imports": [
        "error",
        {
          patterns: [
            {
              regex:
                "^\\.\\./(cli|clocks|filesystem|host|http|index|io|random|sockets)\\.js$",
              message: "The core does not know WASI's faces.",
            },
          ],
        },
      ],
    },
  },
  {
    // One page runs two hosts and many instances: what they keep is theirs.
    files: ["shims/src/**/*.js", "transpiler/runtime/*.js"],
    ignores: ["**/*.test.js"],
    rules: {
      "no-restricted-syntax": [
        "error",
        {
          selector: "Program > VariableDeclaration[kind='let']",
          message: "No mutable state at module level.",
        },
      ],
    },
  },
];
