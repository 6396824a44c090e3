/**
 * The plan: what instantiating the component does, step by step.
 * @module
 */
import { Code, CopyButton } from "../ui/code.jsx";

/** @param {{ opened: import('../state.js').Opened }} props */
export function PlanPanel({ opened }) {
  return (
    <section>
      <div class="bar">
        <p class="quiet">
          What instantiating does, in order: the form between the component and
          its JavaScript.
        </p>
        <CopyButton text={() => opened.plan}>Copy</CopyButton>
      </div>
      <Code text={opened.plan} lang="plan" label="Plan" />
    </section>
  );
}
