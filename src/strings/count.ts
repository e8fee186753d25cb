// Numbers with their nouns.

export const count = (n: number, one: string, many: string): string =>
  `${n.toLocaleString()} ${n === 1 ? one : many}`;
export const peersCount = (n: number): string => count(n, 'peer', 'peers');
