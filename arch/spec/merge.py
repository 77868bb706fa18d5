"""Deep merge of a configuration over the one it extends."""

from bankside.arch.spec.node import Node, item_names

REPLACE = "_replace"  # in a block: it stands for the whole block of the base, nothing is merged


def merge(base: Node, own: Node) -> Node:
    """`own` over `base`: mappings merge key by key, lists of named blocks by name, all else is replaced.

    New blocks of a list come last, unless `own` names all of the base's: then they stand as it has them.
    """
    if isinstance(base.value, dict) and isinstance(own.value, dict):
        if REPLACE in own.value:
            return without_marks(own)
        merged = dict(base.value)
        for key, node in own.value.items():
            merged[key] = merge(merged[key], node) if key in merged else without_marks(node)
        return Node(merged, own.at, own.key_at, own.source, own.confidence)
    if isinstance(base.value, list) and isinstance(own.value, list):
        named_base, named_own = _by_name(base.value), _by_name(own.value)
        if named_base is not None and named_own is not None:
            merged = dict(named_base)
            for name, node in named_own.items():
                merged[name] = merge(merged[name], node) if name in merged else without_marks(node)
            if named_own.keys() >= named_base.keys():
                merged = {name: merged[name] for name in named_own}
            return Node(list(merged.values()), own.at, own.key_at, own.source, own.confidence)
    return without_marks(own)


def without_marks(node: Node) -> Node:
    """The tree without its replace marks."""
    if isinstance(node.value, dict):
        node.value = {key: without_marks(child) for key, child in node.value.items() if key != REPLACE}
    elif isinstance(node.value, list):
        node.value = [without_marks(child) for child in node.value]
    return node


def _by_name(items: list[Node]) -> dict[str, Node] | None:
    """The items by their names, when every item has one of its own."""
    names = item_names(items)
    indexes = [str(index) for index in range(len(items))]
    return None if names == indexes else dict(zip(names, items, strict=True))
