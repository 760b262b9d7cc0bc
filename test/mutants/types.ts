/** Whether a change compiles: one that does not is seen before any test runs. */
import path from 'node:path';
import ts from 'typescript';

export class TypeChecker {
  private readonly service: ts.LanguageService;
  private changed: { readonly file: string; readonly text: string; readonly version: number } | undefined;

  constructor(private readonly root: string) {
    const read = (file: string): string | undefined => ts.sys.readFile(file);
    const config = ts.readConfigFile(path.join(root, 'tsconfig.json'), read);
    const { fileNames, options } = ts.parseJsonConfigFileContent(config.config, ts.sys, root);
    this.service = ts.createLanguageService({
      // A name that nothing uses any more is no error of its own: the same mistake can be made with it in use.
      getCompilationSettings: () => ({ ...options, noUnusedLocals: false, noUnusedParameters: false }),
      getScriptFileNames: () => fileNames,
      getScriptVersion: (file) => String(file === this.changed?.file ? this.changed.version : 0),
      getScriptSnapshot: (file) => {
        const text = file === this.changed?.file ? this.changed.text : read(file);
        return text === undefined ? undefined : ts.ScriptSnapshot.fromString(text);
      },
      getCurrentDirectory: () => root,
      getDefaultLibFileName: (given) => ts.getDefaultLibFilePath(given),
      fileExists: (file) => ts.sys.fileExists(file),
      readFile: read,
      directoryExists: (folder) => ts.sys.directoryExists(folder),
      getDirectories: (folder) => ts.sys.getDirectories(folder),
      readDirectory: (...given) => ts.sys.readDirectory(...given),
    });
  }

  /** Of a file, by its path below the root, with this text in place of its own. */
  compiles(file: string, text: string): boolean {
    const place = path.join(this.root, file);
    this.changed = { file: place, text, version: (this.changed?.version ?? 0) + 1 };
    return (
      this.service.getSyntacticDiagnostics(place).length === 0 &&
      this.service.getSemanticDiagnostics(place).length === 0
    );
  }
}
