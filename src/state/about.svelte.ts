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
import { GroveQuery } from './grove-query.svelte.ts';
import type { Thicket } from './thicket.ts';

export interface About {
  contract: Contract;
  stops: StopResult[];
  prompts: SharedPrompt[];
  policy: GrovePolicy;
}

export class AboutState extends GroveQuery<About> {
  imported: ImportResult | null = $state.raw(null);
  readonly #acting = new Acting(() => this.refresh());
  readonly #thicket: Thicket;
  readonly #grove: string;

  constructor(thicket: Thicket, grove: string) {
    super(thicket, grove, async () => {
      const [contract, stops, prompts, policy] = await Promise.all([
        thicket.contract(grove),
        thicket.stops(grove),
        thicket.prompts(grove),
        thicket.policy(grove),
      ]);
      return { contract, stops, prompts, policy };
    });
    this.#thicket = thicket;
    this.#grove = grove;
  }

  get busy(): boolean {
    return this.#acting.busy;
  }
  get failure() {
    return this.#acting.failure;
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
}
