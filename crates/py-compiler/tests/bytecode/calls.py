def calls(f, x, *args, k=1, **kwargs):
    f(x, g(x), y=x)
    x.method(1)(2)
    x.method(1, key=f)
    f(*args)
    f(1, *args, 2, a=3, **kwargs, b=4)
    return f(v for v in x)


class Base:
    def __init__(self):
        super().__init__()
        self.value = super(Base, self).value
        self.__private = Base.__name__
        return __class__
# ----
# <module>(): 6 registers
#      0     1:0   LoadConst r1, "k"
#      2      :25  LoadInt r2, 1
#      3      :0   BuildDict r0, r1, #1
#      4      :0   Move r2, r0
#      5      :0   MakeFunction r0, r1, x2, <code calls>
#      7      :0   StoreGlobal r0, .calls
#      9    10:0   LoadBuildClass r0
#     10      :0   MakeFunction r4, x0, <code Base>
#     12      :0   LoadConst r5, "Base"
#     14      :0   Call r0, r0, #2
#     16      :0   StoreGlobal r0, .Base
#     18      :0   ReturnNone
#
# calls(f, x, k, args, kwargs): 15 registers
#      0     2:4   Move r5, f
#      1      :6   Move r9, x
#      2      :9   LoadGlobal r10, .g
#      4      :11  Move r14, x
#      5      :9   Call r10, r10, #1
#      7      :17  Move r11, x
#      8      :4   CallKw r5, r5, #3, ("y",)
#     11     3:4   LoadMethod r5, x, .method
#     14      :13  LoadInt r10, 1
#     15      :4   CallMethod r5, r5, #1
#     17      :16  LoadInt r9, 2
#     18      :4   Call r5, r5, #1
#     20     4:4   LoadMethod r5, x, .method
#     23      :13  LoadInt r10, 1
#     24      :20  Move r11, f
#     25      :4   CallMethodKw r5, r5, #2, ("key",)
#     28     5:4   Move r5, f
#     29      :7   Move r9, args
#     30      :4   LoadConst r10, None
#     32      :4   CallEx r5, r5
#     34     6:4   Move r5, f
#     35      :6   LoadInt r10, 1
#     36      :4   BuildList r9, r10, #1
#     37      :4   ListExtend r9, args
#     38      :16  LoadInt r10, 2
#     39      :4   ListAppend r9, r10
#     40      :4   ListToTuple r9, r9
#     41      :4   LoadConst r11, "a"
#     43      :21  LoadInt r12, 3
#     44      :4   BuildDict r10, r11, #1
#     45      :4   DictMerge r10, kwargs, r5
#     46      :4   LoadConst r12, "b"
#     48      :36  LoadInt r13, 4
#     49      :4   BuildDict r11, r12, #1
#     50      :4   DictMerge r10, r11, r5
#     51      :4   CallEx r5, r5
#     53     7:11  Move r5, f
#     54      :24  Move r13, x
#     55      :13  GetIter r13, r13
#     56      :13  MakeFunction r9, x0, <code calls.<locals>.<genexpr>>
#     58      :13  Call r9, r9, #1
#     60      :11  Call r5, r5, #1
#     62      :4   Return r5
#
# calls.<locals>.<genexpr>(.0): 3 registers
#      0     7:12  MakeGenerator
#      1      :12  Unbind v, #1
#      2      :13  LoopHeader
#      4      :24  ForIter v, .0, -> 8
#      6      :13  Yield r2, v
#      7      :13  Jump -> 2
#      8      :13  ReturnNone
#
# Base(): 5 registers
#      0    10:0   NewCell ^__class__
#      1      :0   LoadName r1, .__name__
#      3      :0   StoreName r1, .__module__
#      4      :0   LoadConst r1, "Base"
#      6      :0   StoreName r1, .__qualname__
#      7      :0   LoadInt r1, 10
#      8      :0   StoreName r1, .__firstlineno__
#      9    11:4   BuildTuple r4, ^__class__, #1
#     10      :4   MakeFunction r1, r1, x8, <code Base.__init__>
#     12      :4   StoreName r1, .__init__
#     13      :4   LoadConst r1, ("_Base__private", "value")
#     15      :4   StoreName r1, .__static_attributes__
#     16      :4   StoreName ^__class__, .__classcell__
#     17      :4   Return ^__class__
#
# Base.__init__(self): 7 registers
#      0    11:8   LoadFree ^__class__, ^__class__
#      1    12:8   LoadGlobal r2, .super
#      3      :8   LoadCell r3, ^__class__, ^__class__
#      4      :8   Move r4, self
#      5      :8   LoadSuperMethod r2, r2, .__init__
#      8      :8   CallMethod r2, r2, #0
#     10    13:21  LoadGlobal r2, .super
#     12      :27  LoadGlobal r3, .Base
#     14      :33  Move r4, self
#     15      :21  LoadSuperAttr r2, r2, .value, explicit
#     18      :8   StoreAttr self, r2, .value
#     21    14:25  LoadGlobal r2, .Base
#     23      :25  LoadAttr r2, r2, .__name__
#     26      :8   StoreAttr self, r2, ._Base__private
#     29    15:15  LoadCell r2, ^__class__, ^__class__
#     30      :8   Return r2
