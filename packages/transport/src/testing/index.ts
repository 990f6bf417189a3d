export { byteStreamSuite, type StreamPair, type TestFunctions } from "./byte-stream-suite.js";
export { Recorder } from "./recorder.js";
