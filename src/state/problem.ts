// A failure as views show it. Errors of the peer carry a code from its closed list; anything else is ours.

export interface Problem {
  code: string;
  message: string;
}

export function toProblem(error: unknown): Problem {
  if (!(error instanceof Error)) return { code: 'internal', message: String(error) };
  const code = 'code' in error && typeof error.code === 'string' ? error.code : 'internal';
  return { code, message: error.message };
}
