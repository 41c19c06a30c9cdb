// Checks SPEC/vectors by the words of SPEC alone: nothing here is our code. Usage: node spec.mjs SPEC/vectors
import assert from 'node:assert/strict';
import { createHash, createPrivateKey, createPublicKey, sign, verify } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import * as cborg from 'cborg';
import * as cbor2 from 'cbor2';

const require = createRequire(import.meta.url); // see check.mjs
const { Sign1, Sign } = require('@auth0/cose');
const { ics23, tendermintSpec, verifyMembership, verifyNonMembership } = require('@confio/ics23');
const folder = process.argv[2];
const read = (name) => JSON.parse(readFileSync(join(folder, name), 'utf8'));
const hex = (bytes) => Buffer.from(bytes).toString('hex');
const bytes = (text) => Uint8Array.from(Buffer.from(text, 'hex'));
const join2 = (...parts) => Buffer.concat(parts.map((p) => Buffer.from(p)));
const sha = (...parts) => createHash('sha256').update(join2(...parts)).digest();
const spki = Buffer.from('302a300506032b6570032100', 'hex');
const pkcs8 = Buffer.from('302e020100300506032b657004220420', 'hex');
const publicKey = (raw) => createPublicKey({ key: join2(spki, raw), format: 'der', type: 'spki' });
const privateKey = (seed) => createPrivateKey({ key: join2(pkcs8, seed), format: 'der', type: 'pkcs8' });
const jwk = (raw) =>
  createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: Buffer.from(raw).toString('base64url') }, format: 'jwk' });

// The one encoding: what a strict decoder reads and a canonical encoder writes again.
function canonical(encoded) {
  const value = cborg.decode(encoded, { useMaps: true, strict: true, allowIndefinite: false, rejectDuplicateMapKeys: true });
  assert.equal(hex(cborg.encode(value)), hex(encoded));
  return value;
}

// Act: SPEC/act.md.
let acts = 0;
for (const v of read('acts.json')) {
  const { tag, contents } = cbor2.decode(bytes(v.act), { preferMap: true });
  const [head, unprotected, payload, last] = contents;
  const headers = canonical(head);
  const claims = headers.get(15);
  const several = Number(tag) === 98;
  assert.ok(several || Number(tag) === 18);
  assert.equal(unprotected.size ?? Object.keys(unprotected).length, 0);
  assert.equal(hex(head), v.protected);
  assert.equal(hex(payload), v.payload);
  assert.equal(hex(sha(head, payload)), v.id);
  assert.equal(headers.get(3), 'application/vnd.comity.act+cbor');
  assert.equal(claims.get(1), v.iss);
  assert.equal(claims.get(2), v.sub);
  assert.equal(claims.get(3), v.aud);
  assert.equal(claims.get(4), v.exp);
  assert.equal(hex(claims.get(7)), v.cti);
  for (const key of canonical(payload).keys()) assert.ok(key >= 0 && key <= 23);
  const signers = several ? last : [[head, null, last]];
  for (const [i, [own, , signature]] of signers.entries()) {
    const key = bytes(v[`key_${i}`]);
    const own_headers = canonical(own);
    const none = new Uint8Array(0);
    const structure = several ? ['Signature', head, own, none, payload] : ['Signature1', head, none, payload];
    const signed = cbor2.encode(structure);
    assert.ok([-8, -19].includes(own_headers.get(1)));
    assert.equal(hex(own_headers.get(4)), hex(key));
    assert.equal(hex(signed), v[`sig_structure_${i}`]);
    assert.ok(verify(null, signed, publicKey(key), signature));
    assert.equal(hex(sign(null, signed, privateKey(bytes(v[`seed_${i}`])))), v[`signature_${i}`]);
    assert.equal(hex(signature), v[`signature_${i}`]);
  }
  if (several) {
    const message = Sign.decode(bytes(v.act));
    for (const [i, s] of message.signatures.entries())
      await s.verify(jwk(bytes(v[`key_${i}`])), message.encodedProtectedHeaders, message.payload);
  } else if (headers.get(1) === -8) {
    await Sign1.decode(bytes(v.act)).verify(jwk(bytes(v.key_0))); // the package does not know -19
  }
  acts++;
}

// State: SPEC/state.md. The tree is built here from the leaves alone.
const bit = (key, i) => (key[i >> 3] >> (7 - (i & 7))) & 1;
function root(leaves) {
  if (leaves.length === 1) return leaves[0].leaf;
  const first = leaves[0].key;
  const last = leaves.at(-1).key;
  let i = 0;
  while (bit(first, i) === bit(last, i)) i++;
  const at = leaves.findIndex((l) => bit(l.key, i) === 1);
  return sha([1], root(leaves.slice(0, at)), root(leaves.slice(at)));
}
const state = read('state.json');
const leaves = [];
for (const v of state.filter((row) => row.record)) {
  assert.equal(hex(sha(bytes(v.key_preimage))), v.key);
  assert.equal(Buffer.from(bytes(v.key_preimage)).readUInt16BE(0), v.number);
  assert.equal(hex(sha(bytes(v.value))), v.value_hash);
  assert.equal(hex(sha([0, 32], bytes(v.key), [32], bytes(v.value_hash))), v.leaf);
  canonical(bytes(v.value));
  leaves.push({ key: bytes(v.key), leaf: bytes(v.leaf) });
}
leaves.sort((a, b) => Buffer.compare(a.key, b.key));
const top = state.find((row) => row.tree).root;
assert.equal(hex(root(leaves)), top);
for (const v of state.filter((row) => row.proof)) {
  const proof = ics23.CommitmentProof.decode(bytes(v.ics23));
  assert.ok(
    v.value
      ? verifyMembership(proof, tendermintSpec, bytes(top), bytes(v.key), bytes(v.value))
      : verifyNonMembership(proof, tendermintSpec, bytes(top), bytes(v.key)),
  );
}

