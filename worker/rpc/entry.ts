// Where the built worker is. The page starts it by this address; it imports nothing of it.
export { default as workerUrl } from '../peer.ts?sharedworker&url';
