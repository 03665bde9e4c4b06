//! Making buffered streams.

use super::super::DEFAULT_BUFFER_SIZE;
use super::super::base::{check_readable, check_seekable, check_writable};
use super::*;
use py_macros::py_methods;
use py_object::arguments::Keywords;
use py_object::objects::Type;
use py_object::{allocate, types};

fn allocate_buffered(cx: &mut Cx, class: Gc<Type>) -> Gc<BufferedObject> {
    let stream = allocate::<BufferedObject>(cx.mutator(), types::instance_shape(class).id);
    stream.raw.init(UNBOUND);
    stream.read_end.init(-1);
    stream.write_end.init(-1);
    stream.absolute.init(-1);
    cx.mutator().register_finalizable(stream.value());
    stream
}

fn initialise(cx: &mut Cx, this: Gc<BufferedObject>, raw: Value, size: i64, abilities: u64) -> PyResult<()> {
    this.state.init(0);
    if abilities == READS | WRITES {
        check_seekable(cx, raw)?;
    }
    if abilities & READS != 0 {
        check_readable(cx, raw)?;
    }
    if abilities & WRITES != 0 {
        check_writable(cx, raw)?;
    }
    if size <= 0 {
        return Err(cx.value_error("buffer size must be strictly positive"));
    }
    if size > 1 << 40 {
        return Err(cx.raise(Kind::MEMORY_ERROR, ""));
    }
    this.raw.set(cx.mutator(), this, raw);
    this.memory.set(cx.mutator(), this, None);
    this.capacity.init(size);
    this.position.init(0);
    this.raw_position.init(0);
    this.forget_read();
    this.forget_written();
    this.state.init(abilities);
    if raw_tell(cx, this).is_err() {
        cx.take_raised();
    }
    this.state.init(abilities | READY);
    if let Some(file) = downcast::<file::FileObject>(raw) {
        file.covered.init(true);
    }
    Ok(())
}

/// A buffered stream over a raw one.
pub fn new_buffered(cx: &mut Cx, kind: Kind, raw: Value, size: i64) -> PyResult<Gc<BufferedObject>> {
    let class = cx.builtin_type(kind);
    let stream = allocate_buffered(cx, class);
    let abilities = match kind {
        Kind::BUFFERED_READER => READS,
        Kind::BUFFERED_WRITER => WRITES,
        _ => READS | WRITES,
    };
    initialise(cx, stream, raw, size, abilities)?;
    Ok(stream)
}

macro_rules! constructors {
    ($($KIND:ident $Holder:ident $name:literal $abilities:expr;)*) => {$(
        #[doc = concat!("The constructor of `", $name, "`.")]
        pub struct $Holder;

        #[py_methods($KIND, name = $name)]
        impl $Holder {
            #[new(signature = "")]
            fn new(
                cx: &mut Cx,
                class: Gc<Type>,
                #[args] _args: &[Value],
                #[kwargs] _kwargs: Keywords<'_>,
            ) -> Gc<BufferedObject> {
                allocate_buffered(cx, class)
            }
            #[method(name = "__init__", signature = "(raw, buffer_size=DEFAULT_BUFFER_SIZE)")]
            fn init(
                cx: &mut Cx,
                this: Gc<BufferedObject>,
                #[keyword] raw: Value,
                #[keyword]
                #[default(DEFAULT_BUFFER_SIZE as i64)]
                buffer_size: i64,
            ) -> PyResult<()> {
                initialise(cx, this, raw, buffer_size, $abilities)
            }
        }
    )*};
}
constructors! {
    BUFFERED_READER ReaderConstructor "BufferedReader" READS;
    BUFFERED_WRITER WriterConstructor "BufferedWriter" WRITES;
    BUFFERED_RANDOM RandomConstructor "BufferedRandom" READS | WRITES;
}
