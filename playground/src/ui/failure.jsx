/**
 * An error, told so that something can be done about it.
 * @module
 */
import { explain } from "../format.js";

/** @param {{ title: string, error: unknown }} props */
export function Failure({ title, error }) {
  const { message, code, offset, path, help } = explain(error);
  return (
    <section class="failure" role="alert">
      <h2>{title}</h2>
      <p class="failure-message">{message}</p>
      {help && <p>{help}</p>}
      {code && (
        <dl class="facts">
          <div>
            <dt>Code</dt>
            <dd>
              <code>{code}</code>
            </dd>
          </div>
          {offset !== undefined && (
            <div>
              <dt>Offset</dt>
              <dd>
                <code>
                  {offset} (0x{offset.toString(16)})
                </code>
              </dd>
            </div>
          )}
          {path && (
            <div>
              <dt>Where</dt>
              <dd>
                <code>{path.join(" › ")}</code>
              </dd>
            </div>
          )}
        </dl>
      )}
    </section>
  );
}
