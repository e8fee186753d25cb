// Keeps the answering end of a link made by hand looking for the other, for as long as a text may be on its way (R4).
// A browser gives a connection up when no pair of candidates was answered for some seconds, and hears of one twice only
// where it looks different; so the offerer's candidates are told again under another foundation, and between them one
// that leads nowhere, so that there is always a pair to be tried. Knows nothing of texts.
import { takeCandidate } from './signaling.ts';
import type { Candidate } from './sdp.ts';
import type { Link, State } from './state.ts';

/** Foundations, and ports of the candidate that leads nowhere: one for each round of a day. */
const FIRST = 20_000;
const ROUNDS = 40_000;

export function beginVigil(state: State, link: Link, candidates: readonly Candidate[]): void {
  link.vigil = { candidates, round: 0, nextAt: state.t + state.config.vigilEvery };
}

export function runVigil(state: State, link: Link): void {
  const { vigil } = link;
  if (vigil === null || state.t < vigil.nextAt) return;
  if (link.state !== 'connecting') {
    link.vigil = null;
    return;
  }
  vigil.round += 1;
  vigil.nextAt = state.t + state.config.vigilEvery;
  link.candidates.taken = 0;
  for (const candidate of vigil.candidates) takeCandidate(state, link, renamed(candidate, vigil.round));
  takeCandidate(state, link, nowhere(vigil.candidates[0], vigil.round));
}

const renamed = (candidate: Candidate, round: number): Candidate => ({
  ...candidate,
  candidate: candidate.candidate.replace(/^candidate:\S+/, `candidate:${FIRST + round}`),
});

/** An address of RFC 5737, for documentation, at the lowest priority. */
const nowhere = (like: Candidate | undefined, round: number): Candidate => ({
  candidate: `candidate:${FIRST + round} 1 udp 1 203.0.113.1 ${FIRST + (round % ROUNDS)} typ host`,
  sdpMid: like?.sdpMid ?? '0',
  sdpMLineIndex: like?.sdpMLineIndex ?? 0,
});
