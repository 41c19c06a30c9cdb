// schema: the table of every act, item and record, as the C program prints it (tools/spec/spec_web.c
// writes schema.json; the test law.spec fails when they differ).
import table from './schema.json';

export type FieldType =
  | 'bool' | 'u8' | 'u16' | 'u32' | 'u64' | 'amount' | 'date' | 'time' | 'id' | 'code' | 'name'
  | 'line' | 'text' | 'bytes' | 'word' | 'list' | 'acts';

export interface Field {
  name: string;
  key: number;
  type: FieldType;
  least: bigint;
  most: bigint;
  words: Map<number, string> | null; // of a word
  item: Schema | null; // of a list
}

export interface Schema {
  kind: 'act' | 'item' | 'record';
  number: number;
  keys: number; // records: the first fields that are the key
  name: string;
  doc: string;
  say: string; // acts: the sentence with its places
  fields: Field[];
}

type Row = [string, number, string, number | string, number | string, string?];

const sets = new Map(
  Object.entries(table.sets).map(([name, words]) => [
    name,
    new Map(Object.entries(words).map(([number, word]) => [Number(number), word as string])),
  ]),
);

const all: Schema[] = table.schemas.map((s) => ({
  kind: s.kind as Schema['kind'],
  number: s.number,
  keys: s.keys,
  name: s.name,
  doc: s.doc,
  say: (s as { say?: string }).say ?? '',
  fields: [],
}));

const items = new Map(all.filter((s) => s.kind === 'item').map((s) => [s.name, s]));

all.forEach((schema, i) => {
  schema.fields = (table.schemas[i]!.fields as Row[]).map(([name, key, type, least, most, of]) => ({
    name,
    key,
    type: type as FieldType,
    least: BigInt(least),
    most: BigInt(most),
    words: type === 'word' ? sets.get(of!)! : null,
    item: type === 'list' ? items.get(of!)! : null,
  }));
});

const acts = new Map(all.filter((s) => s.kind === 'act').map((s) => [BigInt(s.number), s]));
const records = new Map(all.filter((s) => s.kind === 'record').map((s) => [s.name, s]));

// schemaOfAct finds an act by number, schemaOfRecord a record by name.
export function schemaOfAct(number: bigint): Schema | undefined {
  return acts.get(number);
}

export function schemaOfRecord(name: string): Schema | undefined {
  return records.get(name);
}

export function wordSet(name: string): Map<number, string> {
  return sets.get(name)!;
}

export function allSchemas(): readonly Schema[] {
  return all;
}
