import type { EpochSums } from './training-state.ts';

/** Running sums of an epoch's losses and diagnostics. */
export class Sums {
  private readonly losses: Record<string, number>;
  private readonly diagnostics: Record<string, number>;

  constructor(from: EpochSums | null) {
    this.losses = { ...from?.losses };
    this.diagnostics = { ...from?.diagnostics };
  }

  add({ losses, diagnostics }: EpochSums): void {
    for (const [name, value] of Object.entries(losses)) this.losses[name] = (this.losses[name] ?? 0) + value;
    for (const [name, value] of Object.entries(diagnostics))
      this.diagnostics[name] = (this.diagnostics[name] ?? 0) + value;
  }

  totals(): EpochSums {
    return { losses: { ...this.losses }, diagnostics: { ...this.diagnostics } };
  }

  means(steps: number): EpochSums {
    const mean = (sums: Readonly<Record<string, number>>): Record<string, number> =>
      Object.fromEntries(Object.entries(sums).map(([name, sum]) => [name, sum / steps]));
    return { losses: mean(this.losses), diagnostics: mean(this.diagnostics) };
  }
}
