// The platform's generator and the seeded one against the contract.
import { createRandom } from '../../worker/adapters/random.ts';
import { createSeededRandom } from '../../worker/core/model/random.ts';
import { describeRandom } from './random.contract.ts';

describeRandom('platform', createRandom);
describeRandom('seeded', () => createSeededRandom(5));
