/** Reads YAML, and JSON as a part of it. Says where a text is malformed, and never quotes the text itself: it may hold a secret. */
import { LineCounter, parseDocument, type YAMLParseError, type YAMLWarning } from 'yaml';
import { ConfigurationError, type ConfigurationProblem } from './configuration-error';

const QUOTE_IT = 'quotes around a text that begins with *, &, !, @ or `';

/** Expectation and finding, by the parser's own code. */
const SENTENCES: Readonly<Record<string, readonly [expected: string, found: string]>> = {
  ALIAS_PROPS: [QUOTE_IT, 'an alias'],
  BAD_ALIAS: [QUOTE_IT, 'an alias without a name'],
  BAD_DQ_ESCAPE: ['a known escape after \\ in double quotes', 'another'],
  BAD_INDENT: ['a closing bracket or a deeper indentation', 'the end of the block'],
  BAD_SCALAR_START: [QUOTE_IT, 'none'],
  BLOCK_AS_IMPLICIT_KEY: ['one `key: value` a line, or quotes around a text that holds ": "', 'a second one'],
  DUPLICATE_KEY: ['each field once', 'a field for the second time'],
  MISSING_CHAR: ['a closing quote, a colon or a comma', 'none'],
  MULTIPLE_DOCS: ['one document in the file', 'a second one after ---'],
  NON_STRING_KEY: ['a text as the name of a field', 'something else'],
  TAB_AS_INDENT: ['spaces for indentation', 'a tab'],
  TAG_RESOLVE_FAILED: [QUOTE_IT, 'an unknown tag'],
  UNEXPECTED_TOKEN: ['the end of the value', 'something more'],
};
const OTHERWISE = ['well-formed YAML', 'something else'] as const;

/** Throws a `ConfigurationError` with line and column of the first problem on each line. */
export function parseConfigText(file: string, content: string): unknown {
  const lineCounter = new LineCounter();
  const document = parseDocument(content, {
    schema: 'core',
    merge: true,
    stringKeys: true,
    uniqueKeys: true,
    prettyErrors: false,
    lineCounter,
  });
  const problems = new Map<number, ConfigurationProblem>();
  const found: readonly (YAMLParseError | YAMLWarning)[] = [...document.errors, ...document.warnings];
  for (const error of found) {
    const { line, col } = lineCounter.linePos(error.pos[0]);
    if (!problems.has(line)) problems.set(line, syntaxProblem(file, line, col, error));
  }
  if (problems.size > 0) throw new ConfigurationError([...problems.values()]);
  return resolveAliases(file, () => document.toJS());
}

function syntaxProblem(file: string, line: number, column: number, { code }: YAMLParseError | YAMLWarning) {
  const [expected, found] = SENTENCES[code] ?? OTHERWISE;
  return { file, path: `line ${line}, column ${column}`, expected, found };
}

/** Aliases are followed last, and the parser throws where one leads nowhere or there are too many. */
function resolveAliases(file: string, toPlain: () => unknown): unknown {
  try {
    return toPlain();
  } catch {
    const expected = `an anchor for every alias, and ${QUOTE_IT}`;
    throw new ConfigurationError([{ file, path: '', expected, found: 'an alias that leads nowhere' }]);
  }
}
