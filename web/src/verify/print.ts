// print: decoded acts and records as plain text, as one sentence, and as JSON (src/wire/print.c).
//
// JSON is written by hand because the answer of a bundle is compared byte for byte with what the
// server wrote: escapes of <, > and & included.
import { hex } from './bytes';
import type { Message, Value } from './codec';
import { dateText, hasCivil, timeText } from './date';
import type { Field, Schema } from './schema';

const SAFE_INTEGER = 9007199254740991n;

function escape(c: string): string {
  switch (c) {
    case '\n': return '\\n';
    case '\t': return '\\t';
    case '"':
    case '\\': return '\\' + c;
    default: return '\\u' + c.charCodeAt(0).toString(16).padStart(4, '0');
  }
}

// jsonString writes a JSON string, also safe inside HTML.
export function jsonString(words: string): string {
  return '"' + words.replace(/["\\\u0000-\u001f\u007f<>&\u2028\u2029]/g, escape) + '"';
}

// fieldText is the value of one field as plain text, without quotes.
export function fieldText(f: Field, v: Value | undefined): string {
  switch (f.type) {
    case 'bool': return v === true ? 'true' : 'false';
    case 'word': return f.words!.get(Number((v as bigint | undefined) ?? 0n)) ?? '?';
    case 'date': return dateText((v as bigint | undefined) ?? 0n);
    case 'time': {
      const time = (v as bigint | undefined) ?? 0n;
      return hasCivil(time) ? timeText(time) : String(time);
    }
    case 'id': return hex((v as Uint8Array | undefined) ?? new Uint8Array(32));
    case 'bytes': return hex((v as Uint8Array | undefined) ?? new Uint8Array(0));
    case 'code':
    case 'name':
    case 'line':
    case 'text': return (v as string | undefined) ?? '';
    case 'list':
    case 'acts': return `${((v as Message[] | undefined) ?? []).length} ${f.name}`;
    default: return String((v as bigint | undefined) ?? 0n);
  }
}

function fieldNamed(schema: Schema, name: string): Field {
  return schema.fields.find((f) => f.name === name)!;
}

// say is the description of an act in one sentence: {field} its places, [a part] said only when its
// fields are.
export function say(act: Message): string {
  const place = (words: string): string =>
    words.replace(/\{(\w+)\}/g, (_, name: string) =>
      fieldText(fieldNamed(act.schema, name), act.values.get(name)));
  return act.schema.say
    .split(/(\[[^\]]*\])/)
    .map((piece) => {
      if (!piece.startsWith('[')) return place(piece);
      const names = [...piece.matchAll(/\{(\w+)\}/g)].map((m) => m[1]!);
      return names.every((name) => act.values.has(name)) ? place(piece.slice(1, -1)) : '';
    })
    .join('');
}

function jsonValue(f: Field, v: Value): string {
  switch (f.type) {
    case 'bool': return 'true';
    case 'u8':
    case 'u16':
    case 'u32': return String(v);
    case 'u64': return (v as bigint) <= SAFE_INTEGER ? String(v) : `"${String(v)}"`;
    case 'code':
    case 'name':
    case 'line':
    case 'text': return jsonString(v as string);
    case 'list':
    case 'acts': return `[${(v as Message[]).map(json).join(',')}]`;
    default: return `"${fieldText(f, v)}"`;
  }
}

// json writes one object; an act begins with its name. Defaults are left out, as on the wire.
export function json(m: Message): string {
  const parts = m.schema.kind === 'act' ? [`"act":"${m.schema.name}"`] : [];
  for (const f of m.schema.fields) {
    const v = m.values.get(f.name);
    if (v !== undefined) parts.push(`"${f.name}":${jsonValue(f, v)}`);
  }
  return `{${parts.join(',')}}`;
}
