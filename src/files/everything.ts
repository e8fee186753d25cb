// All that this device holds, as one zip: a CAR file of each grove, and a list of them. Knows nothing of how a zip is written.
import type { Thicket } from '../state/thicket.ts';
import { safePaths } from './paths.ts';
import type { ZipEntry } from './zip.ts';

/** What the list says of itself. */
const FORMAT = 'thicket-export/1';

type Source = Pick<Thicket, 'identity' | 'groves' | 'settings' | 'policy' | 'pins' | 'export' | 'version'>;

/** `told` hears how many groves are ready. What is away is left out, and named in each CAR file's manifests. */
export async function everything(
  thicket: Source,
  now: number,
  told: (done: number, all: number) => void,
): Promise<ZipEntry[]> {
  const [identity, all, settings] = await Promise.all([
    thicket.identity(),
    thicket.groves(),
    thicket.settings(),
  ]);
  const active = all.filter(({ state }) => state === 'active');
  const paths = safePaths(
    active.map(({ id, name }) => `${name === '' ? 'grove' : name}-${id.slice(0, 8)}.car`),
  );
  const entry = (path: string, blob: Blob): ZipEntry => ({
    path,
    size: blob.size,
    at: now,
    open: () => blob.stream(),
  });
  const entries: ZipEntry[] = [];
  const groves: object[] = [];
  told(0, active.length);
  for (const { id, name, description, metrics, role, owner } of active) {
    const file = `groves/${paths.get(`${name === '' ? 'grove' : name}-${id.slice(0, 8)}.car`) ?? `${id}.car`}`;
    const [policy, pins, blob] = await Promise.all([
      thicket.policy(id),
      thicket.pins(id),
      thicket.export(id, { format: 'car', partial: true }),
    ]);
    entries.push(entry(file, blob));
    groves.push({ id, name, description, metrics, role, owner, policy, pins, file });
    told(entries.length, active.length);
  }
  const { peerId, name, fingerprint } = identity;
  // Passwords of servers are nobody's business who gets the file.
  const iceServers = settings.iceServers.map(({ urls }) => ({ urls }));
  const list = {
    format: FORMAT,
    exportedAt: new Date(now).toISOString(),
    version: thicket.version,
    identity: { peerId, name, fingerprint },
    settings: { ...settings, iceServers },
    groves,
  };
  const text = new Blob([`${JSON.stringify(list, null, 2)}\n`]);
  return [entry('thicket.json', text), ...entries];
}
