def match(subject):
    match subject:
        case 1 | 2:
            return "int"
        case [x, *rest] if x:
            return rest
        case {"key": value, **others}:
            return value, others
        case Point(0, y=b) | Other(b):
            return b
        case _:
            return f"{subject!r:>{10}} {subject=} end"
# ----
# <module>(): 1 registers
#      0     1:0   MakeFunction r0, x0, <code match>
#      2      :0   StoreGlobal r0, .match
#      4      :0   ReturnNone
#
# match(subject): 12 registers
#      0     1:4   Unbind x, #2
#      1     2:10  Move r6, subject
#      2     3:13  JumpIfEqInt r6, 1, -> 4
#      3      :17  JumpIfNotEqInt r6, 2, -> 7
#      4     4:19  LoadConst r7, "int"
#      6      :12  Return r7
#      7     5:13  MatchSequence r7, r6
#      8      :13  JumpIfFalse r7, -> 16
#      9      :13  GetLength r7, r6
#     10      :13  JumpIfLtInt r7, 1, -> 16
#     11      :13  UnpackEx r7, r6, #1+*+0
#     12      :13  Move x, r7
#     13      :13  Move rest, r8
#     14      :27  JumpIfFalse x, -> 16
#     15     6:12  Return rest
#     16     7:13  MatchMapping r7, r6
#     17      :13  JumpIfFalse r7, -> 36
#     18      :13  GetLength r7, r6
#     19      :13  JumpIfLtInt r7, 1, -> 36
#     20      :14  LoadConst r8, "key"
#     22      :13  BuildTuple r7, r8, #1
#     23      :13  MatchKeys r8, r6, r7
#     24      :13  JumpIfNone r8, -> 36
#     25      :13  UnpackSequence r9, r8, #1
#     26      :13  BuildDict r10, #0
#     27      :13  DictUpdate r10, r6
#     28      :13  UnpackSequence r11, r7, #1
#     29      :13  DeleteItem r10, r11
#     30      :13  Move value, r9
#     31      :13  Move others, r10
#     32     8:19  Move r7, value
#     33      :26  Move r8, others
#     34      :19  BuildTuple r7, r7, #2
#     35      :12  Return r7
#     36     9:13  LoadGlobal r9, .Point
#     38      :13  LoadConst r10, ("y",)
#     40      :13  MatchClass r8, r6, r9, #1
#     42      :13  JumpIfNone r8, -> 47
#     43      :13  UnpackSequence r9, r8, #2
#     44      :19  JumpIfNotEqInt r9, 0, -> 47
#     45      :13  Move r7, r10
#     46      :13  Jump -> 56
#     47      :29  LoadGlobal r9, .Other
#     49      :29  LoadConst r10, ()
#     51      :29  MatchClass r8, r6, r9, #1
#     53      :29  JumpIfNone r8, -> 58
#     54      :29  UnpackSequence r9, r8, #1
#     55      :13  Move r7, r9
#     56      :13  Move b, r7
#     57    10:12  Return b
#     58    11:13  Jump -> 59
#     59    12:22  Move r7, subject
#     60      :21  LoadConst r9, ">"
#     62      :34  LoadInt r10, 10
#     63      :33  FormatValue r10, r10
#     64      :21  BuildString r8, r9, #2
#     65      :21  FormatValue r7, r7, r8, !r
#     66      :19  LoadConst r8, " subject="
#     68      :39  FormatValue r9, subject, !r
#     69      :19  LoadConst r10, " end"
#     71      :19  BuildString r7, r7, #4
#     72      :12  Return r7
