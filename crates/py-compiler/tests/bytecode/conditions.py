def ranges(x, n):
    if 0 <= x < n and not x == 3 or x is None:
        return x in {1, 2, 3}
    while x and x not in (4, 5):
        x = x and x - 1 or n
    return 1 < x < 5


def constants(x):
    if 0:
        x = never()
    while True:
        if x is not None:
            break
        x = 1
    assert x, "message"
    return x if x != 2 else x
# ----
# <module>(): 1 registers
#      0     1:0   MakeFunction r0, x0, <code ranges>
#      2      :0   StoreGlobal r0, .ranges
#      4     9:0   MakeFunction r0, x0, <code constants>
#      6      :0   StoreGlobal r0, .constants
#      8      :0   ReturnNone
#
# ranges(x, n): 5 registers
#      0     2:7   LoadInt r2, 0
#      1      :7   JumpIfNotLe r2, x, -> 4
#      2      :7   JumpIfNotLt x, n, -> 4
#      3      :26  JumpIfNotEqInt x, 3, -> 5
#      4      :36  JumpIfNotNone x, -> 9
#      5     3:15  LoadConst r2, frozenset({1, 2, 3})
#      7      :15  In r2, x, r2
#      8      :8   Return r2
#      9     4:10  JumpIfFalse x, -> 25
#     10      :25  LoadConst r2, (4, 5)
#     12      :16  JumpIfIn x, r2, -> 25
#     13      :4   LoopHeader
#     15     5:12  Move r2, x
#     16      :12  JumpIfFalse r2, -> 19
#     17      :18  SubInt r2, x, 1
#     18      :12  JumpIfTrue r2, -> 20
#     19      :27  Move r2, n
#     20      :12  Move x, r2
#     21     4:10  JumpIfFalse x, -> 25
#     22      :25  LoadConst r2, (4, 5)
#     24      :16  JumpIfNotIn x, r2, -> 13
#     25     6:11  LoadInt r3, 1
#     26      :11  Lt r2, r3, x
#     27      :11  JumpIfFalse r2, -> 30
#     28      :19  LoadInt r4, 5
#     29      :11  Lt r2, x, r4
#     30      :4   Return r2
#
# constants(x): 6 registers
#      0    10:7   Jump -> 1
#      1    12:4   LoopHeader
#      3    13:11  JumpIfNone x, -> 5
#      4    14:12  Jump -> 7
#      5    15:12  LoadInt x, 1
#      6    12:10  Jump -> 1
#      7    16:11  JumpIfTrue x, -> 14
#      8      :11  LoadAssertionError r1
#      9      :14  LoadConst r5, "message"
#     11      :11  Call r1, r1, #1
#     13      :11  Raise r1, 1
#     14    17:16  JumpIfNotNeInt x, 2, -> 17
#     15      :11  Move r1, x
#     16      :11  Jump -> 18
#     17      :28  Move r1, x
#     18      :4   Return r1
