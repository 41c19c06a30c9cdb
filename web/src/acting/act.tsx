// act: the button that leads to an act, for those who can sign it here; for others, how they could.
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { Problem } from '../api/client';
import { acts, hereOf, useMe, type Identity, type Proposal } from './agent';
import { ActDialog } from './dialog';

interface Opened {
  title: string;
  proposal: Proposal;
  among: readonly Identity[];
}

let open: (opened: Opened) => void = () => undefined;

/** Desk, once in the page: where the dialog stands. Not at its button, which may go away when the act is recorded. */
export function Desk(): JSX.Element | null {
  const [opened, set] = useState<Opened | null>(null);
  useEffect(() => {
    open = set;
    return () => void (open = () => undefined);
  }, []);
  return opened && <ActDialog {...opened} close={() => set(null)} />;
}

/** Act offers to sign a proposal. `by`: the passport that must sign; null: any that is here. */
export function Act({ label, title, proposal, by, quiet = false }: {
  label: string;
  title: string;
  proposal: Proposal;
  by: string | null;
  quiet?: boolean;
}): JSX.Element | null {
  const me = useMe();
  const among = hereOf(me).filter((one) => by === null || one.passport === by);
  if (!acts) return quiet ? null : <HowToAct />;
  if (me instanceof Problem)
    return quiet ? null : (
      <p class="quiet">
        {me.message}. {me.remedy}
      </p>
    );
  if (me === null) return null;
  if (among.length === 0)
    return quiet ? null : <p class="quiet">{me.signer_trouble ? `The signer: ${me.signer_trouble}.` : 'The key for this step is not in the signer of this machine.'}</p>;
  return (
    <button type="button" class={quiet ? '' : 'primary'} onClick={() => open({ title, proposal, among })}>
      {label}
    </button>
  );
}

/** HowToAct: a daemon shows, it does not sign. */
export function HowToAct(): JSX.Element {
  return (
    <p class="quiet">
      This page is served by the daemon and only reads. To act from it, run <code>comity console --open</code> on your own machine: it shows the same pages
      and signs with your keys.
    </p>
  );
}

/** Pen, in the bar: who can act here. */
export function Pen(): JSX.Element | null {
  const me = useMe();
  const here = hereOf(me);
  if (!acts || me === null) return null;
  const words = me instanceof Problem ? me.message : here.length === 0 ? 'no key is here' : here.map((one) => one.name).join(', ');
  return (
    <p class="pen" title={`You can act as: ${words}`}>
      <span class="unseen">You can act as: </span>
      {here.length > 2 ? `${here.length} passports` : words}
    </p>
  );
}
