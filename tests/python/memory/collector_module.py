"""The module gc."""
import gc

assert gc.isenabled()
gc.disable()
assert not gc.isenabled()
gc.enable()
assert gc.isenabled()
before = gc.get_threshold()
gc.set_threshold(100, 5)
assert gc.get_threshold() == (100, 5, before[2])
gc.set_threshold(*before)
for bad in (-1, 3):
    try:
        gc.collect(bad)
    except ValueError as error:
        assert str(error) == "invalid generation"
    else:
        raise AssertionError

phases = []
gc.callbacks.append(lambda phase, details: phases.append((phase, details["generation"], details["uncollectable"])))
gc.collect(1)
gc.callbacks.clear()
assert phases == [("start", 1, 0), ("stop", 1, 0)], phases


class Node:
    pass


node = Node()
node.items = [1.5, "text", {"key": node}]
assert any(found is node for found in gc.get_objects())
assert any(found is node.items for found in gc.get_referents(node, node.__dict__))
assert [found for found in gc.get_referents([node]) if found is node]
holder = [node]
assert any(found is holder for found in gc.get_referrers(node))
assert gc.is_tracked([]) and gc.is_tracked({}) and gc.is_tracked(node)
assert not gc.is_tracked("text") and not gc.is_tracked(1) and not gc.is_tracked(())
assert gc.garbage == [] and len(gc.get_stats()) == 3 and len(gc.get_count()) == 3
gc.freeze()
gc.unfreeze()
assert gc.get_freeze_count() == 0
