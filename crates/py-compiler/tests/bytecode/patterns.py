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
#      0     2:10  Unbind x, #2
#      1      :10  Move r6, subject
#      2     3:13  LoadInt r7, 1
#      3      :13  JumpIfEq r6, r7, -> 6
#      4      :17  LoadInt r7, 2
#      5      :17  JumpIfNotEq r6, r7, -> 9
#      6     4:19  LoadConst r7, "int"
#      8      :12  Return r7
#      9     5:13  MatchSequence r7, r6
#     10      :13  JumpIfFalse r7, -> 18
#     11      :13  GetLength r7, r6
#     12      :13  JumpIfLtInt r7, 1, -> 18
#     13      :13  UnpackEx r7, r6, #1+*+0
#     14     3:8   Move x, r7
#     15      :8   Move rest, r8
#     16     5:27  JumpIfFalse x, -> 18
#     17     6:12  Return rest
#     18     7:13  MatchMapping r7, r6
#     19      :13  JumpIfFalse r7, -> 38
#     20      :13  GetLength r7, r6
#     21      :13  JumpIfLtInt r7, 1, -> 38
#     22      :14  LoadConst r8, "key"
#     24      :13  BuildTuple r7, r8, #1
#     25      :13  MatchKeys r8, r6, r7
#     26      :13  JumpIfNone r8, -> 38
#     27      :13  UnpackSequence r9, r8, #1
#     28      :13  BuildDict r10, #0
#     29      :13  DictUpdate r10, r6
#     30      :13  UnpackSequence r11, r7, #1
#     31      :13  DeleteItem r10, r11
#     32     5:8   Move value, r9
#     33      :8   Move others, r10
#     34     8:19  Move r7, value
#     35      :26  Move r8, others
#     36      :19  BuildTuple r7, r7, #2
#     37      :12  Return r7
#     38     9:13  LoadGlobal r9, .Point
#     40      :13  LoadConst r10, ("y",)
#     42      :13  MatchClass r8, r6, r9, #1
#     44      :13  JumpIfNone r8, -> 50
#     45      :13  UnpackSequence r9, r8, #2
#     46      :19  LoadInt r11, 0
#     47      :19  JumpIfNotEq r9, r11, -> 50
#     48      :13  Move r7, r10
#     49      :13  Jump -> 59
#     50      :29  LoadGlobal r9, .Other
#     52      :29  LoadConst r10, ()
#     54      :29  MatchClass r8, r6, r9, #1
#     56      :29  JumpIfNone r8, -> 61
#     57      :29  UnpackSequence r9, r8, #1
#     58      :13  Move r7, r9
#     59     7:8   Move b, r7
#     60    10:12  Return b
#     61    12:22  Move r7, subject
#     62      :21  LoadConst r9, ">"
#     64      :34  LoadInt r10, 10
#     65      :33  FormatValue r10, r10
#     66      :21  BuildString r8, r9, #2
#     67      :21  FormatValue r7, r7, r8, !r
#     68      :19  LoadConst r8, " subject="
#     70      :39  FormatValue r9, subject, !r
#     71      :19  LoadConst r10, " end"
#     73      :19  BuildString r7, r7, #4
#     74      :12  Return r7
