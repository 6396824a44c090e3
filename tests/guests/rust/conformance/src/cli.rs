//! `wasi:cli`: arguments, variables, terminals, and the ways to end.

use crate::{out, say, Case};
use wasip2::cli::{environment, exit, terminal_stderr, terminal_stdin, terminal_stdout};

pub const CASES: [(&str, Case); 10] = [
    ("args", args),
    ("terminals", terminals),
    ("exit-run-err", || Err(())),
    ("exit-ok", || end(|| exit::exit(Ok(())))),
    ("exit-err", || end(|| exit::exit(Err(())))),
    ("exit-code-0", || end(|| exit::exit_with_code(0))),
    ("exit-code-1", || end(|| exit::exit_with_code(1))),
    ("exit-code-42", || end(|| exit::exit_with_code(42))),
    ("exit-code-255", || end(|| exit::exit_with_code(255))),
    ("trap-unreachable", || {
        end(|| core::arch::wasm32::unreachable())
    }),
];

fn args() -> Result<(), ()> {
    for (i, arg) in environment::get_arguments().iter().enumerate() {
        say!("argument {i}: {arg:?}");
    }
    for (name, value) in environment::get_environment() {
        say!("{name:?} = {value:?}");
    }
    say!("initial-cwd: {:?}", environment::initial_cwd());
    let twice = environment::get_arguments() == environment::get_arguments()
        && environment::get_environment() == environment::get_environment();
    say!("the same twice: {twice}");
    Ok(())
}

fn terminals() -> Result<(), ()> {
    say!("stdin: {}", terminal_stdin::get_terminal_stdin().is_some());
    say!(
        "stdout: {}",
        terminal_stdout::get_terminal_stdout().is_some()
    );
    say!(
        "stderr: {}",
        terminal_stderr::get_terminal_stderr().is_some()
    );
    Ok(())
}

fn end(how: fn()) -> Result<(), ()> {
    say!("before the end");
    out::flush();
    how();
    say!("not reached");
    Ok(())
}
