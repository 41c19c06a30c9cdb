// cells.mjs: two real cells for the console's tests, filled as ./demo fills them: the countries, half
// of the histories in each, and the lists of a nation and a bloc. Everything in a temporary directory,
// on free ports; stop() ends what was started.
import { spawn, execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
export const bin = process.env.COMITY_BIN ?? join(root, 'build', 'debug', 'bin');

const pause = (ms) => new Promise((done) => setTimeout(done, ms));

async function until(what, ms, ready) {
  const end = Date.now() + ms;
  while (Date.now() < end) {
    if (await ready()) return;
    await pause(50);
  }
  throw new Error(`after ${ms} ms still not: ${what}`);
}

export async function freePorts(n) {
  const servers = [];
  for (let i = 0; i < n; i++) {
    const server = createServer();
    await new Promise((done) => server.listen(0, '127.0.0.1', done));
    servers.push(server);
  }
  const ports = servers.map((server) => server.address().port);
  await Promise.all(servers.map((server) => new Promise((done) => server.close(done))));
  return ports;
}

class Cell {
  constructor(home, name, port, plain) {
    Object.assign(this, { home, name, port, dir: join(home, name), url: `http://localhost:${plain}`, plain, log: join(home, `${name}.log`) });
    this.running = new Map();
  }

  /** The program comity in this cell; words as people type them. Returns what it prints. */
  comity(...words) {
    return execFileSync(join(bin, 'comity'), ['--dir', this.dir, ...words], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  }

  spawn(program, ...words) {
    const log = openSync(this.log, 'a');
    const child = spawn(join(bin, program), words, { stdio: ['ignore', log, log] });
    this.running.set(program, child);
    child.on('exit', () => this.running.delete(program));
  }

  async start() {
    if (!this.running.has('comity-signer')) {
      this.spawn('comity-signer', '--keys', join(this.dir, 'keys'), '--socket', join(this.dir, 'signer.sock'), '--passphrase-file', join(this.dir, 'passphrase'));
      await until('the signer listens', 20_000, () => existsSync(join(this.dir, 'signer.sock')));
    }
    this.spawn('comityd', '--config', join(this.dir, 'comityd.conf'));
    await until(`${this.name} is ready (${this.log})`, 20_000, async () => {
      if (!this.running.has('comityd')) throw new Error(readFileSync(this.log, 'utf8').slice(-2000));
      return fetch(`${this.url}/readyz`).then((answer) => answer.ok, () => false);
    });
  }

  async end(program) {
    const child = this.running.get(program);
    if (!child) return;
    child.kill('SIGTERM');
    const hard = setTimeout(() => child.kill('SIGKILL'), 10_000);
    await until(`${program} ended`, 15_000, () => !this.running.has(program));
    clearTimeout(hard);
  }

  async json(path) {
    const answer = await fetch(this.url + path);
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  }
}

export async function makeCells() {
  const home = mkdtempSync(join(tmpdir(), 'comity-web.'));
  const [a1, a2, b1, b2] = await freePorts(4);
  const a = new Cell(home, 'a', a1, a2);
  const b = new Cell(home, 'b', b1, b2);
  const stop = async () => {
    for (const cell of [a, b]) {
      await cell.end('comityd');
      await cell.end('comity-signer');
    }
    rmSync(home, { recursive: true, force: true });
  };
  process.on('exit', () => {
    for (const cell of [a, b]) for (const child of cell.running.values()) child.kill('SIGKILL');
  });
  try {
    for (const cell of [a, b])
      execFileSync(join(bin, 'comity'), ['init', '--dir', cell.dir, '--name', `${cell.name}.example/ledger`, '--tls', '--port', String(cell.port), '--plain-port', String(cell.plain)]);
    a.comity('peer', 'add', '--peer', b.dir, '--witness', '--cosign');
    b.comity('peer', 'add', '--peer', a.dir, '--witness', '--cosign');
    await Promise.all([a.start(), b.start()]);
    for (const cell of [a, b]) {
      cell.comity('import', 'passports');
      cell.comity('import', 'csv', '--table', 'alliances', '--home', cell.name, join(root, 'scenarios', 'alliances.csv'));
    }
    execFileSync('sh', [join(root, 'scenarios', 'own-lists.sh'), a.dir, b.dir], {
      env: { ...process.env, COMITY: join(bin, 'comity') },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  } catch (error) {
    await stop();
    throw error;
  }
  return { a, b, home, stop, manyActs: (cell, n) => execFileSync(join(bin, 'many_acts'), [cell.url, String(n)]) };
}
