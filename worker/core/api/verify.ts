// Calls that check the whole store and repair it (SPEC S18).
import type { Core } from '../core.ts';
import type { Call } from './api.ts';

export function verifyCalls({ verifying }: Core) {
  return {
    verify(call: Call, options: { repair?: boolean } = {}): void {
      verifying.run(options.repair === true, {
        done: (verified) => call.reply(verified),
        failed: ({ code, message }) => call.refuse(code, message),
      });
    },
    cancelVerify(call: Call): void {
      verifying.cancel();
      call.reply(null);
    },
  };
}
