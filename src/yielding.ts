// Gives way in the middle of long work: what waits is done and drawn before it goes on.

/** As the platform has it (https://wicg.github.io/scheduling-apis/); not yet in all browsers. */
const scheduling = globalThis as { scheduler?: { yield?: () => Promise<void> } };

export function breathe(): Promise<void> {
  const { scheduler } = scheduling;
  return scheduler?.yield?.() ?? new Promise((resolve) => setTimeout(resolve, 0));
}
