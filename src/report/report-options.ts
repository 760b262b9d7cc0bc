/** What a report is asked for. */
export interface ReportOptions {
  /** A file on whose test split models are used, in place of what the runs kept. */
  readonly data?: string | undefined;
  /** What models run on. Default: `cpu`. */
  readonly device?: string | undefined;
  /** Shows the sentences of the samples with the largest errors. Default: false. */
  readonly includeText?: boolean | undefined;
  /** Tells samples and groups by numbers in place of their ids. Default: false. */
  readonly anonymous?: boolean | undefined;
  /** The name of the page's file, which the model card names. Default: `report.html`. */
  readonly name?: string | undefined;
}
