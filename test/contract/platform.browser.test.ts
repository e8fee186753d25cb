// Clock and random generator of a real browser against their contracts.
import { createClock } from '../../worker/adapters/clock.ts';
import { createRandom } from '../../worker/adapters/random.ts';
import { describeClock } from './clock.contract.ts';
import { describeRandom } from './random.contract.ts';

describeRandom('platform', createRandom);
describeClock('platform', () => ({
  clock: createClock(),
  elapse: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
}));
