// build.mjs: bundles the console into build/web, compressed beforehand, with a manifest for CMake.
//
//   src/main.tsx --esbuild--> build/web/assets/NAME-HASH.js  + .gz + .br
//   src/index.html ---------> build/web/index.html           + .gz + .br
//                             build/web/manifest.txt   one line a file: route type hash cache path
//
// The same sources give the same bytes: no time, no path of this machine goes in.
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import * as esbuild from 'esbuild';
import { places } from './places.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const out = process.argv[2] ?? join(here, '..', 'build', 'web');
const fresh = `${out}.new`;

const types = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
  txt: 'text/plain; charset=utf-8',
};

/** The verifier of the room Evidence runs beside the page: a program of its own, whose address the page is told. */
async function worker() {
  const { outputFiles, metafile } = await esbuild.build({
    absWorkingDir: here,
    entryPoints: ['src/rooms/evidence_worker.ts'],
    outdir: join(fresh, 'assets'),
    bundle: true,
    format: 'iife',
    target: ['chrome100', 'firefox100', 'safari15.4'],
    minify: true,
    legalComments: 'none',
    entryNames: '[name]-[hash]',
    metafile: true,
    write: false,
    logLevel: 'warning',
  });
  return { file: outputFiles[0], metafile };
}

async function bundle(workerUrl) {
  const result = await esbuild.build({
    absWorkingDir: here,
    entryPoints: { app: 'src/main.tsx', style: 'src/style/main.css' },
    outdir: join(fresh, 'assets'),
    bundle: true,
    splitting: true,
    format: 'esm',
    target: ['chrome100', 'firefox100', 'safari15.4'],
    jsx: 'automatic',
    jsxImportSource: 'preact',
    minify: true,
    legalComments: 'none',
    entryNames: '[name]-[hash]',
    chunkNames: '[name]-[hash]',
    assetNames: '[name]-[hash]',
    loader: { '.svg': 'file' },
    define: { 'process.env.NODE_ENV': '"production"', WORKER_URL: JSON.stringify(workerUrl) },
    plugins: [places],
    metafile: true,
    write: false,
    logLevel: 'warning',
  });
  return result;
}

/** The licences of what is bundled, as the packages state them. */
function licences(metafile) {
  const names = new Set();
  for (const input of Object.keys(metafile.inputs)) {
    const found = /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(input);
    if (found) names.add(found[1]);
  }
  names.add('world-atlas');
  const texts = [...names].sort().map((name) => {
    const folder = join(here, 'node_modules', name);
    const { version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    let text = license;
    for (const file of ['LICENSE', 'LICENSE.md', 'LICENSE.txt', 'license']) {
      try {
        text = readFileSync(join(folder, file), 'utf8').trim();
        break;
      } catch {
        continue;
      }
    }
    return `${name} ${version} (${license})\n\n${text}\n`;
  });
  return `The console contains these packages.\n\n${texts.join('\n----\n\n')}`;
}

function chunksOf(metafile, name) {
  const entry = Object.entries(metafile.outputs).find(([, o]) => o.entryPoint === name);
  const wanted = new Set();
  const visit = (path) => {
    if (wanted.has(path)) return;
    wanted.add(path);
    for (const i of metafile.outputs[path].imports) {
      if (i.kind === 'import-statement') visit(i.path);
    }
  };
  visit(entry[0]);
  return [...wanted].map((path) => basename(path));
}

const files = [];
function put(route, name, cache, contents) {
  const bytes = Buffer.from(contents);
  const path = join(fresh, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, bytes);
  writeFileSync(`${path}.gz`, gzipSync(bytes, { level: 9 }));
  writeFileSync(
    `${path}.br`,
    brotliCompressSync(bytes, {
      params: {
        [constants.BROTLI_PARAM_QUALITY]: 11,
        [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
      },
    }),
  );
  const hash = createHash('sha256').update(bytes).digest('hex').slice(0, 32);
  const type = types[name.slice(name.lastIndexOf('.') + 1)];
  if (type === undefined) throw new Error(`${name}: no media type is known for it`);
  files.push([route, type.replaceAll('; ', '|'), hash, cache, name].join(' '));
}

rmSync(fresh, { recursive: true, force: true });
const beside = await worker();
const besideName = basename(beside.file.path);
put(`/console/assets/${besideName}`, `assets/${besideName}`, 'forever', beside.file.contents);
const { outputFiles, metafile } = await bundle(`/console/assets/${besideName}`);
let style = '';
for (const file of outputFiles) {
  const name = basename(file.path);
  if (name.startsWith('style-') && name.endsWith('.css')) style = name;
  put(`/console/assets/${name}`, `assets/${name}`, 'forever', file.contents);
}
const [app, ...more] = chunksOf(metafile, 'src/main.tsx');
const icon = readFileSync(join(here, 'src', 'icon.svg'));
const iconName = `icon-${createHash('sha256').update(icon).digest('hex').slice(0, 8)}.svg`;
put(`/console/assets/${iconName}`, `assets/${iconName}`, 'forever', icon);
put('/console/licences.txt', 'licences.txt', 'ask', licences({ inputs: { ...metafile.inputs, ...beside.metafile.inputs } }));
const page = readFileSync(join(here, 'src', 'index.html'), 'utf8')
  .replaceAll('%APP%', `/console/assets/${app}`)
  .replaceAll('%STYLE%', `/console/assets/${style}`)
  .replaceAll('%ICON%', `/console/assets/${iconName}`)
  .replace('%PRELOAD%', more.map((name) => `<link rel="modulepreload" href="/console/assets/${name}">`).join(''));
put('/', 'index.html', 'ask', page);
writeFileSync(join(fresh, 'manifest.txt'), `${files.sort().join('\n')}\n`);
rmSync(out, { recursive: true, force: true });
renameSync(fresh, out);
console.log(`console: ${files.length} files in ${out}`);
await esbuild.stop();
