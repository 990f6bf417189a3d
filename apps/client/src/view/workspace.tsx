/** The three columns of an open connection; on narrow pages one of their parts at a time. */
import type { ComponentChildren } from "preact";
import { connection, observatory, retained, slowFrame } from "./app.js";
import { MessagesPanel } from "./messages-panel.js";
import { PlotsPanel } from "./plots-panel.js";
import { PublishPanel } from "./publish-panel.js";
import { RequestsPanel } from "./requests-panel.js";
import { RetainedPanel } from "./retained-panel.js";
import { type CENTRE_SECTIONS, type Section, section, showSection } from "./section.js";
import { SubscriptionsPanel } from "./subscriptions-panel.js";
import { type Tab, Tabs } from "./tabs.js";
import { TopicsPanel } from "./topics-panel.js";
import { ValuePanel } from "./value-panel.js";

export function Workspace() {
  const key = connection.value?.profile.id;
  return (
    <main class="workspace" data-section={section.value} key={key}>
      <SectionTabs />
      <div class="column column-left" id="panel-topics">
        <SubscriptionsPanel />
        <TopicsPanel />
      </div>
      <div class="column column-centre">
        <CentrePanel id="messages">
          <MessagesPanel />
        </CentrePanel>
        <CentrePanel id="plots">
          <PlotsPanel />
        </CentrePanel>
        <CentrePanel id="retained">
          <RetainedPanel />
        </CentrePanel>
        <CentrePanel id="requests">
          <RequestsPanel />
        </CentrePanel>
      </div>
      <div class="column column-right">
        <ValuePanel />
        <PublishPanel />
      </div>
    </main>
  );
}

function SectionTabs() {
  void slowFrame.value;
  const tabs: Tab<Section>[] = [
    { id: "topics", text: "Topics", isNarrowOnly: true },
    { id: "messages", text: "Messages" },
    { id: "value", text: "Value", isNarrowOnly: true },
    { id: "publish", text: "Publish", isNarrowOnly: true },
    { id: "plots", text: "Plots", count: observatory.value.plots.all.length },
    { id: "retained", text: "Retained", count: retained.found.size },
    { id: "requests", text: "Requests" },
  ];
  return <Tabs label="Parts of the page" tabs={tabs} selected={section.value} onSelect={showSection} />;
}

/** What is not in front is not drawn at all. */
function CentrePanel({ id, children }: { id: (typeof CENTRE_SECTIONS)[number]; children: ComponentChildren }) {
  const isShown = section.value === id;
  return (
    <section
      class="panel centre-panel"
      id={`panel-${id}`}
      role="tabpanel"
      aria-labelledby={`tab-${id}`}
      hidden={!isShown}
    >
      {isShown && children}
    </section>
  );
}
