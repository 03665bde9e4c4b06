def outer(a, b):
    count = 0

    def inner(x=a):
        nonlocal count
        count += x
        return count + b

    squares = [lambda: i + n for i in range(3) for n in range(i)]
    return inner, [i for i in squares if i], {k: v for k, v in b}


total = sum(x for x in [1, 2] if x)
names = [n for n in names]
# ----
# <module>(): 11 registers
#      0      :0   Unbind n, #1
#      1     1:0   MakeFunction r1, x0, <code outer>
#      3      :0   StoreGlobal r1, .outer
#      5    13:8   LoadGlobal r1, .sum
#      7      :24  LoadInt r9, 1
#      8      :27  LoadInt r10, 2
#      9      :23  BuildList r9, r9, #2
#     10      :12  GetIter r9, r9
#     11      :12  MakeFunction r5, x0, <code <genexpr>>
#     13      :12  Call r5, r5, #1
#     15      :8   Call r1, r1, #1
#     17      :0   StoreGlobal r1, .total
#     19    14:20  LoadGlobal r2, .names
#     21      :20  GetIter r2, r2
#     22      :8   BuildList r1, #0
#     23      :8   LoopHeader
#     25      :20  ForIter n, r2, -> 29
#     27      :8   ListAppend r1, n
#     28      :8   Jump -> 23
#     29      :8   Unbind n, #1
#     30      :0   StoreGlobal r1, .names
#     32      :0   ReturnNone
#
# outer(a, b): 18 registers
#      0     1:4   Unbind i, #3
#      1      :4   MakeCell ^b
#      2      :4   NewCell ^count
#      3     2:12  LoadInt r11, 0
#      4      :4   StoreCell ^count, r11
#      5     4:16  Move r12, a
#      6      :4   BuildTuple r11, r12, #1
#      7      :4   Move r12, r11
#      8      :4   Move r16, ^b
#      9      :4   Move r17, ^count
#     10      :4   BuildTuple r15, r16, #2
#     11      :4   MakeFunction inner, r12, x9, <code outer.<locals>.inner>
#     13     9:38  LoadGlobal r12, .range
#     15      :44  LoadInt r16, 3
#     16      :38  Call r12, r12, #1
#     18      :38  GetIter r12, r12
#     19      :14  NewCell ^i
#     20      :14  NewCell ^n
#     21      :14  BuildList r11, #0
#     22      :14  LoopHeader
#     24      :38  ForIter r13, r12, -> 43
#     26      :33  StoreCell ^i, r13
#     27      :56  LoadGlobal r13, .range
#     29      :62  LoadCell r17, ^i, ^i
#     30      :56  Call r13, r13, #1
#     32      :14  GetIter r13, r13
#     33      :14  LoopHeader
#     35      :56  ForIter r14, r13, -> 22
#     37      :51  StoreCell ^n, r14
#     38      :15  BuildTuple r17, ^i, #2
#     39      :15  MakeFunction r14, r14, x8, <code outer.<locals>.<lambda>>
#     41      :14  ListAppend r11, r14
#     42      :14  Jump -> 33
#     43      :14  Unbind ^i, #1
#     44      :14  Unbind ^n, #1
#     45      :14  Move squares, r11
#     46    10:11  Move r11, inner
#     47      :30  Move r13, squares
#     48      :30  GetIter r13, r13
#     49      :18  BuildList r12, #0
#     50      :18  LoopHeader
#     52      :30  ForIter i, r13, -> 57
#     54      :41  JumpIfFalse i, -> 50
#     55      :18  ListAppend r12, i
#     56      :18  Jump -> 50
#     57      :18  Unbind i, #1
#     58      :63  LoadCell r14, ^b, ^b
#     59      :63  GetIter r14, r14
#     60      :45  BuildDict r13, #0
#     61      :45  LoopHeader
#     63      :63  ForIter r15, r14, -> 68
#     65      :55  UnpackSequence k, r15, #2
#     66      :45  DictInsert r13, k, v
#     67      :45  Jump -> 61
#     68      :45  Unbind k, #1
#     69      :45  Unbind v, #1
#     70      :11  BuildTuple r11, r11, #3
#     71      :4   Return r11
#
# outer.<locals>.inner(x): 5 registers
#      0     4:8   LoadFree ^b, ^b
#      1      :8   LoadFree ^count, ^count
#      2     6:8   LoadCell r3, ^count, ^count
#      3      :8   Add r3, r3, x, in place
#      4      :8   StoreCell ^count, r3
#      5     7:15  LoadCell r3, ^count, ^count
#      6      :23  LoadCell r4, ^b, ^b
#      7      :15  Add r3, r3, r4
#      8      :8   Return r3
#
# outer.<locals>.<lambda>(): 4 registers
#      0     9:15  LoadFree ^i, ^i
#      1      :15  LoadFree ^n, ^n
#      2      :23  LoadCell r2, ^i, ^i
#      3      :27  LoadCell r3, ^n, ^n
#      4      :23  Add r2, r2, r3
#      5      :15  Return r2
#
# <genexpr>(.0): 3 registers
#      0    13:11  MakeGenerator
#      1      :11  Unbind x, #1
#      2      :12  LoopHeader
#      4      :23  ForIter x, .0, -> 9
#      6      :33  JumpIfFalse x, -> 2
#      7      :12  Yield r2, x
#      8      :12  Jump -> 2
#      9      :12  ReturnNone
