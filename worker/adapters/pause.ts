// Lets the thread's other tasks run: a turn of the message queue. Knows nothing of what is being paused.

/**
 * Resolves after the tasks that were queued before. Not by timers, which are clamped to 4 ms and, in hidden pages, to far more; nor by
 * `scheduler.yield`, whose continuations go before the very messages that should get their turn.
 */
export function createPause(): () => Promise<void> {
  const { port1, port2 } = new MessageChannel();
  const waiting: (() => void)[] = [];
  port1.onmessage = () => waiting.shift()?.();
  return () =>
    new Promise((resolve) => {
      waiting.push(resolve);
      port2.postMessage(null);
    });
}
