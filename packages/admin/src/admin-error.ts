/** What is wrong with how the admin API was set up, for the one who does. Test by `code`. */
export class AdminError extends Error {
  constructor(
    readonly code: "TIDINGS_ADMIN_OPTION" | "TIDINGS_ADMIN_LISTEN",
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = "AdminError";
  }
}
