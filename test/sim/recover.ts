// Devices that come back as they should not be: from a backup, out of isolation, or with their tabs hidden meanwhile.
import { some, start, usual, writeRandomly, type Scenario } from './scenario.ts';

export const restore: Scenario = {
  ...usual,
  name: 'restore',
  about: 'some disks are replaced by older copies of themselves while the devices are off; those write on',
  async run({ world, peers, seconds }) {
    const { peers: all, grove } = await start(world, peers);
    const third = (seconds * 1_000) / 3;
    writeRandomly(world, grove, seconds / 3, 500);
    await world.scheduler.run(third);
    const restored = some(world, all, 0.25);
    const copies = restored.map((peer) => ({ peer, copy: world.backup(peer) }));
    // Each writes more than its copy has, and passes it on.
    for (const peer of restored) for (let i = 0; i < 5; i += 1) world.write(peer, grove);
    writeRandomly(world, grove, seconds / 3, 500);
    await world.scheduler.run(third);
    for (const { peer } of copies) world.stop(peer);
    // What it sent is there by now, or never will be.
    await world.scheduler.run(5_000);
    for (const { peer, copy } of copies) world.restore(peer, copy);
    // Before all that it wrote is back it must not write: what it writes then forks what others hold.
    const back = (): boolean => restored.every((peer) => world.checks.hasOwn(peer));
    const shortfalls: string[] = [];
    if ((await world.scheduler.until(back, 60_000)) === null)
      shortfalls.push('who came back from a backup was not caught up within 60 s');
    for (const peer of restored) for (let i = 0; i < 5; i += 1) world.write(peer, grove);
    await world.scheduler.run(third);
    return { since: world.scheduler.now(), shortfalls };
  },
};

export const isolation: Scenario = {
  ...usual,
  name: 'isolation',
  about: 'a third of the peers turn gossip off, some of them restart, all write; then it is on again',
  async run({ world, peers, seconds }) {
    const { peers: all, grove } = await start(world, peers);
    const quiet = some(world, all, 1 / 3);
    for (const peer of quiet) {
      await world.ask(peer, 'policy', [grove, { gossip: 'off' }]);
      world.checks.setIsolated(peer.host, grove, true);
    }
    writeRandomly(world, grove, seconds, 500);
    await world.scheduler.run(seconds * 500);
    for (const peer of some(world, quiet, 0.5)) {
      world.stop(peer);
      world.restart(peer);
    }
    await world.scheduler.run(seconds * 500);
    for (const peer of quiet) {
      world.checks.setIsolated(peer.host, grove, false);
      await world.ask(peer, 'policy', [grove, { gossip: 'on' }]);
    }
    return { since: world.scheduler.now() };
  },
};
