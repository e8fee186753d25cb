// A grove's contract and what its members share, and the calls that change them.
import type {
  Contract,
  ContractChange,
  GrovePolicy,
  ImportResult,
  SharedPrompt,
  StopResult,
} from '../../worker/rpc/api.ts';
import { Acting } from './acting.svelte.ts';
import { followGrove } from './follow.ts';
import { Query } from './query.svelte.ts';
import type { Thicket } from './thicket.ts';

export interface About {
  contract: Contract;
  stops: StopResult[];
  prompts: SharedPrompt[];
  policy: GrovePolicy;
}

export class AboutState {
  imported: ImportResult | null = $state.raw(null);
  readonly #acting = new Acting(() => this.#query.refresh());
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
  get busy(): boolean {
    return this.#acting.busy;
  }
  get failure() {
    return this.#acting.failure;
  }
  get problem() {
    return this.#query.problem;
  }
  refresh(): void {
    this.#query.refresh();
  }

  change(change: ContractChange): Promise<boolean> {
    return this.#acting.run(() => this.#thicket.contract(this.#grove, change));
  }
  setPrompt(name: string, text: string): Promise<boolean> {
    const id = name
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-|-$/g, '');
    return this.#acting.run(() =>
      this.#thicket.setPrompt(this.#grove, { id: id === '' ? 'prompt' : id, name, system_prompt: text }),
    );
  }
  removePrompt(id: string): Promise<boolean> {
    return this.#acting.run(() => this.#thicket.removePrompt(this.#grove, id));
  }
  adopt(on: boolean): Promise<boolean> {
    return this.#acting.run(() => this.#thicket.policy(this.#grove, { adopt: on }));
  }
  /** Null where it failed. */
  async export(format: 'ndjson' | 'car'): Promise<Blob | null> {
    let file: Blob | null = null;
    await this.#acting.run(async () => {
      file = await this.#thicket.export(this.#grove, { format, partial: true });
    });
    return file;
  }
  import(file: File): Promise<boolean> {
    this.imported = null;
    return this.#acting.run(async () => {
      this.imported = await this.#thicket.import(this.#grove, file);
    });
  }
  close(): void {
    this.#stop();
    this.#query.close();
  }
}
