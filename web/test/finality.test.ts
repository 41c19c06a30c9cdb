import assert from 'node:assert/strict';
import test from 'node:test';
import { finality, signers } from '../src/model/finality';

const policy = 'witness a.x k1\nwitness b.x k2\nwitness c.x k3\nwitness u.x k4\n#operator A a.x\ngroup seats 2 a.x b.x c.x\ngroup final all seats u.x\nquorum final\n';
const note = (...names: string[]): string => `sea.x\n42\nroot\n\n${names.map((name) => `— ${name} AAAA\n`).join('')}`;

test('the names on signature lines', () => {
  assert.deepEqual([...signers(note('a.x', 'u.x'))], ['a.x', 'u.x']);
  assert.equal(signers('sea.x\n— x\n42\n\n').size, 0);
});

test('a policy is met by nested groups', () => {
  const met = finality(policy, note('a.x', 'b.x', 'u.x'));
  assert.equal(met.size, 42);
  assert.equal(met.met, true);
  assert.deepEqual(met.groups.map((group) => [group.have, group.need]), [[2, 2], [2, 2]]);
  assert.equal(finality(policy, note('a.x', 'b.x', 'c.x')).met, false);
  assert.equal(finality(policy, note('a.x', 'u.x')).met, false);
  assert.equal(finality('witness a.x k\nquorum a.x\n', note('a.x')).met, true);
  assert.equal(finality('witness a.x k\ngroup g any a.x b.x\nquorum g\n', note('a.x')).met, true);
});
