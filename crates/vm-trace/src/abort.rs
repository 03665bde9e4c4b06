//! Why a recording stopped without a trace: one table, for logs and statistics.

macro_rules! reasons {
    ($( $Name:ident $text:literal; )*) => {
        /// Why a recording was given up.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        pub enum Abort { $( #[doc = $text] $Name ),* }

        impl std::fmt::Display for Abort {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(match self { $( Abort::$Name => $text ),* })
            }
        }
    };
}

reasons! {
    TooLong "the trace is too long";
    TooManySlots "the frames of inlined calls take too many slots";
    TooDeep "too many calls inlined into each other";
    GuardAfterEffect "an instruction tests something after an effect that must not be repeated";
    FrameWord "a frame header word is used as a value";
    SlowPath "an instruction has no path that can be recorded";
    Raised "an exception was raised";
    LeftBase "the frame in which the loop started was left";
    LeftLoop "the loop was left";
    InnerLoop "an inner loop turns too often";
    Halted "the interpreter was left";
    Withdrawn "something that the trace relies on has changed";
    Polled "the thread was asked to poll";
    Optimiser "the optimiser found a contradiction";
    Backend "the code generator refused the trace";
    TooManyVirtuals "too many unallocated objects at one exit";
}
