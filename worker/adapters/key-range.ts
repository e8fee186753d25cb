// Which keys a prefix covers, in the order of UTF-16 code units that stores use. Knows no store.

/** The least string above every string that starts with `prefix`, or null where there is none. */
export function afterPrefix(prefix: string): string | null {
  let end = prefix.length;
  while (end > 0 && prefix.charCodeAt(end - 1) === 0xffff) end--;
  if (end === 0) return null;
  return prefix.slice(0, end - 1) + String.fromCharCode(prefix.charCodeAt(end - 1) + 1);
}
