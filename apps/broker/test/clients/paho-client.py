"""One Paho client. Options as JSON in the first argument; each line on stdin is a message to publish; the end of stdin
is a DISCONNECT; events go to stdout as lines of JSON. Payloads are base64."""
import base64
import json
import sys
import threading

import paho.mqtt.client as mqtt
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

NAMES = {
    "payloadFormatIndicator": "PayloadFormatIndicator",
    "messageExpiryInterval": "MessageExpiryInterval",
    "contentType": "ContentType",
    "responseTopic": "ResponseTopic",
    "correlationData": "CorrelationData",
    "userProperties": "UserProperty",
    "subscriptionIdentifiers": "SubscriptionIdentifier",
    "topicAlias": "TopicAlias",
}

options = json.loads(sys.argv[1])
is5 = options["version"] == 5
state = {"sessionPresent": False, "subscriptions": list(options.get("subscriptions", []))}
lock = threading.Lock()


def emit(event, **fields):
    with lock:
        print(json.dumps({"event": event, **fields}), flush=True)


def read_properties(properties):
    found = {}
    for name, theirs in NAMES.items():
        if hasattr(properties, theirs):
            value = getattr(properties, theirs)
            if name == "correlationData":
                value = value.decode()
            if name == "payloadFormatIndicator":
                value = bool(value)
            found[name] = value
    return found


def write_properties(fields):
    if not is5 or not fields:
        return None
    properties = Properties(PacketTypes.PUBLISH)
    for name, value in fields.items():
        if name == "correlationData":
            value = value.encode()
        if name == "payloadFormatIndicator":
            value = int(value)
        if name == "userProperties":
            value = [tuple(pair) for pair in value]
        setattr(properties, NAMES[name], value)
    return properties


def subscribe_next():
    if not state["subscriptions"]:
        emit("ready", sessionPresent=state["sessionPresent"])
        return
    wish = state["subscriptions"].pop(0)
    properties = None
    if wish.get("subscriptionIdentifier"):
        properties = Properties(PacketTypes.SUBSCRIBE)
        properties.SubscriptionIdentifier = wish["subscriptionIdentifier"]
    if is5:
        subscription = mqtt.SubscribeOptions(qos=wish["qos"])
        client.subscribe(wish["filter"], options=subscription, properties=properties)
    else:
        client.subscribe(wish["filter"], qos=wish["qos"])


def on_connect(_client, _userdata, flags, reason_code, _properties=None):
    if reason_code != 0:
        sys.exit("refused: %s" % reason_code)
    state["sessionPresent"] = flags["session present"] == 1
    subscribe_next()


def on_subscribe(_client, _userdata, _mid, granted, _properties=None):
    for code in granted:
        if (code.value if is5 else code) > 2:
            sys.exit("SUBSCRIBE refused: %s" % code)
    subscribe_next()


def on_message(_client, _userdata, message):
    fields = {
        "topic": message.topic,
        "payload": base64.b64encode(message.payload).decode(),
        "qos": message.qos,
        "retain": bool(message.retain),
    }
    if is5:
        fields["properties"] = read_properties(message.properties)
    emit("message", message=fields)


def on_disconnect(_client, _userdata, reason_code, _properties=None):
    emit("disconnected", reasonCode=reason_code.value if hasattr(reason_code, "value") else reason_code)


# Paho 2 wants to be told which callbacks these are.
extra = {"callback_api_version": mqtt.CallbackAPIVersion.VERSION1} if hasattr(mqtt, "CallbackAPIVersion") else {}
if not is5:
    extra["clean_session"] = options["clean"]
client = mqtt.Client(client_id=options["clientId"], protocol=options["version"], **extra)
client.on_connect, client.on_subscribe = on_connect, on_subscribe
client.on_message, client.on_disconnect = on_message, on_disconnect

will = options.get("will")
if will:
    client.will_set(will["topic"], base64.b64decode(will["payload"]), will["qos"], will["retain"])

connect = {}
if is5:
    connect["clean_start"] = options["clean"]
    if options.get("sessionExpiryInterval"):
        connect["properties"] = Properties(PacketTypes.CONNECT)
        connect["properties"].SessionExpiryInterval = options["sessionExpiryInterval"]
client.connect("127.0.0.1", options["port"], keepalive=options["keepAlive"], **connect)
client.loop_start()

for line in sys.stdin:
    command = json.loads(line)
    payload = base64.b64decode(command["payload"])
    properties = write_properties(command.get("properties"))
    info = client.publish(command["topic"], payload, command["qos"], command["retain"], properties)
    info.wait_for_publish()
    emit("published")

client.disconnect()
client.loop_stop()
