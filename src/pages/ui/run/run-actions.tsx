/** Stopping a run that this server started, and going on with one that was interrupted. */
import { useSignal } from '@preact/signals';
import type { Started } from '../../../server/ui/api/start.ts';
import type { RunRow } from '../../../server/ui/api/routes.ts';
import { announce } from '../../base/announcer.tsx';
import { ask } from '../api.ts';
import { list } from '../live.ts';

export function RunActions({ run: { id, status, own } }: { readonly run: RunRow }) {
  const problem = useSignal<string | undefined>(undefined);
  const isBusy = useSignal(false);
  // What was started elsewhere is stopped, and gone on with, there.
  if (!list.value?.allowStart || !own) return null;
  const act = async (action: 'stop' | 'resume'): Promise<void> => {
    isBusy.value = true;
    problem.value = undefined;
    try {
      await ask<Started>(`/api/${action}`, { method: 'POST', body: { id } });
      announce(action === 'stop' ? `${id} stops after its step.` : `${id} goes on.`);
    } catch (error) {
      problem.value = error instanceof Error ? error.message : String(error);
    }
    isBusy.value = false;
  };
  return (
    <>
      {status === 'running' && (
        <button type="button" disabled={isBusy.value} onClick={() => void act('stop')}>
          Stop
        </button>
      )}
      {(status === 'interrupted' || status === 'failed') && (
        <button type="button" disabled={isBusy.value} onClick={() => void act('resume')}>
          Go on with it
        </button>
      )}
      <span class="bad action-problem" role="alert">
        {problem.value}
      </span>
    </>
  );
}
