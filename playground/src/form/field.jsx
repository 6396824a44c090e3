/**
 * The controls for a value of any plain type, one inside the other as the type is. What is in them is a draft; this file knows
 * how each kind is shown and nothing of calls.
 * @module
 */
import { useId } from "preact/hooks";
import { typeText } from "../model.js";
import { choicesOf, choose, emptyDraft, isNumber } from "./draft.js";

/**
 * @import { World, WorldType } from '../../../npm/src/types.js'
 * @import { Handle } from '../run/messages.js'
 * @import { Draft } from './draft.js'
 */

/**
 * @typedef {object} FieldProps
 * @property {string} label
 * @property {World} world
 * @property {Map<number, string>} names what types are called here
 * @property {number} type
 * @property {any} draft
 * @property {(draft: Draft) => void} onDraft
 * @property {Handle[]} handles resources that there are
 * @property {{ message: string, path: string[] } | undefined} problem
 * @property {string[]} path
 */

/** @typedef {FieldProps & { id: string, invalid: boolean }} ControlProps */

/** @param {FieldProps} props */
export function Field(props) {
  const { label, world, names, type, path, problem } = props;
  const id = useId();
  const invalid =
    problem !== undefined &&
    problem.path.length === path.length &&
    problem.path.every((name, i) => name === path[i]);
  const shape = world.types[type];
  const control = { ...props, id, invalid };
  const note = <span class="type">{typeText(world, type, names)}</span>;
  if (shape === "bool")
    return (
      <label class="check field-check">
        <Bool {...control} /> {label} {note}
      </label>
    );
  const Group = groupOf(world, shape);
  if (Group)
    return (
      <fieldset class="field group">
        <legend>
          {label} {note}
        </legend>
        <Group {...control} shape={/** @type {any} */ (shape)} />
      </fieldset>
    );
  return (
    <div class="field">
      <label for={id}>
        {label} {note}
      </label>
      <Single {...control} shape={shape} />
    </div>
  );
}

/** @param {ControlProps} props */
const Bool = ({ id, draft, onDraft }) => (
  <input
    id={id}
    type="checkbox"
    checked={draft}
    onChange={({ currentTarget }) => onDraft(currentTarget.checked)}
  />
);

/**
 * Controls that are one element.
 * @param {ControlProps & { shape: WorldType }} props
 */
function Single({ id, world, shape, draft, onDraft, invalid, handles }) {
  const common = {
    id,
    value: draft,
    "aria-invalid": invalid,
    spellcheck: false,
  };
  const onInput = (
    /** @type {{ currentTarget: { value: string } }} */ { currentTarget },
  ) => onDraft(currentTarget.value);
  if (shape === "string")
    return <textarea {...common} rows={1} onInput={onInput} />;
  if (typeof shape === "string")
    return (
      <input
        {...common}
        type="text"
        class={shape === "char" ? "short" : "number"}
        inputMode={
          shape === "char" ? "text" : shape.startsWith("u") ? "numeric" : "text"
        }
        autocomplete="off"
        onInput={onInput}
      />
    );
  if ("enum" in shape)
    return (
      <select {...common} onChange={onInput}>
        {shape.enum.map((name) => (
          <option key={name}>{name}</option>
        ))}
      </select>
    );
  if ("own" in shape || "borrow" in shape) {
    const resource = "own" in shape ? shape.own : shape.borrow;
    const { name } = world.resources[resource];
    const there = handles.filter((handle) => handle.resource === resource);
    if (!there.length)
      return <p class="quiet">There is no {name} yet; call what makes one.</p>;
    return (
      <select {...common} onChange={onInput}>
        <option value="">choose…</option>
        {there.map((handle) => (
          <option key={handle.id} value={handle.id}>
            {name} #{handle.id}
          </option>
        ))}
      </select>
    );
  }
  return (
    <input
      {...common}
      type="text"
      placeholder="1, 2, 3"
      autocomplete="off"
      onInput={onInput}
    />
  );
}

/**
 * The kinds that have parts.
 * @param {World} world
 * @param {WorldType} shape
 * @returns {((props: ControlProps & { shape: any }) => import('preact').VNode<any>) | undefined}
 */
