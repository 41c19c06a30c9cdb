#!/usr/bin/env node
// verify.mjs LEDGER.vkey FILE [--witness WITNESS.vkey] [--entry FILE]
// verify.mjs --policy FILE --origin NAME FILE [--entry FILE]
//
// Checks one file of a Comity cell offline and prints every step. Exit code: 0 all of it holds, 1 it
// does not, 2 the call is wrong.
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { Trust, verify } from './comity.mjs';

function run() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      witness: { type: 'string' }, entry: { type: 'string' }, policy: { type: 'string' }, origin: { type: 'string' },
    },
  });
  const { policy, origin } = values;
  if ((policy === undefined) !== (origin === undefined) || positionals.length !== (policy === undefined ? 2 : 1))
    throw new Error('verify.mjs LEDGER.vkey FILE [--witness FILE] [--entry FILE], or --policy FILE --origin NAME FILE');
  const path = positionals.at(-1);
  const trust = policy === undefined
    ? new Trust(readFileSync(positionals[0], 'utf8').trim())
    : Trust.policy(origin, readFileSync(policy, 'utf8'));
  if (values.witness) trust.witness(readFileSync(values.witness, 'utf8').trim());
  const report = verify(readFileSync(path), trust, values.entry ? readFileSync(values.entry) : undefined);
  for (const step of report.steps) console.log(`${step.holds ? 'ok     ' : 'REFUSED'}  ${step.step}`);
  if (report.answer !== null) console.log(report.answer);
  if (report.convicts) console.log('evidence: a key has contradicted itself');
  console.log(`${path}: this ${report.kind} ${report.holds ? 'holds' : 'does NOT hold'}`);
  if (!report.holds) console.log(`  ${report.text} (${report.code})\n  what to do: ${report.remedy}`);
  return report.holds ? 0 : 1;
}

try {
  process.exitCode = run();
} catch (error) {
  console.error(error.message);
  process.exitCode = 2;
}
