// What is being composed: its fields, their errors, and the draft that survives a reload (files excepted).
import type {
  ContributeInput,
  Json,
  Kind,
  Metric,
  Mode,
  Relation,
  RelationType,
  Score,
} from '../../worker/rpc/api.ts';
import type { Shared } from '../../worker/rpc/shared.ts';
import { strings } from '../strings.ts';
import { MAX_FILES } from '../files/folder.ts';
import { readNumber } from '../format.ts';
import type { Intent } from '../routes.ts';
import { KIND_OF, type Result } from './intents.ts';
import { toProblem, type Problem } from './problem.ts';

export type Field = 'summary' | 'description' | 'scores' | 'tags' | 'artifacts' | 'relations';
const FIELDS: readonly Field[] = ['summary', 'description', 'scores', 'tags', 'artifacts', 'relations'];
const MAX_SUMMARY = 256;
const ARTIFACT_NAME = /^[A-Za-z0-9][A-Za-z0-9._/ -]{0,255}$/;

export interface ScoreRow {
  metric: string;
  value: string;
  direction: Score['direction'];
  unit: string;
  /** From the grove's contract: its name and direction are not for this form to change. */
  agreed: boolean;
}
export interface RelationRow {
  targetCid: string;
  relationType: RelationType;
  summary: string;
  /** Of a review: 0 to 1, as it was typed. */
  score?: string;
  /** Of a reproduction. */
  result?: Result;
}
interface Saved {
  kind: Kind;
  mode: Mode;
  summary: string;
  description: string;
  tags: string[];
  scores: ScoreRow[];
  relations: RelationRow[];
}

export class Draft {
  kind: Kind = $state('work');
  mode: Mode = $state('evaluation');
  summary = $state('');
  description = $state('');
  tags: string[] = $state([]);
  scores: ScoreRow[] = $state([]);
  relations: RelationRow[] = $state([]);
  files: { name: string; file: File }[] = $state([]);
  errors: Partial<Record<Field, string>> = $state({});
  problem: Problem | null = $state.raw(null);
  sending = $state(false);
  readonly #storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;
  readonly #key: string;

  constructor(
    storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>,
    grove: string,
    metrics: Metric[],
  ) {
    this.#storage = storage;
    this.#key = `thicket.draft.${grove}`;
    this.#restore();
    for (const metric of metrics) {
      if (this.scores.some((row) => row.metric === metric.name)) continue;
      this.scores.push({
        metric: metric.name,
        value: '',
        direction: metric.direction,
        unit: metric.unit ?? '',
        agreed: true,
      });
    }
  }

  /** There is something in it, or it is being published. */
  get isBegun(): boolean {
    const { summary, description, files, sending } = this;
    return sending || files.length > 0 || summary.trim() !== '' || description.trim() !== '';
  }
  /** Reads every field, so an effect that calls it runs on each change. */
  save(): void {
    const { kind, mode, summary, description, tags, scores, relations } = this;
    const saved: Saved = { kind, mode, summary, description, tags, scores, relations };
    this.#storage.setItem(this.#key, JSON.stringify(saved));
  }
  forget(): void {
    this.#storage.removeItem(this.#key);
  }

