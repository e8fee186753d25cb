// Both kinds of crypto against the contract, in Node.
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createNobleCrypto } from '../../worker/adapters/crypto-noble.ts';
import { createWebCrypto } from '../../worker/adapters/crypto-web.ts';
import { KNOWN_CASES } from '../../worker/adapters/ed25519-cases.ts';
import { describeCrypto } from './crypto.contract.ts';

describeCrypto('noble', () => Promise.resolve(createNobleCrypto()));
describeCrypto('WebCrypto and WASM', createWebCrypto);

describe('Crypto: the platform judged', () => {
  afterEach(() => {
    vi.restoreAllMocks();
  });
  const cases = KNOWN_CASES.map((each) => each.item);
  const answers = KNOWN_CASES.map((each) => each.valid);

  it('M7: a platform that accepts what it must not is not asked again', async () => {
    const native = vi.spyOn(crypto.subtle, 'verify').mockResolvedValue(true);
    const judged = await createWebCrypto();
    const asked = native.mock.calls.length;
    expect(asked).toBeGreaterThan(0);
    expect(await judged.verify(cases)).toEqual(answers);
    expect(native).toHaveBeenCalledTimes(asked);
  });

  it('M7: a platform without Ed25519 is not asked again', async () => {
    vi.spyOn(crypto.subtle, 'importKey').mockRejectedValue(new DOMException('no', 'NotSupportedError'));
    const native = vi.spyOn(crypto.subtle, 'verify');
    expect(await (await createWebCrypto()).verify(cases)).toEqual(answers);
    expect(native).not.toHaveBeenCalled();
  });

  it('M7: a platform that fails on an item leaves the answer to noble', async () => {
    const judged = await createWebCrypto();
    vi.spyOn(crypto.subtle, 'verify').mockRejectedValue(new DOMException('no', 'OperationError'));
    expect(await judged.verify(cases)).toEqual(answers);
  });

  it('M7: imports the key of an author once', async () => {
    const judged = await createWebCrypto();
    const imports = vi.spyOn(crypto.subtle, 'importKey');
    const [first] = cases;
    await judged.verify(first === undefined ? [] : [first, first, first]);
    await judged.verify(first === undefined ? [] : [first]);
    expect(imports).toHaveBeenCalledTimes(1);
  });
});
