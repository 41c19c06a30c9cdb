// differential: the verifier of the browser and `comity verify` say the same, word for word, of hundreds of
// things that two real cells and a forged ledger made, and of thousands of changed ones.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { answers, exits, forged, real } from './artefacts';
import { makeCells } from './cells';
import { Dice } from './dice';
import { differs, ours, Theirs, type Case } from './judge';
import { mutate } from './mutate';
import { union } from './union';
import { compareVerdicts } from './verdicts';

const [bin, source, count] = [process.argv[2]!, process.argv[3]!, Number(process.argv[4] ?? 3000)];
const began = Date.now();
const said = (what: string): void => console.log(`${((Date.now() - began) / 1000).toFixed(1)} s  ${what}`);

async function collect(): Promise<Case[]> {
  const cells = await makeCells(bin);
  try {
    return await real(cells, source);
  } finally {
    cells.end();
  }
}

// judgeAll takes the cases two at a time and gives how many hold.
async function judgeAll(cases: Case[], oneProcess: boolean): Promise<{ held: number; refused: number; codes: Map<string, number> }> {
  const sum = { held: 0, refused: 0, codes: new Map<string, number>() };
  const queue = cases.values();
  const worker = async (): Promise<void> => {
    const theirs = new Theirs(bin, oneProcess);
    try {
      for (const c of queue) {
        const asked = theirs.judge(c);
        const [report, verdict] = [ours(c), await asked];
        const difference = differs(verdict, report);
        if (difference !== null) throw new Error(`${c.name}: ${Buffer.from(c.bytes).toString('base64').slice(0, 20000)}\n${difference}`);
        if (c.good !== undefined) assert.equal(report.holds, c.good, `${c.name}: ${JSON.stringify(report.steps.at(-1), (_, v: unknown) => (typeof v === 'bigint' ? String(v) : v))}`);
        if (report.holds) sum.held++;
        else sum.refused++;
        const code = report.code ?? 'holds';
        sum.codes.set(code, (sum.codes.get(code) ?? 0) + 1);
      }
    } finally {
      theirs.end();
    }
  };
  await Promise.all([worker(), worker()]);
  return sum;
}

// Large answers are mutated less often: what is tried is the many shapes, not the size.
function changed(cases: Case[], n: number, dice: Dice): Case[] {
  const small = cases.filter((c) => c.bytes.length < 60000);
  return Array.from({ length: n }, () => {
    const { good: _, ...c } = dice.one(dice.chance(97) ? small : cases);
    const { how, bytes } = mutate(c.bytes, dice);
    return { ...c, name: `${c.name}, ${how}`, bytes };
  });
}

const signatures = compareVerdicts(bin, join(source, '..', 'shared', 'vectors'), 600);
if (signatures.published === 0) console.log('skipped: the published vectors of Ed25519 are not here');
said(`${signatures.cases} signatures judged alike, ${signatures.published} of them published: ${signatures.accepted} accepted, ${signatures.strict} by the strict rule`);
assert.ok(signatures.accepted > 200 && signatures.accepted > signatures.strict, 'the cases do not tell the rules apart');

const made = await collect();
said(`${made.length} things made by two cells`);
const dice = new Dice(20261120);
const cases = [...made, ...forged(), ...exits(source), ...union(), ...answers(240, dice)];
const sample = await judgeAll(cases.filter((_, i) => i % 12 === 0), false);
said(`${sample.held + sample.refused} of them judged by the program comity itself`);
const first = await judgeAll(cases, true);
said(`${cases.length} things judged alike: ${first.held} hold, ${first.refused} are refused`);
assert.ok(first.held > 400, 'too few that hold');
const second = await judgeAll(changed(cases, count, dice), true);
said(`${count} changed ones judged alike: ${second.refused} refused, ${second.held} still say what they said`);
for (const [code, n] of [...second.codes].sort((a, b) => b[1] - a[1])) console.log(`  ${String(n).padStart(5)}  ${code}`);
assert.ok(second.refused > count * 0.85 && second.codes.size > 20, 'the changes do not reach the checks');
