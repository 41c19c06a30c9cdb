// policy: who must have signed, as nested groups of witnesses (SPEC/policy.md, kernel/quorum.h).
//
//     witness w1 VKEY [URL]      group cells 5 w1 ... w7      group top all cells chambers
//     #operator acme w1 w8       log VKEY [URL]               quorum top
//
// A name stands in one group only, so a policy is a tree; members stand before their group.
import { checkUtf8, equal, readUint, utf8 } from './bytes';
import { admit } from './ed25519';
import type { NoteKey } from './notekey';
import { readVkey, WITNESS_KEY } from './notekey';
import { Refusal, refuse } from './refusal';

const TEXT_MAX = 8192;
const NODES_MAX = 192;

interface Node {
  name: string;
  key: NoteKey | null; // a witness
  operator: string;
  named: boolean; // an #operator line names it
  need: number; // a group
  members: Node[];
  grouped: boolean;
}

export interface Policy {
  text: string;
  nodes: Node[]; // members before their group
  root: Node | null; // null: "quorum none" asks for nobody
  logs: NoteKey[];
}

type Draft = Policy & { found: boolean };

function find(p: Draft, name: string): Node | undefined {
  return p.nodes.find((n) => n.name === name);
}

function enter(p: Draft, name: string | undefined): Node {
  if (name === undefined || ['none', 'any', 'all'].includes(name) || find(p, name)) refuse('BAD_POLICY');
  if (p.nodes.length === NODES_MAX) refuse('QUORUM_COMPLEX', NODES_MAX);
  const node: Node = { name, key: null, operator: name, named: false, need: 0, members: [], grouped: false };
  p.nodes.push(node);
  return node;
}

function readKey(vkey: string | undefined): NoteKey {
  try {
    return readVkey(vkey ?? '');
  } catch (e) {
    if (e instanceof Refusal) refuse('BAD_POLICY');
    throw e;
  }
}

function readWitness(p: Draft, words: string[]): void {
  if (words.length > 3) refuse('BAD_POLICY');
  const key = readKey(words[1]);
  if (key.type !== WITNESS_KEY) refuse('BAD_POLICY');
  if (!admit(key.key)) refuse('BAD_KEY');
  if (p.nodes.some((n) => n.key !== null && equal(n.key.key, key.key))) refuse('BAD_POLICY');
  enter(p, words[0]).key = key;
}

function readGroup(p: Draft, words: string[]): void {
  const [name, need, ...members] = words;
  const group = enter(p, name);
  for (const word of members) {
    const member = find(p, word);
    if (member === undefined || member === group || member.grouped) refuse('BAD_POLICY');
    member.grouped = true;
    group.members.push(member);
  }
  if (need === 'any') group.need = 1;
  else if (need === 'all') group.need = members.length;
  else if (/^(0|[1-9][0-9]{0,3})$/.test(need ?? '')) group.need = Number(readUint(need!));
  if (group.need === 0 || group.need > members.length) refuse('BAD_POLICY');
}

function readQuorum(p: Draft, words: string[]): void {
  const root = words[0] === 'none' ? null : find(p, words[0] ?? '');
  if (p.found || words.length !== 1 || root === undefined) refuse('BAD_POLICY');
  p.root = root;
  p.found = true;
}

function readOperator(p: Draft, words: string[]): void {
  const [name, ...witnesses] = words;
  if (name === undefined || witnesses.length === 0) refuse('BAD_POLICY');
  for (const word of witnesses) {
    const node = find(p, word);
    if (node === undefined || node.key === null || node.named) refuse('BAD_POLICY');
    node.operator = name;
    node.named = true;
  }
}

function readLog(p: Draft, words: string[]): void {
  if (words.length > 2) refuse('BAD_POLICY');
  p.logs.push(readKey(words[0]));
}

function readLine(p: Draft, line: string): void {
  const [what, ...words] = line.split(/[ \t]+/).filter((w) => w !== '');
  if (what === '#operator') return readOperator(p, words);
  if (what === undefined || what.startsWith('#')) return;
  if (what === 'witness') return readWitness(p, words);
  if (what === 'group') return readGroup(p, words);
  if (what === 'quorum') return readQuorum(p, words);
  if (what === 'log') return readLog(p, words);
  refuse('BAD_POLICY');
}

// readPolicy parses a policy. Refuses with TOO_LARGE, BAD_UTF8, BAD_POLICY, BAD_KEY (detail: the
// line from 1, 0 when the quorum line is missing), QUORUM_COMPLEX.
export function readPolicy(words: string): Policy {
  const bytes = utf8(words);
  if (bytes.length > TEXT_MAX) refuse('TOO_LARGE', TEXT_MAX);
  checkUtf8(bytes);
  const p: Draft = { text: words, nodes: [], root: null, logs: [], found: false };
  const lines = words.split('\n');
  lines.forEach((line, i) => {
    try {
      readLine(p, line);
    } catch (e) {
      if (e instanceof Refusal && e.code !== 'QUORUM_COMPLEX') refuse(e.code, i + 1);
      throw e;
    }
  });
  if (!p.found) refuse('BAD_POLICY');
  return p;
}

export function policyWitnesses(p: Policy): NoteKey[] {
  return p.nodes.flatMap((n) => (n.key === null ? [] : [n.key]));
}

// policyMet says that these witnesses meet the policy.
export function policyMet(p: Policy, signers: NoteKey[]): boolean {
  const met = new Set<Node>();
  for (const node of p.nodes) {
    const signed = node.key !== null && signers.some((s) => equal(s.key, node.key!.key));
    if (signed || (node.key === null && node.members.filter((m) => met.has(m)).length >= node.need))
      met.add(node);
  }
  return p.root === null || met.has(p.root);
}

// policyDiversity counts the distinct operators among them.
export function policyDiversity(p: Policy, signers: NoteKey[]): number {
  const operators = p.nodes
    .filter((n) => n.key !== null && signers.some((s) => equal(s.key, n.key!.key)))
    .map((n) => n.operator);
  return new Set(operators).size;
}
