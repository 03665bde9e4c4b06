def f[T: int = bool](x: T = 3) -> T:
    return x


class D[*Ts](list):
    y: Ts


type Alias[**P] = list[P]
# ----
# <module>(): 5 registers
#      0     1:0   LoadConst r4, (3,)
#      2      :0   MakeFunction r0, x0, <code <generic parameters of f>>
#      4      :0   Call r0, r0, #1
#      6      :0   StoreGlobal r0, .f
#      8     5:0   MakeFunction r0, x0, <code <generic parameters of D>>
#     10      :0   Call r0, r0, #0
#     12      :0   StoreGlobal r0, .D
#     14     9:0   MakeFunction r0, x0, <code <generic parameters of Alias>>
#     16      :0   Call r0, r0, #0
#     18      :0   StoreGlobal r0, .Alias
#     20      :0   ReturnNone
#
# <generic parameters of f>(.defaults): 12 registers
#      0      :0   NewCell ^T
#      1      :0   LoadConst r5, (1,)
#      3      :0   Move r6, r5
#      4      :0   MakeFunction r4, r6, x1, <code T>
#      6      :0   LoadConst r5, "T"
#      8      :0   MakeTypeParam r3, r5, r4, x1
#      9      :0   LoadConst r7, (1,)
#     11      :0   Move r8, r7
#     12      :0   MakeFunction r6, r8, x1, <code T>
#     14      :0   SetTypeParamDefault r3, r6
#     15      :0   StoreCell ^T, r3
#     16      :0   BuildTuple r2, r3, #1
#     17      :0   BuildTuple r6, ^T, #1
#     18      :0   MakeFunction r3, r3, x8, <code __annotate__>
#     20      :0   Move r4, .defaults
#     21      :0   Move r6, r3
#     22      :0   MakeFunction r3, r4, x5, <code f>
#     24      :0   SetTypeParams r3, r2
#     25      :0   Return r3
#
# T(.format): 2 registers
#      0     1:9   JumpIfNotGtInt .format, 2, -> 3
#      1      :9   LoadNotImplementedError r1
#      2      :9   Raise r1, 1
#      3      :9   LoadGlobal r1, .int
#      5      :9   Return r1
#
# T(.format): 2 registers
#      0     1:15  JumpIfNotGtInt .format, 2, -> 3
#      1      :15  LoadNotImplementedError r1
#      2      :15  Raise r1, 1
#      3      :15  LoadGlobal r1, .bool
#      5      :15  Return r1
#
# __annotate__(format): 6 registers
#      0     1:4   LoadFree ^T, ^T
#      1      :4   JumpIfNotGtInt format, 2, -> 4
#      2      :4   LoadNotImplementedError r2
#      3      :4   Raise r2, 1
#      4      :4   LoadConst r2, "x"
#      6      :24  LoadCell r3, ^T, ^T
#      7      :4   LoadConst r4, "return"
#      9      :34  LoadCell r5, ^T, ^T
#     10      :4   BuildDict r2, r2, #2
#     11      :4   Return r2
#
# f(x): 1 registers
#      0     2:4   Return x
#
# <generic parameters of D>(): 19 registers
#      0     5:0   NewCell ^.type_params
#      1      :0   NewCell ^Ts
#      2      :0   LoadConst r5, "Ts"
#      4      :0   MakeTypeParam r4, r5, x4
#      5      :0   StoreCell ^Ts, r4
#      6      :0   BuildTuple r3, r4, #1
#      7      :0   StoreCell ^.type_params, r3
#      8      :0   MakeGenericBase r4, r3
#      9      :0   Move .generic_base, r4
#     10      :0   LoadBuildClass r5
#     11      :0   BuildTuple r12, ^.type_params, #2
#     12      :0   MakeFunction r9, r9, x8, <code D>
#     14      :0   LoadConst r10, "D"
#     16      :0   Move r11, r5
#     17      :0   Move r16, r9
#     18      :0   Move r17, r10
#     19      :13  LoadGlobal r18, .list
#     21      :0   BuildList r15, r16, #3
#     22      :0   Move r16, .generic_base
#     23      :0   ListAppend r15, r16
#     24      :0   ListToTuple r15, r15
#     25      :0   LoadConst r16, None
#     27      :0   CallEx r5, r11
#     29      :0   Return r5
#
# D(): 9 registers
#      0     5:0   NewCell ^__classdict__
#      1      :0   LoadFree ^.type_params, ^.type_params
#      2      :0   LoadFree ^Ts, ^Ts
#      3      :0   LoadName r3, .__name__
#      5      :0   StoreName r3, .__module__
#      6      :0   LoadConst r3, "D"
#      8      :0   StoreName r3, .__qualname__
#      9      :0   LoadInt r3, 5
#     10      :0   StoreName r3, .__firstlineno__
#     11      :0   LoadLocals r4
#     12      :0   LoadFromDictOrCell r3, r4, ^.type_params, ^.type_params
#     14      :0   StoreName r3, .__type_params__
#     15      :0   LoadLocals r3
#     16      :0   StoreCell ^__classdict__, r3
#     17      :0   Move r7, ^Ts
#     18      :0   Move r8, ^__classdict__
#     19      :0   BuildTuple r6, r7, #2
#     20      :0   MakeFunction r3, r3, x8, <code D.__annotate__>
#     22      :0   StoreName r3, .__annotate_func__
#     23      :0   LoadConst r3, ()
#     25      :0   StoreName r3, .__static_attributes__
#     26      :0   StoreName ^__classdict__, .__classdictcell__
#     27      :0   ReturnNone
#
# D.__annotate__(format): 6 registers
#      0     5:0   LoadFree ^Ts, ^Ts
#      1      :0   LoadFree ^__classdict__, ^__classdict__
#      2      :0   JumpIfNotGtInt format, 2, -> 5
#      3      :0   LoadNotImplementedError r3
#      4      :0   Raise r3, 1
#      5      :0   BuildDict r3, #0
#      6     6:7   LoadCell r4, ^__classdict__, ^__classdict__
#      7      :7   LoadFromDictOrCell r4, r4, ^Ts, ^Ts
#      9      :7   LoadConst r5, "y"
#     11      :7   DictInsert r3, r5, r4
#     12      :7   Return r3
#
# <generic parameters of Alias>(): 10 registers
#      0     9:0   NewCell ^P
#      1      :0   LoadConst r1, "Alias"
#      3      :0   LoadConst r6, "P"
#      5      :0   MakeTypeParam r5, r6, x3
#      6      :0   StoreCell ^P, r5
#      7      :0   BuildTuple r4, r5, #1
#      8      :0   Move r2, r4
#      9      :0   LoadConst r5, (1,)
#     11      :0   Move r6, r5
#     12      :0   BuildTuple r9, ^P, #1
#     13      :0   MakeFunction r3, r6, x9, <code Alias>
#     15      :0   MakeTypeAlias r1, r1
#     16      :0   Return r1
#
# Alias(.format): 4 registers
#      0     9:18  LoadFree ^P, ^P
#      1      :18  JumpIfNotGtInt .format, 2, -> 4
#      2      :18  LoadNotImplementedError r2
#      3      :18  Raise r2, 1
#      4      :18  LoadGlobal r2, .list
#      6      :23  LoadCell r3, ^P, ^P
#      7      :18  LoadItem r2, r2, r3
#      9      :18  Return r2
