/** Objects that were replaced again and again while they were copied: they are tried once more when all else is done. */
import type { ObjectSpec } from '../domain/work';

/** What continue-as-new must carry is bounded: each may have a key of 1,024 bytes. */
const MOST = 500;

export class ChangingObjects {
  private objects: ObjectSpec[];

  constructor(known: readonly ObjectSpec[]) {
    this.objects = [...known];
  }

  get all(): readonly ObjectSpec[] {
    return this.objects;
  }

  /** False: there is no place for it, and it gets its last chance at once. */
  keep(object: ObjectSpec): boolean {
    if (this.objects.length >= MOST) return false;
    this.objects.push(object);
    return true;
  }

  takeAll(): readonly ObjectSpec[] {
    const { objects } = this;
    this.objects = [];
    return objects;
  }
}
