// The file of an identity's backup: made of what the node tells, and read back for it. The passphrase goes no further, and
// nothing of it is kept.
import { BACKUP_LIMITS, openBackup, sealBackup, type Backup } from './core/model/backup.ts';
import { ThicketError, unwrap } from './core/model/errors.ts';

type AskNode = (method: string, params: unknown, requestId: string | null) => Promise<unknown>;
type RandomBytes = (count: number) => Uint8Array<ArrayBuffer>;

export async function makeBackup(node: AskNode, random: RandomBytes, passphrase: string): Promise<Blob> {
  const content = (await node('backupContent', [], null)) as Backup;
  const file = sealBackup(content, passphrase, { bytes: random });
  await node('backedUp', [content.at], null);
  return new Blob([Uint8Array.from(file)], { type: 'application/octet-stream' });
}

export async function readBackup(node: AskNode, file: Blob, passphrase: string): Promise<unknown> {
  if (file.size > BACKUP_LIMITS.file)
    throw new ThicketError('too-large', `backup: at most ${BACKUP_LIMITS.file} bytes, given ${file.size}`);
  const backup = unwrap(openBackup(new Uint8Array(await file.arrayBuffer()), passphrase));
  return node('restoreContent', [backup], null);
}
