/**
 * An open component: its name, and one panel at a time.
 * @module
 */
import { bytes } from "../format.js";
import { CallPanel } from "../panels/call.jsx";
import { FilesPanel } from "../panels/files.jsx";
import { OverviewPanel } from "../panels/overview.jsx";
import { PlanPanel } from "../panels/plan.jsx";
import { RunPanel } from "../panels/run.jsx";
import { CopyButton } from "./code.jsx";

/** @import { App, Opened, Tab } from '../state.js' */

/** @type {Record<Tab, { title: string, Panel: (props: { app: App, opened: Opened }) => import('preact').VNode<any> }>} */
const panels = {
  overview: { title: "World", Panel: OverviewPanel },
  run: { title: "Run", Panel: RunPanel },
  call: { title: "Call", Panel: CallPanel },
  files: { title: "Files", Panel: FilesPanel },
  plan: { title: "Plan", Panel: PlanPanel },
};

/** @param {{ app: App, opened: Opened }} props */
export function Workspace({ app, opened }) {
  const { Panel } = panels[app.tab.value];
  return (
    <div class="workspace">
      <div class="title">
        <h1>{opened.name}</h1>
        <p class="quiet">{bytes(opened.bytes.length)}</p>
        {app.link.value !== undefined && (
          <CopyButton text={() => location.href}>Copy link</CopyButton>
        )}
      </div>
      <Tabs app={app} />
      <div
        id="panel"
        role="tabpanel"
        aria-labelledby={`tab-${app.tab.value}`}
        class="panel"
      >
        <Panel app={app} opened={opened} />
      </div>
    </div>
  );
}

/** @param {{ app: App }} props */
function Tabs({ app }) {
  const tabs = app.tabs.value;
  /** @param {KeyboardEvent} event */
  const onKeyDown = (event) => {
    const at = tabs.indexOf(app.tab.value);
    const to = {
      ArrowRight: (at + 1) % tabs.length,
      ArrowLeft: (at + tabs.length - 1) % tabs.length,
      Home: 0,
      End: tabs.length - 1,
    }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    app.tab.value = tabs[to];
    document.getElementById(`tab-${tabs[to]}`)?.focus();
  };
  return (
    <div class="tabs" role="tablist" aria-label="Parts" onKeyDown={onKeyDown}>
      {tabs.map((tab) => (
        <button
          key={tab}
          id={`tab-${tab}`}
          type="button"
          role="tab"
          aria-selected={tab === app.tab.value}
          aria-controls="panel"
          tabIndex={tab === app.tab.value ? 0 : -1}
          onClick={() => (app.tab.value = tab)}
        >
          {panels[tab].title}
        </button>
      ))}
    </div>
  );
}
