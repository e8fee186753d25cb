// What both ends of the wire need of a MessagePort, so that a relay or a test can stand in for one.

export interface Port {
  post(message: unknown, transfer?: Transferable[]): void;
  /** One listener; messages that came before it is set are delivered to it. */
  listen(listener: (message: unknown) => void): void;
  close(): void;
}

export function portOf(port: MessagePort): Port {
  return {
    post: (message, transfer = []) => port.postMessage(message, transfer),
    listen: (listener) => {
      port.onmessage = (event: MessageEvent<unknown>) => listener(event.data);
    },
    close: () => port.close(),
  };
}

/** A port that is still being opened: what is posted waits for it, in order. */
export function portLater(opening: Promise<Port>): Port {
  let port: Port | null = null;
  let closed = false;
  let waiting: [unknown, Transferable[] | undefined][] = [];
  let listener: ((message: unknown) => void) | null = null;
  void opening.then((opened) => {
    if (closed) {
      opened.close();
      return;
    }
    port = opened;
    if (listener) opened.listen(listener);
    for (const [message, transfer] of waiting) opened.post(message, transfer);
    waiting = [];
  });
  return {
    post(message, transfer) {
      if (port) port.post(message, transfer);
      else if (!closed) waiting.push([message, transfer]);
    },
    listen(given) {
      listener = given;
      port?.listen(given);
    },
    close() {
      closed = true;
      waiting = [];
      port?.close();
    },
  };
}