  /** What it is to be; a draft that was begun stays what it is. */
  begin(intent: Intent): void {
    if (intent === 'derive' || this.summary !== '' || this.relations.length > 0) return;
    this.kind = KIND_OF[intent];
    if (intent !== 'reproduce') this.mode = 'exploration';
  }
  relate(row: RelationRow): void {
    const known = this.relations.some(
      (other) => other.targetCid === row.targetCid && other.relationType === row.relationType,
    );
    if (!known) this.relations.push(row);
  }
  /** What came from outside is added to what is there. */
  takeIn({ title, text, files }: Shared): void {
    if (this.summary.trim() === '') this.summary = title.trim().slice(0, MAX_SUMMARY);
    this.description = [this.description, text].filter((part) => part.trim() !== '').join('\n\n');
    this.addFiles(files.map((file) => ({ path: file.name, file })));
  }
  addFiles(files: readonly { path: string; file: File }[]): void {
    for (const { path, file } of files) this.files.push({ name: this.#freeName(usablePath(path)), file });
  }
  /** Under exactly these names: a file that has one already gives it up. */
  putFiles(files: readonly { name: string; file: File }[]): void {
    const others = this.files.filter((row) => !files.some(({ name }) => name === row.name));
    this.files = [...others, ...files];
  }

  /** The contribution, or null with the errors set beside their fields. */
  build(): ContributeInput | null {
    const errors: Partial<Record<Field, string>> = {};
    if (this.summary.trim() === '') errors.summary = strings.compose.summaryMissing;
    const scores: Record<string, Score> = {};
    for (const row of this.scores) {
      if (row.value.trim() === '') continue;
      const value = readNumber(row.value);
      if (row.metric.trim() === '') errors.scores = strings.compose.metricMissing;
      else if (!Number.isFinite(value)) errors.scores = strings.compose.scoreBad(row.metric);
      else
        scores[row.metric.trim()] = {
          value,
          direction: row.direction,
          ...(row.unit.trim() === '' ? {} : { unit: row.unit.trim() }),
        };
    }
    const artifacts: Record<string, Blob> = {};
    if (this.files.length > MAX_FILES) errors.artifacts = strings.compose.filesTooMany(MAX_FILES);
    for (const { name, file } of this.files) {
      if (
        !ARTIFACT_NAME.test(name) ||
        name.split('/').some((part) => part === '..' || part === '.' || part === '')
      )
        errors.artifacts = strings.compose.fileBad(name);
      else if (Object.hasOwn(artifacts, name)) errors.artifacts = strings.compose.fileTwice(name);
      artifacts[name] = file;
    }
    const relations = this.relations.map((row): Relation => {
      const { targetCid, relationType } = row;
      const metadata = metadataOf(row);
      if (metadata === null) errors.relations = strings.compose.reviewScoreBad;
      return {
        targetCid,
        relationType,
        ...(metadata === null || Object.keys(metadata).length === 0 ? {} : { metadata }),
      };
    });
    this.errors = errors;
    if (Object.keys(errors).length > 0) return null;
    return {
      kind: this.kind,
      mode: this.mode,
      summary: this.summary.trim(),
      ...(this.description.trim() === '' ? {} : { description: this.description }),
      ...(this.files.length === 0 ? {} : { artifacts }),
      ...(relations.length === 0 ? {} : { relations }),
      ...(Object.keys(scores).length === 0 ? {} : { scores }),
      ...(this.tags.length === 0 ? {} : { tags: [...this.tags] }),
    };
  }

  /** Puts a refusal beside the field that its message names, else above the form. */
  refuse(error: unknown): void {
    const problem = toProblem(error);
    const named = FIELDS.find((field) =>
      new RegExp(`\\b${field.replace(/s$/, '')}s?\\b`, 'i').test(problem.message),
    );
    if (named !== undefined && (problem.code === 'invalid' || problem.code === 'too-large'))
      this.errors = { [named]: problem.message };
    else this.problem = problem;
  }

  #freeName(name: string): string {
    const taken = (wanted: string): boolean => this.files.some((row) => row.name === wanted);
    if (!taken(name)) return name;
    const dot = name.lastIndexOf('.');
    const [stem, tail] = dot > 0 ? [name.slice(0, dot), name.slice(dot)] : [name, ''];
    let n = 2;
    while (taken(`${stem}-${n}${tail}`)) n += 1;
    return `${stem}-${n}${tail}`;
  }
  #restore(): void {
    const text = this.#storage.getItem(this.#key);
    if (text === null) return;
    const saved = parseSaved(text);
    if (saved !== null) Object.assign(this, saved);
  }
}

/** What a relation says of its target; null where a score is none. */
function metadataOf({ relationType, score = '', result }: RelationRow): Record<string, Json> | null {
  if (relationType === 'reproduces') return result === undefined ? {} : { result };
  if (relationType !== 'reviews' || score.trim() === '') return {};
  const value = readNumber(score);
  return value >= 0 && value <= 1 ? { score: value } : null;
}

/** File names come in every script; artifact names are plain ASCII. What doesn't fit becomes a dash. */
export function usableName(name: string): string {
  const plain = name
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/[^A-Za-z0-9._ -]+/g, '-')
    .replace(/^[^A-Za-z0-9]+/, '');
  return plain === '' ? 'file' : plain.slice(0, 256);
}

/** The same for each folder on the way; of a path that is too long only the end. */
export function usablePath(path: string): string {
  const usable = path.split('/').map(usableName).join('/');
  return usable.length <= 256
    ? usable
    : usableName(
        usable
          .slice(-256)
          .replace(/^[^/]*\//, '')
          .slice(-256),
      );
}

/** A draft of this tab's own making; one of another version is dropped. */
function parseSaved(text: string): Partial<Saved> | null {
  try {
    const value: unknown = JSON.parse(text);
    const isDraft =
      typeof value === 'object' &&
      value !== null &&
      ['summary', 'description'].every((key) => typeof Reflect.get(value, key) === 'string') &&
      ['tags', 'scores', 'relations'].every((key) => Array.isArray(Reflect.get(value, key)));
    return isDraft ? value : null;
  } catch {
    return null;
  }
}
