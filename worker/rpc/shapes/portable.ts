// Contributions in and out as files. Types only.

export interface ExportOptions {
  /** Only these; default: all of the grove that stands. */
  cids?: string[];
  /** Only this one and all that it leads to, over any relation, as far as it is known here. */
  lineage?: string;
  /** `ndjson`: one canonical manifest with its `cid` a line. `car`: manifests and artifacts as a CAR file, version 1. */
  format: 'ndjson' | 'car';
  /** Of `car`: whether artifacts go along. Default: true. */
  artifacts?: boolean;
  /** What isn't held here is left out; without it that is an error. */
  partial?: boolean;
}
export interface ImportOptions {
  /** What is wrong in the file is left out and told; without it nothing of such a file is imported. */
  partial?: boolean;
}
export interface ImportResult {
  /** Contributions published by this device. */
  added: number;
  /** Contributions of the file that the grove had. */
  known: number;
  /** Artifacts stored. */
  artifacts: number;
  /** Lines of NDJSON, sections of a CAR file, from 1; the first 100. */
  refused: { line: number; reason: string }[];
  refusedCount: number;
}

export interface PortableMethods {
  /** Targets before what points at them. */
  export: { params: [grove: string, options: ExportOptions]; result: Blob };
  import: {
    params: [grove: string, file: Blob | Uint8Array | string, options?: ImportOptions];
    result: ImportResult;
  };
}
