//! The oracle: the same traces compiled by Cranelift, slowly, for differential tests and as a way to other processors.
//!
//! Nothing here is shared with the backend of our own but the arena, the runtime's addresses and the shape of the
//! result. Each exit has a block that stores the values of its snapshot into the spill area of the `ExitState`, in the
//! order of `Trace::live_ins`. Allocation always goes to the runtime. There are no bridges and no jumps to other
//! traces: exits can't be linked.

use crate::arena::CodeArena;
use crate::assembler::{Assembler, FRAME};
use crate::code::{Code, Exit};
use crate::compile::CompileError;
use crate::frame::SPILLS;
use crate::location::{Location, STATE_SPILLS};
use cranelift_codegen::Context;
use cranelift_codegen::control::ControlPlane;
use cranelift_codegen::ir::condcodes::{FloatCC, IntCC};
use cranelift_codegen::ir::types::{F64, I8, I32, I64};
use cranelift_codegen::ir::{AbiParam, Block, BlockArg, InstBuilder, MemFlagsData, Signature, Value};
use cranelift_codegen::isa::{CallConv, OwnedTargetIsa};
use cranelift_codegen::settings::{self, Configurable};
use cranelift_frontend::{FunctionBuilder, FunctionBuilderContext};
use std::sync::Arc;
use vm_ir::{End, Inst, Op, Ref, SnapshotId, Trace, Type, word};

/// Compiles traces with Cranelift.
pub struct Oracle {
    arena: Arc<CodeArena>,
    isa: OwnedTargetIsa,
    context: Context,
    builder: FunctionBuilderContext,
}

impl Oracle {
    /// An oracle that installs into `arena`.
    pub fn new(arena: Arc<CodeArena>) -> Result<Oracle, CompileError> {
        let mut flags = settings::builder();
        for (name, value) in [("opt_level", "speed"), ("enable_probestack", "false"), ("unwind_info", "false")] {
            flags.set(name, value).map_err(|_| CompileError::Cranelift("such setting"))?;
        }
        let isa = cranelift_native::builder().map_err(|_| CompileError::Cranelift("support for this processor"))?;
        let isa = isa.finish(settings::Flags::new(flags)).map_err(|_| CompileError::Cranelift("such target"))?;
        Ok(Oracle { arena, isa, context: Context::new(), builder: FunctionBuilderContext::new() })
    }

    /// Compiles a root trace that ends in a loop or an exit; see `Compiler::compile_root`.
    pub fn compile_root(&mut self, trace: &Trace) -> Result<Code, CompileError> {
        debug_assert_eq!(vm_ir::verify(trace), Ok(()));
        if !trace.params.is_empty() || !matches!(trace.end, End::Loop(SnapshotId::NONE) | End::Exit(_)) {
            return Err(CompileError::Cranelift("bridges and jumps"));
        }
        let leaving = trace.insts.iter().filter(|inst| inst.snapshot != SnapshotId::NONE).count() + 1;
        let first_exit = self.arena.reserve_exits(leaving as u32).map_err(CompileError::Arena)?;
        self.context.clear();
        let mut signature = Signature::new(CallConv::SystemV);
        signature.params.extend([AbiParam::new(I64); 3]);
        signature.returns.push(AbiParam::new(I64));
        self.context.func.signature = signature;
        let mut builder = FunctionBuilder::new(&mut self.context.func, &mut self.builder);
        let entry = builder.create_block();
        builder.append_block_params_for_function_params(entry);
        builder.switch_to_block(entry);
        let [thread, frame, state] = *builder.block_params(entry) else {
            return Err(CompileError::Cranelift("three parameters"));
        };
        let mut translation = Translation {
            trace,
            arena: &self.arena,
            b: builder,
            thread,
            frame,
            state,
            values: vec![None; trace.insts.len()],
            exits: Vec::new(),
            blocks: Vec::new(),
            first_exit,
        };
        translation.run();
        let Translation { mut b, exits, .. } = translation;
        b.seal_all_blocks();
        b.finalize(self.isa.frontend_config());
        let compiled = self
            .context
            .compile(&*self.isa, &mut ControlPlane::default())
            .map_err(|_| CompileError::Cranelift("code for this trace"))?;
        if !compiled.buffer.relocs().is_empty() {
            return Err(CompileError::Cranelift("relocations"));
        }
        let mut assembler = Assembler::default();
        assembler.code.extend_from_slice(compiled.code_buffer());
        self.install(trace, &assembler, &exits, first_exit)
    }