// Ids and note keys.
for (const v of read('ids.json')) {
  if (v.input) {
    assert.equal(hex(sha(bytes(v.input))), v.id, v.name);
    continue;
  }
  const [name, id, ...rest] = v.vkey.split('+'); // base64 may hold a '+' itself
  const typed = Buffer.from(rest.join('+'), 'base64');
  assert.equal(hex(typed.subarray(1)), v.key);
  assert.equal(id, hex(sha(Buffer.from(name), [10], typed).subarray(0, 4)));
}

// Frames of the signer's socket: SPEC/signer.md.
for (const v of read('signer.json')) {
  const frame = Buffer.from(v.frame, 'hex');
  assert.equal(frame.readUInt32BE(0), frame.length - 4, v.name);
  canonical(Uint8Array.from(frame.subarray(4)));
}

// A journal segment: SPEC/ledger.md.
for (const v of read('journal.json')) {
  const file = Buffer.from(v.file, 'hex');
  assert.equal(file.subarray(0, 8).toString(), 'comityJ1');
  assert.equal(hex(file.subarray(16, 32)), v.salt);
  assert.equal(hex(file.subarray(32, 64)), hex(sha(file.subarray(0, 32))));
  let at = 64;
  let number = 0n;
  while (at < file.length) {
    const n = file.readUInt32BE(at + 4);
    const payload = file.subarray(at + 40, at + 40 + n);
    assert.equal(file.subarray(at, at + 4).toString(), 'CyRc');
    assert.equal(file.readBigUInt64BE(at + 8), number++);
    assert.equal(file.readBigUInt64BE(at + 16), 0n);
    assert.equal(hex(file.subarray(at + 28, at + 40)), hex(sha(bytes(v.salt), file.subarray(at, at + 28), payload).subarray(0, 12)));
    at += 40 + n;
  }
  assert.equal(at, file.length);
}

// A packet between members: SPEC/peer.md, SPEC/block.md.
const signer = (seed) => privateKey(bytes(seed));
for (const v of read('peer.json')) {
  const packet = Buffer.from(v.packet, 'hex');
  const body = packet.subarray(0, -64);
  const kinds = [];
  assert.equal(packet.subarray(0, 8).toString(), 'CYPEER1\n');
  assert.equal(packet.readBigUInt64BE(72), BigInt(v.session));
  assert.equal(packet.readBigUInt64BE(80), BigInt(v.number));
  assert.equal(hex(sign(null, body, signer(v.seed))), hex(packet.subarray(-64)));
  for (let at = 88; at < body.length; ) {
    const n = body.readUInt32BE(at + 1);
    const frame = body.subarray(at + 5, at + 5 + n);
    kinds.push(body[at]);
    assert.equal(frame.length, n);
    if (body[at] === 1) {
      const [text, line] = frame.toString().split('\n\n');
      const blob = Buffer.from(line.split(' ')[2], 'base64');
      assert.equal(frame.toString(), v.vote);
      assert.equal(hex(blob.subarray(4)), hex(sign(null, Buffer.from(`${text}\n`), signer(v.vote_seed))));
    }
    if (body[at] === 2) {
      let entry = 12;
      for (let left = frame.readUInt32BE(8); left > 0; left--) entry += 2 + frame.readUInt16BE(entry);
      assert.equal(entry, n);
    }
    if (body[at] === 6) assert.equal(n, 8 + 8 + 4 + 8 + 5 + 8);
    if (body[at] === 10 || body[at] === 11) assert.equal(n % 32, 0);
    if (body[at] === 12) assert.equal((n - 10 - frame.readUInt16BE(8)) % 32, 0);
    at += 5 + n;
  }
  assert.deepEqual([...new Set(kinds)], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
}

// Packets of bridges: SPEC/bridge.md. The digest is that of the digests of the fields.
for (const v of read('bridge.json')) {
  const packet = Buffer.from(v.packet, 'hex');
  const fields = [];
  let at = 0;
  const field = (n) => { fields.push(packet.subarray(at, at + n)); at += n; };
  const text = () => field(1 + packet[at]);
  field(17);
  assert.equal(packet.subarray(0, 16).toString(), 'comity-packet/1\n');
  assert.equal(packet[16], v.kind);
  for (const n of [32, 32, 8, 8, 32, 32]) field(n);
  assert.equal(fields[1].toString('hex'), v.source);
  assert.equal(fields[2].toString('hex'), v.destination);
  assert.equal(fields[3].readBigUInt64BE(), BigInt(v.sequence));
  assert.equal(fields[4].readBigUInt64BE(), BigInt(v.timeout));
  field(packet[at] === 0 ? 1 : 1 + packet[at] + 48);
  assert.equal(packet[at], v.hops);
  for (let i = 0; i < 2; i++) field(1 + 32 * packet[at]);
  if (v.kind === 1) {
    field(32); field(32); text(); field(1); field(16); field(8);
  } else {
    field(32); field(8); text();
  }
  assert.equal(at, packet.length);
  assert.equal(hex(sha(...fields.map((f) => sha(f)))), v.digest);
}
console.log(`SPEC/vectors: ${acts} acts, ${leaves.length} records and their tree, ids, frames, journal, packets, bridges: all as SPEC says`);
