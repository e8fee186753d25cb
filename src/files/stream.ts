// An artifact as a stream: read range by range as whoever takes it asks for more. Knows no grove.

/** Two of these are in memory at once; the worker answers a range in a few milliseconds. */
export const CHUNK = 2 * 1024 * 1024;

/** `read` gives the bytes from `start` up to but without `end`. Errors in the stream are those of `read`. */
export function streamOf(
  size: number,
  read: (range: { start: number; end: number }) => Promise<Blob>,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  let at = 0;
  return new ReadableStream<Uint8Array<ArrayBuffer>>(
    {
      async pull(controller) {
        if (at >= size) {
          controller.close();
          return;
        }
        const part = await read({ start: at, end: Math.min(at + CHUNK, size) });
        if (part.size === 0) throw new Error(`the artifact ends after ${at} of ${size} bytes`);
        at += part.size;
        controller.enqueue(new Uint8Array(await part.arrayBuffer()));
        if (at >= size) controller.close();
      },
    },
    { highWaterMark: 0 },
  );
}
