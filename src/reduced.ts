// What this browser lacks of what Thicket can use, and what is therefore less here. Knows no words.

export const LACKS = ['shared-worker', 'service-worker', 'keep', 'folders', 'camera'] as const;
export type Lack = (typeof LACKS)[number];

/** `dedicated`: the worker of one tab is asked for, as if the browser had no other. */
export function lacksOf(host: Window, dedicated: boolean): Lack[] {
  const { navigator } = host;
  const has: Record<Lack, boolean> = {
    'shared-worker': 'SharedWorker' in host && !dedicated,
    'service-worker': 'serviceWorker' in navigator,
    keep: 'storage' in navigator && 'persist' in navigator.storage,
    folders: 'showDirectoryPicker' in host,
    camera: 'mediaDevices' in navigator,
  };
  return LACKS.filter((lack) => !has[lack]);
}

export const asksDedicated = (search: string): boolean =>
  new URLSearchParams(search).get('worker') === 'dedicated';
