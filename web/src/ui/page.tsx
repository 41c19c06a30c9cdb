// page: the frame of a room: one heading, which takes the focus when the room is entered, and a title.
import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

let entered = 0;

export function Page({ title, kicker, lead, tools, children }: {
  title: string;
  kicker?: ComponentChildren;
  lead?: ComponentChildren;
  tools?: ComponentChildren;
  children: ComponentChildren;
}): JSX.Element {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} · Comity`;
    // Not on the first page: there the browser's own start is the right place.
    if (entered++ > 0 && document.activeElement?.closest('main') === null) heading.current?.focus({ preventScroll: true });
  }, [title]);
  return (
    <article class="page">
      <header class="page-head">
        <div>
          {kicker && <p class="kicker">{kicker}</p>}
          <h1 tabIndex={-1} ref={heading}>
            {title}
          </h1>
          {lead && <p class="lead">{lead}</p>}
        </div>
        {tools && <div class="page-tools">{tools}</div>}
      </header>
      {children}
    </article>
  );
}

/** Section is a titled part of a page. */
export function Section({ title, note, children }: {
  title: string;
  note?: ComponentChildren;
  children: ComponentChildren;
}): JSX.Element {
  return (
    <section class="section">
      <h2>{title}</h2>
      {note && <p class="quiet">{note}</p>}
      {children}
    </section>
  );
}
