// The pages of one peer: who is there, who carries the links, whom to answer. It must not know what a call or a
// frame means.
import { chooseCarrier } from './carrier.ts';
import { ThicketError } from './core/model/errors.ts';
import type { EventName, Events } from './rpc/api.ts';
import { MAX_PENDING, MAX_TABS, OVERSLEPT, TAB_CHECK, TAB_SILENT } from './rpc/config.ts';
import { isFromCarrier, parseFromPage } from './rpc/from-page.ts';
import type { CheckedFromPage, UncheckedCall } from './rpc/from-page.ts';
import type { Port } from './rpc/port.ts';
import { RPC_VERSION } from './rpc/protocol.ts';
import type { FromCarrier, ToCarrier, ToldEvent, ToPage } from './rpc/protocol.ts';

export type PostToCarrier = (message: ToCarrier, transfer?: Transferable[]) => void;

export interface TabsOptions {
  build: string;
  now(): number;
  /** Calls back every so many ms until the returned function is called. */
  every(ms: number, callback: () => void): () => void;
  /** Calls back once when nobody holds the Web Lock. The returned function gives up waiting. */
  onceFree(lock: string, callback: () => void): () => void;
  /** Tabs of our version were here and are gone, and one of another version waits for what only another worker can give. */
  onOutlived(): void;
  /** A tab of our version joined. */
  onJoined(tab: { origin: string; phone: boolean }): void;
  /** All tabs are hidden now, or one is seen again; told when it changes, the first being seen. */
  onHidden(hidden: boolean): void;
  /** Resolves with the result; a rejection becomes an error message, its code kept if it is a ThicketError's. */
  call(call: UncheckedCall): Promise<unknown>;
  /** The carrier changed. Links of the one before are gone. */
  onCarrier(post: PostToCarrier | null): void;
  /** From the present carrier. */
  onLink(message: FromCarrier): void;
}

export interface Tabs {
  add(port: Port): void;
  broadcast<Name extends EventName>(name: Name, payload: Events[Name]): void;
  /** The tab that carries the links, and how many there are. */
  info(): { tab: string | null; tabs: number };
  close(): void;
}

interface Tab {
  readonly id: string;
  readonly port: Port;
  readonly since: number;
  visible: boolean;
  heardAt: number;
  pending: number;
  unwatch: () => void;
}

