// What this device knows when it wakes: who it is, how it is set up, and which groves it is in. Read, or made, once.
import { decodeRecord, GROVE_PREFIX, type GroveRecord } from './access/record.ts';
import { readHalts, type Halt } from './cas/halts.ts';
import { isFailure, type Context, type Failure } from './context.ts';
import { idBytes, toGroveId, toHash, toPeerId, isHex32, type Hash, type PeerId } from './model/ids.ts';
import { keypairFromSeed, type Keypair } from './model/keys.ts';
import { hexToBytes } from '@noble/hashes/utils.js';
import { isVouched, readVouch, vouchFields, type Vouch } from './model/vouch.ts';
import type { Signatures } from './ports.ts';
import { asArray, asBytes, asId, asMap, asOneOf, asText, asUint, decode, encode } from './wire/cbor.ts';

export interface IceServer {
  urls: string[];
  username?: string;
  credential?: string;
}
/** How this device finds others (SPEC R4): through the endpoint, by texts carried by hand, or both. */
export const DISCOVERIES = ['endpoint', 'hand', 'both'] as const;
export type Discovery = (typeof DISCOVERIES)[number];

export interface Settings {
  endpoints: string[];
  iceServers: IceServer[];
  /** Links go by TURN servers or not at all (SPEC K9). */
  relayOnly: boolean;
  discovery: Discovery;
  /** Most bytes of artifacts on this device; null: no limit (SPEC C14). */
  budget: number | null;
}
export interface Identity {
  keypair: Keypair;
  name: string;
}

/** What ties this device to others of its person (SPEC A20). */
export interface Own {
  /** In which others vouch for this one. */
  vouches: Vouch[];
  /** Keys that this device had before: ended in each grove where they still count. */
  former: PeerId[];
  /** When a backup was last made, and a hash of what it held; null: never. */
  backup: { at: number; hash: Hash } | null;
}

export const OWN_KEY = 'own-devices';
export const IDENTITY_KEY = 'identity';
export const SETTINGS_KEY = 'settings';
/** How whatever would write who we are is refused between a new key and the restart with it. */
export const RENEWED = ['busy', 'identity: this device starts again with its new key; try again'] as const;
const MAX_META = 64 * 1024;
/** Vouches and former keys kept: a person has a handful of devices. */
const MAX_OWN = 32;

export const encodeIdentity = ({ keypair, name }: Identity): Uint8Array =>
  encode({ seed: keypair.seed, name });
export const encodeOwn = ({ vouches, former, backup }: Own): Uint8Array =>
  encode({
    vouches: vouches.slice(-MAX_OWN).map(vouchFields),
    former: former.slice(-MAX_OWN).map(idBytes),
    backup: backup && [backup.at, idBytes(backup.hash)],
  });

function decodeOwn(bytes: Uint8Array | null, self: PeerId, signatures: Signatures): Own {
  const decoded = bytes && decode(bytes, { maxBytes: MAX_META });
  const fields = decoded?.ok ? asMap(decoded.value) : null;
  const vouches = (asArray(fields?.get('vouches'), MAX_OWN) ?? []).flatMap((raw): Vouch[] => {
    const vouch = readVouch(asMap(raw));
    return vouch?.key === self && isVouched(signatures, vouch) ? [vouch] : [];
  });
  const former = (asArray(fields?.get('former'), MAX_OWN) ?? []).flatMap((raw): PeerId[] => {
    const peer = asId(raw, toPeerId);
    return peer === null ? [] : [peer];
  });
  const pair = asArray(fields?.get('backup'), 2);
  const [at, hash] = [asUint(pair?.[0]), asId(pair?.[1], toHash)];
  return { vouches, former, backup: at === null || hash === null ? null : { at, hash } };
}

export const encodeSettings = (settings: Settings): Uint8Array => encode(settings);

