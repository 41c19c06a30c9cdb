// evidence.mjs [BIN [COUNT]]: bundles and runs test/evidence/differential.ts against the programs in BIN
// (../build/debug/bin). It needs no browser.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as esbuild from 'esbuild';

const here = dirname(fileURLToPath(import.meta.url));
const source = join(here, '..', '..');
const bin = resolve(process.argv[2] ?? join(source, 'build', 'debug', 'bin'));
const out = mkdtempSync(join(here, '..', 'node_modules', '.evidence-'));
try {
  const file = join(out, 'differential.mjs');
  await esbuild.build({
    entryPoints: [join(here, 'evidence', 'differential.ts')],
    outfile: file,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node18',
    packages: 'external',
    sourcemap: 'inline',
    logLevel: 'warning',
  });
  const args = ['--enable-source-maps', file, bin, source, ...process.argv.slice(3)];
  process.exitCode = spawnSync(process.execPath, args, { stdio: 'inherit' }).status ?? 1;
} finally {
  rmSync(out, { recursive: true, force: true });
  await esbuild.stop();
}
