/** What fast-check draws is the same in every run; FAST_CHECK_SEED draws something else. */
import fc from 'fast-check';

fc.configureGlobal({ seed: Number(process.env['FAST_CHECK_SEED'] ?? 1) });
