/** Request and response (MQTT 5.0 section 4.10): ask and see the answer, or answer what others ask. */
import { useSignal } from "@preact/signals";
import { isTopicFilter } from "@tidings/topic";
import { describeError } from "../model/describe-error.js";
import { FormError } from "../model/form-error.js";
import { DEFAULT_PUBLISH_FIELDS, type PublishFields, readPublishFields } from "../model/publish-fields.js";
import type { SentRequest } from "../model/request-log.js";
import type { Responder } from "../model/responders.js";
import { connection, frame, notify, requests, responders } from "./app.js";
import { AreaField, CheckField, NumberField, TextField } from "./field.js";
import { Form } from "./form.js";
import { formatCount, formatTime, previewPayload } from "./format.js";
import { Icon } from "./icon.js";
import { MessageFields } from "./message-fields.js";
import { PayloadView } from "./payload-view.js";
import { PropertiesTable } from "./properties-table.js";

export function RequestsPanel() {
  if ((connection.value?.profile.protocolVersion ?? 5) !== 5) {
    return <p class="empty">Request and response need MQTT 5.0; this connection uses an older version.</p>;
  }
  return (
    <div class="requests">
      <div class="requests-forms">
        <RequestForm />
        <ResponderForm />
      </div>
      <RequestEntries />
    </div>
  );
}

function RequestForm() {
  const draft = useSignal<PublishFields>(DEFAULT_PUBLISH_FIELDS);
  const timeoutSeconds = useSignal<number | undefined>(10);
  const send = (): void => {
    const client = connection.value?.client;
    if (client === undefined) throw new Error("There is no connection. Connect first.");
    const seconds = timeoutSeconds.value ?? 0;
    if (!(seconds > 0 && seconds <= 3_600)) throw new FormError("timeout", "Use 1 to 3,600 seconds.");
    void requests.send(client, readPublishFields(draft.value, 5), seconds * 1_000);
  };
  return (
    <Form label="Send a request" class="card" onSubmit={send}>
      <h2>Ask</h2>
      <MessageFields
        isRequest
        fields={draft.value}
        protocolVersion={5}
        onChange={(fields) => {
          draft.value = { ...draft.value, ...fields };
        }}
      />
      <NumberField
        label="Wait at most (s)"
        name="timeout"
        value={timeoutSeconds.value}
        onChange={(value) => {
          timeoutSeconds.value = value;
        }}
      />
      <button type="submit" class="primary">
        <Icon name="send" />
        Send request
      </button>
    </Form>
  );
}

function ResponderForm() {
  void frame.value;
  const filter = useSignal("");
  const answer = useSignal("");
  const isEcho = useSignal(true);
  const add = async (): Promise<void> => {
    const client = connection.value?.client;
    if (client === undefined) throw new Error("There is no connection. Connect first.");
    if (!isTopicFilter(filter.value)) throw new FormError("responderFilter", "Which requests? Use a topic filter.");
    await responders.add(client, filter.value, isEcho.value ? undefined : answer.value);
    notify("good", `Requests on ${filter.value} are answered while the page is connected.`);
    filter.value = "";
  };
  return (
    <Form label="Answer requests" class="card" onSubmit={add}>
      <h2>Answer</h2>
      <TextField
        label="Requests on"
        name="responderFilter"
        value={filter.value}
        isMono
        placeholder="services/echo"
        onChange={(value) => {
          filter.value = value;
        }}
      />
      <CheckField
        label="With what was asked (echo)"
        name="echo"
        value={isEcho.value}
        onChange={(value) => {
          isEcho.value = value;
        }}
      />
      {!isEcho.value && (
        <AreaField
          label="With this text"
          name="answer"
          value={answer.value}
          onChange={(value) => {
            answer.value = value;
          }}
        />
      )}
      <button type="submit">
        <Icon name="plus" />
        Start answering
      </button>
      <ul class="responders">
        {responders.all.map((responder) => (
          <ResponderRow key={responder.filter} responder={responder} />
        ))}
      </ul>
    </Form>
  );
}

function ResponderRow({ responder }: { responder: Responder }) {
  void frame.value;
  const { filter, answer, answered } = responder;
  return (
    <li>
      <span class="mono">{filter}</span>
      <span class="bar-note">
        {answer === undefined ? "echo" : "text"}, {formatCount(answered)} answered
      </span>
      <button
        type="button"
        class="icon-button"
        aria-label={`Stop answering ${filter}`}
        title="Stop answering"
        onClick={() => responders.remove(responder).catch((error) => notify("bad", describeError(error)))}
      >
        <Icon name="close" />
      </button>
    </li>
  );
}

function RequestEntries() {
  void frame.value;
  return (
    <section class="request-log" aria-label="Requests sent">
      <div class="panel-head">
        <h2>Requests sent</h2>
        {requests.entries.length > 0 && (
          <button type="button" class="quiet" onClick={() => requests.clear()}>
            Clear
          </button>
        )}
      </div>
      {requests.entries.length === 0 && <p class="empty">No request was sent yet.</p>}
      <ol class="request-entries">
        {requests.entries.map((entry) => (
          <RequestEntry key={entry.key} entry={entry} />
        ))}
      </ol>
    </section>
  );
}

function RequestEntry({ entry }: { entry: SentRequest }) {
  void frame.value;
  const { topic, payload, atMs, outcome } = entry;
  return (
    <li class="request-entry" data-outcome={outcome.kind}>
      <p>
        <span class="cell-time">{formatTime(atMs)}</span> <span class="mono">{topic}</span>{" "}
        <span class="mono bar-note">{previewPayload(payload, 80)}</span>
      </p>
      {outcome.kind === "waiting" && <p class="bar-note">Waiting for the answer …</p>}
      {outcome.kind === "failed" && <p class="field-error">{outcome.reason}</p>}
      {outcome.kind === "answered" && (
        <>
          <p class="bar-note">Answered after {formatCount(outcome.tookMs)} ms</p>
          <PayloadView record={outcome.response} previous={undefined} />
          {outcome.response.properties && <PropertiesTable properties={outcome.response.properties} />}
        </>
      )}
    </li>
  );
}
