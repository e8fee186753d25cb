// How this device writes a setting: checked, replacing what it holds for the key, and committed before anyone is told.
import type { Core } from '../core.ts';
import { GRAPH } from '../graph/config.ts';
import type { Grove } from '../grove.ts';
import { ACT_LIMITS } from '../model/acts.ts';
import { encodeBody } from '../model/body.ts';
import { utf8 } from '../model/bytes.ts';
import { ThicketError } from '../model/errors.ts';
import { canonicalJson, jsonProblem, type Json } from '../model/json.ts';
import type { WriteOp } from '../ports.ts';
import { checkMayWrite, type Call } from './api.ts';

export interface Done {
  /** Part of the transaction that writes it. */
  note: () => readonly WriteOp[];
  then: () => void;
}

/**
 * In its turn only: it replaces what is held now. Undefined takes the value away.
 * @throws ThicketError `not-member`, `forbidden`, `invalid`, `too-large`
 */
export function appendSetting(
  core: Core,
  call: Call,
  grove: Grove,
  key: string,
  value: Json | undefined,
  { note, then }: Done,
): void {
  checkMayWrite(core, grove, 'setting');
  const self = core.identity.keypair.id;
  const { settings } = grove.acts;
  if (value !== undefined) checkValue(key, value);
  if (settings.countOf(self) >= GRAPH.settingKeys && !settings.wrote(self, key))
    throw new ThicketError(
      'too-large',
      `${key}: at most ${GRAPH.settingKeys} keys by one device, given one more`,
    );
  const body = encodeBody({ kind: 'setting', key, value, replaces: settings.replaced(key) });
  core.sync.append(grove.id, {
    kind: 'setting',
    body,
    table: null,
    also: note,
    then: (outcome) => {
      if ('entry' in outcome) call.attempt(then);
      else call.refuse(outcome.code, outcome.message);
    },
  });
}

function checkValue(key: string, value: Json): void {
  const problem = jsonProblem(value, key);
  if (problem !== null) throw new ThicketError('invalid', problem);
  const size = utf8(canonicalJson(value)).length;
  if (size > ACT_LIMITS.value)
    throw new ThicketError('too-large', `${key}: at most ${ACT_LIMITS.value} bytes of JSON, given ${size}`);
}
