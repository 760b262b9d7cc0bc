/** A difference with its sign: of three decimals, or where these would be zeros, of two digits. */
export const signed = (x: number): string =>
  `${x > 0 ? '+' : ''}${x !== 0 && Math.abs(x) < 0.0005 ? x.toPrecision(2) : x.toFixed(3)}`;
