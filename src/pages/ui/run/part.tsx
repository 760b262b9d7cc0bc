/** A part of a run's page that is asked for when one looks at it. */
import type { ComponentChildren } from 'preact';
import { useAnswer } from '../load.ts';

interface PartProps<T> {
  readonly path: string;
  readonly version?: unknown;
  /** What is said while it is made, where that takes seconds. */
  readonly making?: string;
  readonly children: (answer: T) => ComponentChildren;
}

export function Part<T>({ path, version, making = 'Reading …', children }: PartProps<T>) {
  const { answer, problem } = useAnswer<T>(path, version);
  return (
    <>
      {problem !== undefined && <p class="empty">{problem}</p>}
      {answer === undefined && problem === undefined && (
        <p class="quiet" role="status">
          {making}
        </p>
      )}
      {answer !== undefined && children(answer)}
    </>
  );
}
