/** Which changes compile: one that does not is seen before any test runs. */
import path from 'node:path';
import ts from 'typescript';

/** A file, by its path below the working directory, with another text. */
export interface ChangedFile {
  readonly file: string;
  readonly text: string;
}

export class TypeChecker {
  private readonly options: ts.CompilerOptions;
  private program: ts.Program | undefined;

  constructor() {
    const { config } = ts.readConfigFile('tsconfig.json', (file) => ts.sys.readFile(file)) as { config: unknown };
    const { options } = ts.parseJsonConfigFileContent(config, ts.sys, process.cwd());
    // A name that nothing uses any more is no error: the same mistake can be made with the name in use.
    this.options = { ...options, noUnusedLocals: false, noUnusedParameters: false };
  }

  /** Of each, whether it compiles. They stand beside the files that they are of, so that one program checks all. */
  compile(changed: readonly ChangedFile[]): boolean[] {
    const texts = new Map(
      changed.map(({ file, text }, i) => [path.resolve(file.replace(/\.ts$/, `.change-${i}.ts`)), text]),
    );
    const host = ts.createCompilerHost(this.options);
    const ofDisk = host.getSourceFile.bind(host);
    const parsed = (file: string, options: ts.CreateSourceFileOptions | ts.ScriptTarget): ts.SourceFile | undefined => {
      const text = texts.get(file);
      return text === undefined
        ? (this.program?.getSourceFile(file) ?? ofDisk(file, options))
        : ts.createSourceFile(file, text, options);
    };
    host.getSourceFile = parsed;
    const exists = host.fileExists.bind(host);
    host.fileExists = (file) => texts.has(file) || exists(file);
    const program = ts.createProgram([...texts.keys()], this.options, host);
    this.program = program;
    return [...texts.keys()].map((file) => {
      const source = program.getSourceFile(file)!;
      const errors = [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
      return errors.length === 0;
    });
  }
}
