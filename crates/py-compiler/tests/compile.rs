//! What compiles to what, where a listing would say too much: variables, constants, errors, limits.

use py_code::{CodeUnit, Const, Opcode, flags};
use py_compiler::{Mode, compile};

fn unit(source: &str) -> CodeUnit {
    let unit = compile(source, "test.py", Mode::Module).unwrap_or_else(|error| panic!("{source}\n{error}"));
    py_code::verify(&unit).unwrap_or_else(|error| panic!("{source}\n{error}"));
    unit
}

/// The nested unit with a qualified name.
fn nested(unit: &CodeUnit, qualname: &str) -> Option<CodeUnit> {
    unit.consts.iter().find_map(|constant| match constant {
        Const::Code(code) if code.qualname == qualname => Some(CodeUnit::clone(code)),
        Const::Code(code) => nested(code, qualname),
        _ => None,
    })
}

fn opcodes(unit: &CodeUnit) -> Vec<Opcode> {
    unit.instructions().map(|(_, instruction)| instruction.opcode()).collect()
}

#[test]
fn variables_live_where_they_should() {
    // Source, unit, locals, cells, free variables.
    let cases = [
        ("def f(a, /, b, *c, d, **e): g = a", "f", "a b d c e g", "", ""),
        ("def f(a):\n def g(): return a", "f", "a g", "a", ""),
        ("def f(a):\n def g(): return a", "f.<locals>.g", "", "", "a"),
        ("def f(a):\n def g():\n  def h(): nonlocal a; a = 1", "f.<locals>.g", "h", "", "a"),
        ("def f():\n global a\n a = 1\n def g(): return a", "f", "g", "", ""),
        ("def f(x): return [x for x in x]", "f", "x", "", ""),
        ("def f(x): return [y for y in x]", "f", "x y", "", ""),
        ("def f(x): return [lambda: y for y in x]", "f", "x", "y", ""),
        ("def f(x): return [x for y in x], (lambda: x)", "f", "x y", "x", ""),
        ("def f(x): return (x for y in x)", "f.<locals>.<genexpr>", ".0 y", "", "x"),
        ("def f(x): return [(n := y) for y in x], n", "f", "x n y", "", ""),
        ("def f(x): return ((n := y) for y in x), n", "f", "x", "n", ""),
        ("class C:\n def f(self): return super().f()", "C", "", "__class__", ""),
        ("class C:\n def f(self): return super().f()", "C.f", "self", "", "__class__"),
        ("class C:\n def f(self, __x): self.__y = __x", "C.f", "self _C__x", "", ""),
        ("class C:\n x = 1\n y = [x for i in x]", "C", "i", "", ""),
        ("def f(T):\n class C:\n  T = 1\n  x: T", "f.<locals>.C.__annotate__", "format", "", "__classdict__"),
    ];
    for (source, name, locals, cells, free) in cases {
        let module = unit(source);
        let found = nested(&module, name).unwrap_or_else(|| panic!("{source}: no {name}"));
        assert_eq!(
            (found.varnames.join(" "), found.cellvars.join(" "), found.freevars.join(" ")),
            (locals.to_string(), cells.to_string(), free.to_string()),
            "{source}: {name}"
        );
    }
}

#[test]
fn constants_fold_as_in_cpython() {
    let cases = [
        ("1 + 2 * 3", Some(Const::Int(7))),
        ("-7 // 2", Some(Const::Int(-4))),
        ("-7 % 3", Some(Const::Int(2))),
        ("7 / 2", Some(Const::Float(3.5))),
        ("1 << 62", Some(Const::Int(1 << 62))),
        ("-0.0", Some(Const::Float(-0.0))),
        ("1 - 2j", Some(Const::Complex(1.0, -2.0))),
        ("-9223372036854775808", Some(Const::Int(i64::MIN))),
        ("-9223372036854775809", Some(Const::BigInt("-9223372036854775809".into()))),
        ("'a' * 3", Some(Const::text("aaa"))),
        ("(1, 'a', None)", Some(Const::Tuple(vec![Const::Int(1), Const::text("a"), Const::None]))),
        ("not ''", Some(Const::Bool(true))),
        // What may fail, or grow, is left for later.
        ("1 // 0", None),
        ("1 << 100", None),
        ("9223372036854775807 + 1", None),
        ("'a' * 10000", None),
        ("2 ** 0.5", None),
        ("1 + x", None),
    ];
    for (source, expected) in cases {
        let unit = compile(source, "test.py", Mode::Eval).expect("it compiles");
        let listing = opcodes(&unit);
        let constant = match listing[..] {
            [Opcode::LoadInt, Opcode::Return] => {
                unit.instructions().next().map(|(_, load)| Const::Int(load.bc().into()))
            }
            [Opcode::LoadConst, Opcode::Return] => unit.consts.first().cloned(),
            _ => None,
        };
        assert_eq!(constant, expected, "{source}: {listing:?}");
    }
}

#[test]
fn checks_for_unbound_locals_are_where_they_are_needed() {
    let cases = [
        ("def f(a): return a", 0),
        ("def f(a):\n if a: x = 1\n return x", 1),
        ("def f(a):\n if a: x = 1\n else: x = 2\n return x", 0),
        ("def f(a):\n for x in a: pass\n return x", 1),
        ("def f(a):\n for x in a: print(x)", 0),
        ("def f(a):\n try: x = a()\n except E: pass\n return x", 1),
        ("def f(a):\n try: x = a()\n except E: x = 2\n return x", 0),
        ("def f(a):\n try: x = a()\n finally: print(x)", 1),
        ("def f(a):\n del a\n return a", 1),
        ("def f(a):\n while True:\n  x = a\n  if x: break\n return x", 0),
        ("def f(a):\n print(x, x)\n x = 1", 1),
        ("def f(a):\n with a as x: y = 1\n return x, y", 1),
        ("def f(a): return [y for x in a for y in x]", 0),
        ("def f(a): return [y for x in a for z in y for y in x]", 1),
    ];
    for (source, expected) in cases {
        let module = unit(source);
        let function = nested(&module, "f").expect("there is an f");
        let checks = opcodes(&function).into_iter().filter(|&opcode| opcode == Opcode::CheckBound).count();
        assert_eq!(checks, expected, "{source}\n{}", py_code::disassemble(&function));
    }
}

