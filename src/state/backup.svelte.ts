// When a backup was last made, and whether a new one would hold more.
import type { Methods } from '../../worker/rpc/api.ts';
import { PersonQuery } from './person-query.svelte.ts';
import type { Thicket } from './thicket.ts';

export class BackupState extends PersonQuery<Methods['backupState']['result']> {
  constructor(thicket: Thicket) {
    // A grove's secret that changed.
    super(thicket, ['rotate'], () => thicket.backupState());
  }
}
