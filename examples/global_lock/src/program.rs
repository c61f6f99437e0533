//! Programs: instructions for a machine with a stack, and their assembler.

/// One instruction. Numbers are indices or targets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    /// Pushes a constant.
    Const(usize),
    /// Pushes what a local variable refers to.
    Load(usize),
    /// Pops into a local variable.
    Store(usize),
    /// Pops two numbers and pushes their sum.
    Add,
    /// Pops two numbers and pushes their product.
    Multiply,
    /// Pops two numbers and pushes the remainder of the first by the second.
    Remainder,
    /// Goes on elsewhere.
    Jump(usize),
    /// Pops two numbers and goes on elsewhere unless the first is less.
    UnlessLess(usize),
    /// Pushes a new, empty list.
    List,
    /// Pops an object and a list and puts the one at the end of the other.
    Append,
    /// Pops a list and pushes how long it is.
    Length,
    /// Pops a number, calls a foreign function, pushes its answer.
    Call(usize),
    /// The same for a function that waits: others may run meanwhile.
    Wait(usize),
    /// Pops the answer of the program and ends it.
    Return,
}

/// Instructions and what they refer to. Plain data: all threads can share it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Program {
    /// The instructions.
    pub ops: Vec<Op>,
    /// The constants, each once.
    pub constants: Vec<i64>,
    /// The local variables, arguments first. Each begins as 0.
    pub locals: Vec<String>,
    /// How many of them are arguments.
    pub arguments: usize,
    /// The foreign functions.
    pub foreign: Vec<String>,
}

impl Program {
    /// Assembles a program. What follows `#` is a comment, `name:` a label.
    /// `args` and `foreign`, in lines of their own, name the arguments and the
    /// foreign functions.
    ///
    /// # Errors
    /// When a word is not understood or a label is missing.
    pub fn parse(text: &str) -> Result<Program, String> {
        let mut program = Program::default();
        let mut labels: Vec<(String, usize)> = Vec::new();
        let mut jumps: Vec<(usize, String)> = Vec::new();
        for line in text.lines() {
            let line = line.split('#').next().unwrap_or_default();
            let mut words = line.split_whitespace();
            while let Some(word) = words.next() {
                let mut operand = || {
                    let next = words.next().map(str::to_owned);
                    next.ok_or_else(|| format!("`{word}` needs an operand"))
                };
                let op = match word {
                    "args" => {
                        program.locals = words.map(str::to_owned).collect();
                        program.arguments = program.locals.len();
                        break;
                    }
                    "foreign" => {
                        program.foreign = words.map(str::to_owned).collect();
                        break;
                    }
                    "const" => {
                        let text = operand()?;
                        let n = text
                            .parse()
                            .map_err(|_| format!("`{text}` is not a number"))?;
                        Op::Const(index(&mut program.constants, n))
                    }
                    "load" => Op::Load(index(&mut program.locals, operand()?)),
                    "store" => {
                        Op::Store(index(&mut program.locals, operand()?))
                    }
                    "call" => Op::Call(program.function(&operand()?)?),
                    "wait" => Op::Wait(program.function(&operand()?)?),
                    "jump" | "unless_less" => {
                        jumps.push((program.ops.len(), operand()?));
                        match word {
                            "jump" => Op::Jump(0),
                            _ => Op::UnlessLess(0),
                        }
                    }
                    "add" => Op::Add,
                    "multiply" => Op::Multiply,
                    "remainder" => Op::Remainder,
                    "list" => Op::List,
                    "append" => Op::Append,
                    "length" => Op::Length,
                    "return" => Op::Return,
                    _ => match word.strip_suffix(':') {
                        Some(label) => {
                            labels.push((label.to_owned(), program.ops.len()));
                            continue;
                        }
                        None => return Err(format!("what is `{word}`?")),
                    },
                };
                program.ops.push(op);
            }
        }
        for (at, label) in jumps {
            let found = labels.iter().find(|(name, _)| *name == label);
            let (_, to) = found.ok_or_else(|| format!("no label `{label}`"))?;
            let (Op::Jump(target) | Op::UnlessLess(target)) =
                &mut program.ops[at]
            else {
                unreachable!("only jumps are noted")
            };
            *target = *to;
        }
        match program.ops.last() {
            Some(Op::Return | Op::Jump(_)) => Ok(program),
            _ => Err("a program must end with `return` or `jump`".into()),
        }
    }

    fn function(&self, name: &str) -> Result<usize, String> {
        let found = self.foreign.iter().position(|known| known == name);
        found.ok_or_else(|| format!("`{name}` is not declared as foreign"))
    }
}

/// Where `item` stands in `all`, at the end if it is new.
fn index<T: PartialEq>(all: &mut Vec<T>, item: T) -> usize {
    match all.iter().position(|known| *known == item) {
        Some(at) => at,
        None => {
            all.push(item);
            all.len() - 1
        }
    }
}