function groupOf(world, shape) {
  if (typeof shape === "string") return undefined;
  if ("record" in shape || "tuple" in shape) return Product;
  if ("flags" in shape) return Flags;
  if ("map" in shape) return Items;
  if ("list" in shape) {
    if (shape.length !== undefined) return Product;
    return isNumber(world, shape.list) ? undefined : Items;
  }
  return choicesOf(shape) ? Choice : undefined;
}

/** Fields that are all there: a record, a tuple, a list of fixed length. @param {ControlProps & { shape: any }} props */
function Product({ shape, draft, onDraft, path, label: _, ...rest }) {
  /** @type {Array<[string, number]>} */
  const fields =
    shape.record ??
    shape.tuple?.map((/** @type {number} */ t, /** @type {number} */ i) => [
      String(i),
      t,
    ]) ??
    draft.map((/** @type {Draft} */ _item, /** @type {number} */ i) => [
      String(i),
      shape.list,
    ]);
  if (!fields.length) return <p class="quiet">It has no fields.</p>;
  return (
    <>
      {fields.map(([name, type], i) => (
        <Field
          {...rest}
          key={name}
          label={name}
          type={type}
          path={[...path, name]}
          draft={draft[i]}
          onDraft={(part) => onDraft(draft.with(i, part))}
        />
      ))}
    </>
  );
}

/** @param {ControlProps & { shape: { flags: string[] } }} props */
function Flags({ shape, draft, onDraft }) {
  return (
    <div class="flags">
      {shape.flags.map((name) => (
        <label key={name} class="check">
          <input
            type="checkbox"
            checked={draft.flags.includes(name)}
            onChange={({ currentTarget: { checked } }) =>
              onDraft({
                flags: shape.flags.filter((flag) =>
                  flag === name ? checked : draft.flags.includes(flag),
                ),
              })
            }
          />{" "}
          {name}
        </label>
      ))}
    </div>
  );
}

/** A variant, a result or an option: which, and what goes with it. @param {ControlProps & { shape: WorldType }} props */
function Choice({ id, world, shape, draft, onDraft, path, label, ...rest }) {
  const choices = choicesOf(shape) ?? [];
  const payload = choices.find(([name]) => name === draft.choice)?.[1] ?? null;
  return (
    <>
      <select
        id={id}
        aria-label={`${label}: which`}
        value={draft.choice}
        onChange={({ currentTarget }) =>
          onDraft(choose(world, choices, currentTarget.value))
        }
      >
        {choices.map(([name]) => (
          <option key={name}>{name}</option>
        ))}
      </select>
      {payload !== null && (
        <Field
          {...rest}
          key={draft.choice}
          world={world}
          label={draft.choice}
          type={payload}
          path={[...path, draft.choice]}
          draft={draft.payload}
          onDraft={(part) => onDraft({ ...draft, payload: part })}
        />
      )}
    </>
  );
}

/** A list, or the entries of a map. @param {ControlProps & { shape: any }} props */
function Items({ world, shape, draft, onDraft, path, label, ...rest }) {
  /** @type {Array<[string, number]>} what an item is made of; a list's items are one part without a name */
  const parts = shape.map
    ? [
        ["key", shape.map[0]],
        ["value", shape.map[1]],
      ]
    : [["", shape.list]];
  const fresh = () =>
    shape.map
      ? parts.map(([, type]) => emptyDraft(world, type))
      : emptyDraft(world, shape.list);
  return (
    <>
      {draft.map((/** @type {any} */ item, /** @type {number} */ i) => (
        <div key={i} class="item">
          <div class="item-fields">
            {parts.map(([name, type], part) => (
              <Field
                {...rest}
                key={name}
                world={world}
                label={`${i} ${name}`.trim()}
                type={type}
                path={[...path, `${i} ${name}`.trim()]}
                draft={shape.map ? item[part] : item}
                onDraft={(changed) =>
                  onDraft(
                    draft.with(
                      i,
                      shape.map ? item.with(part, changed) : changed,
                    ),
                  )
                }
              />
            ))}
          </div>
          <button
            type="button"
            class="button small"
            aria-label={`Remove ${label} ${i}`}
            onClick={() =>
              onDraft(
                draft.filter(
                  (/** @type {any} */ _, /** @type {number} */ j) => j !== i,
                ),
              )
            }
          >
            ✕
          </button>
        </div>
      ))}
      <button
        type="button"
        class="button small"
        aria-label={`Add to ${label}`}
        onClick={() => onDraft([...draft, fresh()])}
      >
        + Add
      </button>
    </>
  );
}
