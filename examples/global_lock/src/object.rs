//! Objects and the references to them, counted in three ways.

use std::cell::RefCell;
use std::fmt;
use std::ops::Deref;
use std::rc::Rc;
use std::sync::{Arc, Mutex};

/// Plain data: what goes into a program and what comes out. Any thread may
/// hold it; nothing in it is counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// A whole number.
    Int(i64),
    /// A list.
    List(Vec<Value>),
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Int(n) => write!(f, "{n}"),
            Value::List(items) => f.debug_list().entries(items).finish(),
        }
    }
}

/// What a program works with. Numbers are objects too, as in Python.
pub enum Object<H: Heap> {
    /// A whole number.
    Int(i64),
    /// A list, whose references can change.
    List(H::List),
}

// ANCHOR: heaps
/// How references are counted, and what a list is kept in.
pub trait Heap: Sized + 'static {
    /// A counted reference: cloning it counts up, dropping it counts down.
    type Ref: Clone + Deref<Target = Object<Self>>;
    /// Where a list keeps its references.
    type List: List<Self>;

    /// A new object, and the first reference to it.
    fn make(object: Object<Self>) -> Self::Ref;

    /// The same for a constant in a program.
    fn constant(n: i64) -> Self::Ref {
        Self::make(Object::Int(n))
    }
}

/// Counts are plain numbers. One thread at a time may touch them.
pub struct Plain;

impl Heap for Plain {
    type Ref = Rc<Object<Plain>>;
    type List = RefCell<Vec<Self::Ref>>;

    fn make(object: Object<Plain>) -> Self::Ref {
        Rc::new(object)
    }
}

/// Counts are atomic. Any thread may touch them at any time.
pub struct Atomic;

impl Heap for Atomic {
    type Ref = Arc<Object<Atomic>>; // the one word that differs
    type List = Mutex<Vec<Self::Ref>>;

    fn make(object: Object<Atomic>) -> Self::Ref {
        Arc::new(object)
    }
}
// ANCHOR_END: heaps

// ANCHOR: immortal
/// Counts are atomic, and constants are not counted at all.
pub struct Immortal;

/// A reference that may be to an object that lives forever.
#[derive(Clone)]
pub enum Lasting {
    /// To an object that is freed with the last reference.
    Counted(Arc<Object<Immortal>>),
    /// To one that never is: cloning copies an address and writes nothing.
    Forever(&'static Object<Immortal>),
}

impl Deref for Lasting {
    type Target = Object<Immortal>;

    fn deref(&self) -> &Object<Immortal> {
        match self {
            Lasting::Counted(object) => object,
            Lasting::Forever(object) => object,
        }
    }
}

impl Heap for Immortal {
    type Ref = Lasting;
    type List = Mutex<Vec<Lasting>>;

    fn make(object: Object<Immortal>) -> Lasting {
        Lasting::Counted(Arc::new(object))
    }

    fn constant(n: i64) -> Lasting {
        // Never freed: that is what immortal means.
        Lasting::Forever(Box::leak(Box::new(Object::Int(n))))
    }
}
// ANCHOR_END: immortal

/// A list's references, for as long as one operation takes.
pub trait List<H: Heap> {
    /// A list of these.
    fn of(items: Vec<H::Ref>) -> Self;
    /// Does something to them that nothing else can come between.
    fn with<T>(&self, work: impl FnOnce(&mut Vec<H::Ref>) -> T) -> T;
}

impl<H: Heap> List<H> for RefCell<Vec<H::Ref>> {
    fn of(items: Vec<H::Ref>) -> Self {
        RefCell::new(items)
    }

    fn with<T>(&self, work: impl FnOnce(&mut Vec<H::Ref>) -> T) -> T {
        work(&mut self.borrow_mut())
    }
}

/// Counts alone do not make a list safe: it needs a lock of its own.
impl<H: Heap> List<H> for Mutex<Vec<H::Ref>> {
    fn of(items: Vec<H::Ref>) -> Self {
        Mutex::new(items)
    }

    fn with<T>(&self, work: impl FnOnce(&mut Vec<H::Ref>) -> T) -> T {
        work(&mut self.lock().unwrap())
    }
}

impl<H: Heap> Object<H> {
    /// The object that a value describes, all of it new.
    pub fn from_value(value: &Value) -> H::Ref {
        H::make(match value {
            Value::Int(n) => Object::Int(*n),
            Value::List(items) => Object::List(H::List::of(
                items.iter().map(Object::<H>::from_value).collect(),
            )),
        })
    }

    /// A description of it that nobody counts.
    pub fn to_value(&self) -> Value {
        match self {
            Object::Int(n) => Value::Int(*n),
            Object::List(items) => Value::List(items.with(|items| {
                items.iter().map(|item| item.to_value()).collect()
            })),
        }
    }

    /// The number that it is.
    ///
    /// # Panics
    /// When it is a list. A real interpreter would raise an exception.
    pub fn int(&self) -> i64 {
        match self {
            Object::Int(n) => *n,
            Object::List(_) => panic!("a number was expected, not a list"),
        }
    }

    /// The list that it is.
    ///
    /// # Panics
    /// When it is a number.
    pub fn list(&self) -> &H::List {
        match self {
            Object::List(items) => items,
            Object::Int(n) => panic!("a list was expected, not {n}"),
        }
    }
}
