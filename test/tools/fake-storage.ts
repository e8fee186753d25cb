// What is on its way and what is stored at the made-up peer of the preview.
import type { StorageInfo, StoredArtifact, Transfer } from '../../worker/rpc/api.ts';

const MIB = 1024 * 1024;

/** How the rest of the fake names things, and contributions that name the files. */
export interface Made {
  grove: string;
  hex: (n: number) => string;
  cids: string[];
}

export function fakeTransfers({ grove, hex, cids }: Made): Transfer[] {
  const base = { grove, rate: 0, timeLeft: null, sources: 0 };
  const cid = (at: number): string[] => cids.slice(at, at + 1);
  return [
    {
      ...base,
      ...{ hash: hex(10), size: 510_000_000, received: 212_400_000, rate: 11.4 * MIB, timeLeft: 25 },
      ...{ sources: 3, state: 'receiving', cids: cid(30) },
    },
    {
      ...base,
      ...{ hash: hex(9), size: 2_400_000, received: 1_500_000, rate: 210_000, timeLeft: 5 },
      ...{ sources: 1, state: 'receiving', cids: cid(20) },
    },
    {
      ...base,
      ...{ hash: hex(7), size: 184_320, received: 60_000, state: 'stalled', cids: cid(12) },
      reason: 'nobody here has it now',
    },
    { ...base, hash: hex(8), size: 412, received: 0, state: 'queued', cids: cid(16) },
    {
      ...base,
      hash: (cids[26] ?? '').replace('blake3:', ''),
      ...{ size: 90_000, received: 41_000, state: 'paused', cids: cid(26) },
    },
  ];
}

export function fakeEnded({ grove, hex, cids }: Made): Transfer[] {
  const base = { grove, rate: 0, timeLeft: null, sources: 0, cids: cids.slice(5, 6) };
  return [
    { ...base, hash: hex(71), size: 4_100_000, received: 4_100_000, state: 'complete' },
    {
      ...base,
      ...{ hash: hex(72), size: 82_000_000, received: 9_000_000, state: 'failed' },
      reason: 'its bytes are not what its hash says',
    },
    { ...base, hash: hex(73), size: 12_000, received: 0, state: 'failed', reason: 'cancelled' },
  ];
}

export function fakeStorage(
  made: Made,
  groves: { id: string; name: string }[],
  isFull: boolean,
): StorageInfo {
  const none = { artifacts: 0, bytes: 0 };
  const [first, second] = groves;
  return {
    ready: true,
    bytes: 6_812_000_000,
    budget: 8 * 1024 * MIB,
    quota: {
      usage: isFull ? 9_610_000_000 : 7_020_000_000,
      quota: 10_000_000_000,
      persisted: !isFull,
    },
    full: isFull,
    over: 0,
    left: isFull ? { artifacts: 12, bytes: 88_000_000 } : none,
    groves: [
      ...(first === undefined
        ? []
        : [
            {
              grove: first.id,
              name: first.name,
              bytes: 5_900_000_000,
              arriving: 212_000_000,
              artifacts: 214,
              budget: isFull ? 5 * 1024 * MIB : null,
              pinned: { artifacts: 3, bytes: 1_510_000_000 },
              evictable: { artifacts: isFull ? 0 : 190, bytes: isFull ? 0 : 3_900_000_000 },
              onlyHere: { artifacts: 21, bytes: 490_000_000 },
              waiting: isFull ? { artifacts: 4, bytes: 2_100_000_000 } : none,
              needsRoom: isFull ? { bytes: 531_000_000, artifacts: fakeStored(made, 2, 'only-here') } : null,
            },
          ]),
      ...(second === undefined
        ? []
        : [
            {
              grove: second.id,
              name: second.name,
              bytes: 912_000_000,
              arriving: 0,
              artifacts: 9,
              budget: 1024 * MIB,
              pinned: none,
              evictable: { artifacts: 9, bytes: 912_000_000 },
              onlyHere: none,
              waiting: none,
              needsRoom: null,
            },
          ]),
    ],
  };
}

export function fakeStored(
  { hex, cids }: Made,
  count: number,
  standing?: StoredArtifact['standing'],
): StoredArtifact[] {
  const standings = ['evictable', 'only-here', 'pinned', 'in-use', 'body'] as const;
  return Array.from({ length: count }, (_, i) => ({
    hash: hex(i < 4 ? 7 + i : 80 + i),
    size: [184_320, 412, 2_400_000, 510_000_000][i % 4] ?? 0,
    usedAt: Date.now() - (40 - i * 4) * 86_400_000,
    standing: standing ?? standings[i % standings.length] ?? 'evictable',
    cids: cids.slice(10 + i, 11 + i),
  }));
}
