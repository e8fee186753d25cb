// Signatures with known answers, by which a platform's Ed25519 is judged before it is relied on.
import { hexToBytes } from '@noble/hashes/utils.js';
import { utf8 } from '../core/model/bytes.ts';
import type { VerifyItem } from '../core/ports.ts';

const R = '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da';
const S = '085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00';
const S_PLUS_ORDER = 'f52db7415978abc61b2c2eb6aeebfca0387b2eaeb4302aeeb00d291612bb0c10';

/** RFC 8032 section 7.1, test 2. */
const RFC_TEST_2: VerifyItem = {
  key: hexToBytes('3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c'),
  message: Uint8Array.of(0x72),
  signature: hexToBytes(R + S),
};

export const KNOWN_CASES: readonly { name: string; item: VerifyItem; valid: boolean }[] = [
  { name: 'a signature of RFC 8032', item: RFC_TEST_2, valid: true },
  { name: 'another message', item: { ...RFC_TEST_2, message: Uint8Array.of(0x73) }, valid: false },
  {
    name: 'S beyond the order of the group',
    item: { ...RFC_TEST_2, signature: hexToBytes(R + S_PLUS_ORDER) },
    valid: false,
  },
  {
    // A = 123456789 B + T with T of order 8: the equation holds only after multiplying by the cofactor.
    name: 'a signature that holds with the cofactor only',
    item: {
      key: hexToBytes('d63c01223147541df4e170763e9e2788a8bf5971f52a93c5829dbe6f5ff6bba9'),
      message: utf8('thicket'),
      signature: hexToBytes(
        'e7caaa83373a94afae43fec59b447c99ba282b19a7616c24c785ad8966a1e10e' +
          'eef51bba80146d52b841d9f24ff1dbd71e4fd4279bebf268a42179b6dd83100a',
      ),
    },
    valid: false,
  },
];
