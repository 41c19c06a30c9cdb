// cells: two real cells that witness one another, made by the programs of a build, with the nations, the
// 58 histories of scenarios/ and some acts of every shape.
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}

const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

export class Cell {
  readonly dir: string;
  readonly url: string;
  vkey = '';
  witnessVkey = '';
  private readonly children: ChildProcess[] = [];

  constructor(readonly bin: string, room: string, readonly name: string, readonly port: number) {
    this.dir = join(room, name);
    this.url = `http://127.0.0.1:${port}`;
  }

  async comity(...args: string[]): Promise<string> {
    const env = { ...process.env, COMITY_DIR: this.dir, COMITY_URL: '', COMITY_PASSPHRASE: '' };
    const { stdout } = await run(join(this.bin, 'comity'), args, { env, maxBuffer: 1 << 28 });
    return stdout;
  }

  async init(): Promise<void> {
    const origin = `${this.name}.example/ledger`;
    const args = ['init', '--dir', this.dir, '--name', origin, '--port', String(this.port), '--waiver-days', '1'];
    await run(join(this.bin, 'comity'), args);
    const card = readFileSync(join(this.dir, 'peer.conf'), 'utf8');
    this.vkey = /^vkey = "(.*)";/m.exec(card)![1]!;
    this.witnessVkey = /^witness_vkey = "(.*)";/m.exec(card)![1]!;
  }

  private child(program: string, args: string[]): void {
    const child = spawn(join(this.bin, program), args, { stdio: 'ignore' });
    this.children.push(child);
  }

  startSigner(): void {
    const at = (name: string): string => join(this.dir, name);
    this.child('comity-signer', ['--keys', at('keys'), '--socket', at('signer.sock'), '--passphrase-file', at('passphrase')]);
  }

  async startDaemon(): Promise<void> {
    this.child('comityd', ['--config', join(this.dir, 'comityd.conf')]);
    for (let i = 0; i < 300; i++) {
      const up = await fetch(`${this.url}/readyz`).then((r) => r.ok, () => false);
      if (up) return;
      await pause(50);
    }
    throw new Error(`${this.name}: the daemon did not start`);
  }

  async get(path: string): Promise<Uint8Array> {
    const answer = await fetch(this.url + path);
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return new Uint8Array(await answer.arrayBuffer());
  }

  stop(): void {
    for (const child of this.children.splice(0).reverse()) child.kill('SIGKILL');
  }
}

export interface Cells {
  room: string;
  a: Cell;
  b: Cell;
  end(): void;
}

// makeCells starts them; both cosign one another's heads.
export async function makeCells(bin: string): Promise<Cells> {
  const room = mkdtempSync(join(tmpdir(), 'comity-evidence-'));
  const a = new Cell(bin, room, 'a', await freePort());
  const b = new Cell(bin, room, 'b', await freePort());
  const end = (): void => {
    a.stop();
    b.stop();
    rmSync(room, { recursive: true, force: true });
  };
  try {
    await Promise.all([a.init(), b.init()]);
    await a.comity('peer', 'add', '--peer', join(b.dir, 'peer.conf'), '--witness', '--cosign');
    await b.comity('peer', 'add', '--peer', join(a.dir, 'peer.conf'), '--witness', '--cosign');
    a.startSigner();
    b.startSigner();
    await Promise.all([a.startDaemon(), b.startDaemon()]);
  } catch (e) {
    end();
    throw e;
  }
  return { room, a, b, end };
}

// A name that breaks whatever takes text for markup.
export const HOSTILE = '<img src=x onerror=alert(1)>"&\u202e\u2028';

// populate puts in the histories, and acts of many shapes; it gives the receipts that were kept.
export async function populate(cell: Cell, room: string, source: string): Promise<string[]> {
  const receipts: string[] = [];
  const keep = (): string[] => {
    receipts.push(join(room, `receipt-${receipts.length}.json`));
    return ['--receipt', receipts.at(-1)!];
  };
  await cell.comity('import', 'passports');
  await cell.comity('import', 'csv', '--table', 'alliances', join(source, 'scenarios', 'alliances.csv'));
  await cell.comity('passport', 'create', '--kind', 'person', '--name', HOSTILE, '--alias', 'Mallory', ...keep());
  await cell.comity('asset', 'create', '--as', 'NOR', '--code', 'GRAIN', '--name', 'Grain', '--scale', '3', ...keep());
  for (const who of ['NOR', 'SWE'])
    await cell.comity('account', 'open', '--as', who, '--asset', 'GRAIN', ...keep());
  await cell.comity('asset', 'issue', '--as', 'NOR', '--asset', 'GRAIN', '--account', 'NOR/GRAIN', '--amount', '340282366920938463463374607431768211455', ...keep());
  for (let i = 1; i <= 20; i++)
    await cell.comity('transfer', '--as', 'NOR', '--from', 'NOR/GRAIN', '--to', 'SWE/GRAIN', '--amount', String(10n ** BigInt(i)), ...keep());
  await cell.comity('passport', 'rotate', 'Mallory');
  const batch = join(room, 'batch.json');
  const move = { act: 'transfer', from: 'NOR/GRAIN', to: 'SWE/GRAIN', amount: 1 };
  writeFileSync(batch, JSON.stringify({ act: 'batch', mode: 'each', acts: [move, move, move] }));
  await cell.comity('act', '--as', 'NOR', '--file', batch, ...keep());
  return receipts;
}
