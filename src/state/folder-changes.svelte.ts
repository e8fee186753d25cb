// What changed in a folder since it was checked out, offered to the draft as its files.
import type { Contribution } from '../../worker/rpc/api.ts';
import { compare, readMark, type Difference } from '../files/checkout.ts';
import type { Pickers } from '../files/pickers.ts';
import { usablePath, type Draft } from './draft.svelte.ts';
import { toProblem, type Problem } from './problem.ts';
import type { Thicket } from './thicket.ts';

export class FolderChanges {
  comparing = $state(false);
  /** Null until a folder was compared. */
  difference: Difference | null = $state.raw(null);
  /** What it was compared with; null: with nothing. */
  base: Contribution | null = $state.raw(null);
  problem: Problem | null = $state.raw(null);
  readonly #thicket: Thicket;
  readonly #grove: string;
  readonly #pick: NonNullable<Pickers['folder']>;

  constructor(thicket: Thicket, grove: string, pick: NonNullable<Pickers['folder']>) {
    this.#thicket = thicket;
    this.#grove = grove;
    this.#pick = pick;
  }

  /** `derives`: what the draft is about, for a folder that doesn't say where it came from. */
  async take(draft: Draft, derives: string | null): Promise<void> {
    if (this.comparing) return;
    this.problem = null;
    try {
      const folder = await this.#pick('read');
      if (folder === null) return;
      this.comparing = true;
      this.difference = null;
      const mark = await readMark(folder);
      const cid = mark?.grove === this.#grove ? mark.cid : derives;
      this.base = cid === null ? null : await this.#thicket.contribution(this.#grove, cid);
      const difference = await compare({
        folder,
        base: this.base?.files ?? [],
        hash: (file) => this.#thicket.hash(file),
        nameOf: usablePath,
      });
      if (this.base !== null) {
        const { cid: targetCid, summary } = this.base;
        draft.relate({ targetCid, relationType: 'derives_from', summary });
      }
      draft.putFiles([...difference.changed, ...difference.added]);
      this.difference = difference;
    } catch (error) {
      this.problem = toProblem(error);
    } finally {
      this.comparing = false;
    }
  }

  addSame(draft: Draft): void {
    if (this.difference === null) return;
    draft.putFiles(this.difference.same);
    this.difference = { ...this.difference, same: [] };
  }
}
