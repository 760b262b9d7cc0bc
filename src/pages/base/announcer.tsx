/** The live region of a page, of which there is one. */
import { signal } from '@preact/signals';
import { announcer } from './announcements.ts';

const told = signal('');

/** Tells those who do not see it; of several within five seconds the last. */
export const announce = announcer((text) => (told.value = text));

export const LiveRegion = () => (
  <div class="unseen" role="status" aria-live="polite">
    {told.value}
  </div>
);
