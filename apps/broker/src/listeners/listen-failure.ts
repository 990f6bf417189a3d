/** The user can do something about it; a stack would tell nothing. The message is one line: what, where, what to do. */
export class ListenFailure extends Error {}
