// What is true about being connected, and the messages a person should not miss. Words are chosen by the views.
import type { Events, SignalInfo } from '../../worker/rpc/api.ts';
import type { Problem } from './problem.ts';
import type { Thicket } from './thicket.ts';

export type Notice =
  | { id: number; type: 'problem'; problem: Problem }
  | { id: number; type: 'refused'; reason: string }
  | { id: number; type: 'joined'; grove: string }
  | { id: number; type: 'views-differ'; grove: string; peer: string }
  | { id: number; type: 'fork'; grove: string; author: string }
  | { id: number; type: 'restarted' };

type Draft = Notice extends infer N ? (N extends { id: number } ? Omit<N, 'id'> : never) : never;

/** More would be a wall of messages; the oldest gives way. */
const SHOWN = 3;

export class ConnectionState {
  signal: SignalInfo | null = $state.raw(null);
  online: boolean = $state(true);
  notices: Notice[] = $state.raw([]);
  #next = 1;
  readonly #stop: (() => void)[];

  constructor(thicket: Thicket, host: EventTarget & { navigator: Pick<Navigator, 'onLine'> }) {
    const look = (): void => {
      this.online = host.navigator.onLine;
    };
    look();
    host.addEventListener('online', look);
    host.addEventListener('offline', look);
    this.#stop = [
      () => host.removeEventListener('online', look),
      () => host.removeEventListener('offline', look),
      thicket.on('signal', (signal) => {
        this.signal = signal;
      }),
      thicket.on('problem', (problem: Events['problem']) => {
        // How much room there is, is told for as long as it is true: see RoomState.
        if (problem.code !== 'quota') this.report(problem);
      }),
      thicket.on('joined', ({ grove }) => this.#add({ type: 'joined', grove })),
      thicket.on('refused', ({ message }) => this.#add({ type: 'refused', reason: message })),
      thicket.on('views-differ', ({ grove, peer }) => {
        if (!this.#shows((notice) => notice.type === 'views-differ' && notice.peer === peer))
          this.#add({ type: 'views-differ', grove, peer });
      }),
      thicket.on('fork', ({ grove, author }) => {
        if (!this.#shows((notice) => notice.type === 'fork' && notice.author === author))
          this.#add({ type: 'fork', grove, author });
      }),
      thicket.on('restarted', () => this.#add({ type: 'restarted' })),
    ];
    void this.#first(thicket);
  }

  get endpointDown(): boolean {
    return this.signal?.state === 'down';
  }
  report(problem: Problem): void {
    if (!this.#shows((notice) => notice.type === 'problem' && notice.problem.message === problem.message))
      this.#add({ type: 'problem', problem });
  }
  dismiss(id: number): void {
    this.notices = this.notices.filter((notice) => notice.id !== id);
  }
  close(): void {
    for (const stop of this.#stop) stop();
  }

  async #first(thicket: Thicket): Promise<void> {
    try {
      const { signal } = await thicket.stats();
      this.signal ??= signal;
    } catch {
      // An event will tell; until then nothing is claimed about the endpoint.
      this.signal ??= null;
    }
  }
  #shows(test: (notice: Notice) => boolean): boolean {
    return this.notices.some(test);
  }
  #add(draft: Draft): void {
    this.notices = [...this.notices, { ...draft, id: this.#next }].slice(-SHOWN);
    this.#next += 1;
  }
}
