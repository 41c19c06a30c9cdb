// statekey: the key of a record in the state tree (SPEC/state.md, src/kernel/world.c).
//
//     SHA-256( u16be table number || key fields )
//
// id as 32 bytes; u64 and time as u64be; u32 and date as u32be; code as 16 bytes and name as 64: a
// length byte, the text, zeros.
import { big, concat, utf8 } from './bytes';
import type { Message } from './codec';
import { idOf, numberOf, textOf } from './codec';
import { sha256 } from './hash';
import type { Field } from './schema';

function padded(words: string, n: number): Uint8Array {
  const out = new Uint8Array(n);
  const bytes = utf8(words);
  out[0] = bytes.length;
  out.set(bytes, 1);
  return out;
}

function keyField(record: Message, f: Field): Uint8Array {
  switch (f.type) {
    case 'u64':
    case 'time': return big(numberOf(record, f.name), 8);
    case 'u32':
    case 'date': return big(numberOf(record, f.name), 4);
    case 'code': return padded(textOf(record, f.name), 16);
    case 'name': return padded(textOf(record, f.name), 64);
    case 'id': return idOf(record, f.name);
    default: throw new TypeError(`${f.type} is no key`);
  }
}

export function stateKey(record: Message): Uint8Array {
  const { schema } = record;
  const parts = schema.fields.slice(0, schema.keys).map((f) => keyField(record, f));
  return sha256(concat(big(BigInt(schema.number), 2), ...parts));
}
