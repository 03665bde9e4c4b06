def operands_in_place(a, b):
    c = a + b * a
    c += 1
    c -= 40000
    return -c if c else not b


def rebound(a):
    return a + (a := 2) + a


def folded():
    return 2 + 3 * 4, "a" "b" + "c", -1, (1, 2) * 2, 1 + 2j, not 0
# ----
# <module>(): 1 registers
#      0     1:0   MakeFunction r0, x0, <code operands_in_place>
#      2      :0   StoreGlobal r0, .operands_in_place
#      4     8:0   MakeFunction r0, x0, <code rebound>
#      6      :0   StoreGlobal r0, .rebound
#      8    12:0   MakeFunction r0, x0, <code folded>
#     10      :0   StoreGlobal r0, .folded
#     12      :0   ReturnNone
#
# operands_in_place(a, b): 4 registers
#      0     2:12  Mul r3, b, a
#      1      :8   Add c, a, r3
#      2     3:4   AddInt c, c, 1, in place
#      3     4:9   LoadInt r3, 40000
#      4      :4   Sub c, c, r3, in place
#      5     5:17  JumpIfFalse c, -> 8
#      6      :11  Neg r3, c
#      7      :11  Jump -> 9
#      8      :24  Not r3, b
#      9      :4   Return r3
#
# rebound(a): 3 registers
#      0     9:11  Move r1, a
#      1      :21  LoadInt r2, 2
#      2      :16  Move a, r2
#      3      :11  Add r1, r1, r2
#      4      :11  Add r1, r1, a
#      5      :4   Return r1
#
# folded(): 1 registers
#      0    13:11  LoadConst r0, (14, "abc", -1, (1, 2, 1, 2), (1.0+2.0j), True)
#      2      :4   Return r0
