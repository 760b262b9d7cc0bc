/** What has become of a run, by a sign and a word. */
import type { RunRow, RunStatus } from '../../server/ui/api/routes.ts';
import { durationText } from '../base/texts.ts';

const signs: Readonly<Record<RunStatus, string>> = {
  ...{ finished: '✓', running: '●', interrupted: '‖', failed: '✗', unknown: '?' },
};

export const StatusText = ({ status }: { readonly status: RunStatus }) => (
  <span class={`status ${status}`}>
    <span aria-hidden="true">{signs[status]}</span> {status}
  </span>
);

/** How far a run is that has not finished. */
export function ProgressText({ run: { id, status, epochs, secondsLeft } }: { readonly run: RunRow }) {
  if (status === 'finished' || !epochs) return null;
  const { done, of, within } = epochs;
  return (
    <span class="progress small">
      {of !== undefined && status === 'running' && (
        <progress value={done} max={of} aria-label={`Epochs of ${id} that are done`} />
      )}
      <span>
        {within
          ? `${within.stage ?? 'epoch'} ${within.epoch} of ${within.of}`
          : `epoch ${done}${of === undefined ? '' : ` of ${of}`}`}
        {status === 'running' && secondsLeft !== undefined && `, ${durationText(secondsLeft)} left`}
      </span>
    </span>
  );
}
