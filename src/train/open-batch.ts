/** A larger prime than any real dimension: it stands for the batch where the batch is open (`SymbolicBatch`). */
export const openBatch = { size: 1_000_003, name: 'batch' } as const;
