// choice: a few ways to look at the same facts, one of which is pressed.
import type { JSX } from 'preact';

export function Choice<Value extends string>({ label, values, value, set }: {
  label: string;
  values: readonly { value: Value; text: string }[];
  value: Value;
  set: (value: Value) => void;
}): JSX.Element {
  return (
    <div class="choice" role="group" aria-label={label}>
      {values.map((one) => (
        <button key={one.value} type="button" aria-pressed={one.value === value} onClick={() => set(one.value)}>
          {one.text}
        </button>
      ))}
    </div>
  );
}
