// `Uint8Array.prototype.toHex` and `Uint8Array.fromHex` (ES2026) where the platform lacks them: the hashing library takes
// them if they are there when it is loaded, so this is imported first. Ids of a thousand devices are the same few
// thousand: each is kept as one string.
interface WithHex {
  prototype: { toHex?: () => string };
  fromHex?: (text: string) => Uint8Array;
}

/** Ids kept; a newer one takes the place of one with the same first bits. */
const SLOTS = 2 ** 16;
const ID = 32;

const platform: WithHex = Uint8Array;

if (platform.prototype.toHex === undefined) {
  const texts = new Array<string | undefined>(SLOTS);
  const bytes = new Uint8Array(SLOTS * ID);

  const isAt = (slot: number, id: Uint8Array): boolean => {
    const from = slot * ID;
    for (let i = 0; i < ID; i += 1) if (bytes[from + i] !== id[i]) return false;
    return true;
  };
  const hexOf = (array: Uint8Array): string =>
    Buffer.from(array.buffer, array.byteOffset, array.length).toString('hex');

  const toHex = function (this: Uint8Array): string {
    if (this.length !== ID) return hexOf(this);
    const slot = (((this[0] ?? 0) << 8) | (this[1] ?? 0)) % SLOTS;
    const known = texts[slot];
    if (known !== undefined && isAt(slot, this)) return known;
    const text = hexOf(this);
    texts[slot] = text;
    bytes.set(this, slot * ID);
    return text;
  };
  const fromHex = (text: string): Uint8Array => {
    if (text.length === 2 * ID) {
      const slot = Number.parseInt(text.slice(0, 4), 16) % SLOTS;
      if (texts[slot] === text) return bytes.slice(slot * ID, (slot + 1) * ID);
    }
    const array = new Uint8Array(text.length >> 1);
    const written = Buffer.from(array.buffer).write(text, 'hex');
    if (text.length % 2 !== 0 || written !== array.length) throw new SyntaxError('hex digits in pairs');
    return array;
  };
  Object.defineProperty(Uint8Array.prototype, 'toHex', { value: toHex, configurable: true, writable: true });
  Object.defineProperty(Uint8Array, 'fromHex', { value: fromHex, configurable: true, writable: true });
}
