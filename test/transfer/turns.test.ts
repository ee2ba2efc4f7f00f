/** Those who wait take turns by their owners. */
import { Turns } from '../../src/transfer/turns';

function drained(turns: Turns<string>): string[] {
  const order: string[] = [];
  for (let item = turns.take(); item !== undefined; item = turns.take()) order.push(item);
  return order;
}

describe('Turns', () => {
  test('of one owner it is first come, first served', () => {
    const turns = new Turns<string>();
    for (const item of ['a', 'b', 'c']) turns.add('one', item);
    expect(drained(turns)).toEqual(['a', 'b', 'c']);
  });

  test('who comes late with little is served between those of who has much', () => {
    const turns = new Turns<string>();
    for (let i = 1; i <= 5; i++) turns.add('much', `much ${i}`);
    expect(turns.take()).toBe('much 1');
    for (let i = 1; i <= 2; i++) turns.add('little', `little ${i}`);
    expect(drained(turns)).toEqual(['much 2', 'little 1', 'much 3', 'little 2', 'much 4', 'much 5']);
  });

  test('what is next is what is taken', () => {
    const turns = new Turns<string>();
    for (const owner of ['x', 'y', 'x', 'z', 'y']) turns.add(owner, `${owner}${Math.random()}`);
    while (!turns.isEmpty) expect(turns.peek()).toBe(turns.take());
    expect(turns.peek()).toBeUndefined();
  });

  test('who gives up waits no longer, and leaves the turns of the others as they were', () => {
    const turns = new Turns<string>();
    for (const item of ['a', 'b']) turns.add('one', item);
    turns.add('two', 'c');
    turns.remove('one', 'a');
    turns.remove('two', 'c');
    turns.remove('three', 'd');
    expect(drained(turns)).toEqual(['b']);
    expect(turns.isEmpty).toBe(true);
  });
});