#[test]
fn errors_say_what_and_where() {
    let cases = [
        ("return 1", "'return' outside function", 1),
        ("x\nbreak", "'break' outside loop", 2),
        ("def f():\n continue", "'continue' not properly in loop", 2),
        ("def f(a, a): pass", "duplicate argument 'a' in function definition", 1),
        ("def f():\n x = 1\n global x", "name 'x' is assigned to before global declaration", 3),
        ("def f():\n nonlocal x", "no binding for nonlocal 'x' found", 2),
        ("yield 1", "'yield' outside function", 1),
        ("def f(): await x", "'await' outside async function", 1),
        ("f(a=1, a=2)", "keyword argument repeated: a", 1),
        ("a, *b, *c = d", "multiple starred expressions in assignment", 1),
        ("*a = b", "starred assignment target must be in a list or tuple", 1),
        ("def f():\n from m import *", "import * only allowed at module level", 2),
        (
            "x = 1\nfrom __future__ import division",
            "from __future__ imports must occur at the beginning of the file",
            2,
        ),
        ("[x := 1 for x in y]", "assignment expression cannot rebind comprehension iteration variable 'x'", 1),
        ("match x:\n case _: pass\n case 1: pass", "wildcard makes remaining patterns unreachable", 2),
        ("try: pass\nexcept: pass\nexcept E: pass", "default 'except:' must be last", 2),
        ("f() = 1", "cannot assign to function call here. Maybe you meant '==' instead of '='?", 1),
        ("if x:\npass", "expected an indented block after 'if' statement on line 1", 2),
        ("__debug__ = 1", "cannot assign to __debug__", 1),
        ("x = (1", "invalid syntax", 1),
    ];
    for (source, message, line) in cases {
        match compile(source, "test.py", Mode::Module) {
            Ok(_) => panic!("{source}: compiles"),
            Err(error) if message != "invalid syntax" => {
                assert_eq!((error.error.message.as_str(), error.error.line), (message, line), "{source}");
            }
            Err(_) => {}
        }
    }
}

#[test]
fn flags_tell_generators_and_coroutines() {
    let cases = [
        ("def f(): yield", flags::GENERATOR),
        ("async def f(): pass", flags::COROUTINE),
        ("async def f(): yield", flags::ASYNC_GENERATOR),
        ("def f(): lambda: (yield)", 0),
        ("async def f(): return [x async for x in y]", flags::COROUTINE),
    ];
    let all = flags::GENERATOR | flags::COROUTINE | flags::ASYNC_GENERATOR;
    for (source, expected) in cases {
        let function = nested(&unit(source), "f").expect("there is an f");
        assert_eq!(function.flags & all, expected, "{source}");
        let first = opcodes(&function).first() == Some(&Opcode::MakeGenerator);
        assert_eq!(first, expected != 0, "{source}");
    }
}

#[test]
fn large_sources_compile_or_fail_in_order() {
    // Jumps too far for 16 bits take the long form.
    let far = format!("def f(a, b):\n while a < b:\n{}", "  g(a, b, a, b)\n".repeat(12_000));
    let function = nested(&unit(&far), "f").expect("there is an f");
    assert!(opcodes(&function).contains(&Opcode::Jump));
    // More names than an operand holds.
    let names: String = (0..70_000).map(|index| format!("a.x{index}\n")).collect();
    let error = compile(&names, "test.py", Mode::Module).unwrap_err();
    assert_eq!(error.error.message, "too many names in one code block");
    // More locals than an operand holds.
    let locals: String = (0..70_000).map(|index| format!(" x{index} = 1\n")).collect();
    let error = compile(&format!("def f():\n{locals}"), "test.py", Mode::Module).unwrap_err();
    assert_eq!(error.error.message, "too many local variables");
    // Large displays and calls keep frames small.
    let items = "x, ".repeat(100_000);
    let display = unit(&format!("[{items}]\n({items})\n{{{items}}}\nf({items})"));
    assert!(display.frame_size < 1000, "{}", display.frame_size);
    // Deep nesting.
    let deep = format!("x = {}1", "1 + f(".repeat(150) + &"y ** ".repeat(5000)) + &")".repeat(150);
    unit(&deep);
}

#[test]
fn liveness_covers_what_instructions_read() {
    let module = unit(include_str!("bytecode/exceptions.py"));
    for name in ["handlers", "loop", "groups"] {
        let function = nested(&module, name).expect("it is in the file");
        let live = py_code::liveness(&function);
        for (offset, instruction) in function.instructions() {
            let before = live.before(offset).expect("an instruction starts here");
            py_code::for_each_register(instruction, |access, first, count| {
                if access == py_code::Access::Read {
                    for register in first..first + count {
                        assert!(before.contains(register), "{name} at {offset}: {instruction:?} reads r{register}");
                    }
                }
            });
        }
        // Nothing is live at entry but the parameters.
        let entry = live.before(0).expect("there is a first instruction");
        assert_eq!(entry.iter().collect::<Vec<_>>(), [0], "{name}");
    }
}
