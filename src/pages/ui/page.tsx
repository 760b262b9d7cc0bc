/** A page with its heading, which takes the focus when one comes here from another page. */
import type { ComponentChildren } from 'preact';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import { list } from './live.ts';

interface PageProps {
  readonly title: string;
  /** What stands beside the heading. */
  readonly beside?: ComponentChildren;
  readonly children: ComponentChildren;
}

let isFirst = true;

export function Page({ title, beside, children }: PageProps) {
  const head = useRef<HTMLHeadingElement>(null);
  const { folder } = list.value ?? {};
  useEffect(() => {
    document.title = [title, folder, 'decalign'].filter((part, n, all) => part && all.indexOf(part) === n).join(' · ');
  }, [title, folder]);
  // At once, not with the next picture of the window: a key may be pressed before.
  useLayoutEffect(() => {
    // When the window opens, the focus is where the browser has put it.
    if (!isFirst) head.current?.focus({ preventScroll: true });
    isFirst = false;
  }, []);
  return (
    <>
      <div class="heading">
        <h1 ref={head} tabIndex={-1}>
          {title}
        </h1>
        {beside !== undefined && <div class="quiet">{beside}</div>}
      </div>
      {children}
    </>
  );
}
