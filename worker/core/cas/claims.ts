// What signed entries say of one blob. They may contradict each other, by mistake or by malice: a claim that turns out
// wrong, or that nobody can serve, gives way to the next.
import type { GroveId, Hash, LinkId } from '../model/ids.ts';
import type { Sources } from './sources.ts';

/** Size in bytes, and the root of the block list. */
export interface BlobClaim {
  size: number;
  root: Hash;
}

export interface ClaimHooks {
  /** What the logs say of the blob, each once, first told first. */
  claims: (blob: Hash) => readonly BlobClaim[];
  links: () => readonly LinkId[];
  /** A grove open on the link whose log names this root for the blob: the blob may be asked for there. */
  groveFor: (link: LinkId, blob: Hash, root: Hash) => GroveId | null;
}

const isSame = (a: BlobClaim, b: BlobClaim | null): boolean => a.root === b?.root && a.size === b.size;

export class Claims {
  readonly #blob: Hash;
  readonly #hooks: ClaimHooks;
  readonly #sources: Sources;
  readonly #refuted: BlobClaim[] = [];
  current: BlobClaim | null = null;

  constructor(blob: Hash, hooks: ClaimHooks, sources: Sources) {
    this.#blob = blob;
    this.#hooks = hooks;
    this.#sources = sources;
  }

  /** Those not found to be lies. */
  standing(): BlobClaim[] {
    return this.#hooks.claims(this.#blob).filter((claim) => !this.#refuted.some((lie) => isSame(claim, lie)));
  }

  usable(claim: BlobClaim): { link: LinkId; grove: GroveId }[] {
    return this.#hooks.links().flatMap((link) => {
      if (!this.#sources.isUsable(link, claim.root)) return [];
      const grove = this.#hooks.groveFor(link, this.#blob, claim.root);
      return grove === null ? [] : [{ link, grove }];
    });
  }

  /** The next in turn after the current one, and another, that somebody can be asked for. */
  next(): BlobClaim | null {
    const all = this.standing();
    const at = all.findIndex((claim) => isSame(claim, this.current));
    const others = [...all.slice(at + 1), ...all.slice(0, Math.max(at, 0))];
    return others.find((claim) => this.usable(claim).length > 0) ?? null;
  }

  /** The current one is a lie. False where no other is left. */
  refute(): boolean {
    if (this.current !== null) this.#refuted.push(this.current);
    this.current = null;
    return this.standing().length > 0;
  }
}
