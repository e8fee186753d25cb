// Every decoder under fire: nothing throws, nothing hangs, nothing grows. Seeded, so that a failure repeats.
import { bytesToHex } from '@noble/hashes/utils.js';
import { afterAll, expect, it } from 'vitest';
import { memoryInUse } from '../../collect.ts';
import { decoders } from './decoders.ts';
import type { Decoder } from './decoders.ts';
import { createMutator } from './mutate.ts';

const full = process.env['THICKET_FULL'] === '1';
const soak = process.env['THICKET_SOAK'] === '1';
const TRIES = full || soak ? 1_000_000 : 50_000;
const MIB = 1_048_576;
/** One try, on a machine that does other things as well. A hang is endless. */
const LONGEST = 5_000;
const SEED = 20_261_121;

/** A slow decoder is given the time of a fast one. With THICKET_SOAK=1 it is tried as often, which takes hours. */
const triesOf = ({ cost = 1 }: { cost?: number }): number => (soak ? TRIES : Math.ceil(TRIES / cost));

interface Tally {
  accepted: number;
  slowest: number;
  grown: number;
}

async function fire(decoder: Decoder): Promise<Tally> {
  const mutator = createMutator(decoder.samples, SEED);
  const tries = triesOf(decoder);
  const tally = { accepted: 0, slowest: 0, grown: 0 };
  let before = 0;
  for (let n = 0; n < tries; n += 1) {
    // By then all that is made once has been made.
    if (n === Math.floor(tries / 10)) before = memoryInUse();
    const bytes = mutator.next();
    const start = performance.now();
    try {
      const said = decoder.run(bytes);
      if (typeof said === 'boolean' ? said : await said) tally.accepted += 1;
    } catch (error) {
      throw new Error(`it threw on ${bytesToHex(bytes.subarray(0, 2000))}`, { cause: error });
    }
    tally.slowest = Math.max(tally.slowest, performance.now() - start);
  }
  tally.grown = memoryInUse() - before;
  return tally;
}

function judge(decoder: { name: string; cost?: number }, tally: Tally): void {
  told.push(
    `${decoder.name}: ${triesOf(decoder)} tries, ${tally.accepted} accepted, ${tally.slowest.toFixed(1)} ms at most`,
  );
  expect(tally.slowest).toBeLessThan(LONGEST);
  expect(tally.grown).toBeLessThan(16 * MIB);
  // Were all refused at once, what is behind the first check would not have been tried.
  expect(tally.accepted).toBeGreaterThan(0);
}

const told: string[] = [];
afterAll(() => {
  console.log(told.join('\n'));
});

it.each(decoders)(
  'W1: $name: damaged, varied and random bytes give a value or a refusal, soon, and leave nothing behind',
  async (decoder) => {
    for (const sample of decoder.samples) expect(await decoder.run(sample), bytesToHex(sample)).toBe(true);
    judge(decoder, await fire(decoder));
  },
  600_000,
);
