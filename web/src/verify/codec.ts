// codec: acts and records from their bytes, driven by the schema.
//
//     act = { 0: number, key: value, ... }        item, record = { key: value, ... }
//
// A field that holds its default is left out, and a field that is present never does, so each value
// has one encoding. Rules and the order of refusals: src/wire/codec.c, SPEC/codec.md.
//
// Numbers, dates, times and amounts are BigInt throughout: a ledger's u64 does not fit a Number.
import { isZero, text, unbig } from './bytes';
import { Reader } from './cbor';
import { refuse } from './refusal';
import type { Field, Schema } from './schema';
import { schemaOfAct } from './schema';

const PAYLOAD_MAX = 65000;
const NESTING_MAX = 3; // act, its items or embedded acts, their items
const ID_BYTES = 32;
const AMOUNT_BYTES = 16;

export type Value = boolean | bigint | string | Uint8Array | Message[];

// What was decoded: absent fields hold their default and are not in the map.
export interface Message {
  schema: Schema;
  values: Map<string, Value>;
}

function readNumber(reader: Reader, f: Field): bigint {
  const { n } = reader.want('uint');
  if (n === 0n) refuse('NOT_CANONICAL', f.key);
  if (n < f.least || n > f.most) refuse('RANGE', f.key);
  if (f.type === 'word' && !f.words!.has(Number(n))) refuse('RANGE', f.key);
  return n;
}

function readAmount(bytes: Uint8Array): bigint {
  if (bytes.length > AMOUNT_BYTES) refuse('RANGE', bytes.length);
  if (bytes[0] === 0) refuse('NOT_CANONICAL');
  return unbig(bytes);
}

function readString(reader: Reader, f: Field): Value {
  const binary = f.type === 'bytes' || f.type === 'id' || f.type === 'amount';
  const { bytes } = reader.want(binary ? 'bytes' : 'text');
  const n = BigInt(bytes.length);

  if (n === 0n) refuse('NOT_CANONICAL', f.key);
  if (f.type === 'amount') return readAmount(bytes);
  if (f.type === 'id') {
    if (bytes.length !== ID_BYTES) refuse('RANGE', f.key);
    if (isZero(bytes)) refuse('NOT_CANONICAL', f.key);
    return bytes;
  }
  if (n < f.least || n > f.most) refuse('RANGE', f.key);
  return binary ? bytes : text(bytes);
}

function readList(reader: Reader, f: Field, depth: number): Message[] {
  if (depth >= NESTING_MAX) refuse('WRONG_TYPE', f.key);
  const { n } = reader.want('array');
  if (n === 0n) refuse('NOT_CANONICAL', f.key);
  if (n < f.least || n > f.most) refuse('RANGE', f.key);
  const out: Message[] = [];
  for (let i = 0n; i < n; i++) {
    if (f.type === 'acts') out.push(readAct(reader, depth));
    else out.push(readFields(reader, f.item!, reader.want('map').n, depth));
  }
  return out;
}

function readField(reader: Reader, f: Field, depth: number): Value {
  switch (f.type) {
    case 'bool':
      if (reader.want('bool').n !== 1n) refuse('NOT_CANONICAL', f.key);
      return true;
    case 'list':
    case 'acts':
      return readList(reader, f, depth + 1);
    case 'amount':
    case 'id':
    case 'code':
    case 'name':
    case 'line':
    case 'text':
    case 'bytes':
      return readString(reader, f);
    default:
      return readNumber(reader, f);
  }
}

function readFields(reader: Reader, schema: Schema, pairs: bigint, depth: number): Message {
  const values = new Map<string, Value>();
  let last = 0n;

  for (let i = 0n; i < pairs; i++) {
    const key = reader.want('uint').n;
    const f = schema.fields.find((field) => BigInt(field.key) === key);
    if (f === undefined) refuse('UNKNOWN_FIELD', Number(key & 0xffffffffn));
    if (key <= last) refuse('NOT_CANONICAL', Number(key));
    last = key;
    values.set(f.name, readField(reader, f, depth));
  }
  for (const f of schema.fields)
    if (f.least > 0n && !values.has(f.name)) refuse('MISSING_FIELD', f.key);
  return { schema, values };
}

function readAct(reader: Reader, depth: number): Message {
  const pairs = reader.want('map').n;
  if (pairs === 0n || reader.want('uint').n !== 0n) refuse('MISSING_FIELD');
  const number = reader.want('uint').n;
  const schema = schemaOfAct(number);
  if (schema === undefined) refuse('UNKNOWN_MESSAGE', Number(number & 0xffffffffn));
  return readFields(reader, schema, pairs - 1n, depth);
}

// decodeAct reads the payload of an act.
export function decodeAct(payload: Uint8Array): Message {
  if (payload.length > PAYLOAD_MAX) refuse('TOO_LARGE', PAYLOAD_MAX);
  const reader = new Reader(payload);
  const act = readAct(reader, 0);
  reader.end();
  return act;
}

// decodeRecord reads the value of a record.
export function decodeRecord(schema: Schema, bytes: Uint8Array): Message {
  const reader = new Reader(bytes);
  const record = readFields(reader, schema, reader.want('map').n, 0);
  reader.end();
  return record;
}

const NO_ID = new Uint8Array(ID_BYTES);

// The value of a field by its name, its default when it was left out.
export function numberOf(m: Message, name: string): bigint {
  return (m.values.get(name) as bigint | undefined) ?? 0n;
}

export function textOf(m: Message, name: string): string {
  return (m.values.get(name) as string | undefined) ?? '';
}

export function idOf(m: Message, name: string): Uint8Array {
  return (m.values.get(name) as Uint8Array | undefined) ?? NO_ID;
}

export function bytesOf(m: Message, name: string): Uint8Array {
  return (m.values.get(name) as Uint8Array | undefined) ?? new Uint8Array(0);
}
