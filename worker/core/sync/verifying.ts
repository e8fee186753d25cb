// Signatures of what was staged, and of branches that leave the log: verified together (SPEC S4).
import { CONFIG } from '../config.ts';
import { isFailure, type Context } from '../context.ts';
import { entryMessage } from '../model/entry.ts';
import { idBytes } from '../model/ids.ts';
import type { Aside } from './aside.ts';
import type { Rivals } from './rivals.ts';
import type { Staged, Staging } from './staging.ts';

export interface VerifyingOptions {
  staging: Staging;
  aside: Aside;
  rivals: Rivals;
  context: Context;
  isClosed: () => boolean;
  /** Its signature holds. */
  cover: (staged: Staged) => void;
  /** It doesn't. */
  refuse: (staged: Staged) => void;
  /** Nobody's fault but this device's: what is not verified counts as not held. */
  failed: (staged: readonly Staged[], message: string) => void;
}

export function createVerifying(options: VerifyingOptions) {
  const { staging, aside, rivals, context } = options;

  return {
    /** False where there is nothing to verify, and `done` is not called. */
    start(done: () => void): boolean {
      const staged = [...staging.takeUnverified(CONFIG.sync.signatureEvery), ...aside.take()];
      const branches = rivals.take();
      const signed = [...staged, ...branches.map((branch) => branch.at(-1) ?? branch[0])];
      if (signed.length === 0) return false;
      const items = signed.map(({ entry, signature }) => ({
        key: idBytes(entry.author),
        message: entryMessage(entry.id),
        signature: signature ?? new Uint8Array(64),
      }));
      context.verify(items, (verdicts) => {
        if (options.isClosed()) return;
        if (isFailure(verdicts)) options.failed(staged, verdicts.message);
        else {
          staged.forEach((each, at) => {
            if (verdicts[at] === true) return options.cover(each);
            context.count('entries.badSignature');
            // What an act said to be the signature is not its sender's.
            if (each.borrowed !== true) context.blame(each.link, 'bad-signature');
            options.refuse(each);
          });
          branches.forEach((branch, at) => {
            if (verdicts[staged.length + at] === true) rivals.proven(branch);
            else context.count('entries.refused');
          });
        }
        done();
      });
      return true;
    },
  };
}
