//! What the runtime computes: arithmetic in full, arrays, printing, faults. Slow paths call these, and compiled traces call
//! them through the runtime functions at the end.

use crate::context::Context;
use crate::objects::*;
use std::fmt::Write;
use vm_heap::Value;
use vm_machine::{Effects, RAISED, Raised, RuntimeFunction, Thread};

/// Result of what may throw; the thrown value waits in the context.
pub type Outcome<T = Value> = Result<T, Raised>;

macro_rules! numbered {
    ($(#[$doc:meta])* $Name:ident { $( $Variant:ident $text:literal )* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        pub enum $Name { $( #[doc = $text] $Variant ),* }

        impl $Name {
            const ALL: &'static [$Name] = &[$($Name::$Variant),*];

            /// By number.
            pub fn from_number(number: i64) -> $Name {
                $Name::ALL[number as usize]
            }

            /// For people.
            pub fn text(self) -> &'static str {
                match self { $( $Name::$Variant => $text ),* }
            }
        }
    };
}

numbered! {
    /// What the runtime throws.
    FaultKind {
        NoNumber "a number was expected"
        DivisionByZero "division by zero"
        NoArray "an array was expected"
        NoPair "a pair was expected"
        NoFunction "a function was expected"
        Index "the index lies outside the array"
        Arity "wrong number of arguments"
        StackFull "calls are nested too deeply"
        NoMemory "no memory for an array of this length"
    }
}

numbered! {
    /// A binary operator.
    Operator { Add "+" Sub "-" Mul "*" Div "/" Mod "%" }
}

numbered! {
    /// A comparison.
    Comparison { Less "<" LessEqual "<=" Equal "=" }
}

fn float(value: Value) -> Option<f64> {
    if value.is_int() {
        Some(value.as_int() as f64)
    } else if value.is_float() {
        Some(value.as_float())
    } else {
        downcast::<BoxedFloat>(value).map(|boxed| boxed.number.get())
    }
}

/// A binary operator on any values.
pub fn arithmetic(cx: &Context, operator: Operator, lhs: Value, rhs: Value) -> Outcome {
    if lhs.is_int() && rhs.is_int() {
        let (x, y) = (lhs.as_int() as i128, rhs.as_int() as i128);
        if y == 0 && matches!(operator, Operator::Div | Operator::Mod) {
            return Err(cx.fault(FaultKind::DivisionByZero));
        }
        let floor = |x: i128, y: i128| x.div_euclid(y) - (y < 0 && x.rem_euclid(y) != 0) as i128;
        let exact = match operator {
            Operator::Add => x + y,
            Operator::Sub => x - y,
            Operator::Mul => x * y,
            Operator::Div => floor(x, y),
            Operator::Mod => x - y * floor(x, y),
        };
        let small = i64::try_from(exact).ok().and_then(Value::small_int);
        return Ok(small.unwrap_or_else(|| new_float(cx.mutator(), exact as f64)));
    }
    let (Some(x), Some(y)) = (float(lhs), float(rhs)) else { return Err(cx.fault(FaultKind::NoNumber)) };
    let number = match operator {
        Operator::Add => x + y,
        Operator::Sub => x - y,
        Operator::Mul => x * y,
        Operator::Div => x / y,
        Operator::Mod => x - y * (x / y).floor(),
    };
    Ok(new_float(cx.mutator(), number))
}

/// A comparison of any values; only numbers have an order.
pub fn compare(cx: &Context, comparison: Comparison, lhs: Value, rhs: Value) -> Outcome<bool> {
    if lhs.is_int() && rhs.is_int() {
        let (x, y) = (lhs.as_int(), rhs.as_int());
        return Ok(match comparison {
            Comparison::Less => x < y,
            Comparison::LessEqual => x <= y,
            Comparison::Equal => x == y,
        });
    }
    match (comparison, float(lhs), float(rhs)) {
        (Comparison::Less, Some(x), Some(y)) => Ok(x < y),
        (Comparison::LessEqual, Some(x), Some(y)) => Ok(x <= y),
        (Comparison::Equal, Some(x), Some(y)) => Ok(x == y),
        (Comparison::Equal, _, _) => Ok(lhs == rhs),
        _ => Err(cx.fault(FaultKind::NoNumber)),
    }
}

