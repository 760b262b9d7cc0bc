/** What lies at a path, as far as it can be reached: links may lead in circles, and folders be closed. */
import { lstatSync, statSync, type Stats } from 'node:fs';

/** Behind links; undefined where there is nothing, or nothing that can be reached. */
export const found = (file: string): Stats | undefined => reached(() => statSync(file));

/** The entry itself, which may be a link. */
export const foundEntry = (file: string): Stats | undefined => reached(() => lstatSync(file));

/** Milliseconds within which a system may give two changes the same time; some file systems tell seconds alone. */
const tick = 2000;

/** Whether another change of a file, which changed at that time in milliseconds, would give it another time. */
export const isSettled = (time: number): boolean => Math.abs(Date.now() - time) > tick;

function reached(look: () => Stats): Stats | undefined {
  try {
    return look();
  } catch {
    return undefined;
  }
}
