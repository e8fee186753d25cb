// Waits for conditions, not for time.

/** Resolves once the condition holds; rejects, naming it, when it does not within `timeout` ms. */
export async function waitUntil(condition: () => boolean, timeout = 10_000): Promise<void> {
  const end = performance.now() + timeout;
  while (!condition()) {
    if (performance.now() > end) throw new Error(`not within ${timeout} ms: ${condition.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
