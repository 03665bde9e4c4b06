def numbers(n):
    i = 0
    while i < n:
        got = yield i
        i += 1 if got is None else got
    yield from other(n)
    return i


async def coroutine(source):
    async with source as s:
        async for item in s:
            yield await item
# ----
# <module>(): 1 registers
#      0     1:0   MakeFunction r0, x0, <code numbers>
#      2      :0   StoreGlobal r0, .numbers
#      4    10:0   MakeFunction r0, x0, <code coroutine>
#      6      :0   StoreGlobal r0, .coroutine
#      8      :0   ReturnNone
#
# numbers(n): 8 registers
#      0     1:4   MakeGenerator
#      1      :4   Unbind got, #1
#      2     2:8   LoadInt i, 0
#      3     3:10  JumpIfNotLt i, n, -> 13
#      4      :4   LoopHeader
#      6     4:14  Yield got, i
#      7     5:18  JumpIfNotNone got, -> 10
#      8      :13  LoadInt r3, 1
#      9      :13  Jump -> 11
#     10      :35  Move r3, got
#     11      :8   Add i, i, r3, in place
#     12     3:10  JumpIfLt i, n, -> 4
#     13     6:15  LoadGlobal r3, .other
#     15      :21  Move r7, n
#     16      :15  Call r3, r3, #1
#     18      :4   GetYieldFromIter r3, r3
#     19      :4   LoadConst r4, None
#     21      :4   Send r4, r3, r4, -> 26
#     23      :4   Yield r4, r4, r3, delegating
#     24      :4   Jump -> 21, hidden
#     25      :4   CleanupThrow r4, r5
#     26      :4   Move r3, r4
#     27     7:4   Return i
#        except 23..24 -> 25 in r5
#
# coroutine(source): 18 registers
#      0    10:10  MakeGenerator
#      1      :10  Unbind s, #2
#      2    11:15  LoadSpecial r5, source, aexit
#      3      :15  LoadSpecial r10, source, aenter
#      4      :15  CallMethod r10, r10, #0
#      6      :15  GetAwaitable r15, r10, x1
#      7      :15  LoadConst r16, None
#      9      :15  Send r16, r15, r16, -> 14
#     11      :15  Yield r16, r16, r15, delegating
#     12      :15  Jump -> 9, hidden
#     13      :15  CleanupThrow r16, r17
#     14      :15  Move r10, r16
#     15      :25  Move s, r10
#     16    12:26  GetAsyncIter r10, s
#     17      :26  LoopHeader
#     19      :26  GetAsyncNext r12, r10
#     20      :26  Move r13, r12
#     21      :26  LoadConst r14, None
#     23      :26  Send r14, r13, r14, -> 28
#     25      :26  Yield r14, r14, r13, delegating
#     26      :26  Jump -> 23, hidden
#     27      :26  CleanupThrow r14, r15
#     28      :26  Move r12, r14
#     29      :18  Move item, r12
#     30    13:24  Move r12, item
#     31      :18  GetAwaitable r12, r12
#     32      :18  LoadConst r13, None
#     34      :18  Send r13, r12, r13, -> 39
#     36      :18  Yield r13, r13, r12, delegating
#     37      :18  Jump -> 34, hidden
#     38      :18  CleanupThrow r13, r14
#     39      :18  Move r12, r13
#     40      :12  AsyncWrap r13, r12
#     41      :12  Yield r12, r13
#     42      :12  Jump -> 17
#     43    12:26  EndAsyncFor r11
#     44    11:15  LoadConst r10, None
#     46      :15  LoadConst r11, None
#     48      :15  LoadConst r12, None
#     50      :15  CallMethod r5, r5, #3
#     52      :15  GetAwaitable r6, r5, x2
#     53      :15  LoadConst r7, None
#     55      :15  Send r7, r6, r7, -> 60
#     57      :15  Yield r7, r7, r6, delegating
#     58      :15  Jump -> 55, hidden
#     59      :15  CleanupThrow r7, r8
#     60      :15  Move r5, r7
#     61      :15  ReturnNone
#     62      :15  EnterHandler r4, r3
#     63      :15  ExceptionTriple r10, r3
#     64      :15  CallMethod r5, r5, #3
#     66      :15  GetAwaitable r6, r5, x2
#     67      :15  LoadConst r7, None
#     69      :15  Send r7, r6, r7, -> 74
#     71      :15  Yield r7, r7, r6, delegating
#     72      :15  Jump -> 69, hidden
#     73      :15  CleanupThrow r7, r8
#     74      :15  Move r5, r7
#     75      :15  JumpIfTrue r5, -> 78
#     76      :15  LeaveHandler r4
#     77      :15  Reraise r3, 1
#     78      :15  LeaveHandler r4
#     79      :15  ReturnNone
#        except 11..12 -> 13 in r17
#        except 15..19 -> 62 in r3
#        except 19..25 -> 43 in r11
#        except 25..26 -> 27 in r15
#        except 26..29 -> 43 in r11
#        except 29..36 -> 62 in r3
#        except 36..37 -> 38 in r14
#        except 37..44 -> 62 in r3
#        except 57..58 -> 59 in r8
#        except 63..71 -> 76 in r3
#        except 71..72 -> 73 in r8
#        except 72..76 -> 76 in r3
