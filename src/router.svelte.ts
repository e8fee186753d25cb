// Routes by fragment, so that static hosting is enough and an invite never reaches a server. Knows no view.
import { parseRoute, readInvite, type Route } from './routes.ts';

/** Takes an invite out of the address bar and its history entry before anything else can see it. */
function takeInvite(host: Window): ReturnType<typeof readInvite> {
  const { hash, pathname, search } = host.location;
  const invite = readInvite(hash);
  if (invite !== null) host.history.replaceState(null, '', `${pathname}${search}#/join`);
  return invite;
}

export class Router {
  route: Route = $state.raw({ name: 'home' });
  readonly #host: Window;

  constructor(host: Window) {
    this.#host = host;
    this.#read();
    host.addEventListener('hashchange', this.#read);
    host.addEventListener('popstate', this.#read);
  }

  go(fragment: string): void {
    this.#host.location.hash = fragment;
  }

  /** Changes the address of this page without a step in the history, as filters do. */
  replace(fragment: string): void {
    this.#host.history.replaceState(null, '', fragment);
    this.#read();
  }

  /** Shows an invite that was pasted, without ever putting it into the address bar. */
  openInvite(link: string): void {
    this.go('#/join');
    this.route = { name: 'join', ...(readInvite(link) ?? { url: link, cid: null }) };
  }

  close(): void {
    this.#host.removeEventListener('hashchange', this.#read);
    this.#host.removeEventListener('popstate', this.#read);
  }

  readonly #read = (): void => {
    const invite = takeInvite(this.#host);
    if (invite !== null) {
      this.route = { name: 'join', ...invite };
      return;
    }
    const next = parseRoute(this.#host.location.hash);
    // The same page announced twice (hashchange after popstate) must not forget the invite in memory.
    if (next.name === 'join' && this.route.name === 'join') return;
    this.route = next;
  };
}
