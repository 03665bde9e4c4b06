//! Runs a program: `toy FILE [hot | off] [log file]`. Prints its output, the result of `main` and the time taken.

use std::process::ExitCode;
use std::time::Instant;
use toy_language::{Context, Toy, functions::display};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [file, rest @ ..] = &arguments[..] else {
        eprintln!("usage: toy FILE [hot | off] [log file]");
        return ExitCode::FAILURE;
    };
    let source = match std::fs::read_to_string(file) {
        Ok(source) => source,
        Err(error) => {
            eprintln!("{file}: {error}");
            return ExitCode::FAILURE;
        }
    };
    let hot = rest.first().map_or(Some(100), |word| word.parse().ok());
    if let Some(path) = rest.get(1)
        && let (Ok(log), Some(jit)) = (std::fs::File::create(path), vm_trace::jit::<Toy>())
    {
        jit.set_log(log);
    }
    if let Ok(configuration) = vm_heap::Configuration::from_environment() {
        vm_heap::Heap::global().configure(configuration);
    }
    let mut context = Context::attach(hot);
    let program = match context.load(&source) {
        Ok(program) => program,
        Err(error) => {
            eprintln!("{file}:{}: {}", error.line, error.message);
            return ExitCode::FAILURE;
        }
    };
    let start = Instant::now();
    let result = context.call(&program, "main", &[]);
    let time = start.elapsed();
    print!("{}", context.take_output());
    match result {
        Ok(value) => println!("{} in {:.1} ms", display(value), time.as_secs_f64() * 1e3),
        Err(failure) => println!("line {}: {}", failure.line, failure.message),
    }
    if let Some(jit) = vm_trace::jit::<Toy>() {
        println!("{:?}", jit.statistics());
    }
    ExitCode::SUCCESS
}
