// The part of simple-peer's data-only build that channel.ts uses. @types/simple-peer knows the full build only.
declare module 'simple-peer/lite.js' {
  interface PeerOptions {
    initiator: boolean;
    config: RTCConfiguration;
    channelConfig: RTCDataChannelInit;
    /** Strings stay strings, so that they can be told from bytes. */
    objectMode: true;
  }
  interface PeerEvents {
    signal: (data: unknown) => void;
    connect: () => void;
    disconnect: () => void;
    data: (data: unknown) => void;
    iceStateChange: (connection: RTCIceConnectionState) => void;
    error: (error: Error) => void;
    close: () => void;
  }
  export default class Peer {
    constructor(options: PeerOptions);
    on<Name extends keyof PeerEvents>(event: Name, listener: PeerEvents[Name]): this;
    signal(data: unknown): void;
    send(data: Uint8Array<ArrayBuffer>): void;
    destroy(): void;
    /** Null once destroyed. Simple-peer has no public way to reach descriptions, statistics and thresholds. */
    readonly _pc: RTCPeerConnection | null;
    readonly _channel: RTCDataChannel | null;
  }
}
