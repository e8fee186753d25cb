// How hard a passphrase is to guess, roughly and never too kindly: words count as words, whatever their length. Pure.

export type Strength = 'weak' | 'fair' | 'good';

/** Of a word in any list of some thousand, however it is spelled. */
const WORD_BITS = 11;
/** By one sign: letters of one case, digits, others. */
const BITS = { letters: 4.7, digits: 3.3, others: 5 } as const;
/** With a second of work for each guess: years for a few machines, and out of reach. */
const FAIR = 42;
const GOOD = 60;

/** At most what it would take who knows how people choose: each run of signs counts once. */
export function guessBits(passphrase: string): number {
  const runs = passphrase
    .normalize('NFKC')
    .match(/\p{Lu}?\p{Ll}+|\p{Lu}+|\p{Lo}+|\p{Nd}+|[^\p{L}\p{Nd}\s]+/gu);
  let bits = 0;
  for (const run of new Set(runs?.map((each) => each.toLowerCase()) ?? [])) {
    const different = new Set(run).size;
    if (/^\p{Nd}/u.test(run)) bits += different * BITS.digits;
    else if (/^\p{L}/u.test(run)) bits += Math.min(WORD_BITS, different * BITS.letters);
    else bits += Math.min(WORD_BITS, different * BITS.others);
  }
  return bits;
}

export function strengthOf(passphrase: string): Strength {
  const bits = guessBits(passphrase);
  return bits < FAIR ? 'weak' : bits < GOOD ? 'fair' : 'good';
}
