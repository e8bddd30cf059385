import assert from 'node:assert/strict';
import { ShownTree } from '../../../src/editor/platform/shownTree.ts';

interface Item {
  name: string;
  children: Item[];
}

describe('what a tree shows', () => {
  const leaf = (name: string): Item => ({ name, children: [] });
  let root: Item[];
  let tree: ShownTree<Item>;
  const children = (parent: Item | undefined): Item[] => parent?.children ?? root;
  const look = ({ name }: Item): string => name;
  const changed = (): (string | undefined)[] => tree.changed(children, look).map((item) => item?.name);
  /** As VS Code asks for it. */
  const show = (parent?: Item): void => {
    for (const item of tree.children(parent, [...children(parent)])) {
      tree.look(item, look(item));
      show(item);
    }
  };

  beforeEach(() => {
    root = [{ name: 'a', children: [leaf('a1'), leaf('a2')] }, { name: 'b', children: [leaf('b1')] }];
    tree = new ShownTree();
    show();
  });

  it('needs nothing while nothing changes', () => {
    assert.deepEqual(changed(), []);
  });

  it('needs only the items that look otherwise', () => {
    root[0]!.children[1]!.name = 'a2, running';
    root[1]!.children[0]!.name = 'b1, running';
    assert.deepEqual(changed(), ['a2, running', 'b1, running']);
    show();
    assert.deepEqual(changed(), []);
  });

  it('needs the parent of an item that came, went or moved', () => {
    root[0]!.children.unshift(leaf('a0'));
    root[1]!.children.pop();
    assert.deepEqual(changed(), ['a', 'b']);
    root.reverse();
    assert.deepEqual(changed(), [undefined]);
  });

  it('needs nothing of what was never shown', () => {
    assert.deepEqual(new ShownTree<Item>().changed(children, look), []);
  });
});