/// A new array of a length that the program chose.
pub fn make_array(cx: &Context, length: Value, fill: Value) -> Outcome {
    if !length.is_int() {
        return Err(cx.fault(FaultKind::NoNumber));
    }
    let array = usize::try_from(length.as_int()).ok().filter(|length| *length <= 1 << 32);
    match array.and_then(|length| new_array(cx.mutator(), length, fill)) {
        Some(array) => Ok(array.value()),
        None => Err(cx.fault(FaultKind::NoMemory)),
    }
}

/// Reads (`value` is `None`) or writes an element.
pub fn element(cx: &Context, array: Value, index: Value, value: Option<Value>) -> Outcome {
    let Some(array) = downcast::<Array>(array) else { return Err(cx.fault(FaultKind::NoArray)) };
    if !index.is_int() {
        return Err(cx.fault(FaultKind::NoNumber));
    }
    let Some(field) = usize::try_from(index.as_int()).ok().and_then(|index| elements(&array).get(index)) else {
        return Err(cx.fault(FaultKind::Index));
    };
    match value {
        Some(value) => field.set(cx.mutator(), array, value),
        None => return Ok(field.get()),
    }
    Ok(NIL)
}

/// Appends a value and a line end to the output.
pub fn print(cx: &Context, value: Value) {
    let mut text = display(value);
    text.push('\n');
    cx.output.borrow_mut().push_str(&text);
}

/// A value as text.
pub fn display(value: Value) -> String {
    let mut text = String::new();
    write(&mut text, value, 0);
    text
}

fn write(text: &mut String, value: Value, depth: usize) {
    // A string takes whatever is written.
    let _ = if value.is_int() {
        write!(text, "{}", value.as_int())
    } else if let Some(number) = float(value) {
        write!(text, "{number:?}")
    } else if value == TRUE || value == FALSE {
        write!(text, "{}", value == TRUE)
    } else if value == NIL {
        write!(text, "nil")
    } else if let Some(fault) = downcast::<Fault>(value) {
        let kind = FaultKind::from_number(fault.kind.get().as_int());
        write!(text, "fault: {} (line {})", kind.text(), fault.line.get().as_int())
    } else if let Some(routine) = routine_of(value) {
        write!(text, "function {}", routine.name)
    } else if depth > 20 {
        write!(text, "…")
    } else if let Some(pair) = downcast::<Pair>(value) {
        text.push('(');
        write(text, pair.first.get(), depth + 1);
        text.push_str(" . ");
        write(text, pair.second.get(), depth + 1);
        write!(text, ")")
    } else if let Some(array) = downcast::<Array>(value) {
        for (index, element) in elements(&array).iter().enumerate() {
            text.push(if index == 0 { '[' } else { ' ' });
            write(text, element.get(), depth + 1);
        }
        write!(text, "]")
    } else {
        write!(text, "{value:?}")
    };
}

macro_rules! runtime_functions {
    ($( $(#[$doc:meta])* $NAME:ident $function:ident $effects:ident ($cx:ident $(, $argument:ident)*) $body:block )*) => {$(
        unsafe extern "sysv64" fn $function(thread: *mut Thread $(, $argument: Value)*) -> Value {
            // SAFETY: the interpreter and traces pass the running thread, which is the first field of its context.
            let $cx = unsafe { Context::from_thread(thread) };
            let result: Outcome = $body;
            result.unwrap_or(RAISED)
        }

        $(#[$doc])*
        pub const $NAME: RuntimeFunction =
            RuntimeFunction { name: stringify!($function), address: $function as *const (), effects: Effects::$effects };
    )*};
}

runtime_functions! {
    /// A binary operator by number.
    ARITHMETIC arithmetic_function Writes (cx, lhs, rhs, operator) {
        arithmetic(cx, Operator::from_number(operator.as_int()), lhs, rhs)
    }
    /// A comparison by number.
    COMPARE compare_function Writes (cx, lhs, rhs, comparison) {
        compare(cx, Comparison::from_number(comparison.as_int()), lhs, rhs).map(boolean)
    }
    /// A new array.
    MAKE_ARRAY make_array_function Writes (cx, length, fill) { make_array(cx, length, fill) }
    /// An element, or a fault.
    GET_ELEMENT get_element_function Reads (cx, array, index) { element(cx, array, index, None) }
    /// Writes an element, or throws a fault.
    PUT_ELEMENT put_element_function Writes (cx, array, index, value) { element(cx, array, index, Some(value)) }
    /// Throws a value.
    THROW throw_function Any (cx, value) {
        cx.raised.set(value);
        Err(Raised)
    }
    /// Prints a value.
    PRINT print_function Any (cx, value) {
        print(cx, value);
        Ok(NIL)
    }
}
