// The mesh while somebody looks at it: asked every second, and only while this page is seen (SPEC P10).
import type { MeshEdge, MeshView } from '../../worker/rpc/api.ts';
import { addFlows, noFlows, type Flow } from '../peers/mesh.ts';
import { toProblem, type Problem } from './problem.ts';
import type { Thicket } from './thicket.ts';

/** ms. Marks of one second are drawn as one. */
const EVERY = 1_000;

export class MeshState {
  /** Null until the first answer. */
  edges: MeshEdge[] | null = $state.raw(null);
  problem: Problem | null = $state.raw(null);
  /** What passed since this was opened, by peer. */
  flows: ReadonlyMap<string, Flow> = $state.raw(noFlows());
  /** What passed in the last second. */
  passed: MeshView['passed'] = $state.raw([]);
  readonly #thicket: Thicket;
  readonly #grove: string;
  readonly #isSeen: () => boolean;
  readonly #timer: ReturnType<typeof setInterval>;
  #since: number | null = null;
  #busy = false;
  #closed = false;

  constructor(thicket: Thicket, grove: string, isSeen: () => boolean) {
    this.#thicket = thicket;
    this.#grove = grove;
    this.#isSeen = isSeen;
    this.#timer = setInterval(() => void this.#look(), EVERY);
    void this.#look();
  }

  refresh(): void {
    void this.#look();
  }
  close(): void {
    this.#closed = true;
    clearInterval(this.#timer);
  }

  async #look(): Promise<void> {
    if (this.#busy || !this.#isSeen()) return;
    this.#busy = true;
    try {
      const since = this.#since === null ? {} : { since: this.#since };
      const { at, edges, passed } = await this.#thicket.mesh(this.#grove, since);
      if (this.#closed) return;
      this.#since = at;
      this.edges = edges;
      this.passed = passed;
      if (passed.length > 0) this.flows = addFlows(this.flows, passed);
      this.problem = null;
    } catch (error) {
      this.problem = toProblem(error);
    }
    this.#busy = false;
  }
}
