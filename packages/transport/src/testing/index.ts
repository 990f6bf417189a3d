export { byteStreamSuite, type StreamPair, type TestFunctions } from "./byte-stream-suite.js";
export { Recorder } from "./recorder.js";
export { CLIENT_CERTIFICATE, CLIENT_KEY, SERVER_CERTIFICATE, SERVER_KEY } from "./test-certificates.js";