function decodeIdentity(bytes: Uint8Array): Identity | null {
  const decoded = decode(bytes, { maxBytes: MAX_META });
  const fields = decoded.ok ? asMap(decoded.value) : null;
  const seed = asBytes(fields?.get('seed'), 32);
  const name = asText(fields?.get('name'), 80);
  return seed === null || name === null ? null : { keypair: keypairFromSeed(seed), name };
}

function decodeSettings(bytes: Uint8Array | null): Settings {
  const decoded = bytes && decode(bytes, { maxBytes: MAX_META });
  const fields = decoded?.ok ? asMap(decoded.value) : null;
  const texts = (raw: unknown): string[] =>
    (asArray(raw, 16) ?? []).flatMap((each) => {
      const text = asText(each, 512);
      return text === null ? [] : [text];
    });
  const iceServers = (asArray(fields?.get('iceServers'), 16) ?? []).flatMap((raw): IceServer[] => {
    const server = asMap(raw);
    const username = asText(server?.get('username'), 256);
    const credential = asText(server?.get('credential'), 256);
    if (server === null) return [];
    return [
      {
        urls: texts(server.get('urls')),
        ...(username === null ? {} : { username }),
        ...(credential === null ? {} : { credential }),
      },
    ];
  });
  const discovery = asOneOf(fields?.get('discovery'), DISCOVERIES) ?? 'both';
  const budget = asUint(fields?.get('budget'));
  const relayOnly = fields?.get('relayOnly') === true;
  return { endpoints: texts(fields?.get('endpoints')), iceServers, relayOnly, discovery, budget };
}

export interface Booted {
  identity: Identity;
  settings: Settings;
  own: Own;
  records: GroveRecord[];
  /** Transfers that were paused or cancelled by hand. */
  halts: Map<Hash, Halt>;
}

/** Reads it all, in four steps. A device without an identity makes one and writes it before anything else happens. */
export function boot(context: Context, then: (booted: Booted | Failure) => void): void {
  context.read('meta', [IDENTITY_KEY, SETTINGS_KEY, OWN_KEY], (values) => {
    if (isFailure(values)) return then(values);
    const [stored, settingsBytes, ownBytes] = values;
    const settings = decodeSettings(settingsBytes ?? null);
    if (stored) {
      const identity = decodeIdentity(stored);
      // Never a silent new identity: the log under the old key would be an orphan.
      if (identity === null) return then({ failure: 'internal', message: 'the stored identity is damaged' });
      const own = decodeOwn(ownBytes ?? null, identity.keypair.id, context.signatures);
      return readRecords(context, null, [], (records) => {
        if (isFailure(records)) return then(records);
        readHalts(context, (halts) =>
          then(isFailure(halts) ? halts : { identity, settings, own, records, halts }),
        );
      });
    }
    const identity = { keypair: keypairFromSeed(context.random.bytes(32)), name: '' };
    const own = { vouches: [], former: [], backup: null };
    context.write(
      [
        { op: 'expect', table: 'meta', key: IDENTITY_KEY, value: null },
        { op: 'put', table: 'meta', key: IDENTITY_KEY, value: encodeIdentity(identity) },
      ],
      'strict',
      (failure) => then(failure ?? { identity, settings, own, records: [], halts: new Map() }),
    );
  });
}

const PAGE = 100;

function readRecords(
  context: Context,
  after: string | null,
  read: GroveRecord[],
  then: (records: GroveRecord[] | Failure) => void,
): void {
  context.scan('meta', GROVE_PREFIX, after, PAGE, (rows) => {
    if (isFailure(rows)) return then(rows);
    const records = rows.flatMap(({ key, value }) => {
      const id = key.slice(GROVE_PREFIX.length);
      const record = isHex32(id) ? decodeRecord(toGroveId(hexToBytes(id)), value) : null;
      if (record?.ok) return [record.value];
      context.count('store.corrupt');
      return [];
    });
    const all = [...read, ...records];
    const last = rows.at(-1);
    if (rows.length === PAGE && last !== undefined) readRecords(context, last.key, all, then);
    else then(all);
  });
}
