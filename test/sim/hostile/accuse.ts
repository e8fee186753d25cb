// Harm to others' names: proofs of forks that prove nothing, and vectors that say honest authors had forked.
import { encodeEntry, type Entry } from '../../../worker/core/model/entry.ts';
import type { WireEntry, WireHeader } from '../../../worker/core/wire/frame.ts';
import { FORKED } from '../../../worker/core/sync/log.ts';
import type { Behaviour } from './device.ts';

export const accuser: Behaviour = {
  name: 'accuser',
  begin(device) {
    const { random, grove } = device;
    const rivalOf = (entry: Entry): Entry => encodeEntry({ ...entry, at: entry.at + 1 + random.int(1_000) });
    const real = ({ header, signature }: WireEntry): WireHeader => ({ header, signature });
    const ways: ((entry: Entry, wire: WireEntry) => WireHeader[][])[] = [
      // A rival that we signed, that nobody signed, that bears the signature of the real one.
      (entry, wire) => {
        const rival = rivalOf(entry);
        return [[real(wire)], [{ header: rival.header, signature: device.signed(rival) }]];
      },
      (entry, wire) => [[real(wire)], [{ header: rivalOf(entry).header, signature: random.bytes(64) }]],
      (entry, wire) => [[real(wire)], [{ header: rivalOf(entry).header, signature: wire.signature }]],
      // One twice, two of different seqs, and a rival that ends in a real one that doesn't follow it.
      (_, wire) => [[real(wire)], [real(wire)]],
      (entry, wire) => {
        const others = device.entries().filter((each) => each.entry.author === entry.author);
        const other = device.pick(others) ?? { wire };
        return [[real(wire)], [real(other.wire)]];
      },
      (entry, wire) => [[real(wire)], [{ header: rivalOf(entry).header, signature: null }, real(wire)]],
    ];
    let turn = 0;
    device.every(500, () => {
      const victim = device.pick(device.victims());
      const from = device.pick(device.entries());
      if (victim === undefined || from === undefined) return;
      const { author, seq } = from.entry;
      const chains = ways[(turn += 1) % ways.length]?.(from.entry, from.wire) ?? [];
      device.send(victim.link, { type: 'fork', grove, author, chains });
      if (!device.chance(0.2)) return;
      device.send(victim.link, { type: 'vector', grove, reply: true, rows: [{ author, seq, id: FORKED }] });
      device.send(victim.link, { type: 'want-fork', grove, author });
    });
  },
};
