/**
 * The part of a trie node that leads to the levels below it, by their text. A node has no children, one, or a `Map` of
 * them: most nodes of a real topic tree have at most one, and a `Map` for each would take more memory than all the rest.
 * The `Map` is also what keeps a hostile choice of level texts harmless, for the engine seeds its hashes.
 */

export interface LevelNode<Node> {
  /** The text of this level. */
  readonly level: string;
  /** The only child, or all of them by text. */
  children: Node | Map<string, Node> | undefined;
}

/** The child whose level is the text of `topic` from `start` to `end`; the text is cut out only if a `Map` needs it. */
export function findChild<Node extends LevelNode<Node>>(
  node: Node,
  topic: string,
  start: number,
  end: number,
): Node | undefined {
  const children = node.children;
  if (children === undefined) return undefined;
  if (children instanceof Map) return children.get(topic.slice(start, end));
  return levelEquals(children.level, topic, start, end) ? children : undefined;
}

/** The caller has made sure that no child with this level exists. */
export function addChild<Node extends LevelNode<Node>>(node: Node, child: Node): void {
  const children = node.children;
  if (children === undefined) node.children = child;
  else if (children instanceof Map) children.set(child.level, child);
  else
    node.children = new Map([
      [children.level, children],
      [child.level, child],
    ]);
}

/** `child` is one of the children of `node`. */
export function removeChild<Node extends LevelNode<Node>>(node: Node, child: Node): void {
  const children = node.children;
  if (!(children instanceof Map)) {
    node.children = undefined;
    return;
  }
  children.delete(child.level);
  if (children.size > 1) return;
  for (const last of children.values()) node.children = last;
}

export function childrenOf<Node extends LevelNode<Node>>(node: Node): Iterable<Node> {
  const children = node.children;
  if (children === undefined) return [];
  return children instanceof Map ? children.values() : [children];
}

function levelEquals(level: string, topic: string, start: number, end: number): boolean {
  const length = level.length;
  if (end - start !== length) return false;
  for (let index = 0; index < length; index += 1) {
    if (level.charCodeAt(index) !== topic.charCodeAt(start + index)) return false;
  }
  return true;
}
