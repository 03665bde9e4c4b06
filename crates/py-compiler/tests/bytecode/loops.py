def fannkuch(n):
    count = list(range(1, n + 1))
    flips = 0
    while 1:
        for i in count:
            if i == 3:
                continue
            flips += i
        else:
            flips += 100
        r = count.pop()
        if r == n:
            break
    return flips


def swap(a, b):
    for i, (x, y) in a:
        a, b = b, a + b
        x[i], y.z = y, x
    return a


def unassigned(n):
    for i in range(n):
        j = i
    return j
# ----
# <module>(): 1 registers
#      0     1:0   MakeFunction r0, x0, <code fannkuch>
#      2      :0   StoreGlobal r0, .fannkuch
#      4    17:0   MakeFunction r0, x0, <code swap>
#      6      :0   StoreGlobal r0, .swap
#      8    24:0   MakeFunction r0, x0, <code unassigned>
#     10      :0   StoreGlobal r0, .unassigned
#     12      :0   ReturnNone
#
# fannkuch(n): 15 registers
#      0     1:4   Unbind i, #2
#      1     2:12  LoadGlobal r5, .list
#      3      :17  LoadGlobal r9, .range
#      5      :23  LoadInt r13, 1
#      6      :26  AddInt r14, n, 1
#      7      :17  Call r9, r9, #2
#      9      :12  Call count, r5, #1
#     11     3:12  LoadInt flips, 0
#     12     4:4   LoopHeader
#     14     5:17  GetIter r5, count
#     15      :17  LoopHeader
#     17      :17  ForIter i, r5, -> 23
#     19     6:15  JumpIfNotEqInt i, 3, -> 21
#     20     7:16  Jump -> 15
#     21     8:12  Add flips, flips, i, in place
#     22      :12  Jump -> 15
#     23    10:12  AddInt flips, flips, 100, in place
#     24    11:12  LoadMethod r5, count, .pop
#     27      :12  CallMethod r, r5, #0
#     29    12:11  JumpIfNotEq r, n, -> 31
#     30    13:12  Jump -> 32
#     31     4:10  Jump -> 12
#     32    14:4   Return flips
#
# swap(a, b): 9 registers
#      0    17:4   Unbind i, #3
#      1    18:21  GetIter r5, a
#      2      :21  LoopHeader
#      4      :21  ForIter r6, r5, -> 18
#      6      :8   UnpackSequence r7, r6, #2
#      7      :8   Move i, r7
#      8      :11  UnpackSequence x, r8, #2
#      9    19:18  Add r6, a, b
#     10      :8   Move a, b
#     11      :11  Move b, r6
#     12    20:8   StoreItem x, i, y
#     14      :14  StoreAttr y, x, .z
#     17      :8   Jump -> 2
#     18    21:4   Return a
#
# unassigned(n): 8 registers
#      0    24:4   Unbind i, #2
#      1    25:13  LoadGlobal r3, .range
#      3      :19  Move r7, n
#      4      :13  Call r3, r3, #1
#      6      :13  GetIter r3, r3
#      7      :13  LoopHeader
#      9      :13  ForIter i, r3, -> 13
#     11    26:12  Move j, i
#     12      :8   Jump -> 7
#     13    27:11  CheckBound j
#     14      :4   Return j
