/** Publishing with every option and property. */
import { readPublishFields } from "../model/publish-fields.js";
import { connected, connection, notify } from "./app.js";
import { Form } from "./form.js";
import { formatBytes } from "./format.js";
import { Icon } from "./icon.js";
import { MessageFields } from "./message-fields.js";
import { changeDraft, publishDraft, published, rememberPublished } from "./publish-draft.js";

/** No matching subscribers: a success that people want to know of. */
const NO_MATCHING_SUBSCRIBERS = 0x10;

export function PublishPanel() {
  const protocolVersion = connection.value?.profile.protocolVersion ?? 5;
  return (
    <section class="panel publish-panel" id="panel-publish" aria-label="Publish">
      <div class="panel-head">
        <h2>Publish</h2>
        <PublishedBefore />
      </div>
      <Form label="Publish a message" class="publish-form" onSubmit={publish}>
        <MessageFields fields={publishDraft.value} protocolVersion={protocolVersion} onChange={changeDraft} />
        <button type="submit" class="primary" title="Ctrl+Enter">
          <Icon name="send" />
          Publish
        </button>
      </Form>
    </section>
  );
}

/** Chooses a message that was published before, to change it or send it again. */
function PublishedBefore() {
  if (published.value.length === 0) return null;
  return (
    <select
      class="published-before"
      aria-label="Published before"
      value=""
      onChange={({ currentTarget }) => {
        const chosen = published.value[currentTarget.selectedIndex - 1];
        if (chosen) changeDraft(chosen);
        currentTarget.value = "";
      }}
    >
      <option value="">Published before …</option>
      {published.value.map((fields, index) => (
        <option key={`${index + 1} ${fields.topic}`} value={index}>
          {`${fields.topic}  ${fields.payload.slice(0, 40)}`}
        </option>
      ))}
    </select>
  );
}

async function publish(): Promise<void> {
  const current = connected();
  const fields = publishDraft.value;
  const request = readPublishFields(fields, current.profile.protocolVersion);
  const publishing = current.publish(request);
  rememberPublished(fields);
  const { reasonCode } = await publishing;
  const note = reasonCode === NO_MATCHING_SUBSCRIBERS ? " Nobody has subscribed to it." : "";
  notify("good", `Published ${formatBytes(request.payload.length)} to ${request.topic}.${note}`);
}
