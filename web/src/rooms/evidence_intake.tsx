// evidence_intake: how things come in: dropped, chosen, pasted, or in the fragment of a link.
import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { bytes as size } from '../ui/format';
import { linkedBytes, pastedBytes } from '../verify/pasted';
import type { Items } from './evidence_items';

const FILE_MAX = 64 << 20;

/** useLink takes what the fragment of the address holds; a fragment is sent to no server. */
export function useLink(add: Items['add']): void {
  useEffect(() => {
    const take = (): void => {
      const linked = linkedBytes(location.hash);
      if (linked) add(['from the link', linked]);
    };
    take();
    addEventListener('hashchange', take);
    return () => removeEventListener('hashchange', take);
  }, []);
}

function Drop({ take }: { take: (files: FileList | null | undefined) => void }): JSX.Element {
  const [over, setOver] = useState(false);
  const chooser = useRef<HTMLInputElement>(null);
  return (
    <div
      class={`drop${over ? ' drop-over' : ''}`}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        take(event.dataTransfer?.files);
      }}
    >
      <p>
        Drop files here: a receipt, a tlog-proof, a checkpoint, two heads, a COSE receipt, an act, an answer bundle, evidence. A
        proof that does not hold its entry finds it among the other files.
      </p>
      <button type="button" class="primary" onClick={() => chooser.current?.click()}>
        Choose files
      </button>
      <input
        ref={chooser}
        type="file"
        multiple
        class="unseen"
        tabIndex={-1}
        aria-label="Files to verify"
        onChange={(event) => {
          take(event.currentTarget.files);
          event.currentTarget.value = '';
        }}
      />
    </div>
  );
}

export function Intake({ add, warn }: Pick<Items, 'add' | 'warn'>): JSX.Element {
  const [text, setText] = useState('');
  const take = async (files: readonly File[]): Promise<void> => {
    warn('');
    const small = files.filter((file) => file.size <= FILE_MAX);
    const large = files.find((file) => file.size > FILE_MAX);
    if (large) warn(`${large.name} has ${size(large.size)}; more than ${size(FILE_MAX)} are not read`);
    add(...(await Promise.all(small.map(async (file): Promise<[string, Uint8Array]> => [file.name, new Uint8Array(await file.arrayBuffer())]))));
  };
  return (
    <>
      <Drop take={(files) => void take([...(files ?? [])])} />
      <form
        class="trust-add"
        onSubmit={(event) => {
          event.preventDefault();
          if (text.trim() !== '') add(['pasted text', pastedBytes(text)]);
          setText('');
        }}
      >
        <label class="field">
          Or paste it: as text, base64 or hexadecimal
          <textarea rows={2} value={text} spellcheck={false} onInput={(event) => setText(event.currentTarget.value)} />
        </label>
        <p>
          <button type="submit" disabled={text.trim() === ''}>
            Verify
          </button>
        </p>
      </form>
    </>
  );
}
