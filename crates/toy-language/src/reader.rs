//! Text to nodes: parentheses, names, numbers; `;` starts a comment.

/// What is wrong with a program, and where.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SyntaxError {
    /// What was expected or found.
    pub message: String,
    /// Line, counted from one.
    pub line: u32,
}

impl SyntaxError {
    /// An error at a line.
    pub fn new(line: u32, message: impl Into<String>) -> SyntaxError {
        SyntaxError { message: message.into(), line }
    }
}

/// A piece of a program.
#[derive(Clone, PartialEq, Debug)]
pub struct Node {
    /// What it is.
    pub form: Form,
    /// Line that it starts on.
    pub line: u32,
}

/// What a node is.
#[derive(Clone, PartialEq, Debug)]
pub enum Form {
    /// A whole number.
    Int(i64),
    /// A number with a point or an exponent.
    Float(f64),
    /// A word.
    Name(String),
    /// Nodes in parentheses.
    List(Vec<Node>),
}

/// Deepest nesting, so that neither reader nor compiler can use up the native stack.
const MAX_DEPTH: usize = 100;

/// Reads all nodes of a text.
pub fn read(text: &str) -> Result<Vec<Node>, SyntaxError> {
    let mut open: Vec<(u32, Vec<Node>)> = Vec::new();
    let mut top = Vec::new();
    let mut line = 1;
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let mut length = first.len_utf8();
        let mut finished = None;
        match first {
            '\n' => line += 1,
            ';' => length = rest.find('\n').unwrap_or(rest.len()),
            '(' if open.len() == MAX_DEPTH => return Err(SyntaxError::new(line, "nested too deeply")),
            '(' => open.push((line, Vec::new())),
            ')' => match open.pop() {
                Some((line, nodes)) => finished = Some(Node { form: Form::List(nodes), line }),
                None => return Err(SyntaxError::new(line, "unexpected ')'")),
            },
            space if space.is_whitespace() => {}
            _ => {
                length = rest.find(|c: char| c.is_whitespace() || "();".contains(c)).unwrap_or(rest.len());
                finished = Some(Node { form: atom(&rest[..length], line)?, line });
            }
        }
        if let Some(node) = finished {
            open.last_mut().map_or(&mut top, |(_, nodes)| nodes).push(node);
        }
        rest = &rest[length..];
    }
    match open.pop() {
        Some((line, _)) => Err(SyntaxError::new(line, "'(' is never closed")),
        None => Ok(top),
    }
}

fn atom(word: &str, line: u32) -> Result<Form, SyntaxError> {
    let digits = word.trim_start_matches(['-', '+']);
    if !digits.starts_with(|c: char| c.is_ascii_digit()) {
        return Ok(Form::Name(word.to_string()));
    }
    let bad = || SyntaxError::new(line, format!("bad number '{word}'"));
    if word.contains(['.', 'e']) {
        return word.parse().map(Form::Float).map_err(|_| bad());
    }
    match word.parse().ok().filter(|number| vm_heap::Value::small_int(*number).is_some()) {
        Some(number) => Ok(Form::Int(number)),
        None => Err(bad()),
    }
}
