/** How the command ends; README.md lists them. */
export const ExitCode = {
  Stopped: 0,
  /** A bad argument, an address or a directory that cannot be had, a disk that fails, an error nobody expected. */
  Failed: 1,
  /** EX_CONFIG of sysexits.h: starting again will not help. */
  BadConfiguration: 78,
} as const;
