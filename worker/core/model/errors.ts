// The closed list of error codes that leave Thicket, and the error that carries one.

export const ERROR_CODES = [
  'invalid', // an argument or manifest breaks a rule; the message names field, limit and what was given
  'too-large', // a size limit was exceeded
  'not-found', // no such grove, contribution, artifact or peer here, nor at anyone asked
  'not-member', // this device is no member of the grove
  'forbidden', // the role does not allow it
  'expired', // the invite's time is over
  'used-up', // the invite's uses are spent
  'revoked', // the invite or membership was withdrawn
  'offline', // needs a peer or the endpoint, and there is none
  'timeout', // what was waited for did not come in time
  'quota', // the disk or the byte budget is full; nothing was written
  'closed', // the store was closed under us; nothing was written
  'busy', // a bounded queue is full, another process holds the store, or another member has claimed the task
  'version', // the other side speaks a version we don't
  'corrupt', // bytes do not match their hash or signature
  'unsupported', // this browser lacks what is needed
  'aborted', // the caller cancelled
  'internal', // a bug of ours
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

/** An error with a code from the closed list. Its message names the field, the limit and what was given. */
export class ThicketError extends Error {
  readonly code: ErrorCode;
  constructor(code: ErrorCode, message: string) {
    super(message);
    this.name = 'ThicketError';
    this.code = code;
  }
}

/** A remote or on-disk failure as a value: bad bytes never throw across a machine. */
export type Result<T> = { ok: true; value: T } | { ok: false; code: ErrorCode; message: string };

export const ok = <T>(value: T): Result<T> => ({ ok: true, value });
export const fail = (code: ErrorCode, message: string): Result<never> => ({ ok: false, code, message });

/** For our own callers: the value, or the failure thrown as a ThicketError. */
export function unwrap<T>(result: Result<T>): T {
  if (!result.ok) throw new ThicketError(result.code, result.message);
  return result.value;
}
