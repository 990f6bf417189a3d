/** Scenarios that need no script: devices whose values wander as real ones do. */
import type { Scenario, SimulatedDevice } from "./scenario.js";

/** A value that wanders around `middle`, as far as `spread` now and then. Remembered in the device. */
function wander({ state, random }: SimulatedDevice, name: string, middle: number, spread: number, digits = 1): number {
  const before = (state[name] as number | undefined) ?? middle + (random() - 0.5) * spread;
  // A fifth of the way is pulled back, so that it stays near.
  const value = before + (random() - 0.5) * spread * 0.4 + (middle - before) * 0.2;
  state[name] = value;
  return Number(value.toFixed(digits));
}

function pick<T>({ random }: SimulatedDevice, values: readonly T[]): T {
  return values[Math.floor(random() * values.length)];
}

const ROOMS = ["kitchen", "bathroom", "bedroom", "study", "cellar"];

export const BUILT_IN_SCENARIOS: readonly Scenario[] = [
  {
    name: "weather",
    description: "a weather station: temperature, humidity, pressure, wind, rain",
    topic: "simulate/weather/%c",
    generate: (device) => ({
      payload: {
        time: device.now.toISOString(),
        temperature: wander(device, "temperature", 14, 12),
        humidity: Math.min(100, Math.max(0, wander(device, "humidity", 65, 40, 0))),
        pressure: wander(device, "pressure", 1013, 25),
        wind: { speed: Math.max(0, wander(device, "wind", 4, 8)), direction: Math.floor(device.random() * 360) },
        rain: device.random() < 0.2 ? Number((device.random() * 4).toFixed(1)) : 0,
      },
    }),
  },
  {
    name: "smart-home",
    description: "a house: a sensor, a switch or a meter in one of its rooms",
    topic: "simulate/home/%c",
    generate: (device) => {
      const room = pick(device, ROOMS);
      const base = `simulate/home/${device.clientIdentifier}/${room}`;
      const kind = pick(device, ["temperature", "light", "power", "motion"] as const);
      switch (kind) {
        case "temperature":
          return { topic: `${base}/temperature`, payload: String(wander(device, room, 21, 4)), retain: true };
        case "light":
          return { topic: `${base}/light`, payload: pick(device, ["ON", "OFF"]), qos: 1, retain: true };
        case "power":
          return { topic: `${base}/power`, payload: { watts: Math.max(0, wander(device, `${room} W`, 120, 200, 0)) } };
        case "motion":
          return { topic: `${base}/motion`, payload: { since: device.now.toISOString() }, qos: 1 };
      }
    },
  },
  {
    name: "vehicle",
    description: "an electric car that drives about: position, speed, battery",
    topic: "simulate/vehicle/%c",
    generate: (device) => {
      const speed = Math.max(0, wander(device, "speed", 60, 80, 0));
      const heading = (wander(device, "heading", 180, 200, 0) + 360) % 360;
      const { state } = device;
      const metres = (speed / 3.6) * 1;
      const latitude = ((state.latitude as number) ?? 52.52) + (Math.cos((heading * Math.PI) / 180) * metres) / 111_111;
      const longitude = ((state.longitude as number) ?? 13.4) + (Math.sin((heading * Math.PI) / 180) * metres) / 67_500;
      const battery = Math.max(0, ((state.battery as number) ?? 90) - speed / 20_000);
      Object.assign(state, { latitude, longitude, battery });
      return {
        payload: {
          time: device.now.toISOString(),
          position: { latitude: Number(latitude.toFixed(5)), longitude: Number(longitude.toFixed(5)) },
          ...{ speed, heading },
          battery: Number(battery.toFixed(1)),
        },
      };
    },
  },
  {
    name: "machine",
    description: "a machine in a factory: counters, vibration, now and then an alarm",
    topic: "simulate/machine/%c/telemetry",
    generate: (device) => {
      const { state, now, random } = device;
      state.parts = ((state.parts as number) ?? 0) + (random() < 0.8 ? 1 : 0);
      const vibration = Math.max(0, wander(device, "vibration", 2, 3, 2));
      const telemetry = {
        payload: {
          time: now.toISOString(),
          parts: state.parts,
          vibration,
          temperature: wander(device, "temperature", 58, 10),
          state: vibration > 3 ? "warning" : "running",
        },
      };
      if (vibration <= 3) return telemetry;
      const topic = `simulate/machine/${device.clientIdentifier}/alarm`;
      return [telemetry, { topic, payload: { time: now.toISOString(), vibration }, qos: 1 }];
    },
  },
];
