// A grove's contract and what its members share, and the calls that change them.
import type {
  Contract,
  ContractChange,
  GrovePolicy,
  ImportResult,
  SharedPrompt,
  StopResult,
} from '../../worker/rpc/api.ts';
import { followGrove } from './follow.ts';
import { toProblem, type Problem } from './problem.ts';
import { Query } from './query.svelte.ts';
import type { Thicket } from './thicket.ts';

export interface About {
  contract: Contract;
  stops: StopResult[];
  prompts: SharedPrompt[];
  policy: GrovePolicy;
}

export class AboutState {
  busy = $state(false);
  failure: Problem | null = $state.raw(null);
  imported: ImportResult | null = $state.raw(null);
  readonly #thicket: Thicket;
  readonly #grove: string;
  readonly #query: Query<About>;
  readonly #stop: () => void;

  constructor(thicket: Thicket, grove: string) {
    this.#thicket = thicket;
    this.#grove = grove;
    this.#query = new Query(async () => {
      const [contract, stops, prompts, policy] = await Promise.all([
        thicket.contract(grove),
        thicket.stops(grove),
        thicket.prompts(grove),
        thicket.policy(grove),
      ]);
      return { contract, stops, prompts, policy };
    });
    this.#stop = followGrove(thicket, grove, () => this.#query.refresh());
  }

  get value(): About | null {
    return this.#query.value;
  }
  get problem() {
    return this.#query.problem;
  }
  refresh(): void {
    this.#query.refresh();
  }

  change(change: ContractChange): Promise<boolean> {
    return this.#act(() => this.#thicket.contract(this.#grove, change));
  }
  setPrompt(name: string, text: string): Promise<boolean> {
    const id = name
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-|-$/g, '');
    return this.#act(() =>
      this.#thicket.setPrompt(this.#grove, { id: id === '' ? 'prompt' : id, name, system_prompt: text }),
    );
  }
  removePrompt(id: string): Promise<boolean> {
    return this.#act(() => this.#thicket.removePrompt(this.#grove, id));
  }
  adopt(on: boolean): Promise<boolean> {
    return this.#act(() => this.#thicket.policy(this.#grove, { adopt: on }));
  }
  /** Null where it failed. */
  async export(format: 'ndjson' | 'car'): Promise<Blob | null> {
    let file: Blob | null = null;
    await this.#act(async () => {
      file = await this.#thicket.export(this.#grove, { format, partial: true });
    });
    return file;
  }
  import(file: File): Promise<boolean> {
    this.imported = null;
    return this.#act(async () => {
      this.imported = await this.#thicket.import(this.#grove, file);
    });
  }
  async #act(run: () => Promise<unknown>): Promise<boolean> {
    this.failure = null;
    this.busy = true;
    try {
      await run();
      return true;
    } catch (error) {
      this.failure = toProblem(error);
      return false;
    } finally {
      this.busy = false;
      this.#query.refresh();
    }
  }
  close(): void {
    this.#stop();
    this.#query.close();
  }
}
