def handlers(f):
    try:
        x = f()
    except (KeyError, ValueError) as error:
        return error
    except TypeError:
        raise
    else:
        x = 2
    finally:
        f(x)
    return x


def loop(items):
    for item in items:
        with item as a, item.b:
            if a:
                continue
            return a
    raise ValueError(items) from None


def groups(f):
    try:
        f()
    except* ValueError as group:
        f(group)
# ----
# <module>(): 1 registers
#      0     1:0   MakeFunction r0, x0, <code handlers>
#      2      :0   StoreGlobal r0, .handlers
#      4    15:0   MakeFunction r0, x0, <code loop>
#      6      :0   StoreGlobal r0, .loop
#      8    24:0   MakeFunction r0, x0, <code groups>
#     10      :0   StoreGlobal r0, .groups
#     12      :0   ReturnNone
#
# handlers(f): 11 registers
#      0     1:4   Unbind x, #2
#      1     2:4   Jump -> 2
#      2     3:12  Move r3, f
#      3      :12  Call x, r3, #0
#      5     9:12  LoadInt x, 2
#      6      :12  Jump -> 40, hidden
#      7     0:0   EnterHandler r4, r3
#      8     4:12  LoadGlobal r5, .KeyError
#     10      :22  LoadGlobal r6, .ValueError
#     12      :11  BuildTuple r5, r5, #2
#     13      :11  JumpIfNoMatch r3, r5, -> 32
#     14      :4   Move error, r3
#     15     5:15  Move r5, error
#     16      :8   LeaveHandler r4
#     17      :8   LoadConst r6, None
#     19      :8   Move error, r6
#     20      :8   DeleteLocal error
#     21    11:8   Move r6, f
#     22      :10  CheckBound x
#     23      :10  Move r10, x
#     24      :8   Call r6, r6, #1
#     26      :8   Return r5
#     27     0:0   LoadConst r5, None
#     29      :0   Move error, r5
#     30      :0   DeleteLocal error
#     31      :0   Reraise r3, 1
#     32     6:11  LoadGlobal r5, .TypeError
#     34      :11  JumpIfNoMatch r3, r5, -> 36
#     35     7:8   Raise 0
#     36     6:11  LeaveHandler r4
#     37      :11  Reraise r3, 0
#     38     0:0   LeaveHandler r4
#     39      :0   Reraise r3, 1
#     40    11:8   Move r3, f
#     41      :10  Move r7, x
#     42      :8   Call r3, r3, #1
#     44      :8   Jump -> 55, hidden
#     45     0:0   EnterHandler r4, r3
#     46    11:8   Move r5, f
#     47      :10  CheckBound x
#     48      :10  Move r9, x
#     49      :8   Call r5, r5, #1
#     51      :8   LeaveHandler r4
#     52      :8   Reraise r3, 0
#     53     0:0   LeaveHandler r4
#     54      :0   Reraise r3, 1
#     55    12:4   Return x
#        except 2..5 -> 7 in r3
#        except 5..8 -> 45 in r3
#        except 8..15 -> 38 in r3
#        except 15..16 -> 27 in r3
#        except 16..21 -> 45 in r3
#        except 26..27 -> 27 in r3
#        except 27..36 -> 38 in r3
#        except 36..40 -> 45 in r3
#        except 46..51 -> 53 in r3
#
# loop(items): 27 registers
#      0    15:4   Unbind item, #2
#      1    16:16  GetIter r3, items
#      2      :16  LoopHeader
#      4      :16  ForIter item, r3, -> 86
#      6    17:13  LoadSpecial r6, item, exit
#      7      :13  LoadSpecial r11, item, enter
#      8      :13  CallMethod a, r11, #0
#     10      :24  LoadAttr r11, item, .b
#     13      :24  LoadSpecial r13, r11, exit
#     14      :24  LoadSpecial r18, r11, enter
#     15      :24  CallMethod r18, r18, #0
#     17    18:15  JumpIfFalse a, -> 38
#     18    19:16  Jump -> 19
#     19    17:24  LoadConst r18, None
#     21      :24  LoadConst r19, None
#     23      :24  LoadConst r20, None
#     25      :24  CallMethod r13, r13, #3
#     27      :13  Move r18, r6
#     28      :13  Move r22, r10
#     29      :13  LoadConst r23, None
#     31      :13  LoadConst r24, None
#     33      :13  LoadConst r25, None
#     35      :13  CallMethod r18, r18, #3
#     37      :13  Jump -> 2
#     38    20:19  Move r18, a
#     39    17:24  Move r19, r13
#     40      :24  Move r23, r17
#     41      :24  LoadConst r24, None
#     43      :24  LoadConst r25, None
#     45      :24  LoadConst r26, None
#     47      :24  CallMethod r19, r19, #3
#     49      :13  Move r19, r6
#     50      :13  Move r23, r10
#     51      :13  LoadConst r24, None
#     53      :13  LoadConst r25, None
#     55      :13  LoadConst r26, None
#     57      :13  CallMethod r19, r19, #3
#     59      :13  Return r18
#     60      :24  EnterHandler r12, r11
#     61      :24  ExceptionTriple r18, r11
#     62      :24  CallMethod r13, r13, #3
#     64      :24  JumpIfTrue r13, -> 67
#     65      :24  LeaveHandler r12
#     66      :24  Reraise r11, 1
#     67      :24  LeaveHandler r12
#     68      :13  LoadConst r11, None
#     70      :13  LoadConst r12, None
#     72      :13  LoadConst r13, None
#     74      :13  CallMethod r6, r6, #3
#     76      :13  Jump -> 2, hidden
#     77      :13  EnterHandler r5, r4
#     78      :13  ExceptionTriple r11, r4
#     79      :13  CallMethod r6, r6, #3
#     81      :13  JumpIfTrue r6, -> 84
#     82      :13  LeaveHandler r5
#     83      :13  Reraise r4, 1
#     84      :13  LeaveHandler r5
#     85      :13  Jump -> 2
#     86    21:10  LoadGlobal r3, .ValueError
#     88      :21  Move r7, items
#     89      :10  Call r3, r3, #1
#     91      :33  LoadConst r4, None
#     93      :4   Raise r3, r4, 2
#        except 10..17 -> 77 in r4
#        except 17..19 -> 60 in r11
#        except 19..27 -> 77 in r4
#        except 37..39 -> 60 in r11
#        except 39..49 -> 77 in r4
#        except 59..60 -> 60 in r11
#        except 60..61 -> 77 in r4
#        except 61..65 -> 65 in r11
#        except 65..68 -> 77 in r4
#        except 78..82 -> 82 in r4
#
# groups(f): 14 registers
#      0    24:4   Unbind group, #1
#      1    25:4   Jump -> 2
#      2    26:8   Move r2, f
#      3      :8   Call r2, r2, #0
#      5      :8   ReturnNone
#      6     0:0   EnterHandler r3, r2
#      7      :0   BuildList r4, #0
#      8      :0   Move r6, r2
#      9    27:12  LoadGlobal r7, .ValueError
#     11      :12  MatchGroup r5, r6, r7
#     12      :12  JumpIfNone r5, -> 31
#     13      :4   Move group, r5
#     14      :4   EnterHandler r8, r5
#     15    28:8   Move r9, f
#     16      :10  Move r13, group
#     17      :8   Call r9, r9, #1
#     19      :8   LeaveHandler r8
#     20      :8   LoadConst r9, None
#     22      :8   Move group, r9
#     23      :8   DeleteLocal group
#     24      :8   Jump -> 31
#     25     0:0   LeaveHandler r8
#     26      :0   LoadConst r9, None
#     28      :0   Move group, r9
#     29      :0   DeleteLocal group
#     30      :0   ListAppend r4, r7
#     31      :0   ListAppend r4, r6
#     32      :0   JoinGroup r7, r2, r4
#     33      :0   JumpIfNone r7, -> 35
#     34      :0   Reraise r7, 0
#     35      :0   LeaveHandler r3
#     36      :0   ReturnNone
#     37      :0   LeaveHandler r3
#     38      :0   Reraise r2, 1
#        except 2..5 -> 6 in r2
#        except 7..15 -> 37 in r2
#        except 15..19 -> 25 in r7
#        except 19..35 -> 37 in r2