    fn install(
        &self,
        trace: &Trace,
        assembler: &Assembler,
        exits: &[(SnapshotId, usize)],
        first_exit: u32,
    ) -> Result<Code, CompileError> {
        // Slots nobody jumps through, so that linking is merely without effect.
        let slots = vec![0; exits.len()];
        let installed = self.arena.install(assembler, &slots, 0).map_err(CompileError::Arena)?;
        let (mut locations, mut found) = (Vec::new(), Vec::new());
        for (n, (snapshot, instruction)) in exits.iter().enumerate() {
            let live_ins = trace.live_ins(*snapshot);
            if live_ins.len() > SPILLS {
                return Err(CompileError::TooManyValues);
            }
            found.push(Exit {
                number: first_exit + n as u32,
                snapshot: *snapshot,
                instruction: *instruction as u32,
                slot: installed.data + n as u64 * 8,
                locations: locations.len() as u32,
            });
            trace.visit_snapshot(*snapshot, &mut Vec::new(), |at| {
                if let Some(n) = live_ins.iter().position(|other| *other == at) {
                    locations.push(Location::spill(n as u8));
                }
            });
        }
        Ok(Code {
            inner_entry: 0,
            size: assembler.code.len(),
            exits: found,
            start: installed.code,
            is_root: true,
            locations,
            offsets: Vec::new(),
        })
    }
}

struct Translation<'a> {
    trace: &'a Trace,
    arena: &'a CodeArena,
    b: FunctionBuilder<'a>,
    thread: Value,
    frame: Value,
    state: Value,
    values: Vec<Option<Value>>,
    exits: Vec<(SnapshotId, usize)>,
    /// Exit blocks to be filled, with their exit's index.
    blocks: Vec<(Block, usize, Vec<Value>)>,
    first_exit: u32,
}

/// All accesses of a trace are aligned and do not trap.
fn memory() -> MemFlagsData {
    MemFlagsData::trusted()
}

