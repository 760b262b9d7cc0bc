/** A chart with its name, and behind a button the table of what it shows, which can be taken away as CSV or JSON. */
import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';
import { useSignal } from '@preact/signals';
import { downloadTable } from './download.ts';
import { PlainTable, type LinkedTable } from './plain-table.tsx';

interface ChartFrameProps {
  readonly title: string;
  /** What the title leaves open, in small print. */
  readonly note?: ComponentChildren;
  readonly level?: 3 | 4;
  /** The name of the files, without an ending; default: the title. */
  readonly name?: string;
  /** Made when it is wanted. */
  readonly table: () => LinkedTable;
  readonly children: ComponentChildren;
}

export function ChartFrame({ title, note, level = 3, name = title, table, children }: ChartFrameProps) {
  const id = useId();
  const isOpen = useSignal(false);
  const Heading = `h${level}` as const;
  return (
    <figure class="frame" aria-labelledby={id}>
      <figcaption>
        <Heading id={id}>{title}</Heading>
        <button
          type="button"
          class="plain"
          aria-pressed={isOpen.value}
          aria-label={`Table of ${title}`}
          onClick={() => (isOpen.value = !isOpen.value)}
        >
          Table
        </button>
      </figcaption>
      {note !== undefined && <p class="quiet small">{note}</p>}
      {isOpen.value ? <FrameTable {...{ title, name, table }} /> : children}
    </figure>
  );
}

function FrameTable({ title, name, table }: Required<Pick<ChartFrameProps, 'title' | 'name' | 'table'>>) {
  const data = table();
  return (
    <>
      <p class="controls">
        {(['csv', 'json'] as const).map((format) => (
          <button key={format} type="button" class="plain" onClick={() => downloadTable(name, format, data)}>
            {format.toUpperCase()}
            <span class="unseen"> of {title}</span>
          </button>
        ))}
      </p>
      {data.note !== undefined && <p class="quiet small">{data.note}</p>}
      <PlainTable caption={title} {...data} />
    </>
  );
}
