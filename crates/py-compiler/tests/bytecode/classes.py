"""Module docstring."""


@decorate(1)
@other
class C(Base, metaclass=Meta):
    """Class docstring."""

    x: int = 1
    y = x

    @property
    def f(self, a: "int" = 1, *, b: str) -> None:
        """Function docstring.

        Indented.
        """
        self.a = a
# ----
# <module>(): 16 registers
#      0     1:0   LoadConst r0, "Module docstring."
#      2      :0   StoreGlobal r0, .__doc__
#      4     4:1   LoadGlobal r0, .decorate
#      6      :10  LoadInt r4, 1
#      7      :1   Call r0, r0, #1
#      9     5:1   LoadGlobal r4, .other
#     11     6:0   LoadBuildClass r8
#     12      :0   MakeFunction r12, x0, <code C>
#     14      :0   LoadConst r13, "C"
#     16      :8   LoadGlobal r14, .Base
#     18      :24  LoadGlobal r15, .Meta
#     20      :0   CallKw r8, r8, #4, ("metaclass",)
#     23     5:1   Call r4, r4, #1
#     25     4:1   Call r0, r0, #1
#     27     6:0   StoreGlobal r0, .C
#     29      :0   ReturnNone
#
# C(): 11 registers
#      0     4:0   NewCell ^__classdict__
#      1      :0   LoadName r1, .__name__
#      3      :0   StoreName r1, .__module__
#      4      :0   LoadConst r1, "C"
#      6      :0   StoreName r1, .__qualname__
#      7      :0   LoadInt r1, 4
#      8      :0   StoreName r1, .__firstlineno__
#      9      :0   LoadLocals r1
#     10      :0   StoreCell ^__classdict__, r1
#     11     7:4   LoadConst r1, "Class docstring."
#     13      :4   StoreName r1, .__doc__
#     14     4:0   BuildTuple r4, ^__classdict__, #1
#     15      :0   MakeFunction r1, r1, x8, <code C.__annotate__>
#     17      :0   StoreName r1, .__annotate_func__
#     18     9:13  LoadInt r1, 1
#     19      :4   StoreName r1, .x
#     20    10:8   LoadName r1, .x
#     22      :4   StoreName r1, .y
#     23    12:5   LoadName r1, .property
#     25    13:4   LoadConst r5, (1,)
#     27      :4   BuildTuple r9, ^__classdict__, #1
#     28      :4   MakeFunction r6, r6, x8, <code C.__annotate__>
#     30      :4   Move r7, r5
#     31      :4   Move r9, r6
#     32      :4   MakeFunction r5, r7, x5, <code C.f>
#     34    12:5   Call r1, r1, #1
#     36    13:4   StoreName r1, .f
#     37      :4   LoadConst r1, ("a",)
#     39      :4   StoreName r1, .__static_attributes__
#     40      :4   StoreName ^__classdict__, .__classdictcell__
#     41      :4   ReturnNone
#
# C.__annotate__(format): 5 registers
#      0     4:0   LoadFree ^__classdict__, ^__classdict__
#      1      :0   JumpIfNotGtInt format, 2, -> 4
#      2      :0   LoadNotImplementedError r2
#      3      :0   Raise r2, 1
#      4      :0   BuildDict r2, #0
#      5     9:7   LoadCell r3, ^__classdict__, ^__classdict__
#      6      :7   LoadFromDictOrGlobal r3, r3, .int
#      8      :7   LoadConst r4, "x"
#     10      :7   DictInsert r2, r4, r3
#     11      :7   Return r2
#
# C.__annotate__(format): 8 registers
#      0    13:8   LoadFree ^__classdict__, ^__classdict__
#      1      :8   JumpIfNotGtInt format, 2, -> 4
#      2      :8   LoadNotImplementedError r2
#      3      :8   Raise r2, 1
#      4      :8   LoadConst r2, "a"
#      6      :19  LoadConst r3, "int"
#      8      :8   LoadConst r4, "b"
#     10      :36  LoadCell r5, ^__classdict__, ^__classdict__
#     11      :36  LoadFromDictOrGlobal r5, r5, .str
#     13      :8   LoadConst r6, "return"
#     15      :44  LoadConst r7, None
#     17      :8   BuildDict r2, r2, #3
#     18      :8   Return r2
#
# C.f(self, a, b): 3 registers
#      0    18:8   StoreAttr self, a, .a
#      3      :8   ReturnNone
