// What a browser asks its user for: a folder, or where to save a file. Null where it can't. Knows no contribution.

export interface Pickers {
  /** Null: the user chose none. */
  folder: ((mode: 'read' | 'readwrite') => Promise<FileSystemDirectoryHandle | null>) | null;
  /** `name` is what is suggested. */
  save: ((name: string) => Promise<FileSystemFileHandle | null>) | null;
}

/** Looked up at each use: the functions are the window's own. */
export function pickersOf(host: object): Pickers {
  const ask = async (method: string, options: object): Promise<FileSystemHandle | null> => {
    const pick: unknown = Reflect.get(host, method);
    if (typeof pick !== 'function') return null;
    try {
      return (await Reflect.apply(pick, host, [options])) as FileSystemHandle;
    } catch (error) {
      if (error instanceof DOMException && error.name === 'AbortError') return null;
      throw error;
    }
  };
  const has = (method: string): boolean => typeof Reflect.get(host, method) === 'function';
  return {
    folder: has('showDirectoryPicker')
      ? (mode) =>
          ask('showDirectoryPicker', { id: 'thicket', mode }) as Promise<FileSystemDirectoryHandle | null>
      : null,
    save: has('showSaveFilePicker')
      ? (name) =>
          ask('showSaveFilePicker', {
            id: 'thicket',
            suggestedName: name,
          }) as Promise<FileSystemFileHandle | null>
      : null,
  };
}
