/** A table that does not fit into its room is shown as cards. How wide it is depends on its runs, not on the window alone. */
import type { RefObject } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';

/** Gives the room that a table is in, its parent, the class `cards` where the table is wider, and on paper. */
export function useCards(table: RefObject<HTMLTableElement | null>): void {
  const needed = useRef(0);
  useLayoutEffect(() => {
    const room = table.current!.parentElement!;
    const fit = (): void => {
      // Cards that became a table for a moment, to be measured, would be another height and scroll the page.
      if (room.clientWidth < needed.current) return;
      room.classList.remove('cards');
      const { offsetWidth } = table.current!;
      needed.current = offsetWidth > room.clientWidth ? offsetWidth : 0;
      room.classList.toggle('cards', needed.current > 0);
    };
    const intoCards = (): void => room.classList.add('cards');
    fit();
    let frame = 0;
    const observer = new ResizeObserver(() => {
      // In the frame itself the change would come after others have been told of their sizes, an error to the browser.
      cancelAnimationFrame(frame);
      frame = requestAnimationFrame(fit);
    });
    observer.observe(room);
    observer.observe(table.current!);
    addEventListener('beforeprint', intoCards);
    addEventListener('afterprint', fit);
    return () => {
      observer.disconnect();
      cancelAnimationFrame(frame);
      removeEventListener('beforeprint', intoCards);
      removeEventListener('afterprint', fit);
    };
  });
}
