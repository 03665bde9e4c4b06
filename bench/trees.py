"""Allocation: binary trees that live shortly beside one that stays."""


class Tree:
    def __init__(self, left, right):
        self.left = left
        self.right = right

    def count(self):
        if self.left is None:
            return 1
        return 1 + self.left.count() + self.right.count()


def grow(depth):
    if depth == 0:
        return Tree(None, None)
    return Tree(grow(depth - 1), grow(depth - 1))


stays = grow(13)
total = 0
for _ in range(160):
    total += grow(11).count()
assert total == 160 * 4095
assert stays.count() == 16383
