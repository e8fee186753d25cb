// What the browser counts of a connection, by its candidate pairs. Knows nothing of channels or links.

/** From RTCPeerConnection.getStats. */
export interface PairStats {
  /** Over this connection's candidate pairs: the browser may select another while it runs. */
  bytesSent: number;
  bytesReceived: number;
  /** Candidate types of the selected pair: `host`, `srflx`, `prflx` or `relay`. */
  local: string;
  remote: string;
  /** `udp` or `tcp`. */
  protocol: string;
  /** By ICE's own checks; null where the browser doesn't say. */
  rttMs: number | null;
}

/** Null while no pair is selected. */
export function selectedPair(report: RTCStatsReport): PairStats | null {
  const rows = new Map<string, Record<string, unknown>>();
  let selected: unknown;
  report.forEach((row: Record<string, unknown>, id: string) => {
    rows.set(id, row);
    if (row['type'] === 'transport') selected = row['selectedCandidatePairId'];
  });
  const pairs = [...rows.values()].filter((row) => row['type'] === 'candidate-pair');
  // Firefox names no transport; it marks the pair itself.
  const pair =
    typeof selected === 'string' ? rows.get(selected) : pairs.find((row) => row['selected'] === true);
  if (!pair) return null;
  const sum = (name: string): number =>
    pairs.reduce((total, row) => total + (typeof row[name] === 'number' ? row[name] : 0), 0);
  const said = (name: string, what: string): string => {
    const id = pair[name];
    const value = typeof id === 'string' ? rows.get(id)?.[what] : undefined;
    return typeof value === 'string' ? value : 'unknown';
  };
  const seconds = pair['currentRoundTripTime'];
  return {
    bytesSent: sum('bytesSent'),
    bytesReceived: sum('bytesReceived'),
    local: said('localCandidateId', 'candidateType'),
    remote: said('remoteCandidateId', 'candidateType'),
    protocol: said('localCandidateId', 'protocol'),
    rttMs: typeof seconds === 'number' ? seconds * 1000 : null,
  };
}
