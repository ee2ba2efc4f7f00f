/** The desk of a store in memory: counts each kind of request, and lets a test stand between the engine and the answer. */
import { TransferError, type TransferErrorCode } from '../../src/domain/transfer-error';
import type {
  ListPage,
  ObjectHead,
  ObjectStore,
  OpenUpload,
  PutRequest,
  RangeBody,
  RangeRequest,
  StoredPart,
} from '../../src/transfer/object-store';

/** Each kind of request, with what it is asked and what it answers. */
export interface Requests {
  checkBucket: { asks: object; answers: void };
  list: { asks: Parameters<ObjectStore['list']>[0]; answers: ListPage };
  head: { asks: Parameters<ObjectStore['head']>[0]; answers: ObjectHead | undefined };
  read: { asks: RangeRequest; answers: RangeBody };
  put: { asks: PutRequest; answers: { etag: string } };
  tags: { asks: Parameters<ObjectStore['tags']>[0]; answers: Record<string, string> };
  createUpload: { asks: Parameters<ObjectStore['createUpload']>[0]; answers: { uploadId: string } };
  uploadPart: { asks: Parameters<ObjectStore['uploadPart']>[0]; answers: { etag: string } };
  listParts: { asks: Parameters<ObjectStore['listParts']>[0]; answers: readonly StoredPart[] };
  completeUpload: { asks: Parameters<ObjectStore['completeUpload']>[0]; answers: { etag: string } };
  abortUpload: { asks: Parameters<ObjectStore['abortUpload']>[0]; answers: void };
  delete: { asks: Parameters<ObjectStore['delete']>[0]; answers: void };
  listUploads: { asks: Parameters<ObjectStore['listUploads']>[0]; answers: readonly OpenUpload[] };
}

export type RequestKind = keyof Requests;

/** Stands between the engine and one kind of request: may throw before or after `proceed`, or alter its answer. */
export type Interceptor<K extends RequestKind> = (
  asked: Requests[K]['asks'],
  proceed: () => Promise<Requests[K]['answers']>,
) => Promise<Requests[K]['answers']>;

export class RequestDesk {
  /** How many requests of each kind have been made. */
  readonly requests: Record<RequestKind, number> = {
    checkBucket: 0,
    list: 0,
    head: 0,
    read: 0,
    put: 0,
    tags: 0,
    createUpload: 0,
    uploadPart: 0,
    listParts: 0,
    completeUpload: 0,
    abortUpload: 0,
    delete: 0,
    listUploads: 0,
  };
  private readonly interceptors = new Map<RequestKind, Interceptor<RequestKind>>();

  constructor(readonly bucket: string) {}

  /** From now on every request of this kind goes through `interceptor`; without one they go straight again. */
  intercept<K extends RequestKind>(kind: K, interceptor?: Interceptor<K>): void {
    if (interceptor === undefined) this.interceptors.delete(kind);
    else this.interceptors.set(kind, interceptor as unknown as Interceptor<RequestKind>);
  }

  /** The next `times` requests of this kind fail; `lost`: after they have done their work. */
  failNext(kind: RequestKind, code: TransferErrorCode, times = 1, when: 'refused' | 'lost' = 'refused'): void {
    let left = times;
    this.intercept(kind, async (_asked, proceed) => {
      if (left === 0) return proceed();
      left -= 1;
      if (when === 'lost') await proceed();
      throw new TransferError(code, `${kind} was made to fail`, { bucket: this.bucket, operation: kind });
    });
  }

  protected async answer<K extends RequestKind>(
    kind: K,
    asked: Requests[K]['asks'],
    work: () => Requests[K]['answers'] | Promise<Requests[K]['answers']>,
  ): Promise<Requests[K]['answers']> {
    this.requests[kind] += 1;
    // Work begins a turn later, as it does over a network, so that requests of the engine do overlap.
    await new Promise((resolve) => setImmediate(resolve));
    const interceptor = this.interceptors.get(kind) as Interceptor<K> | undefined;
    const proceed = () => new Promise<Requests[K]['answers']>((resolve) => resolve(work()));
    return interceptor === undefined ? proceed() : interceptor(asked, proceed);
  }

  protected error(code: TransferErrorCode, key: string): TransferError {
    return new TransferError(code, `${this.bucket} answered ${code}`, { bucket: this.bucket, key });
  }
}
