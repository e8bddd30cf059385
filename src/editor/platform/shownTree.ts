// What a tree view shows, remembered, so that only what changed is drawn again. VS Code throws an item's command away
// while the item is refreshed: a click that lands in that moment does nothing. So nothing is refreshed without need.

/** The items that a view gave to VS Code, each one object for as long as it is shown; `undefined` stands for the root. */
export class ShownTree<Node extends object> {
  readonly #children = new Map<Node | undefined, readonly Node[]>();
  readonly #looks = new WeakMap<Node, string>();

  /** Notes which children a view was given, and gives them back. */
  children<List extends readonly Node[]>(parent: Node | undefined, children: List): List {
    this.#children.set(parent, children);
    return children;
  }

  /** Notes how an item looks. */
  look(node: Node, look: string): void {
    this.#looks.set(node, look);
  }

  /**
   * The topmost items that have other children or another look now; empty where the view is up to date.
   * Items that VS Code has not asked for are not looked at.
   */
  changed(children: (parent: Node | undefined) => readonly Node[], look: (node: Node) => string): (Node | undefined)[] {
    const found: (Node | undefined)[] = [];
    const walk = (parent: Node | undefined): void => {
      const known = this.#children.get(parent);
      if (known === undefined) {
        return;
      }
      const now = children(parent);
      if (now.length !== known.length || now.some((node, index) => node !== known[index])) {
        found.push(parent);
        return;
      }
      for (const node of now) {
        if (look(node) !== this.#looks.get(node)) {
          found.push(node);
        } else {
          walk(node);
        }
      }
    };
    walk(undefined);
    return found;
  }
}
