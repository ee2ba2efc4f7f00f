/** Credentials that are read when needed, kept a while, and read anew when a store refuses them. Never logged, never returned to Temporal. */

export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

export interface CredentialsSource {
  /** The same object as long as the credentials are the same. */
  get(): Promise<AwsCredentials>;
  /** Reads anew, unless someone has since `refused` was handed out. */
  replace(refused: AwsCredentials): Promise<AwsCredentials>;
  /**
   * How often a refusal is worth a fresh reading. Two parameters are not written at once: a reading between the two gives a
   * pair that belongs to nobody, and the other half comes a moment later.
   */
  readonly readings: number;
}

export interface ReadCredentials {
  readonly value: AwsCredentials;
  /** Milliseconds since 1970: when they are to be read again, at the latest. */
  readonly freshUntil: number;
}

/** Keeps what `read` gives until it is to be read again; whoever asks meanwhile shares one reading. */
export function keptCredentials(read: () => Promise<ReadCredentials>, readings = 1): CredentialsSource {
  let known: ReadCredentials | undefined;
  let reading: Promise<AwsCredentials> | undefined;
  const readOnce = () => {
    reading ??= read()
      .then(({ value, freshUntil }) => {
        known = { value: known !== undefined && same(known.value, value) ? known.value : value, freshUntil };
        return known.value;
      })
      .finally(() => {
        reading = undefined;
      });
    return reading;
  };
  return {
    readings,
    get: async () => (known !== undefined && Date.now() < known.freshUntil ? known.value : readOnce()),
    replace: async (refused) => (known !== undefined && known.value !== refused ? known.value : readOnce()),
  };
}

function same(a: AwsCredentials, b: AwsCredentials): boolean {
  return (
    a.accessKeyId === b.accessKeyId && a.secretAccessKey === b.secretAccessKey && a.sessionToken === b.sessionToken
  );
}
