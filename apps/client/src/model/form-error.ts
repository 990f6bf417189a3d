/** Something that was typed cannot be used. The message is for its author; `field` names the input. */
export class FormError extends Error {
  constructor(
    readonly field: string,
    message: string,
  ) {
    super(message);
  }
}
