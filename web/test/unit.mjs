// unit.mjs: bundles each test/*.test.ts for node and runs them with node's own test runner.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as esbuild from 'esbuild';
import { places } from '../places.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const out = mkdtempSync(join(here, '..', 'node_modules', '.unit-'));
const only = process.argv[2] ?? '';
const tests = readdirSync(here).filter((name) => name.endsWith('.test.ts') && name.includes(only));
try {
  await esbuild.build({
    entryPoints: tests.map((name) => join(here, name)),
    outdir: out,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node18',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    packages: 'external',
    plugins: [places],
    sourcemap: 'inline',
    logLevel: 'warning',
  });
  const files = tests.map((name) => join(out, name.replace(/\.ts$/, '.mjs')));
  const run = spawnSync(process.execPath, ['--enable-source-maps', '--test', ...files], { stdio: 'inherit' });
  process.exitCode = run.status ?? 1;
} finally {
  rmSync(out, { recursive: true, force: true });
  await esbuild.stop();
}
