// member.mjs: somebody with a machine of its own: a directory, a signer with its keys, and `comity console`.
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bin } from './cells.mjs';

const pause = (ms) => new Promise((done) => setTimeout(done, ms));

async function until(what, ready) {
  for (let i = 0; i < 400; i++) {
    if (ready()) return;
    await pause(50);
  }
  throw new Error(`after 20 s still not: ${what}`);
}

/** makeMember gives it a passport in the cell. Everything ends with end(). */
export async function makeMember(cell, name) {
  const dir = join(cell.home, `member-${name}`);
  const socket = join(dir, 'signer.sock');
  const running = [];
  const start = (program, ...words) => {
    const child = spawn(join(bin, program), words, { stdio: ['ignore', 'pipe', 'pipe'] });
    const held = { child, said: '' };
    child.stdout.on('data', (part) => (held.said += part));
    child.stderr.on('data', (part) => (held.said += part));
    running.push(child);
    return held;
  };
  const kill = () => running.forEach((child) => child.kill('SIGKILL'));
  process.on('exit', kill);
  mkdirSync(dir, { mode: 0o700 });
  writeFileSync(join(dir, 'passphrase'), 'a member of the test\n', { mode: 0o600 });
  execFileSync(join(bin, 'comity-signer'), ['init', '--keys', join(dir, 'keys'), '--passphrase-file', join(dir, 'passphrase')], { stdio: 'pipe' });
  start('comity-signer', '--keys', join(dir, 'keys'), '--socket', socket, '--passphrase-file', join(dir, 'passphrase'));
  await until(`the signer of ${name}`, () => existsSync(socket));
  const conf = readFileSync(join(cell.dir, 'client.conf'), 'utf8').replace(/^signer = .*$/m, `signer = "${socket}";`).replace(/^as = .*$/m, `as = "${name}";`);
  writeFileSync(join(dir, 'client.conf'), conf);
  const comity = (...words) => JSON.parse(execFileSync(join(bin, 'comity'), ['--dir', dir, ...words, '--json'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }));
  const id = comity('passport', 'create', '--kind', 'nation', '--name', `Land of ${name}`, '--alias', name).act;
  const console_ = start('comity', 'console', '--dir', dir, '--confirm', 'browser');
  await until(`the console of ${name}: ${console_.said}`, () => /#agent=[0-9a-f]{64}/.test(console_.said));
  const [, url, token] = /(http:\/\/127\.0\.0\.1:\d+)\/#agent=([0-9a-f]{64})/.exec(console_.said);
  return {
    name,
    id,
    url,
    token,
    comity,
    /** The address of a room, with the token. */
    room: (path) => `${path}#agent=${token}`,
    async end() {
      for (const child of running) {
        if (child.exitCode !== null) continue;
        const ended = new Promise((done) => child.on('exit', done));
        child.kill('SIGTERM');
        await ended;
      }
      process.off('exit', kill);
    },
  };
}
