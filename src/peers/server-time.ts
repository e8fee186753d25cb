// What time the server of this page says it is. Null where it doesn't say; never rejects.

const WITHIN = 4_000;

export async function endpointTime(ask: typeof fetch): Promise<number | null> {
  try {
    // What is kept for offline answers GET only.
    const response = await ask('/', {
      method: 'HEAD',
      cache: 'no-store',
      signal: AbortSignal.timeout(WITHIN),
    });
    const time = Date.parse(response.headers.get('date') ?? '');
    return Number.isFinite(time) ? time : null;
  } catch {
    return null;
  }
}
