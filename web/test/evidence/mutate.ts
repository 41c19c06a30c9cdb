// mutate: one change to a file, somewhere: bytes, digits, lines, members of JSON, and inside base64, so that
// the change reaches every layer and is not always caught by the first.
import { base64, unbase64 } from '../../src/verify/bytes';
import type { Dice } from './dice';

type Bytes = Uint8Array;
type Mutation = (bytes: Bytes, dice: Dice) => Bytes;

const utf8 = new TextEncoder();
const words = (bytes: Bytes): string => Buffer.from(bytes).toString('latin1');
const bytesOf = (text: string): Bytes => Uint8Array.from(Buffer.from(text, 'latin1'));

function splice(bytes: Bytes, at: number, n: number, put: Bytes): Bytes {
  return Uint8Array.from([...bytes.subarray(0, at), ...put, ...bytes.subarray(at + n)]);
}

const flip: Mutation = (bytes, dice) => {
  const out = bytes.slice();
  const at = dice.below(out.length);
  out[at] = out[at]! ^ (1 << dice.below(8));
  return out;
};

const put: Mutation = (bytes, dice) => {
  const out = bytes.slice();
  out[dice.below(out.length)] = dice.one([0, 1, 0x0a, 0x20, 0x30, 0x41, 0x5f, 0x7f, 0x80, 0xa0, 0xc2, 0xf6, 0xff]);
  return out;
};

const insert: Mutation = (bytes, dice) => splice(bytes, dice.below(bytes.length + 1), 0, dice.bytes(1 + dice.below(3)));
const remove: Mutation = (bytes, dice) => splice(bytes, dice.below(bytes.length), 1 + dice.below(3), new Uint8Array(0));
const truncate: Mutation = (bytes, dice) => bytes.slice(0, dice.below(bytes.length));
const extend: Mutation = (bytes, dice) => splice(bytes, bytes.length, 0, dice.one([utf8.encode('\n'), utf8.encode(' '), dice.bytes(2)]));

// repeat doubles a piece: members that stand twice, lines that stand twice.
const repeat: Mutation = (bytes, dice) => {
  const from = dice.below(bytes.length);
  const n = 1 + dice.below(Math.min(90, bytes.length - from));
  return splice(bytes, from, 0, bytes.slice(from, from + n));
};

// lines changes places with another, goes, or comes twice.
const lines: Mutation = (bytes, dice) => {
  const all = words(bytes).split('\n');
  const i = dice.below(all.length);
  const j = dice.below(all.length);
  if (dice.chance(30)) all.splice(i, 1);
  else if (dice.chance(40)) all.splice(i, 0, all[j]!);
  else [all[i], all[j]] = [all[j]!, all[i]!];
  return bytesOf(all.join('\n'));
};

// number changes one whole number.
const number: Mutation = (bytes, dice) => {
  const text = words(bytes);
  const found = [...text.matchAll(/(?<![A-Za-z0-9+/])[0-9]{1,20}(?![A-Za-z0-9+/=])/g)];
  if (found.length === 0) return flip(bytes, dice);
  const m = dice.one(found);
  const n = dice.one(['0', '1', '-1', '01', '1.5', '18446744073709551615', '18446744073709551616', '9007199254740993', `${BigInt(m[0]) + 1n}`]);
  return bytesOf(text.slice(0, m.index) + n + text.slice(m.index + m[0].length));
};

// inside changes the bytes that a piece of base64 stands for, and writes it again in its one form.
const inside: Mutation = (bytes, dice) => {
  const text = words(bytes);
  const found = [...text.matchAll(/(?<![A-Za-z0-9+/=])(?:[A-Za-z0-9+/]{4}){6,}(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?(?![A-Za-z0-9+/=])/g)];
  if (found.length === 0) return put(bytes, dice);
  const m = dice.one(found);
  let change: Bytes;
  try {
    change = dice.one([flip, put, insert, remove])(unbase64(m[0]), dice);
  } catch {
    return flip(bytes, dice);
  }
  return bytesOf(text.slice(0, m.index) + base64(change) + text.slice(m.index + m[0].length));
};

// escapes writes a character of a text as JSON may write it too, or may not.
const escapes: Mutation = (bytes, dice) => {
  const text = words(bytes);
  const at = dice.below(text.length);
  const code = text.charCodeAt(at).toString(16).padStart(4, '0');
  const how = dice.one([`\\u${code}`, '\\u0000', '\\ud800', '\\ud83d\\ude00', '\\x', '\\/', '\t']);
  return bytesOf(text.slice(0, at) + how + text.slice(at + 1));
};

// records swaps, drops or doubles an element of the array of records.
const records: Mutation = (bytes, dice) => {
  const text = words(bytes);
  const found = [...text.matchAll(/\["[a-z_]+","[^"]*","[^"]*"\]/g)];
  if (found.length < 2) return inside(bytes, dice);
  const rows = found.map((m) => m[0]);
  const first = found[0]!.index;
  const end = found.at(-1)!.index + rows.at(-1)!.length;
  const i = dice.below(rows.length);
  const j = dice.below(rows.length);
  if (dice.chance(40)) rows.splice(i, 1);
  else if (dice.chance(50)) rows.splice(i, 0, rows[j]!);
  else [rows[i], rows[j]] = [rows[j]!, rows[i]!];
  return bytesOf(text.slice(0, first) + rows.join(',') + text.slice(end));
};

const mutations: [string, Mutation][] = Object.entries({
  flip, put, insert, remove, truncate, extend, repeat, lines, number, inside, escapes, records,
});

export function mutate(bytes: Bytes, dice: Dice): { how: string; bytes: Bytes } {
  const [how, change] = dice.one(mutations);
  return { how, bytes: change(bytes, dice) };
}
