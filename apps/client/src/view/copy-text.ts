import { notify } from "./app.js";

export async function copyText(text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    notify("good", "Copied.");
  } catch {
    // Pages over plain HTTP from another machine have no clipboard.
    notify("bad", "The browser does not let this page copy.");
  }
}
