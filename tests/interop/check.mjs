// Checks the samples of emit with npm packages: acts, payload bytes, state proofs.
// Usage: node check.mjs SAMPLES VECTORS
import { createPublicKey, verify as verifySignature } from 'node:crypto';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import * as cborg from 'cborg';
import * as cbor2 from 'cbor2';

// These two are loaded as CommonJS: the ES modules of @auth0/cose do not load on Node 18.
const require = createRequire(import.meta.url);
const { Sign1, Sign } = require('@auth0/cose');
const { ics23, tendermintSpec, verifyMembership, verifyNonMembership } = require('@confio/ics23');
const [samples, vectors] = process.argv.slice(2);
if (!vectors) {
  console.error('usage: node check.mjs SAMPLES VECTORS');
  process.exit(2);
}

// Plain Uint8Arrays: cbor2 writes a Buffer as something else.
const bytes = (hex) => Uint8Array.from(Buffer.from(hex, 'hex'));
const same = (a, b) => Buffer.compare(a, b) === 0;

const tallies = new Map();
async function judge(kind, line, good, check) {
  const t = tallies.get(kind) ?? { accepted: 0, refused: 0, wrong: 0 };
  tallies.set(kind, t);
  let why = null;
  try {
    await check();
  } catch (error) {
    why = error;
  }
  if (good && why === null) t.accepted++;
  else if (!good && why !== null) t.refused++;
  else if (++t.wrong <= 5) console.log(`${kind} line ${line}: good is ${good}, the tool says: ${why}`);
}

async function each(name, check) {
  const path = join(samples, name);
  if (!existsSync(path)) {
    console.log(`${name}: no samples`);
    return;
  }
  const lines = readFileSync(path, 'utf8').split('\n').filter((text) => text !== '');
  for (const [i, text] of lines.entries()) await check(i + 1, JSON.parse(text));
}

// Ed25519 public keys as the packages want them.
const spki = Buffer.from('302a300506032b6570032100', 'hex');
const publicKey = (raw) => createPublicKey({ key: Buffer.concat([spki, raw]), format: 'der', type: 'spki' });
const x = (raw) => ({ kty: 'OKP', crv: 'Ed25519', x: Buffer.from(raw).toString('base64url') });

// COSE signatures, with the package, and again with node:crypto over a Sig_structure built by cbor2.
async function sign1(cose, key) {
  await Sign1.decode(cose).verify(createPublicKey({ key: x(key), format: 'jwk' }));
}
function sign1Again(cose, key) {
  const [head, , payload, signature] = cbor2.decode(cose).contents;
  const signed = cbor2.encode(['Signature1', head, new Uint8Array(0), payload]);
  if (!verifySignature(null, signed, publicKey(key), signature)) throw new Error('bad signature');
}
async function sign(cose, keys) {
  const message = Sign.decode(cose);
  if (message.signatures.length !== keys.length) throw new Error('another number of signatures');
  for (const [i, signature] of message.signatures.entries()) {
    const key = createPublicKey({ key: x(keys[i]), format: 'jwk' });
    await signature.verify(key, message.encodedProtectedHeaders, message.payload);
  }
}

// Payload bytes: strict decoding and canonical encoding give them back.
function reencode(payload) {
  const value = cborg.decode(payload, { useMaps: true, strict: true, allowIndefinite: false, rejectDuplicateMapKeys: true });
  if (!same(cborg.encode(value), payload)) throw new Error('cborg writes other bytes');
  const again = cbor2.decode(payload, { rejectDuplicateKeys: true, preferMap: true });
  if (!same(cbor2.encode(again, cbor2.cdeEncodeOptions ?? {}), payload)) throw new Error('cbor2 writes other bytes');
}

function state(root, key, value, proof) {
  const decoded = ics23.CommitmentProof.decode(proof);
  const held = value === null
    ? verifyNonMembership(decoded, tendermintSpec, root, key)
    : verifyMembership(decoded, tendermintSpec, root, key, value);
  if (!held) throw new Error('refused');
}

// Our samples.
await each('acts.jsonl', async (line, s) => {
  await judge('acts (@auth0/cose)', line, s.good, () => sign1(bytes(s.cose), bytes(s.key)));
  await judge('acts (node:crypto)', line, s.good, () => sign1Again(bytes(s.cose), bytes(s.key)));
});
await each('joint_acts.jsonl', (line, s) =>
  judge('joint acts', line, s.good, () => sign(bytes(s.cose), s.keys.map(bytes))));
await each('payloads.jsonl', (line, s) => judge('payloads', line, s.good, () => reencode(bytes(s.payload))));
await each('state.jsonl', (line, s) =>
  judge('state proofs', line, s.good, () =>
    state(bytes(s.root), bytes(s.key), s.value === null ? null : bytes(s.value), bytes(s.proof))));

// Published vectors: the checkers themselves.
if (existsSync(vectors)) {
  const ics = join(vectors, 'ics23', 'tendermint');
  for (const name of readdirSync(ics)) {
    const v = JSON.parse(readFileSync(join(ics, name), 'utf8'));
    const value = v.value ? bytes(v.value) : null;
    const other = bytes(v.root);
    other[7] ^= 1;
    await judge('published state proofs', name, true, () => state(bytes(v.root), bytes(v.key), value, bytes(v.proof)));
    await judge('published state proofs', name, false, () => state(other, bytes(v.key), value, bytes(v.proof)));
  }
  const cose = join(vectors, 'cose', 'eddsa-examples');
  const v = JSON.parse(readFileSync(join(cose, 'eddsa-sig-01.json'), 'utf8'));
  const key = bytes(v.input.sign0.key.x_hex);
  const message = bytes(v.output.cbor);
  const broken = message.slice();
  broken[broken.length - 1] ^= 1;
  await judge('published acts', 1, true, () => sign1(message, key));
  await judge('published acts', 1, true, () => sign1Again(message, key));
  await judge('published acts', 2, false, () => sign1(broken, key));
  await judge('published acts', 2, false, () => sign1Again(broken, key));
  for (const [i, row] of JSON.parse(readFileSync(join(vectors, 'cbor', 'appendix_a.json'), 'utf8')).entries()) {
    // What an act may hold: integers, bytes, text, arrays, maps; not floats, tags or simple values.
    const plain = row.roundtrip && /^[0-9ab]/.test(row.hex) && !/f[0-9]/.test(row.hex);
    if (plain) await judge('published payloads', i, true, () => reencode(bytes(row.hex)));
  }
  for (const hex of ['a201020102', '1800', '5f4100ff', 'a2020101'])
    await judge('published payloads', hex, false, () => reencode(bytes(hex)));
} else {
  console.log('published vectors: not here');
}

let wrong = 0;
for (const [kind, t] of tallies) {
  console.log(`${kind}: ${t.accepted} accepted, ${t.refused} refused, ${t.wrong} wrong`);
  wrong += t.wrong;
  if (t.accepted === 0 || t.refused === 0) {
    console.log(`${kind}: needs samples of both kinds`);
    wrong++;
  }
}
process.exit(wrong === 0 ? 0 : 1);
