/**
 * Said where a component cannot be instantiated in a page.
 * @module
 */

/** @param {{ names: string[], what: string }} props */
export function Unmet({ names, what }) {
  return (
    <section class="notice">
      <h2>{what}</h2>
      <p>
        It imports what this page has nothing for. The files work all the same
        where you give them:
      </p>
      <ul>
        {names.map((name) => (
          <li key={name}>
            <code>{name}</code>
          </li>
        ))}
      </ul>
    </section>
  );
}
