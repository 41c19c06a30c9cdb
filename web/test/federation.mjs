// federation.mjs: a real federation of four on this machine, founded as docs/federation.md says; every node
// with a signer of its own. In a temporary directory, on free ports; end() ends what was started.
import { execFile, spawn } from 'node:child_process';
import { copyFileSync, existsSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { bin, freePorts } from './cells.mjs';

const run = promisify(execFile);
const names = ['a', 'b', 'c', 'd'];
const pause = (ms) => new Promise((done) => setTimeout(done, ms));

async function until(what, ready) {
  for (let i = 0; i < 600; i++) {
    if (await ready()) return;
    await pause(50);
  }
  throw new Error(`after 30 s still not: ${what}`);
}

export async function makeFederation() {
  const home = mkdtempSync(join(tmpdir(), 'cw-'));
  const running = new Map();
  const ports = await freePorts(8);
  const dir = (name) => join(home, name);
  const comity = async (...words) => (await run(join(bin, 'comity'), words)).stdout;
  const cards = names.flatMap((name) => ['--seat', join(dir(name), 'seat.conf')]);
  const start = (name, program, ...words) => {
    const log = openSync(join(home, `${name}.log`), 'a');
    running.set(`${name} ${program}`, spawn(join(bin, program), words, { stdio: ['ignore', log, log] }));
  };
  const kill = () => running.forEach((child) => child.kill('SIGKILL'));
  process.on('exit', kill);
  await Promise.all(
    names.map((name, i) => comity('federation', 'seat', '--dir', dir(name), '--name', `${name}.example/ledger`, '--operator', `OP-${name}`, '--url', `https://127.0.0.1:${ports[i]}`, '--tls')),
  );
  for (const name of names) start(name, 'comity-signer', '--keys', join(dir(name), 'keys'), '--socket', join(dir(name), 'signer.sock'), '--passphrase-file', join(dir(name), 'passphrase'));
  await comity('federation', 'draft', '--name', 'sea.example/federation', ...cards, '--param', 'idle_ms=1000', '--out', join(home, 'draft'));
  await until('the signers listen', () => names.every((name) => existsSync(join(dir(name), 'signer.sock'))));
  const copies = names.map((name) => join(home, `${name}.signed`));
  await Promise.all(
    names.map(async (name, i) => {
      copyFileSync(join(home, 'draft'), copies[i]);
      await comity('federation', 'sign', copies[i], '--dir', dir(name));
    }),
  );
  await comity('federation', 'seal', ...copies, '--out', join(home, 'genesis'));
  await Promise.all(names.map((name, i) => comity('federation', 'join', '--dir', dir(name), '--genesis', join(home, 'genesis'), ...cards, '--plain-port', String(ports[4 + i]))));
  for (const name of names) start(name, 'comityd', '--config', join(dir(name), 'comityd.conf'));
  const url = `http://localhost:${ports[4]}`;
  await until('a head is final', async () => {
    try {
      return (await (await fetch(`${url}/v1/federation`)).json()).final_height > 0;
    } catch {
      return false;
    }
  });
  const end = (child) =>
    new Promise((done) => {
      if (!child || child.exitCode !== null || child.signalCode !== null) return done();
      child.on('exit', done);
      child.kill('SIGKILL');
    });
  return {
    url,
    stop: (name) => end(running.get(`${name} comityd`)),
    async end() {
      for (const child of running.values()) await end(child);
      process.off('exit', kill);
      rmSync(home, { recursive: true, force: true });
    },
  };
}
