// WebCrypto and WASM against the contract, in a real browser.
import { describe, expect, it, vi } from 'vitest';
import { createWebCrypto } from '../../worker/adapters/crypto-web.ts';
import { KNOWN_CASES } from '../../worker/adapters/ed25519-cases.ts';
import { describeCrypto } from './crypto.contract.ts';

describeCrypto('WebCrypto and WASM', createWebCrypto);

describe('Crypto: this browser', () => {
  it('M7: Chromium answers the known cases itself', async () => {
    const judged = await createWebCrypto();
    const native = vi.spyOn(crypto.subtle, 'verify');
    await judged.verify(KNOWN_CASES.map((each) => each.item));
    expect(native).toHaveBeenCalledTimes(KNOWN_CASES.length);
    native.mockRestore();
  });
});
