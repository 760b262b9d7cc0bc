/** The memory that all requests under way may take together: bodies that arrive, and tensors that wait. */
import { Refusal } from './refusal.ts';

export interface Room {
  /** What one request holds, at first nothing. */
  enter(): Hold;
  /** Bytes that are held. */
  readonly taken: number;
}

export interface Hold {
  /** Holds so many bytes from now on. Throws a Refusal (503), and holds what it held, where there is not so much room. */
  resize(bytes: number): void;
  /** Holds nothing any more. */
  leave(): void;
}

export function openRoom(bytes: number): Room {
  let taken = 0;
  return {
    get taken() {
      return taken;
    },
    enter() {
      let held = 0;
      return {
        resize(wanted) {
          if (wanted > held && taken - held + wanted > bytes)
            throw new Refusal(503, 'The server is busy: requests under way take all the memory that they may.', {
              'Retry-After': '1',
            });
          taken += wanted - held;
          held = wanted;
        },
        leave() {
          taken -= held;
          held = 0;
        },
      };
    },
  };
}
