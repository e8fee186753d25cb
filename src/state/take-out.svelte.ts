// Taking a contribution's files out of the browser: as a zip, with its ancestors, or into a folder. One at a time.
import type { Contribution } from '../../worker/rpc/api.ts';
import { ThicketError } from '../../worker/rpc/client.ts';
import { artifactsOf, bundleOf, folderOf, withAncestors, type ReadRange } from '../files/bundle.ts';
import { checkOut } from '../files/checkout.ts';
import type { Pickers } from '../files/pickers.ts';
import { streamOf } from '../files/stream.ts';
import { zipSize, zipStream, type ZipEntry } from '../files/zip.ts';
import { strings } from '../strings.ts';
import { toProblem, type Problem } from './problem.ts';
import type { Thicket } from './thicket.ts';

type Bytes = ReadableStream<Uint8Array<ArrayBuffer>>;

export class TakeOut {
  busy = $state(false);
  /** Null while it is not known how much there is. */
  percent: number | null = $state(null);
  notes: string[] = $state.raw([]);
  problem: Problem | null = $state.raw(null);
  readonly canCheckOut: boolean;
  readonly #thicket: Thicket;
  readonly #grove: string;
  readonly #pickers: Pickers;
  /** Saves bytes that the browser gathered, where it can't be asked where to. */
  readonly #download: (blob: Blob, name: string) => void;
  #stop = new AbortController();

  constructor(
    thicket: Thicket,
    grove: string,
    pickers: Pickers,
    download: (blob: Blob, name: string) => void,
  ) {
    this.#thicket = thicket;
    this.#grove = grove;
    this.#pickers = pickers;
    this.#download = download;
    this.canCheckOut = pickers.folder !== null;
  }

  /** All of it, it and what it derives from, or the artifacts with these names. */
  zip(item: Contribution, what: 'all' | 'ancestors' | readonly string[]): Promise<void> {
    return this.#run(async () => {
      const name = `${folderOf(item)}.zip`;
      // Asked first: a browser lets a page ask only in answer to a press.
      const target = this.#pickers.save === null ? null : await this.#pickers.save(name);
      if (target === null && this.#pickers.save !== null) return;
      const { entries, missing } = await this.#entriesOf(item.cid, what);
      const stream = this.#counted(zipStream(entries), zipSize(entries));
      if (target === null) this.#download(await this.#gather(stream), name);
      else await stream.pipeTo(await target.createWritable(), { signal: this.#stop.signal });
      const words = strings.takeOut;
      this.notes = [
        words.saved(target?.name ?? name),
        ...(missing.length === 0 ? [] : [words.missing(missing.length)]),
      ];
    });
  }

  checkOut(item: Contribution): Promise<void> {
    return this.#run(async () => {
      const folder = (await this.#pickers.folder?.('readwrite')) ?? null;
      if (folder === null) return;
      const brought = await this.#bring(item.cid);
      const total = brought.files.reduce((sum, { size }) => sum + size, 0);
      const { signal } = this.#stop;
      const name = await checkOut({
        folder,
        grove: this.#grove,
        item: brought,
        open: (file) => streamOf(file.size, (range) => this.#read(item.cid, file.name, range)),
        onprogress: (written) => this.#tell(written, total),
        signal,
      });
      this.notes = [strings.takeOut.checkedOut(name)];
    });
  }

  stop(): void {
    this.#stop.abort(new ThicketError('aborted', 'stopped'));
  }

  readonly #read: ReadRange = (cid, name, range) => {
    this.#stop.signal.throwIfAborted();
    return this.#thicket.artifact(this.#grove, cid, name, range);
  };

  async #run(work: () => Promise<void>): Promise<void> {
    if (this.busy) return;
    this.#stop = new AbortController();
    this.busy = true;
    this.percent = null;
    this.notes = [];
    this.problem = null;
    try {
      await work();
    } catch (error) {
      if (!this.#stop.signal.aborted) this.problem = toProblem(error);
    }
    this.busy = false;
  }

  async #entriesOf(
    cid: string,
    what: 'all' | 'ancestors' | readonly string[],
  ): Promise<{ entries: ZipEntry[]; missing: string[] }> {
    if (what === 'ancestors') {
      const { items, missing } = await withAncestors(cid, (each) => this.#find(each));
      return { entries: bundleOf(items, this.#read), missing };
    }
    const item = await this.#bring(cid);
    const entries = what === 'all' ? bundleOf([item], this.#read) : artifactsOf(item, what, this.#read);
    return { entries, missing: [] };
  }
  #bring(cid: string): Promise<Contribution> {
    this.#stop.signal.throwIfAborted();
    return this.#thicket.fetch(this.#grove, cid, { artifacts: true });
  }
  /** Null where this grove knows of none, as of one that was published elsewhere. */
  async #find(cid: string): Promise<Contribution | null> {
    try {
      await this.#thicket.contribution(this.#grove, cid);
    } catch (error) {
      if (error instanceof ThicketError && error.code === 'not-found') return null;
      throw error;
    }
    return this.#bring(cid);
  }

  #tell(done: number, total: number): void {
    this.percent = total === 0 ? 100 : Math.min(100, Math.floor((done / total) * 100));
  }
  #counted(stream: Bytes, total: number): Bytes {
    let done = 0;
    return stream.pipeThrough(
      new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
        transform: (chunk, controller) => {
          done += chunk.length;
          this.#tell(done, total);
          controller.enqueue(chunk);
        },
      }),
      { signal: this.#stop.signal },
    );
  }
  /** The browser keeps a Blob's bytes, on disk where there are many. */
  #gather(stream: Bytes): Promise<Blob> {
    return new Response(stream).blob();
  }
}
