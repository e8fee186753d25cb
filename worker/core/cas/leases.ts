// Who relies on rows that no record names yet, and who deletes rows: each waits for the other (SPEC C16). Knows neither.

export type Release = () => void;

export interface Leases {
  /** Runs once no deletion is under way, and before the next one; beside others that share. Rows stay until released. */
  share(run: (release: Release) => void): void;
  /** Runs once nobody shares and no other deletion is under way. What it decides, it decides before it returns. */
  exclude(run: (release: Release) => void): void;
  /** How many share. */
  shared(): number;
}

export function createLeases(): Leases {
  const sharing: ((release: Release) => void)[] = [];
  const excluding: ((release: Release) => void)[] = [];
  let shared = 0;
  let excluded = false;

  /** Each release counts once, however often it is called. */
  function once(run: () => void): Release {
    let done = false;
    return () => {
      if (done) return;
      done = true;
      run();
      next();
    };
  }

  function next(): void {
    while (!excluded && sharing.length > 0) {
      shared += 1;
      sharing.shift()?.(once(() => (shared -= 1)));
    }
    if (excluded || shared > 0) return;
    const run = excluding.shift();
    if (run === undefined) return;
    excluded = true;
    run(once(() => (excluded = false)));
  }

  return {
    share(run) {
      sharing.push(run);
      next();
    },
    exclude(run) {
      excluding.push(run);
      next();
    },
    shared: () => shared,
  };
}
