//! The opcode table: every instruction of the register machine, declared once.
//!
//! `for_each_opcode! { callback }` hands the whole table to `callback!` as rows
//! `(Name, snake_name, [field = Kind …], extension words, "sentence")`. The enum, the names, the disassembler, the register
//! effects and the documentation come from it, and so do the handler tables of the interpreter.
//!
//! Fields are `x`, `a`, `b`, `c` and `bc` of the instruction word and `e`, `f`, its first and second extension word.
//! Extension words without a field are inline caches. The kinds are those of [`crate::Kind`].

/// Passes every opcode to a callback macro; see the module head for the form of a row.
#[macro_export]
macro_rules! for_each_opcode {
    ($callback:ident) => {
        $callback! {
            // Data.
            (LoadConst, load_const, [a = Write e = Constant], 1, "Loads the constant in the extension word.")
            (LoadInt, load_int, [a = Write bc = Int], 0, "Loads the small int `bc`.")
            (Move, move_register, [a = Write b = Read], 0, "Copies a register.")
            (Unbind, unbind, [a = UnbindFirst bc = Count], 0, "Marks `bc` registers from `a` on as unbound.")
            (CheckBound, check_bound, [a = Check bc = Local], 0, "Raises UnboundLocalError for variable name `bc` if the register is unbound.")
            (DeleteLocal, delete_local, [a = Unbind bc = Local], 0, "Unbinds the local; raises UnboundLocalError if it is unbound.")

            // Cells.
            (MakeCell, make_cell, [a = ReadWrite], 0, "Wraps the register's value in a new cell, in place.")
            (NewCell, new_cell, [a = Write], 0, "Puts a new empty cell into the register.")
            (LoadFree, load_free, [a = Write bc = Free], 0, "Loads cell number `bc` of the running function's closure (the cell itself).")
            (LoadCell, load_cell, [a = Write b = Read c = Deref], 0, "Loads the content of the cell in `b`; raises for variable `c` (of cellvars, then freevars) if it is empty.")
            (StoreCell, store_cell, [a = Read b = Read], 0, "Stores `b` into the cell in `a`.")
            (DeleteCell, delete_cell, [a = Read c = Deref], 0, "Empties the cell in `a`; raises for variable `c` if it is empty already.")
            (LoadFromDictOrCell, load_from_dict_or_cell, [a = Write b = Read c = Read e = Deref], 1, "Looks the variable's name up in mapping `b`, then in the cell in `c` (class bodies and annotation scopes).")
            (LoadFromDictOrGlobal, load_from_dict_or_global, [a = Write b = Read c = Name], 1, "Looks the name up in mapping `b`, then among globals and builtins.")

            // Names.
            (LoadGlobal, load_global, [a = Write bc = Name], 1, "Loads a global or builtin.")
            (StoreGlobal, store_global, [a = Read bc = Name], 1, "Stores a global.")
            (DeleteGlobal, delete_global, [bc = Name], 0, "Deletes a global.")
            (LoadName, load_name, [a = Write bc = Name], 1, "Loads a name from the namespace, the globals or the builtins.")
            (StoreName, store_name, [a = Read bc = Name], 0, "Stores a name in the namespace.")
            (DeleteName, delete_name, [bc = Name], 0, "Deletes a name from the namespace.")
            (LoadLocals, load_locals, [a = Write], 0, "Loads the namespace mapping of the running class body or exec'd code.")

            // Attributes.
            (LoadAttr, load_attr, [a = Write b = Read c = Name], 2, "Loads attribute `c` of `b`.")
            (LoadAttrOther, load_attr_other, [a = Write b = Read c = Name], 2, "The rest of LoadAttr; never stands in code.")
            (StoreAttr, store_attr, [a = Read b = Read c = Name], 2, "Sets attribute `c` of `a` to `b`.")
            (StoreAttrOther, store_attr_other, [a = Read b = Read c = Name], 2, "The rest of StoreAttr; never stands in code.")
            (DeleteAttr, delete_attr, [a = Read c = Name], 0, "Deletes attribute `c` of `a`.")
            (LoadMethod, load_method, [a = WriteMethod b = Read c = Name], 2, "Loads what a call of method `c` of `b` needs: r[a] the callable, r[a+4] self, or unbound if self is not to be passed.")
            (LoadMethodOther, load_method_other, [a = WriteMethod b = Read c = Name], 2, "The rest of LoadMethod; never stands in code.")
            (LoadSuperAttr, load_super_attr, [a = Write b = ReadTriple c = Name x = Explicit], 2, "Loads attribute `c` of `super(class, self)`; r[b..b+3] = the global `super`, class, self; x = 1 if the arguments were written out.")
            (LoadSuperMethod, load_super_method, [a = WriteMethod b = ReadTriple c = Name x = Explicit], 2, "As `load_super_attr`, with the results of `load_method`.")

            // Calls.
            (Call, call, [a = Write b = CallBase c = Count], 1, "Calls r[b] with `c` positional arguments from b+4 on.")
            (CallMethod, call_method, [a = Write b = MethodBase c = Count], 1, "Calls r[b] with self at b+4 (unless unbound) and `c` arguments from b+5 on.")
            (CallFunction, call_function, [a = Write b = CallBase c = Count], 1, "Call of a Python function with defaults; never stands in code.")
            (CallMethodFunction, call_method_function, [a = Write b = MethodBase c = Count], 1, "CallMethod of a Python function with self and defaults; never stands in code.")
            (CallOther, call_other, [a = Write b = CallBase c = Count], 1, "The rest of Call; never stands in code.")
            (CallMethodOther, call_method_other, [a = Write b = MethodBase c = Count], 1, "The rest of CallMethod; never stands in code.")
            (CallKw, call_keyword, [a = Write b = CallBase c = Count f = Constant], 2, "Calls r[b] with `c` arguments from b+4 on, the last of which are named by the tuple in the second extension word.")
            (CallMethodKw, call_method_keyword, [a = Write b = MethodBase c = Count f = Constant], 2, "`call_method` with keyword arguments.")
            (CallEx, call_unpacked, [a = Write b = ExBase], 1, "Calls r[b] with the positional arguments in iterable r[b+4] and the keyword arguments in dict r[b+5] (or None).")
            (Return, return_value, [a = Read], 0, "Returns `a` to the caller.")
            (ReturnNone, return_none, [], 0, "Returns None to the caller.")

            // Arithmetic.
            (Add, add, [a = Write b = Read c = Read x = Inplace], 0, "`b + c`; x = 1 for the augmented assignment, here and below.")
            (Sub, sub, [a = Write b = Read c = Read x = Inplace], 0, "`b - c`.")
            (Mul, mul, [a = Write b = Read c = Read x = Inplace], 0, "`b * c`.")
            (TrueDiv, true_div, [a = Write b = Read c = Read x = Inplace], 0, "`b / c`.")
            (FloorDiv, floor_div, [a = Write b = Read c = Read x = Inplace], 0, "`b // c`.")
            (Mod, modulo, [a = Write b = Read c = Read x = Inplace], 0, "`b % c`.")
            (Pow, pow, [a = Write b = Read c = Read x = Inplace], 0, "`b ** c`.")
            (MatMul, mat_mul, [a = Write b = Read c = Read x = Inplace], 0, "`b @ c`.")
            (LShift, lshift, [a = Write b = Read c = Read x = Inplace], 0, "`b << c`.")
            (RShift, rshift, [a = Write b = Read c = Read x = Inplace], 0, "`b >> c`.")
            (And, and, [a = Write b = Read c = Read x = Inplace], 0, "`b & c`.")
            (Or, or, [a = Write b = Read c = Read x = Inplace], 0, "`b | c`.")
            (Xor, xor, [a = Write b = Read c = Read x = Inplace], 0, "`b ^ c`.")
            (AddInt, add_int, [a = Write b = Read c = Short x = Inplace], 0, "`b + c` with the small int `c`.")
            (SubInt, sub_int, [a = Write b = Read c = Short x = Inplace], 0, "`b - c` with the small int `c`.")
            (Neg, neg, [a = Write b = Read], 0, "`-b`.")
            (Pos, pos, [a = Write b = Read], 0, "`+b`.")
            (Invert, invert, [a = Write b = Read], 0, "`~b`.")
            (Not, not, [a = Write b = Read], 0, "`not b`.")

            // Comparisons.
            (Lt, lt, [a = Write b = Read c = Read], 0, "`b < c`.")
            (Le, le, [a = Write b = Read c = Read], 0, "`b <= c`.")
            (Eq, eq, [a = Write b = Read c = Read], 0, "`b == c`.")
            (Ne, ne, [a = Write b = Read c = Read], 0, "`b != c`.")
            (Gt, gt, [a = Write b = Read c = Read], 0, "`b > c`.")
            (Ge, ge, [a = Write b = Read c = Read], 0, "`b >= c`.")
            (Is, is, [a = Write b = Read c = Read], 0, "`b is c`.")
            (IsNot, is_not, [a = Write b = Read c = Read], 0, "`b is not c`.")
            (In, contains, [a = Write b = Read c = Read], 0, "`b in c`.")
            (NotIn, not_contains, [a = Write b = Read c = Read], 0, "`b not in c`.")

            // Jumps. Offsets count words from the end of the instruction, extension words included.
            (Jump, jump, [bc = Offset x = Hidden], 0, "Jumps; x = 1 if nobody who monitors jumps is told of it.")
            (JumpIfTrue, jump_if_true, [a = Read bc = Offset], 0, "Jumps if `a` is true.")
            (JumpIfFalse, jump_if_false, [a = Read bc = Offset], 0, "Jumps if `a` is false.")
            (JumpIfNone, jump_if_none, [a = Read bc = Offset], 0, "Jumps if `a` is None.")
            (JumpIfNotNone, jump_if_not_none, [a = Read bc = Offset], 0, "Jumps if `a` is not None.")
            (JumpIfLt, jump_if_lt, [a = Read b = Read c = ShortOffset], 0, "Jumps if `a < b`.")
            (JumpIfNotLt, jump_if_not_lt, [a = Read b = Read c = ShortOffset], 0, "Jumps unless `a < b`.")
            (JumpIfLe, jump_if_le, [a = Read b = Read c = ShortOffset], 0, "Jumps if `a <= b`.")
            (JumpIfNotLe, jump_if_not_le, [a = Read b = Read c = ShortOffset], 0, "Jumps unless `a <= b`.")
            (JumpIfEq, jump_if_eq, [a = Read b = Read c = ShortOffset], 0, "Jumps if `a == b`.")
            (JumpIfNotEq, jump_if_not_eq, [a = Read b = Read c = ShortOffset], 0, "Jumps unless `a == b`.")
            (JumpIfNe, jump_if_ne, [a = Read b = Read c = ShortOffset], 0, "Jumps if `a != b`.")
            (JumpIfNotNe, jump_if_not_ne, [a = Read b = Read c = ShortOffset], 0, "Jumps unless `a != b`.")
            (JumpIfGt, jump_if_gt, [a = Read b = Read c = ShortOffset], 0, "Jumps if `a > b`.")
            (JumpIfNotGt, jump_if_not_gt, [a = Read b = Read c = ShortOffset], 0, "Jumps unless `a > b`.")
            (JumpIfGe, jump_if_ge, [a = Read b = Read c = ShortOffset], 0, "Jumps if `a >= b`.")
            (JumpIfNotGe, jump_if_not_ge, [a = Read b = Read c = ShortOffset], 0, "Jumps unless `a >= b`.")
            (JumpIfLtInt, jump_if_lt_int, [a = Read b = Short c = ShortOffset], 0, "Jumps if `a < b`, `b` a small int.")
            (JumpIfNotLtInt, jump_if_not_lt_int, [a = Read b = Short c = ShortOffset], 0, "Jumps unless `a < b`, `b` a small int.")
            (JumpIfLeInt, jump_if_le_int, [a = Read b = Short c = ShortOffset], 0, "Jumps if `a <= b`, `b` a small int.")
            (JumpIfNotLeInt, jump_if_not_le_int, [a = Read b = Short c = ShortOffset], 0, "Jumps unless `a <= b`, `b` a small int.")
            (JumpIfEqInt, jump_if_eq_int, [a = Read b = Short c = ShortOffset], 0, "Jumps if `a == b`, `b` a small int.")
            (JumpIfNotEqInt, jump_if_not_eq_int, [a = Read b = Short c = ShortOffset], 0, "Jumps unless `a == b`, `b` a small int.")
            (JumpIfNeInt, jump_if_ne_int, [a = Read b = Short c = ShortOffset], 0, "Jumps if `a != b`, `b` a small int.")
            (JumpIfNotNeInt, jump_if_not_ne_int, [a = Read b = Short c = ShortOffset], 0, "Jumps unless `a != b`, `b` a small int.")
            (JumpIfGtInt, jump_if_gt_int, [a = Read b = Short c = ShortOffset], 0, "Jumps if `a > b`, `b` a small int.")
            (JumpIfNotGtInt, jump_if_not_gt_int, [a = Read b = Short c = ShortOffset], 0, "Jumps unless `a > b`, `b` a small int.")
            (JumpIfGeInt, jump_if_ge_int, [a = Read b = Short c = ShortOffset], 0, "Jumps if `a >= b`, `b` a small int.")
            (JumpIfNotGeInt, jump_if_not_ge_int, [a = Read b = Short c = ShortOffset], 0, "Jumps unless `a >= b`, `b` a small int.")
            (JumpIfIs, jump_if_is, [a = Read b = Read c = ShortOffset], 0, "Jumps if `a is b`.")
            (JumpIfIsNot, jump_if_is_not, [a = Read b = Read c = ShortOffset], 0, "Jumps if `a is not b`.")
            (JumpIfIn, jump_if_in, [a = Read b = Read c = ShortOffset], 0, "Jumps if `a in b`.")
            (JumpIfNotIn, jump_if_not_in, [a = Read b = Read c = ShortOffset], 0, "Jumps if `a not in b`.")
            (JumpIfMatch, jump_if_match, [a = Read b = Read c = ShortOffset], 0, "Jumps if exception `a` matches `b`, a class or tuple of classes.")
            (JumpIfNoMatch, jump_if_no_match, [a = Read b = Read c = ShortOffset], 0, "Jumps unless exception `a` matches `b`, a class or tuple of classes.")

            // Loops.
            (LoopHeader, loop_header, [], 1, "Stands at the top of every loop body: polls, and counts hotness in its word.")
            (GetIter, get_iter, [a = Write b = Read], 0, "`iter(b)`.")
            (ForIter, for_iter, [a = WriteOrJump b = Read e = Offset], 1, "Puts the next item of iterator `b` into `a`, or jumps when there is none, leaving `a` as it is.")
            (ForIterOther, for_iter_other, [a = WriteOrJump b = Read e = Offset], 1, "The rest of ForIter; never stands in code.")

            // Building.
            (BuildTuple, build_tuple, [a = Write b = First c = Count], 0, "Builds a tuple of `c` registers from `b` on.")
            (BuildList, build_list, [a = Write b = First c = Count], 0, "Builds a list of `c` registers from `b` on.")
            (BuildSet, build_set, [a = Write b = First c = Count], 0, "Builds a set of `c` registers from `b` on.")
            (BuildDict, build_dict, [a = Write b = First c = Pairs], 0, "Builds a dict of `c` key-value pairs from `b` on.")
            (BuildString, build_string, [a = Write b = First c = Count], 0, "Joins `c` strings from `b` on.")
            (BuildSlice, build_slice, [a = Write b = First c = Count], 0, "Builds a slice of 2 or 3 registers from `b` on.")
            (ListAppend, list_append, [a = Read b = Read], 0, "Appends `b` to the list `a`.")
            (SetAdd, set_add, [a = Read b = Read], 0, "Adds `b` to the set `a`.")
            (DictInsert, dict_insert, [a = Read b = Read c = Read], 0, "Sets key `b` of the dict `a` to `c`.")
            (ListExtend, list_extend, [a = Read b = Read], 0, "Appends the items of iterable `b` to the list `a`.")
            (SetUpdate, set_update, [a = Read b = Read], 0, "Adds the items of iterable `b` to the set `a`.")
            (DictUpdate, dict_update, [a = Read b = Read], 0, "Inserts the items of mapping `b` into the dict `a`.")
            (DictMerge, dict_merge, [a = ReadWrite b = Read c = Read], 0, "As `dict_update`, but a key there twice raises TypeError for the callable `c`. In place of None, `a` gets `b` itself if it is a dict, else a copy.")
            (ListToTuple, list_to_tuple, [a = Write b = Read], 0, "Builds a tuple of the list `b`.")
            (FormatValue, format_value, [a = Write b = Read c = ReadOptional x = Conversion], 0, "`format(b, c)`, with an empty specification if `c` is none; x = conversion ('s', 'r', 'a' or 0) applied first.")
            (BuildInterpolation, build_interpolation, [a = Write b = ReadPair c = ReadOptional x = Conversion], 0, "Builds a string.templatelib.Interpolation: value r[b], expression text r[b+1], format specification `c`.")
            (BuildTemplate, build_template, [a = Write b = Read c = Read], 0, "Builds a string.templatelib.Template of a tuple of strings and a tuple of interpolations.")

            // Items.
            (LoadItem, load_item, [a = Write b = Read c = Read], 1, "`b[c]`.")
            (LoadItemOther, load_item_other, [a = Write b = Read c = Read], 1, "The rest of LoadItem; never stands in code.")
            (StoreItem, store_item, [a = Read b = Read c = Read], 1, "`a[b] = c`.")
            (DeleteItem, delete_item, [a = Read b = Read], 0, "`del a[b]`.")
            (UnpackSequence, unpack_sequence, [a = WriteFirst b = Read c = Count], 0, "Unpacks `b` into exactly `c` registers from `a` on, which are written only when all items are there.")
            (UnpackEx, unpack_ex, [a = WriteFirst b = Read c = BeforeAfter], 0, "Unpacks `b` around a starred target: `c & 255` registers, a list, `c >> 8` registers, from `a` on.")

            // Functions, classes, imports.
            (MakeFunction, make_function, [a = Write b = FunctionParts x = FunctionFlags e = Code], 1, "Makes a function of the code in the extension word; x bits say which of r[b..b+4] are present: defaults tuple (1), keyword defaults dict (2), annotate function (4), closure tuple (8).")
            (SetTypeParams, set_type_params, [a = Read b = Read], 0, "Sets `__type_params__` of the function `a` to `b`.")
            (LoadBuildClass, load_build_class, [a = Write], 0, "Loads `builtins.__build_class__`.")
            (ImportName, import_name, [a = Write b = ReadPair c = Name], 0, "Imports module `c` with level r[b] and fromlist r[b+1].")
            (ImportFrom, import_from, [a = Write b = Read c = Name], 0, "Loads name `c` of module `b` for `from … import`.")
            (ImportStar, import_star, [a = Read], 0, "Copies the public names of module `a` into the namespace.")
            (SetupAnnotations, setup_annotations, [], 0, "Makes sure that the namespace has an `__annotations__` dict (under `from __future__ import annotations`).")
            (PrintExpression, print_expression, [a = Read], 0, "Passes `a` to `sys.displayhook` (interactive mode).")

            // Exceptions.
            (Raise, raise, [a = ReadOptional b = ReadOptional x = Int], 0, "Raises: x = 0 the exception being handled, 1 `a`, 2 `a` with cause `b`.")
            (Reraise, reraise, [a = Read x = Int], 0, "Raises exception `a` again, its traceback and context as they are; with x = 1 the frame counts as being where it raised `a` first.")
            (EnterHandler, enter_handler, [a = Write b = Read], 0, "Begins handling exception `b`; r[a] = the one handled before, or None.")
            (LeaveHandler, leave_handler, [a = Read], 0, "Ends handling: the thread handles `a` (or nothing, if None) again.")
            (MatchException, match_exception, [a = Write b = Read c = Read], 0, "Whether exception `b` matches `c`, a class or tuple of classes.")
            (MatchGroup, match_group, [a = WritePair b = Read c = Read], 0, "`except*`: r[a] = the part of exception `b` that matches `c` or None, r[a+1] = the rest or None.")
            (JoinGroup, join_group, [a = Write b = Read c = Read], 0, "`except*`: the exception to raise after all handlers of `b`, given the list `c` of raised and unhandled ones, or None.")
            (LoadAssertionError, load_assertion_error, [a = Write], 0, "Loads the class AssertionError.")
            (LoadNotImplementedError, load_not_implemented_error, [a = Write], 0, "Loads the class NotImplementedError.")
            (LoadSpecial, load_special, [a = WriteMethod b = Read x = Special], 0, "As `load_method`, from the type: x = 0 `__enter__`, 1 `__exit__`, 2 `__aenter__`, 3 `__aexit__`.")
            (ExceptionTriple, exception_triple, [a = WriteTriple b = Read], 0, "r[a..a+3] = type, value and traceback of exception `b`.")

            // Generators and coroutines.
            (MakeGenerator, make_generator, [], 0, "First instruction of a generator, coroutine or asynchronous generator: returns the generator object to the caller.")
            (GeneratorReturn, generator_return, [a = Read], 0, "`return_value` in generator code, with x = 1 `return_none`; the loader puts it there.")
            (ConstructorReturn, constructor_return, [], 0, "End of a construction: returns r0 after checking that `__init__`, whose result is in r1, returned None.")
            (MakerReturn, maker_return, [], 0, "`__new__` of the class in r0 has returned r1: returns it, after `__init__` with the arguments from r3 on, of which r2 names the last, if it is an instance that has one.")
            (LoadBody, load_body, [], 0, "Stands for the code of a function that was never called: loads it and begins.")
            (Yield, yield_value, [a = Write b = Read c = ReadOptional x = Delegating], 0, "Yields `b`; `a` receives what is sent. x = 1: on behalf of the sub-iterator `c`, to which `throw()` and `close()` go first.")
            (Send, send, [a = Write b = Read c = Read e = Offset], 1, "Sends `c` to iterator `b`; `a` = what it yields, or its result, and then jumps.")
            (CleanupThrow, cleanup_throw, [a = Write b = Read], 0, "After a sub-iterator raised `b`: `a` = the value of a StopIteration; raises anything else again.")
            (GetYieldFromIter, get_yield_from_iter, [a = Write b = Read], 0, "The iterator that `yield from b` delegates to.")
            (GetAwaitable, get_awaitable, [a = Write b = Read x = Awaited], 0, "The iterator that `await b` delegates to; x = 1 for the result of `__aenter__`, 2 for that of `__aexit__`.")
            (GetAsyncIter, get_async_iter, [a = Write b = Read], 0, "`aiter(b)`.")
            (GetAsyncNext, get_async_next, [a = Write b = Read], 0, "The awaitable for the next item of asynchronous iterator `b`.")
            (EndAsyncFor, end_async_for, [a = Read], 0, "Raises exception `a` again unless it is StopAsyncIteration.")
            (AsyncWrap, async_wrap, [a = Write b = Read], 0, "Wraps what an asynchronous generator yields.")

            // Structural pattern matching.
            (MatchSequence, match_sequence, [a = Write b = Read], 0, "Whether `b` matches sequence patterns.")
            (MatchMapping, match_mapping, [a = Write b = Read], 0, "Whether `b` matches mapping patterns.")
            (MatchKeys, match_keys, [a = Write b = Read c = Read], 0, "The tuple of values of mapping `b` for the tuple of keys `c`, or None if one is missing.")
            (MatchClass, match_class, [a = Write b = Read c = ReadPair e = Count], 1, "The tuple of attributes of `b` for class r[c], `e` positional sub-patterns and the tuple of keyword names r[c+1], or None.")
            (GetLength, get_length, [a = Write b = Read], 0, "`len(b)`.")

            // Type parameters (PEP 695).
            (MakeTypeParam, make_type_param, [a = Write b = Read c = ReadOptional x = TypeParam], 0, "Makes a type parameter named `b`: x = 0 TypeVar, 1 TypeVar with bound evaluated by `c`, 2 with constraints evaluated by `c`, 3 ParamSpec, 4 TypeVarTuple.")
            (SetTypeParamDefault, set_type_param_default, [a = Read b = Read], 0, "Gives type parameter `a` the default evaluated by `b`.")
            (MakeGenericBase, make_generic_base, [a = Write b = Read], 0, "`typing.Generic` subscripted with the type parameters `b`.")
            (MakeTypeAlias, make_type_alias, [a = Write b = ReadTriple], 0, "Makes a type alias of name r[b], type parameters r[b+1] (tuple or None) and the function evaluating it r[b+2].")
        }
    };
}
