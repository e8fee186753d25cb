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
