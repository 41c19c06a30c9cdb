// state: what stands where facts are not: waiting, nothing, trouble. Every room uses these.
import type { ComponentChildren, JSX } from 'preact';
import type { Answer, Problem } from '../api/client';

export function Loading({ what }: { what: string }): JSX.Element {
  return (
    <p class="state" role="status">
      <span class="spinner" aria-hidden="true" /> Loading {what} …
    </p>
  );
}

export function Empty({ children }: { children: ComponentChildren }): JSX.Element {
  return <p class="state">{children}</p>;
}

/** Failure shows a problem with its remedy. */
export function Failure({ problem, retry }: { problem: Problem; retry?: (() => void) | undefined }): JSX.Element {
  return (
    <div class="failure" role="alert">
      <p class="failure-title">{sentence(problem.message)}</p>
      {problem.detail && <p>{problem.detail}</p>}
      {problem.remedy && (
        <p>
          <strong>What to do:</strong> {problem.remedy}
        </p>
      )}
      {problem.code && (
        <p class="quiet">
          <a href={`/problems/${encodeURIComponent(problem.code)}`}>{problem.code}</a>
        </p>
      )}
      {retry && (
        <button type="button" onClick={retry}>
          Try again
        </button>
      )}
    </div>
  );
}

function sentence(words: string): string {
  const first = words.charAt(0).toUpperCase() + words.slice(1);
  return /[.!?]$/.test(first) ? first : `${first}.`;
}

/** Await shows an answer, or why it is not here. An older answer stays in sight when asking again failed. */
export function Await<T>({ answer, what, children }: {
  answer: Answer<T>;
  what: string;
  children: (data: T) => ComponentChildren;
}): JSX.Element {
  if (answer.state === 'loading') return <Loading what={what} />;
  if (answer.state === 'ready') return <>{children(answer.data)}</>;
  return (
    <>
      <Failure problem={answer.problem} retry={answer.reload} />
      {answer.data !== undefined && (
        <>
          <p class="quiet">What follows is as it was seen last.</p>
          {children(answer.data)}
        </>
      )}
    </>
  );
}
