export { allFinite } from './finite.ts';
export { fillMask } from './mask.ts';
export { allocate } from './memory.ts';
export { adam, approach, sumOfSquares, type AdamStep } from './optimizer.ts';
