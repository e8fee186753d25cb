// A grove's contract and what its members share, and the calls that change them.
import type {
  Contract,
  ContractChange,
  GrovePolicy,
  ImportResult,
  SharedPrompt,
  StopResult,
} from '../../worker/rpc/api.ts';
import { GroveActs } from './grove-acts.svelte.ts';
import type { Thicket } from './thicket.ts';

export interface About {
  contract: Contract;
  stops: StopResult[];
  prompts: SharedPrompt[];
  policy: GrovePolicy;
}

export class AboutState extends GroveActs<About> {
  imported: ImportResult | null = $state.raw(null);

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
  }

  change(change: ContractChange): Promise<boolean> {
    return this.act((thicket, grove) => thicket.contract(grove, change));
  }
  setPrompt(name: string, text: string): Promise<boolean> {
    const id = name
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-|-$/g, '');
    return this.act((thicket, grove) =>
      thicket.setPrompt(grove, { id: id === '' ? 'prompt' : id, name, system_prompt: text }),
    );
  }
  removePrompt(id: string): Promise<boolean> {
    return this.act((thicket, grove) => thicket.removePrompt(grove, id));
  }
  adopt(on: boolean): Promise<boolean> {
    return this.act((thicket, grove) => thicket.policy(grove, { adopt: on }));
  }
  /** Null where it failed. */
  async export(format: 'ndjson' | 'car'): Promise<Blob | null> {
    let file: Blob | null = null;
    await this.act(async (thicket, grove) => {
      file = await thicket.export(grove, { format, partial: true });
    });
    return file;
  }
  import(file: File): Promise<boolean> {
    this.imported = null;
    return this.act(async (thicket, grove) => {
      this.imported = await thicket.import(grove, file);
    });
  }
}
