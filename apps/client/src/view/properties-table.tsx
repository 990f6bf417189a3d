/** The properties of a message (MQTT 5.0), as they came. */
import type { MessageProperties } from "@tidings/client";
import { previewPayload } from "./format.js";

export function PropertiesTable({ properties }: { properties: MessageProperties }) {
  return (
    <div class="properties">
      <h3>Properties</h3>
      <table>
        <tbody>
          {rows(properties).map(([name, value], index) => (
            <tr key={`${index + 1} ${name}`}>
              <th scope="row">{name}</th>
              <td class="mono">{value}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function rows(properties: MessageProperties): [name: string, value: string][] {
  const { payloadFormatIndicator, messageExpiryInterval, contentType, responseTopic, correlationData } = properties;
  const { subscriptionIdentifiers, userProperties } = properties;
  return [
    ...row("Content type", contentType),
    ...row(
      "Payload format",
      payloadFormatIndicator === undefined ? undefined : ["bytes", "UTF-8 text"][payloadFormatIndicator],
    ),
    ...row("Expires in", messageExpiryInterval === undefined ? undefined : `${messageExpiryInterval} s`),
    ...row("Response topic", responseTopic),
    ...row("Correlation data", correlationData && previewPayload(correlationData)),
    ...row("Subscriptions", subscriptionIdentifiers?.join(", ")),
    ...(userProperties ?? []).map(([name, value]): [string, string] => [name, value]),
  ];
}

function row(name: string, value: string | undefined): [string, string][] {
  return value === undefined ? [] : [[name, value]];
}
