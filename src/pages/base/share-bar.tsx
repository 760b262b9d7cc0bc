/** A share in 0..1 as a bar, beside which its number stands. */
export const ShareBar = ({ share }: { readonly share: number }) => (
  <span class="share" aria-hidden="true">
    <span style={{ width: `${Math.min(1, Math.max(0, share)) * 100}%` }} />
  </span>
);
