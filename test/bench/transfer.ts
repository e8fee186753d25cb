// One large file from one peer to another, beside a bare data channel between the same two browsers in the same run.
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { digestOf } from '../e2e/bytes.ts';
import { MIB, speed, type Job, type JobOptions } from './job.ts';
import { createNoise } from './noise.ts';
import { bringNext, brought, choose, digestChosen, giveChosen, openPeers, type Peers } from './peers.ts';
import { cpuOf } from './processes.ts';
import { openRaw } from './raw.ts';
import { peakOf } from './renderers.ts';
import { median, ratios, rounded } from './stats.ts';

/** ms. */
interface Round {
  raw: number;
  /** Of both browsers, all of their processes and cores. */
  rawCpu: number;
  cpu: number;
  all: number;
  ingest: number;
  announce: number;
  transfer: number;
  verify: number;
  isEqual: boolean;
  riseSender: number;
  riseReceiver: number;
}

export const transfer: Job = {
  name: 'transfer',
  about: 'one file, one peer to another: cut, hashed, sent, verified, stored; against a bare data channel',
  mib: 64,
  runs: 5,
  async run({ mib, runs, tell }) {
    const peers = await openPeers(2);
    try {
      const rounds = await measure(peers, { mib, runs });
      report(rounds, mib, tell);
    } finally {
      await peers.close();
    }
  },
};

async function measure(peers: Peers, { mib, runs }: Pick<JobOptions, 'mib' | 'runs'>): Promise<Round[]> {
  const [a, b] = peers.all;
  if (a === undefined || b === undefined) throw new Error('two peers were to open');
  const size = mib * MIB;
  const raw = await openRaw(a.browser.context, b.browser.context);
  const cpu = (): number => cpuOf(a.browser.profile) + cpuOf(b.browser.profile);
  const sampled = <T>(work: () => Promise<T>) =>
    peakOf(a.browser.profile, () => peakOf(b.browser.profile, work));
  const rounds: Round[] = [];
  for (let run = 0; run < runs; run++) {
    // By turns, so that neither always has what the other left behind.
    const bare = async (): Promise<{ ms: number; cpu: number }> => {
      const begun = cpu();
      // Under the same eyes, which take some CPU as well.
      const { value: ms } = (await sampled(() => raw.transfer(size))).value;
      return { ms, cpu: cpu() - begun };
    };
    const before = run % 2 === 0 ? await bare() : null;
    const path = join(peers.folder, `transfer-${run}`);
    await writeFile(path, createNoise(`transfer ${run}`).bytes(size));
    await choose(a.tab, path);
    const digest = await digestChosen(a.tab);
    await bringNext(b.tab, peers.grove);
    const begun = cpu();
    const sent = await sampled(async () => {
      const given = await giveChosen(a.tab, peers.grove, `transfer-${run}`);
      return { given, got: await brought(b.tab) };
    });
    const { given, got } = sent.value.value;
    const taken = cpu() - begun;
    await rm(path);
    const beside = before ?? (await bare());
    rounds.push({
      raw: beside.ms,
      rawCpu: beside.cpu,
      cpu: taken,
      all: got.done - given.began,
      ingest: given.ended - given.began,
      announce: got.known - given.ended,
      transfer: got.done - got.known,
      verify: got.verifying === 0 ? 0 : got.done - got.verifying,
      isEqual: (await digestOf(b.tab, peers.grove, given.cid, 'file')) === digest,
      riseSender: sent.memory.most - sent.memory.before,
      riseReceiver: sent.value.memory.most - sent.value.memory.before,
    });
  }
  return rounds;
}

function report(rounds: readonly Round[], mib: number, tell: JobOptions['tell']): void {
  const of = (pick: (round: Round) => number): number[] => rounds.map(pick);
  const speeds = (pick: (round: Round) => number): number[] =>
    of(pick).map((ms) => rounded(speed(mib * MIB, ms)));
  const told = (figure: string, MBs: readonly number[]): void =>
    tell(figure, { MiB: mib, MBs: rounded(median(MBs)), each: MBs });
  const raw = speeds((round) => round.raw);
  const all = speeds((round) => round.all);
  const alone = speeds((round) => round.transfer);
  told('bare data channel', raw);
  told('from contribute to stored and verified', all);
  told('from known there to stored and verified', alone);
  const ratio = (figure: string, values: readonly number[], values2: Record<string, number> = {}): void =>
    tell(figure, {
      MiB: mib,
      ratio: rounded(median(values)),
      each: values.map((each) => rounded(each)),
      ...values2,
    });
  ratio('of the bare channel: from contribute on', ratios(all, raw), { atLeast: 0.8 });
  ratio('of the bare channel: from known there on', ratios(alone, raw));
  const rawCpu = of((round) => round.rawCpu);
  const cpu = of((round) => round.cpu);
  const times = ratios(cpu, rawCpu);
  tell('CPU of both browsers, of what the bare channel takes', {
    MiB: mib,
    ratio: rounded(median(times)),
    each: times.map((each) => rounded(each)),
    ms: cpu,
    bareMs: rawCpu,
  });
  for (const phase of ['ingest', 'announce', 'transfer', 'verify'] as const)
    tell(`ms of ${phase}`, {
      MiB: mib,
      ms: rounded(median(of((round) => round[phase]))),
      each: of((round) => round[phase]),
    });
  tell('memory of renderers, most above before', {
    MiB: mib,
    senderMiB: of((round) => Math.round(round.riseSender / MIB)),
    receiverMiB: of((round) => Math.round(round.riseReceiver / MIB)),
  });
  tell('same SHA-256 at both ends', { MiB: mib, equal: rounds.every(({ isEqual }) => isEqual) });
}
