// What is told of the endpoint: since when it is as it is, and what went wrong last. Pure; knows no connection.

export interface SignalSaid {
  /** `off`: this device links by hand only, by its settings. */
  state: 'up' | 'connecting' | 'down' | 'off';
  url: string | null;
  reason: string | null;
}

export interface SignalFacts extends SignalSaid {
  /** ms since the epoch; null before anything was said. */
  since: number | null;
  /** Kept while it is reached again. */
  lastError: { at: number; reason: string } | null;
}

export const FIRST_SIGNAL: SignalFacts = {
  state: 'connecting',
  url: null,
  reason: null,
  since: null,
  lastError: null,
};

export function nextSignal(before: SignalFacts, said: SignalSaid, at: number): SignalFacts {
  return {
    ...said,
    since: said.state === before.state ? (before.since ?? at) : at,
    lastError: said.reason === null ? before.lastError : { at, reason: said.reason },
  };
}