impl Translation<'_> {
    fn run(&mut self) {
        let mut header = None;
        for index in 0..self.trace.insts.len() {
            let inst = self.trace.insts[index];
            match inst.op {
                Op::Label => header = Some(self.label(index)),
                Op::Phi => {}
                _ => self.values[index] = self.instruction(index, &inst),
            }
        }
        match (&self.trace.end, header) {
            (End::Loop(_), Some((header, label))) => {
                let phis: Vec<Inst> = self.phis(label).collect();
                let arguments: Vec<BlockArg> = phis.iter().map(|phi| self.value(phi.b).into()).collect();
                self.b.ins().jump(header, &arguments);
            }
            (End::Exit(snapshot), _) => {
                let block = self.exit_block(*snapshot, self.trace.insts.len());
                self.b.ins().jump(block, &[]);
            }
            _ => unreachable!("other ends are refused"),
        }
        for (block, exit, values) in std::mem::take(&mut self.blocks) {
            self.b.switch_to_block(block);
            for (n, value) in values.into_iter().enumerate() {
                self.b.ins().store(memory(), value, self.state, STATE_SPILLS + 8 * n as i32);
            }
            self.b.ins().store(memory(), self.frame, self.state, FRAME.0 as i32 * 8);
            let number = self.constant((self.first_exit + exit as u32) as u64);
            self.b.ins().return_(&[number]);
        }
    }

    fn phis(&self, label: usize) -> impl Iterator<Item = Inst> + use<'_> {
        self.trace.insts[label + 1..].iter().take_while(|inst| inst.op == Op::Phi).copied()
    }

    fn label(&mut self, label: usize) -> (Block, usize) {
        let phis: Vec<Inst> = self.phis(label).collect();
        let header = self.b.create_block();
        let entry: Vec<BlockArg> = phis.iter().map(|phi| self.value(phi.a).into()).collect();
        self.b.ins().jump(header, &entry);
        for (n, phi) in phis.iter().enumerate() {
            let ty = if phi.ty == Type::Float { F64 } else { I64 };
            self.values[label + 1 + n] = Some(self.b.append_block_param(header, ty));
        }
        self.b.switch_to_block(header);
        (header, label)
    }

    fn constant(&mut self, bits: u64) -> Value {
        self.b.ins().iconst(I64, bits as i64)
    }

    fn value(&mut self, at: Ref) -> Value {
        match self.trace.as_constant(at) {
            Some(constant) if constant.ty == Type::Float => self.b.ins().f64const(f64::from_bits(constant.bits)),
            Some(constant) => self.constant(constant.bits),
            None => self.values[at.index()].expect("definitions come before uses"),
        }
    }

    /// A new block that leaves through a snapshot.
    fn exit_block(&mut self, snapshot: SnapshotId, index: usize) -> Block {
        let live_ins = self.trace.live_ins(snapshot);
        let values = live_ins.into_iter().take(SPILLS).map(|at| self.value(at)).collect();
        let block = self.b.create_block();
        self.b.set_cold_block(block);
        self.exits.push((snapshot, index));
        self.blocks.push((block, self.exits.len() - 1, values));
        block
    }

    /// Leaves through an instruction's exit if `condition` is not zero.
    fn leave_if(&mut self, condition: Value, exit: Option<Block>) {
        if let Some(exit) = exit {
            let next = self.b.create_block();
            self.b.ins().brif(condition, exit, &[], next, &[]);
            self.b.switch_to_block(next);
        }
    }

    fn call(
        &mut self,
        address: u64,
        arguments: &[Value],
        result: Option<cranelift_codegen::ir::Type>,
    ) -> Option<Value> {
        let mut signature = Signature::new(CallConv::SystemV);
        for argument in arguments {
            signature.params.push(AbiParam::new(self.b.func.dfg.value_type(*argument)));
        }
        signature.returns.extend(result.map(AbiParam::new));
        let signature = self.b.import_signature(signature);
        let function = self.constant(address);
        let call = self.b.ins().call_indirect(signature, function, arguments);
        self.b.inst_results(call).first().copied()
    }

    fn instruction(&mut self, index: usize, inst: &Inst) -> Option<Value> {
        let Inst { op, imm, snapshot, .. } = *inst;
        let operand = |this: &mut Self, at: Ref| (!at.is_none()).then(|| this.value(at));
        let (a, b, c) = (operand(self, inst.a), operand(self, inst.b), operand(self, inst.c));
        let (x, y) = (a.unwrap_or(self.thread), b.unwrap_or(self.thread));
        let exit = (snapshot != SnapshotId::NONE).then(|| self.exit_block(snapshot, index));
        if let Some(test) = self.guard(op, x, y, imm) {
            self.leave_if(test, exit);
            return None;
        }
        if matches!(op, Op::IntAdd | Op::IntSub | Op::IntMul | Op::IntFloorDiv | Op::IntMod | Op::IntShl | Op::IntShr) {
            return Some(self.int_arithmetic(op, x, y, exit));
        }
        let ty = if inst.ty == Type::Float { F64 } else { I64 };
        let offset = imm as i32 - word::OBJECT_TAG as i32;
        let result = match op {
            Op::Slot | Op::LoadSlot => self.b.ins().load(I64, memory(), self.frame, imm as i32 * 8),
            Op::Thread => self.thread,
            Op::SlotAddress => self.b.ins().iadd_imm_s(self.frame, imm * 8),
            Op::IntAnd => self.b.ins().band(x, y),
            Op::IntOr => self.b.ins().bor(x, y),
            Op::IntXor => self.b.ins().bxor(x, y),
            Op::IntToFloat => {
                let plain = self.b.ins().sshr_imm_u(x, word::INT_SHIFT as i64);
                self.b.ins().fcvt_from_sint(F64, plain)
            }
            Op::UnboxFloat => {
                let turned = self.b.ins().rotr_imm_u(x, word::FLOAT_ROTATION as i64);
                let bias = self.constant(word::FLOAT_BIAS);
                let bits = self.b.ins().isub(turned, bias);
                self.b.ins().bitcast(F64, MemFlagsData::new(), bits)
            }
            Op::BoxFloat => self.box_float(x),
            Op::FloatAdd => self.b.ins().fadd(x, y),
            Op::FloatSub => self.b.ins().fsub(x, y),
            Op::FloatMul => self.b.ins().fmul(x, y),
            Op::FloatDiv => self.b.ins().fdiv(x, y),
            Op::FloatNeg => self.b.ins().fneg(x),
            Op::FloatAbs => self.b.ins().fabs(x),
            Op::FloatSqrt => self.b.ins().sqrt(x),
            Op::LoadField | Op::LoadFinal | Op::LoadWord | Op::LoadWordFinal | Op::LoadFloatFinal => {
                self.b.ins().load(ty, memory(), x, offset)
            }
            Op::LoadElement | Op::LoadElementFinal => {
                let base = self.element(x, y);
                self.b.ins().load(ty, memory(), base, offset)
            }
            Op::LoadAbsolute => {
                let address = self.constant(imm as u64);
                self.b.ins().load(I64, memory(), address, 0)
            }
            Op::WordToValue => self.b.ins().iadd_imm_s(x, word::OBJECT_TAG as i64),
            Op::ValueToWord => self.b.ins().iadd_imm_s(x, -(word::OBJECT_TAG as i64)),
            Op::StoreWord if imm == 0 => {
                let shape = self.b.ins().ushr_imm_u(y, 32);
                let shape = self.b.ins().ireduce(I32, shape);
                self.b.ins().store(memory(), shape, x, offset + word::SHAPE_OFFSET);
                return None;
            }
            Op::StoreField | Op::StoreWord => {
                self.b.ins().store(memory(), y, x, offset);
                return None;
            }
            Op::StoreElement => {
                let base = self.element(x, y);
                self.b.ins().store(memory(), c?, base, offset);
                return None;
            }
            Op::StoreSlot => {
                self.b.ins().store(memory(), x, self.frame, imm as i32 * 8);
                return None;
            }
            Op::Barrier => {
                self.barrier(x);
                return None;
            }
            Op::New => {
                let size = self.constant(imm as u64);
                self.call(self.arena.target.allocate, &[self.thread, size, x], Some(I64))?
            }
            Op::Call => {
                let call = &self.trace.calls[imm as usize];
                let arguments: Vec<Value> = call.arguments.iter().map(|at| self.value(*at)).collect();
                return self.call(call.address, &arguments, (inst.ty != Type::None).then_some(ty));
            }
            _ => unreachable!("guards and structure are handled elsewhere"),
        };
        Some(result)
    }

    fn element(&mut self, array: Value, index: Value) -> Value {
        let offset = self.b.ins().ishl_imm_u(index, 1);
        self.b.ins().iadd(array, offset)
    }

    /// For a guard, the condition under which it leaves.
    fn guard(&mut self, op: Op, x: Value, y: Value, imm: i64) -> Option<Value> {
        let tag = |this: &mut Self, mask: i64, condition: IntCC, tag: i64| {
            let bits = this.b.ins().band_imm_u(x, mask);
            this.b.ins().icmp_imm_u(condition, bits, tag)
        };
        let shape = |this: &mut Self, condition: IntCC| {
            let offset = word::SHAPE_OFFSET - word::OBJECT_TAG as i32;
            let shape = this.b.ins().load(I32, memory(), x, offset);
            let expected = this.b.ins().iconst(I32, imm as u32 as i32 as i64 & 0xffff_ffff);
            this.b.ins().icmp(condition, shape, expected)
        };
        Some(match op {
            Op::GuardInt => tag(self, 3, IntCC::NotEqual, 0),
            Op::GuardNotInt => tag(self, 3, IntCC::Equal, 0),
            Op::GuardObject => tag(self, 7, IntCC::NotEqual, word::OBJECT_TAG as i64),
            Op::GuardNotObject => tag(self, 7, IntCC::Equal, word::OBJECT_TAG as i64),
            Op::GuardNotFloat => self.is_float(x),
            Op::GuardFloat => {
                let is_float = self.is_float(x);
                self.b.ins().icmp_imm_u(IntCC::Equal, is_float, 0)
            }
            Op::GuardShape => shape(self, IntCC::NotEqual),
            Op::GuardNotShape => shape(self, IntCC::Equal),
            Op::GuardSame => self.b.ins().icmp(IntCC::NotEqual, x, y),
            Op::GuardDiffer => self.b.ins().icmp(IntCC::Equal, x, y),
            Op::GuardIntLt => self.b.ins().icmp(IntCC::SignedGreaterThanOrEqual, x, y),
            Op::GuardIntLe => self.b.ins().icmp(IntCC::SignedGreaterThan, x, y),
            Op::GuardBelow => self.b.ins().icmp(IntCC::UnsignedGreaterThanOrEqual, x, y),
            Op::GuardFloatLt => self.b.ins().fcmp(FloatCC::UnorderedOrGreaterThanOrEqual, x, y),
            Op::GuardFloatLe => self.b.ins().fcmp(FloatCC::UnorderedOrGreaterThan, x, y),
            Op::GuardFloatEq => self.b.ins().fcmp(FloatCC::NotEqual, x, y),
            Op::GuardFloatNotLt => self.b.ins().fcmp(FloatCC::LessThan, x, y),
            Op::GuardFloatNotLe => self.b.ins().fcmp(FloatCC::LessThanOrEqual, x, y),
            Op::GuardFloatNe => self.b.ins().fcmp(FloatCC::Equal, x, y),
            Op::GuardPoll => self.b.ins().load(I64, memory(), self.thread, self.arena.target.poll_offset),
            Op::GuardValid => {
                let address = self.constant(imm as u64);
                self.b.ins().load(I64, memory(), address, 0)
            }
            _ => return None,
        })
    }

    /// Not zero if a word is a self-tagged float.
    fn is_float(&mut self, at: Value) -> Value {
        let tags = self.constant(word::FLOAT_TAGS as u64);
        let place = self.b.ins().band_imm_u(at, 31);
        let shifted = self.b.ins().ushr(tags, place);
        self.b.ins().band_imm_u(shifted, 1)
    }

    /// The result of arithmetic on small ints, by plain formulas: none of the tricks of the other backend.
    fn int_arithmetic(&mut self, op: Op, x: Value, y: Value, exit: Option<Block>) -> Value {
        let shift = word::INT_SHIFT as i64;
        match op {
            Op::IntAdd | Op::IntSub => {
                let add = op == Op::IntAdd;
                let result = if add { self.b.ins().iadd(x, y) } else { self.b.ins().isub(x, y) };
                // Overflow: the result's sign differs from that of `x`, and from that of `y` (or not, if subtracted).
                let lhs = self.b.ins().bxor(x, result);
                let rhs = if add { self.b.ins().bxor(y, result) } else { self.b.ins().bxor(x, y) };
                let both = self.b.ins().band(lhs, rhs);
                let overflow = self.b.ins().icmp_imm_s(IntCC::SignedLessThan, both, 0);
                self.leave_if(overflow, exit);
                result
            }
            Op::IntMul => {
                let plain = self.b.ins().sshr_imm_u(x, shift);
                let result = self.b.ins().imul(plain, y);
                let high = self.b.ins().smulhi(plain, y);
                let sign = self.b.ins().sshr_imm_u(result, 63);
                let overflow = self.b.ins().icmp(IntCC::NotEqual, high, sign);
                self.leave_if(overflow, exit);
                result
            }
            Op::IntFloorDiv | Op::IntMod => {
                let zero = self.b.ins().icmp_imm_s(IntCC::Equal, y, 0);
                self.leave_if(zero, exit);
                let (lhs, rhs) = (self.b.ins().sshr_imm_u(x, shift), self.b.ins().sshr_imm_u(y, shift));
                let quotient = self.b.ins().sdiv(lhs, rhs);
                let product = self.b.ins().imul(quotient, rhs);
                let remainder = self.b.ins().isub(lhs, product);
                let inexact = self.b.ins().icmp_imm_s(IntCC::NotEqual, remainder, 0);
                let signs = self.b.ins().bxor(remainder, rhs);
                let differ = self.b.ins().icmp_imm_s(IntCC::SignedLessThan, signs, 0);
                let adjust = self.b.ins().band(inexact, differ);
                if op == Op::IntMod {
                    let moved = self.b.ins().iadd(remainder, rhs);
                    let result = self.b.ins().select(adjust, moved, remainder);
                    return self.b.ins().ishl_imm_u(result, shift);
                }
                let below = self.b.ins().iadd_imm_s(quotient, -1);
                let floor = self.b.ins().select(adjust, below, quotient);
                self.scaled(floor, shift, exit)
            }
            Op::IntShl => {
                let out = self.b.ins().icmp_imm_u(IntCC::UnsignedGreaterThanOrEqual, y, 62 << shift);
                self.leave_if(out, exit);
                let count = self.b.ins().ushr_imm_u(y, shift);
                let result = self.b.ins().ishl(x, count);
                let back = self.b.ins().sshr(result, count);
                let overflow = self.b.ins().icmp(IntCC::NotEqual, back, x);
                self.leave_if(overflow, exit);
                result
            }
            _ => {
                let negative = self.b.ins().icmp_imm_s(IntCC::SignedLessThan, y, 0);
                self.leave_if(negative, exit);
                let count = self.b.ins().sshr_imm_u(y, shift);
                let most = self.constant(63);
                let large = self.b.ins().icmp(IntCC::UnsignedGreaterThan, count, most);
                let count = self.b.ins().select(large, most, count);
                let plain = self.b.ins().sshr_imm_u(x, shift);
                let result = self.b.ins().sshr(plain, count);
                self.b.ins().ishl_imm_u(result, shift)
            }
        }
    }

    fn scaled(&mut self, plain: Value, shift: i64, exit: Option<Block>) -> Value {
        let result = self.b.ins().ishl_imm_u(plain, shift);
        let back = self.b.ins().sshr_imm_u(result, shift);
        let overflow = self.b.ins().icmp(IntCC::NotEqual, back, plain);
        self.leave_if(overflow, exit);
        result
    }

    fn box_float(&mut self, number: Value) -> Value {
        let bits = self.b.ins().bitcast(I64, MemFlagsData::new(), number);
        let bias = self.constant(word::FLOAT_BIAS);
        let sum = self.b.ins().iadd(bits, bias);
        let value = self.b.ins().rotl_imm_u(sum, word::FLOAT_ROTATION as i64);
        let is_float = self.is_float(value);
        let (slow, done) = (self.b.create_block(), self.b.create_block());
        let result = self.b.append_block_param(done, I64);
        self.b.ins().brif(is_float, done, &[value.into()], slow, &[]);
        self.b.switch_to_block(slow);
        let boxed = self.call(self.arena.target.box_float, &[self.thread, number], Some(I64));
        self.b.ins().jump(done, &[boxed.unwrap_or(value).into()]);
        self.b.switch_to_block(done);
        result
    }

    fn barrier(&mut self, object: Value) {
        let target = &self.arena.target;
        let offset = target.barrier_offset - word::OBJECT_TAG as i32;
        let byte = self.b.ins().load(I8, memory(), object, offset);
        let asked = self.b.ins().band_imm_u(byte, target.barrier_mask as i64);
        let (slow, done) = (self.b.create_block(), self.b.create_block());
        self.b.ins().brif(asked, slow, &[], done, &[]);
        self.b.switch_to_block(slow);
        self.call(target.barrier, &[self.thread, object], None);
        self.b.ins().jump(done, &[]);
        self.b.switch_to_block(done);
    }
}
