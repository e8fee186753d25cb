// What artifacts are called, by the contributions that name them: asked for once, when first shown.
import type { Thicket } from './thicket.ts';

export interface Title {
  /** Of the contribution; empty where its text isn't here. */
  summary: string;
  /** Of the file; null for the text of a contribution itself, or where it isn't known. */
  file: string | null;
  /** It is the contribution's own text. */
  isBody: boolean;
}

interface Known {
  summary: string;
  body: boolean;
  files: Readonly<Record<string, string>>;
}

/** Contributions kept at once: more than are ever shown. */
const KEPT = 500;

export class Titles {
  #known: Readonly<Record<string, Known>> = $state.raw({});
  #asked: readonly string[] = [];
  readonly #thicket: Thicket;
  readonly #stop: () => void;

  constructor(thicket: Thicket) {
    this.#thicket = thicket;
    // What had no text may have one now.
    this.#stop = thicket.on('changed', ({ grove }) => {
      this.#asked = this.#asked.filter((key) => !key.startsWith(grove) || this.#known[key]?.body !== false);
    });
  }

  /** Null until it is known. */
  of(grove: string, cid: string | null, hash: string): Title | null {
    if (cid === null) return null;
    const key = `${grove}/${cid}`;
    if (!this.#asked.includes(key)) void this.#ask(grove, cid, key);
    const known = this.#known[key];
    if (known === undefined) return null;
    return { summary: known.summary, file: known.files[hash] ?? null, isBody: cid.endsWith(hash) };
  }
  close(): void {
    this.#stop();
  }

  async #ask(grove: string, cid: string, key: string): Promise<void> {
    this.#asked = [...this.#asked, key];
    try {
      const { summary, body, files } = await this.#thicket.contribution(grove, cid);
      const names = Object.fromEntries(files.map(({ hash, name }) => [hash.replace(/^blake3:/, ''), name]));
      const before = Object.entries(this.#known).filter(([other]) => other !== key);
      const gone = before.slice(0, -KEPT).map(([other]) => other);
      this.#asked = this.#asked.filter((other) => !gone.includes(other));
      this.#known = { ...Object.fromEntries(before.slice(-KEPT)), [key]: { summary, body, files: names } };
    } catch {
      // Its hash stands for it; once the grove changes it is asked for anew.
      this.#known = { ...this.#known, [key]: { summary: '', body: false, files: {} } };
    }
  }
}
