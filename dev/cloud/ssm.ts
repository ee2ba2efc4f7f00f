/** Stands in for the Parameter Store of AWS Systems Manager. A parameter's value never reaches a log or an error. */
import { createCipheriv, randomBytes } from 'node:crypto';
import { z } from 'zod';
import { AwsError } from './aws-error';

interface Parameter {
  readonly name: string;
  readonly type: 'String' | 'SecureString' | 'StringList';
  /** Oldest first; the last one is current. */
  readonly versions: { readonly value: string; readonly modified: number }[];
}

export interface ParameterStore {
  put(name: string, value: string, type?: Parameter['type']): number;
  /** False when there is none of this name. */
  delete(name: string): boolean;
  /** One SSM operation by its name; throws `AwsError`. */
  call(operation: string, input: unknown): unknown;
}

const GET_PARAMETERS_MAX = 10;
const STANDARD_VALUE_MAX = 4_096;

const PUT = z.object({
  Name: z.string().regex(/^[A-Za-z0-9_.\-/]{1,1011}$/),
  Value: z.string().min(1),
  Type: z.enum(['String', 'SecureString', 'StringList']).optional(),
  Overwrite: z.boolean().default(false),
});
const GET = z.object({ Name: z.string().min(1), WithDecryption: z.boolean().default(false) });
const GET_MANY = z.object({ Names: z.array(z.string()).min(1), WithDecryption: z.boolean().default(false) });
const DELETE = z.object({ Name: z.string().min(1) });

export function createParameterStore(): ParameterStore {
  const parameters = new Map<string, Parameter>();
  const key = randomBytes(32);

  const store = (name: string, value: string, type: Parameter['type']): number => {
    const parameter = parameters.get(name) ?? { name, type, versions: [] };
    parameter.versions.push({ value, modified: Date.now() / 1000 });
    parameters.set(name, { ...parameter, type });
    return parameter.versions.length;
  };

  /** A name may be an ARN, and may end with the version it wants: `/ferry/source:2`. */
  const find = (reference: string, decrypted: boolean) => {
    const plain = reference.replace(/^arn:aws:ssm:[^:]*:[^:]*:parameter/, '');
    const [name = '', wanted] = plain.split(':');
    const parameter = parameters.get(name) ?? parameters.get(name.replace(/^\//, ''));
    if (!parameter) return undefined;
    const version = wanted === undefined ? parameter.versions.length : Number(wanted);
    const content = parameter.versions[version - 1];
    if (!content) throw new AwsError('ParameterVersionNotFound', 400, `${name} has no version ${wanted}`);
    const open = decrypted || parameter.type !== 'SecureString';
    return {
      Name: parameter.name,
      Type: parameter.type,
      Value: open ? content.value : encrypt(key, content.value),
      Version: version,
      LastModifiedDate: content.modified,
      ARN: `arn:aws:ssm:us-east-1:000000000000:parameter${parameter.name.startsWith('/') ? '' : '/'}${parameter.name}`,
      DataType: 'text',
    };
  };

  const operations: Readonly<Record<string, (input: unknown) => unknown>> = {
    PutParameter(input) {
      const { Name, Value, Type, Overwrite } = parse(PUT, input);
      const known = parameters.get(Name);
      if (known && !Overwrite) {
        const message =
          'The parameter already exists. To overwrite this value, set the overwrite option in the request to true.';
        throw new AwsError('ParameterAlreadyExists', 400, message);
      }
      const type = Type ?? known?.type;
      if (!type)
        throw new AwsError('ValidationException', 400, 'A parameter type is required when you create a parameter.');
      if (Buffer.byteLength(Value) > STANDARD_VALUE_MAX) {
        const message = `Standard tier parameters support a maximum parameter value of ${STANDARD_VALUE_MAX} characters.`;
        throw new AwsError('ValidationException', 400, message);
      }
      return { Version: store(Name, Value, type), Tier: 'Standard' };
    },
    GetParameter(input) {
      const { Name, WithDecryption } = parse(GET, input);
      const parameter = find(Name, WithDecryption);
      if (!parameter) throw new AwsError('ParameterNotFound', 400, `Parameter ${Name} not found.`);
      return { Parameter: parameter };
    },
    GetParameters(input) {
      const { Names, WithDecryption } = parse(GET_MANY, input);
      if (Names.length > GET_PARAMETERS_MAX) {
        const message = `1 validation error detected: 'names' must have length less than or equal to ${GET_PARAMETERS_MAX}`;
        throw new AwsError('ValidationException', 400, message);
      }
      const found = Names.map((name) => ({ name, parameter: find(name, WithDecryption) }));
      return {
        Parameters: found.flatMap(({ parameter }) => parameter ?? []),
        InvalidParameters: found.filter(({ parameter }) => !parameter).map(({ name }) => name),
      };
    },
    DeleteParameter(input) {
      const { Name } = parse(DELETE, input);
      if (!parameters.delete(Name)) throw new AwsError('ParameterNotFound', 400, `Parameter ${Name} not found.`);
      return {};
    },
  };

  return {
    put: (name, value, type = 'SecureString') => store(name, value, type),
    delete: (name) => parameters.delete(name),
    call(operation, input) {
      const handler = Object.hasOwn(operations, operation) ? operations[operation] : undefined;
      if (!handler) throw new AwsError('UnknownOperationException', 400, `This stand-in has no SSM ${operation}`);
      return handler(input);
    },
  };
}

/** As KMS would: nobody reads it without asking for decryption. */
function encrypt(key: Buffer, value: string): string {
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  return Buffer.concat([nonce, cipher.update(value, 'utf8'), cipher.final(), cipher.getAuthTag()]).toString('base64');
}

/** Names the field that is wrong, never what it holds. */
function parse<T extends z.ZodType>(schema: T, input: unknown): z.infer<T> {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  const fields = [...new Set(result.error.issues.map((issue) => issue.path.join('.')))].join(', ');
  throw new AwsError('ValidationException', 400, `The request is not valid in: ${fields}`);
}
