/** Publishing with every option and property. */
import { readPublishFields } from "../model/publish-fields.js";
import { connection, notify, publishDraft } from "./app.js";
import { Form } from "./form.js";
import { formatBytes } from "./format.js";
import { Icon } from "./icon.js";
import { MessageFields } from "./message-fields.js";

/** No matching subscribers: a success that people want to know of. */
const NO_MATCHING_SUBSCRIBERS = 0x10;

export function PublishPanel() {
  const protocolVersion = connection.value?.profile.protocolVersion ?? 5;
  return (
    <section class="panel publish-panel" id="panel-publish" aria-label="Publish">
      <div class="panel-head">
        <h2>Publish</h2>
      </div>
      <Form label="Publish a message" class="publish-form" onSubmit={publish}>
        <MessageFields
          fields={publishDraft.value}
          protocolVersion={protocolVersion}
          onChange={(fields) => {
            publishDraft.value = { ...publishDraft.value, ...fields };
          }}
        />
        <button type="submit" class="primary" title="Ctrl+Enter">
          <Icon name="send" />
          Publish
        </button>
      </Form>
    </section>
  );
}

async function publish(): Promise<void> {
  const current = connection.value;
  if (current?.client === undefined) throw new Error("There is no connection. Connect first.");
  const request = readPublishFields(publishDraft.value, current.profile.protocolVersion);
  const { reasonCode } = await current.publish(request);
  const note = reasonCode === NO_MATCHING_SUBSCRIBERS ? " Nobody has subscribed to it." : "";
  notify("good", `Published ${formatBytes(request.payload.length)} to ${request.topic}.${note}`);
}
