// Saves bytes where the browser puts downloads.

/** Saves bytes to disk under a plain name, as a type that no browser would open in our origin. */
export function download(blob: Blob, name: string): void {
  const url = URL.createObjectURL(new Blob([blob], { type: 'application/octet-stream' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name.split('/').at(-1) ?? 'artifact';
  link.click();
  // The download has its own hold on the bytes once it has begun.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
