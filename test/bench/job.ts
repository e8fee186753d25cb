// What a job of the bench is, and how it tells its figures. To add one: a file with a Job in it, and its name in main.ts.
import { loadavg } from 'node:os';

export interface Job {
  name: string;
  /** One line for --list. */
  about: string;
  /** Defaults of --mib and --runs: the sizes that RESULTS.md gives. */
  mib: number;
  runs: number;
  run(options: JobOptions): Promise<void>;
}

export interface JobOptions {
  mib: number;
  runs: number;
  /** Of the large grove, where a job has one and the command line says so. */
  contributions?: number;
  /** One figure, as one line of JSON. */
  tell(figure: string, values: Values): void;
}

export type Value = number | string | boolean | null;
export type Values = Record<string, Value | readonly Value[]>;

export const MIB = 1024 * 1024;

/** Prints with each figure how busy the machine was: absolute figures of a busy one say nothing. */
export const tellAs =
  (job: string) =>
  (figure: string, values: Values): void =>
    console.log(JSON.stringify({ job, figure, ...values, load: Number((loadavg()[0] ?? 0).toFixed(1)) }));

/** Bytes over ms as MB/s (10^6). */
export const speed = (bytes: number, ms: number): number => bytes / 1000 / ms;
