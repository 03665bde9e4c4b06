//! Signatures and docstrings of the special methods of built-in types: they are the same for all types.

/// Signature and docstring of a special method.
pub(crate) fn of_special_method(name: &str) -> Option<(&'static str, &'static str)> {
    let row = ROWS.binary_search_by(|(known, ..)| (*known).cmp(name)).ok()?;
    let (_, parameters, doc) = ROWS[row];
    Some((parameters, doc))
}

const ALONE: &str = "($self, /)";
const VALUE: &str = "($self, value, /)";
const KEY: &str = "($self, key, /)";
const NAME: &str = "($self, name, /)";
const POWER: &str = "($self, value, mod=None, /)";
const ANY: &str = "($self, /, *args, **kwargs)";

/// Name, signature and docstring, by name.
const ROWS: [(&str, &str, &str); 79] = [
    ("__abs__", ALONE, "Return abs(self)."),
    ("__add__", VALUE, "Return self+value."),
    ("__aiter__", ALONE, "Return an asynchronous iterator over self."),
    ("__and__", VALUE, "Return self&value."),
    ("__anext__", ALONE, "Return an awaitable of the next value, or raise StopAsyncIteration."),
    ("__await__", ALONE, "Return the iterator that an await expression drives."),
    ("__bool__", ALONE, "Return the truth of self."),
    ("__buffer__", "($self, flags, /)", "Return a memoryview of the memory of self."),
    ("__call__", ANY, "Call self as a function."),
    ("__contains__", KEY, "Return whether key is in self."),
    ("__del__", ALONE, "Called before self is destroyed."),
    ("__delattr__", NAME, "Do what delattr(self, name) asks for."),
    ("__delete__", "($self, instance, /)", "Delete the attribute of instance."),
    ("__delitem__", KEY, "Delete self[key]."),
    ("__divmod__", VALUE, "Return divmod(self, value)."),
    ("__eq__", VALUE, "Return self==value."),
    ("__float__", ALONE, "Return float(self)."),
    ("__floordiv__", VALUE, "Return self//value."),
    ("__ge__", VALUE, "Return self>=value."),
    ("__get__", "($self, instance, owner=None, /)", "Return the attribute of instance, or of its class owner."),
    ("__getattribute__", NAME, "Return getattr(self, name)."),
    ("__getitem__", KEY, "Return self[key]."),
    ("__gt__", VALUE, "Return self>value."),
    ("__hash__", ALONE, "Return hash(self)."),
    ("__iadd__", VALUE, "Do self+=value."),
    ("__iand__", VALUE, "Do self&=value."),
    ("__ifloordiv__", VALUE, "Do self//=value."),
    ("__ilshift__", VALUE, "Do self<<=value."),
    ("__imatmul__", VALUE, "Do self@=value."),
    ("__imod__", VALUE, "Do self%=value."),
    ("__imul__", VALUE, "Do self*=value."),
    ("__index__", ALONE, "Return self as an integer that can be an index."),
    ("__init__", ANY, "Initialize self. What arguments it takes, help(type(self)) tells."),
    ("__int__", ALONE, "Return int(self)."),
    ("__invert__", ALONE, "Return ~self."),
    ("__ior__", VALUE, "Do self|=value."),
    ("__ipow__", VALUE, "Do self**=value."),
    ("__irshift__", VALUE, "Do self>>=value."),
    ("__isub__", VALUE, "Do self-=value."),
    ("__iter__", ALONE, "Return iter(self)."),
    ("__itruediv__", VALUE, "Do self/=value."),
    ("__ixor__", VALUE, "Do self^=value."),
    ("__le__", VALUE, "Return self<=value."),
    ("__len__", ALONE, "Return len(self)."),
    ("__lshift__", VALUE, "Return self<<value."),
    ("__lt__", VALUE, "Return self<value."),
    ("__matmul__", VALUE, "Return self@value."),
    ("__mod__", VALUE, "Return self%value."),
    ("__mul__", VALUE, "Return self*value."),
    ("__ne__", VALUE, "Return self!=value."),
    ("__neg__", ALONE, "Return -self."),
    ("__next__", ALONE, "Return next(self)."),
    ("__or__", VALUE, "Return self|value."),
    ("__pos__", ALONE, "Return +self."),
    ("__pow__", POWER, "Return pow(self, value, mod)."),
    ("__radd__", VALUE, "Return value+self."),
    ("__rand__", VALUE, "Return value&self."),
    ("__rdivmod__", VALUE, "Return divmod(value, self)."),
    ("__release_buffer__", "($self, buffer, /)", "Take back what __buffer__() gave."),
    ("__repr__", ALONE, "Return repr(self)."),
    ("__rfloordiv__", VALUE, "Return value//self."),
    ("__rlshift__", VALUE, "Return value<<self."),
    ("__rmatmul__", VALUE, "Return value@self."),
    ("__rmod__", VALUE, "Return value%self."),
    ("__rmul__", VALUE, "Return value*self."),
    ("__ror__", VALUE, "Return value|self."),
    ("__rpow__", POWER, "Return pow(value, self, mod)."),
    ("__rrshift__", VALUE, "Return value>>self."),
    ("__rshift__", VALUE, "Return self>>value."),
    ("__rsub__", VALUE, "Return value-self."),
    ("__rtruediv__", VALUE, "Return value/self."),
    ("__rxor__", VALUE, "Return value^self."),
    ("__set__", "($self, instance, value, /)", "Set the attribute of instance to value."),
    ("__setattr__", "($self, name, value, /)", "Do what setattr(self, name, value) asks for."),
    ("__setitem__", "($self, key, value, /)", "Set self[key] to value."),
    ("__str__", ALONE, "Return str(self)."),
    ("__sub__", VALUE, "Return self-value."),
    ("__truediv__", VALUE, "Return self/value."),
    ("__xor__", VALUE, "Return self^value."),
];