export function createTabs(options: TabsOptions): Tabs {
  const tabs = new Map<string, Tab>();
  let carrier: string | null = null;
  let checkedAt = options.now();
  let hidden = false;
  /** A tab of another version was refused: its port keeps this worker alive. */
  let refused = false;
  let joined = false;

  /** Told since the first event of this turn, and not posted yet; null where there was none. */
  let told: ToldEvent[] | null = null;

  /** Together: a message costs both ends the same, whatever is in it, and a batch of a log tells of 512 entries. */
  const flush = (): void => {
    if (told === null || told.length === 0) return;
    const message: ToPage = { type: 'events', events: told };
    told = [];
    for (const tab of tabs.values()) tab.port.post(message);
  };

  /** What was told before goes before it. */
  const post = (tab: Tab, message: ToPage, transfer?: Transferable[]): void => {
    flush();
    tab.port.post(message, transfer);
  };

  const elect = (): void => {
    const now = options.now();
    const chosen = chooseCarrier(
      [...tabs.values()].map(({ id, visible, since, heardAt }) => ({
        tab: id,
        visible,
        since,
        // A hidden page's timers may come once a minute: for it only the lock counts.
        silent: visible && now - heardAt > TAB_SILENT,
      })),
      carrier,
    );
    if (chosen === carrier) return;
    const before = carrier === null ? undefined : tabs.get(carrier);
    if (before) post(before, { type: 'carry', on: false });
    if (carrier !== null) options.onCarrier(null);
    carrier = chosen;
    const next = chosen === null ? undefined : tabs.get(chosen);
    if (!next) return;
    post(next, { type: 'carry', on: true });
    options.onCarrier((message, transfer) => post(next, message, transfer));
  };

  /** Without any tab nobody is there to be told. */
  const look = (): void => {
    const all = [...tabs.values()];
    if (all.length === 0 || hidden !== all.some(({ visible }) => visible)) return;
    hidden = !hidden;
    options.onHidden(hidden);
  };

  const drop = (tab: Tab): void => {
    if (tabs.get(tab.id) !== tab) return;
    tabs.delete(tab.id);
    tab.unwatch();
    tab.port.close();
    look();
    elect();
  };

  const yieldToOthers = (): void => {
    if (refused && joined && tabs.size === 0) options.onOutlived();
  };

  /** Gone for good, and not to be followed by itself on another port. */
  const leave = (tab: Tab): void => {
    drop(tab);
    yieldToOthers();
  };

  const join = (port: Port, hello: Extract<CheckedFromPage, { type: 'hello' }>): Tab | null => {
    if (hello.version !== RPC_VERSION) {
      port.post({ type: 'mismatch', version: RPC_VERSION, build: options.build } satisfies ToPage);
      refused = true;
      yieldToOthers();
      return null;
    }
    const before = tabs.get(hello.tab);
    if (before) drop(before);
    joined = true;
    if (tabs.size >= MAX_TABS) {
      const message = `tabs: at most ${MAX_TABS} at a time: close one and reload`;
      port.post({ type: 'event', name: 'problem', payload: { code: 'busy', message } } satisfies ToPage);
      return null;
    }
    const { tab: id, since, visible } = hello;
    const tab: Tab = {
      id,
      port,
      since,
      visible,
      heardAt: options.now(),
      pending: 0,
      unwatch: () => undefined,
    };
    tabs.set(id, tab);
    post(tab, { type: 'welcome', version: RPC_VERSION, build: options.build });
    tab.unwatch = options.onceFree(hello.lock, () => leave(tab));
    options.onJoined({ origin: hello.origin, phone: hello.phone });
    look();
    elect();
    return tab;
  };

  const answer = async (tab: Tab, call: UncheckedCall): Promise<void> => {
    const { id } = call;
    try {
      if (tab.pending >= MAX_PENDING) throw new ThicketError('busy', `calls: at most ${MAX_PENDING} wait`);
      tab.pending++;
      const value = await options.call(call).finally(() => tab.pending--);
      // Each method's result was typed where the node made it; here all of them pass.
      post(tab, { type: 'result', id, value } as ToPage);
    } catch (error) {
      const code = error instanceof ThicketError ? error.code : 'internal';
      post(tab, { type: 'error', id, code, message: error instanceof Error ? error.message : String(error) });
    }
  };

  const receive = (tab: Tab, message: CheckedFromPage): void => {
    tab.heardAt = options.now();
    if (isFromCarrier(message)) {
      if (tab.id === carrier) options.onLink(message);
      return;
    }
    switch (message.type) {
      case 'visible':
        tab.visible = message.visible;
        look();
        break;
      case 'ping':
        post(tab, { type: 'pong', n: message.n });
        break;
      case 'call':
        void answer(tab, message);
        break;
      case 'bye':
        leave(tab);
        break;
      case 'hello':
        break;
    }
    if (carrier === null) elect();
  };

  const stopChecking = options.every(TAB_CHECK, () => {
    const now = options.now();
    // A worker that slept finds the pages' pings still in its queue: it must not blame them.
    if (now - checkedAt > TAB_CHECK + OVERSLEPT) for (const tab of tabs.values()) tab.heardAt = now;
    checkedAt = now;
    elect();
  });

  return {
    add(port) {
      let tab: Tab | null = null;
      port.listen((data) => {
        const message = parseFromPage(data);
        if (message === null) return;
        if (tab !== null) {
          if (tabs.get(tab.id) === tab) receive(tab, message);
        } else if (message.type === 'hello') {
          tab = join(port, message);
        }
      });
    },
    broadcast(name, payload) {
      const event = { name, payload } as ToldEvent;
      if (told !== null) return void told.push(event);
      told = [];
      queueMicrotask(() => {
        flush();
        told = null;
      });
      for (const tab of tabs.values()) tab.port.post({ type: 'event', ...event } satisfies ToPage);
    },
    info: () => ({ tab: carrier, tabs: tabs.size }),
    close() {
      stopChecking();
      for (const tab of [...tabs.values()]) {
        tab.unwatch();
        tab.port.close();
      }
      tabs.clear();
    },
  };
}
