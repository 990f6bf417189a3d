/** A file or a setting of `authentication` or `access` cannot be used. The message is one line: what, where. */
export class SecurityFailure extends Error {}
