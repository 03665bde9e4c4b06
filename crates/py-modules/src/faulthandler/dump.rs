//! Writing the frames of threads where nothing may be allocated and nothing may wait: in handlers of signals, and while other threads
//! are stopped.

use py_object::objects::{Code, Str};
use py_object::{Cx, StrExt, downcast, frames};
use vm_heap::{Gc, Value};

/// Most frames of a thread.
const MOST_FRAMES: usize = 100;
/// Most characters of a name.
const MOST_CHARACTERS: usize = 500;

/// A descriptor to write to.
#[derive(Clone, Copy)]
pub struct Output(pub i32);

impl Output {
    /// Writes text.
    pub fn text(self, text: &str) {
        self.bytes(text.as_bytes());
    }

    fn bytes(self, bytes: &[u8]) {
        // SAFETY: the bytes are as many as stated.
        unsafe { libc::write(self.0, bytes.as_ptr().cast(), bytes.len()) };
    }

    fn number(self, mut number: u64, base: u64, width: usize) {
        let mut digits = [b'0'; 20];
        let mut at = digits.len();
        while number != 0 || at > digits.len() - width.max(1) {
            at -= 1;
            digits[at] = b"0123456789abcdef"[(number % base) as usize];
            number /= base;
        }
        self.bytes(&digits[at..]);
    }

    /// A string, with what is not ASCII written as escapes.
    fn string(self, value: Value) {
        let Some(text) = downcast::<Str>(value) else { return self.text("???") };
        let mut bytes = text.bytes();
        let mut written = 0;
        while let Some((&first, rest)) = bytes.split_first() {
            if written == MOST_CHARACTERS {
                return self.text("...");
            }
            written += 1;
            // Strings are well-formed WTF-8.
            let (more, mut point) = match first {
                0..0x80 => (0, u64::from(first)),
                0x80..0xE0 => (1, u64::from(first & 0x1F)),
                0xE0..0xF0 => (2, u64::from(first & 0x0F)),
                _ => (3, u64::from(first & 0x07)),
            };
            let (tail, after) = rest.split_at(rest.len().min(more));
            for byte in tail {
                point = point << 6 | u64::from(byte & 0x3F);
            }
            bytes = after;
            match point {
                0x20..0x7F => self.bytes(&[point as u8]),
                0..=0xFF => {
                    self.text("\\x");
                    self.number(point, 16, 2);
                }
                0x100..=0xFFFF => {
                    self.text("\\u");
                    self.number(point, 16, 4);
                }
                _ => {
                    self.text("\\U");
                    self.number(point, 16, 8);
                }
            }
        }
    }

    fn frame(self, code: Gc<Code>, offset: usize) {
        self.text("  File \"");
        self.string(code.filename.get());
        self.text("\", line ");
        // Reading through them allocates nothing.
        let entries = frames::lazy_unit_of(code).positions.iter();
        let line = entries.take_while(|entry| entry.offset as usize <= offset).last().map_or(0, |e| e.position.line);
        self.number(line.into(), 10, 1);
        self.text(" in ");
        self.string(code.name.get());
        self.text("\n");
    }

    /// The frames of a thread: the calling one or one that is stopped.
    pub fn frames(self, thread: &Cx) {
        let mut count = 0;
        for frame in frames::running(thread) {
            if count == MOST_FRAMES {
                return self.text("  ...\n");
            }
            self.frame(frame.code, frame.offset);
            count += 1;
        }
        if count == 0 {
            self.text("  <no Python frame>\n");
        }
    }

    /// The frames of a thread below a line that says which thread it is.
    fn thread(self, thread: &Cx, what: &str) {
        self.text(what);
        self.text(" 0x");
        self.number(thread.system_thread, 16, 16);
        let mut name = [0u8; 16];
        // SAFETY: the thread has not ended, since it is the calling one or stopped; the buffer is as long as stated.
        let known = unsafe {
            libc::pthread_getname_np(thread.system_thread as libc::pthread_t, name.as_mut_ptr().cast(), name.len())
        };
        let end = name.iter().position(|byte| *byte == 0).unwrap_or(name.len());
        if known == 0 && end > 0 {
            self.text(" [");
            self.bytes(&name[..end]);
            self.text("]");
        }
        self.text(" (most recent call first):\n");
        self.frames(thread);
    }

    /// The frames of the calling thread alone.
    pub fn stack(self, thread: &Cx) {
        self.text("Stack (most recent call first):\n");
        self.frames(thread);
    }

    /// The frames of all threads, the youngest first, while they are stopped.
    pub fn threads(self, cx: &Cx, is_program: bool) {
        let me = std::ptr::from_ref(cx);
        let runtime = cx.runtime;
        cx.mutator().stop_the_world(|_| {
            let mut threads: Vec<*const Cx> = Vec::new();
            runtime.for_each_thread(&mut |thread| threads.push(thread));
            let mut first = true;
            for thread in threads.into_iter().rev().filter(|thread| is_program || *thread != me) {
                if !std::mem::take(&mut first) {
                    self.text("\n");
                }
                // SAFETY: a context goes away only after its thread has unregistered it, and all threads are stopped.
                self.thread(unsafe { &*thread }, if thread == me { "Current thread" } else { "Thread" });
            }
        });
    }

    /// What there is to say of the native stack.
    pub fn native_stack(self) {
        self.text("Current thread's C stack trace (most recent call first):\n");
        self.text("  <cannot get C stack on this system>\n");
    }
}
