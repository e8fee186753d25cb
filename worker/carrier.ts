// Which tab carries the links (D3). Pure.

export interface CarrierCandidate {
  tab: string;
  visible: boolean;
  /** ms since the epoch when the tab was opened. */
  since: number;
  /** Visible, yet its pings are missing: it hangs, or is about to be found gone. */
  silent: boolean;
}

/** The present carrier while it lives; else visible before hidden, then oldest, then by id. Null: nobody can. */
export function chooseCarrier(tabs: readonly CarrierCandidate[], current: string | null): string | null {
  const able = tabs.filter((tab) => !tab.silent);
  if (able.some(({ tab }) => tab === current)) return current;
  const [first] = able.sort(
    (a, b) => Number(b.visible) - Number(a.visible) || a.since - b.since || (a.tab < b.tab ? -1 : 1),
  );
  return first?.tab ?? null;
}
