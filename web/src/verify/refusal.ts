// refusal: why something does not hold.
//
// The names are those of the C program (src/base/err.def), and so are path, sentence and remedy:
// they come from schema.json. A refusal is thrown by whatever reads or checks, and caught in one
// place, where it becomes a step that did not hold.
//
// Never: a bug of this program. Those are ordinary errors and are not caught as verdicts.
import table from './schema.json';

export type Code = keyof typeof table.errors;

export class Refusal extends Error {
  readonly code: Code;
  readonly detail: number;

  constructor(code: Code, detail = 0) {
    super(table.errors[code][1]);
    this.name = 'Refusal';
    this.code = code;
    this.detail = detail;
  }
}

// refuse ends what is being checked. detail: position, key or count, as the code says.
export function refuse(code: Code, detail = 0): never {
  throw new Refusal(code, detail);
}

export interface ErrorInfo {
  path: string;
  text: string;
  remedy: string;
}

export function errorInfo(code: Code): ErrorInfo {
  const [path, text, remedy] = table.errors[code];
  return { path: path!, text: text!, remedy: remedy! };
}
