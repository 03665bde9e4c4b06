//! The wrapper that `functools.lru_cache` makes.
//!
//! A bounded cache is a dict from keys to links, and a ring of links from the one used longest ago to the latest. The
//! ring is changed under the wrapper's lock, which calls nothing; the dict has a lock of its own. A link whose entry
//! another thread has replaced stays in the ring until it is evicted, and then takes nothing with it.

use py_macros::py_methods;
use py_object::arguments::Keywords;
use py_object::objects::{Array, Dict, List, Tuple, Type};
use py_object::types::{class_of, int, is_exactly};
use py_object::{Cx, Kind, NONE, PyResult, attribute, downcast, object, operations, types};
use vm_heap::{Gc, Value};

object! {
    /// The wrapper.
    pub struct LruCache = 427 {
        /// Version word.
        word: u64,
        /// Attributes.
        attributes: Option<Gc<Array>>,
        /// The wrapped function.
        function: Value,
        /// Class of what `cache_info` returns.
        info: Value,
        /// Results (or links) by key.
        results: Gc<Dict>,
        /// Start and end of the ring.
        root: Gc<Link>,
        /// Most results, -1 for any number.
        limit: i64,
        /// Number of links in the ring.
        links: i64,
        /// Whether arguments of different types are different.
        typed: bool,
        /// Calls answered from the cache.
        hits: usize,
        /// Calls of the function.
        misses: usize,
    }
}

object! {
    /// An entry of the ring.
    pub struct Link = 464 {
        /// Version word.
        word: u64,
        /// The one used before it, `None` outside the ring.
        previous: Option<Gc<Link>>,
        /// The one used after it.
        next: Option<Gc<Link>>,
        /// Its key.
        key: Value,
        /// Hash of the key.
        hash: u64,
        /// The result.
        result: Value,
    }
}

fn new_link(cx: &mut Cx, key: Value, hash: u64, result: Value) -> Gc<Link> {
    let link = py_object::allocate::<Link>(cx.mutator(), Kind::LRU_LINK.shape());
    link.key.init(key);
    link.hash.init(hash);
    link.result.init(result);
    link
}

fn new_root(cx: &mut Cx) -> Gc<Link> {
    let root = new_link(cx, NONE, 0, NONE);
    root.previous.set(cx.mutator(), root, Some(root));
    root.next.set(cx.mutator(), root, Some(root));
    root
}

/// Takes a link out of the ring. The caller holds the lock.
fn unlink(cx: &mut Cx, link: Gc<Link>) {
    if let (Some(previous), Some(next)) = (link.previous.get(), link.next.get()) {
        previous.next.set(cx.mutator(), previous, Some(next));
        next.previous.set(cx.mutator(), next, Some(previous));
        link.previous.set(cx.mutator(), link, None);
        link.next.set(cx.mutator(), link, None);
    }
}

/// Makes a link the latest one. The caller holds the lock.
fn append(cx: &mut Cx, root: Gc<Link>, link: Gc<Link>) {
    let last = root.previous.get().unwrap_or(root);
    last.next.set(cx.mutator(), last, Some(link));
    root.previous.set(cx.mutator(), root, Some(link));
    link.previous.set(cx.mutator(), link, Some(last));
    link.next.set(cx.mutator(), link, Some(root));
}

fn count(cache: Gc<LruCache>, hit: bool) {
    let _locked = vm_stm::lock(&cache.word);
    let counter = if hit { &cache.hits } else { &cache.misses };
    counter.init(counter.get() + 1);
}

/// What stands for the arguments of a call: a single int or string itself, else a tuple.
fn key_of(cx: &mut Cx, cache: Gc<LruCache>, args: &[Value], keywords: Keywords<'_>) -> PyResult {
    let typed = cache.typed.get();
    if !typed && keywords.is_empty() {
        return match args {
            [only] if only.is_int() || is_exactly(*only, Kind::STR) || is_exactly(*only, Kind::INT) => Ok(*only),
            args => Ok(cx.tuple(args)),
        };
    }
    let parts = List::new(cx, args)?;
    if !keywords.is_empty() {
        // Something that is no argument separates the positional ones from the keywords.
        let mark = cx.builtin_type(Kind::LRU_LINK);
        List::push(cx, parts, mark.value())?;
        for (name, value) in keywords.iter() {
            List::push(cx, parts, name.value())?;
            List::push(cx, parts, value)?;
        }
    }
    if typed {
        for value in args.iter().copied().chain(keywords.iter().map(|(_, value)| value)) {
            let class = class_of(cx, value);
            List::push(cx, parts, class.value())?;
        }
    }
    Ok(Tuple::from_list(cx, parts)?.value())
}

fn call_cached(cx: &mut Cx, cache: Gc<LruCache>, args: &[Value], keywords: Keywords<'_>) -> PyResult {
    let limit = cache.limit.get();
    let function = cache.function.get();
    if limit == 0 {
        count(cache, false);
        return keywords.call(cx, function, args);
    }
    let key = key_of(cx, cache, args, keywords)?;
    let hash = operations::hash(cx, key)?;
    let found = Dict::get_hashed(cx, cache.results.get(), key, hash)?;
    if limit < 0 {
        if let Some(result) = found {
            count(cache, true);
            return Ok(result);
        }
        count(cache, false);
        let result = keywords.call(cx, function, args)?;
        Dict::set_hashed(cx, cache.results.get(), key, hash, result)?;
        return Ok(result);
    }
    if let Some(link) = found.and_then(downcast::<Link>) {
        return Ok(use_link(cx, cache, link));
    }
    count(cache, false);
    let result = keywords.call(cx, function, args)?;
    let results = cache.results.get();
    // The function may have been called with the same arguments meanwhile.
    if Dict::get_hashed(cx, results, key, hash)?.is_none() {
        enter(cx, cache, results, key, hash, result)?;
    }
    Ok(result)
}

/// Counts a hit and makes the link the latest one, if it is still in the ring.
fn use_link(cx: &mut Cx, cache: Gc<LruCache>, link: Gc<Link>) -> Value {
    let _locked = vm_stm::lock(&cache.word);
    cache.hits.init(cache.hits.get() + 1);
    if link.previous.get().is_some() {
        unlink(cx, link);
        append(cx, cache.root.get(), link);
    }
    link.result.get()
}

/// Enters a result; the one used longest ago goes where there are too many.
fn enter(cx: &mut Cx, cache: Gc<LruCache>, results: Gc<Dict>, key: Value, hash: u64, result: Value) -> PyResult<()> {
    let link = new_link(cx, key, hash, result);
    Dict::set_hashed(cx, results, key, hash, link.value())?;
    let evicted = {
        let _locked = vm_stm::lock(&cache.word);
        if cache.results.get() != results {
            return Ok(()); // cleared meanwhile
        }
        let root = cache.root.get();
        append(cx, root, link);
        let links = cache.links.get() + 1;
        let oldest = root.next.get().filter(|oldest| links > cache.limit.get() && *oldest != root);
        match oldest {
            Some(oldest) => unlink(cx, oldest),
            None => cache.links.init(links),
        }
        oldest
    };
    if let Some(oldest) = evicted {
        let (key, hash) = (oldest.key.get(), oldest.hash.get());
        if Dict::get_hashed(cx, results, key, hash)? == Some(oldest.value()) {
            Dict::remove_hashed(cx, results, key, hash)?;
        }
    }
    Ok(())
}

/// The methods.
pub struct Methods;

#[py_methods(LRU_CACHE, name = "_lru_cache_wrapper")]
impl Methods {
    #[new(error_name = "lru_cache", signature = "")]
    fn new(
        cx: &mut Cx,
        class: Gc<Type>,
        #[keyword] user_function: Value,
        #[keyword] maxsize: Value,
        #[keyword] typed: bool,
        #[keyword] cache_info_type: Value,
    ) -> PyResult<Gc<LruCache>> {
        if !types::class::is_callable(cx, user_function) {
            return Err(cx.type_error("the first argument must be callable"));
        }
        let limit = if maxsize == NONE {
            -1
        } else {
            let Some(limit) = int::try_index(cx, maxsize)? else {
                return Err(cx.type_error("maxsize should be integer or None"));
            };
            match int::as_i64(limit) {
                Some(limit) => limit.max(0),
                None => {
                    return Err(cx.raise(Kind::OVERFLOW_ERROR, "cannot fit 'int' into an index-sized integer"));
                }
            }
        };
        let results = Dict::new(cx);
        let root = new_root(cx);
        let cache = crate::new_object::<LruCache>(cx, class);
        cache.function.init(user_function);
        cache.info.init(cache_info_type);
        cache.results.init(results);
        cache.root.init(root);
        cache.limit.init(limit);
        cache.typed.init(typed);
        Ok(cache)
    }
    #[method(name = "__call__", signature = "($self, /, *args, **kwargs)")]
    fn call(cx: &mut Cx, this: Gc<LruCache>, #[args] args: &[Value], #[kwargs] keywords: Keywords<'_>) -> PyResult {
        call_cached(cx, this, args, keywords)
    }
    /// Return a method of an instance.
    #[method]
    fn __get__(cx: &mut Cx, this: Value, instance: Value, #[default(NONE)] _owner: Value) -> Value {
        if instance == NONE { this } else { attribute::bind_method(cx, this, instance) }
    }
    /// Report cache statistics
    #[method]
    fn cache_info(cx: &mut Cx, this: Gc<LruCache>) -> PyResult {
        let limit = this.limit.get();
        let limit = if limit < 0 { NONE } else { int::from_i64(cx, limit) };
        let size = Dict::length(this.results.get());
        let numbers = [this.hits.get(), this.misses.get(), size].map(|number| Value::int(number as i64));
        py_object::call::call(cx, this.info.get(), &[numbers[0], numbers[1], limit, numbers[2]], None)
    }
    /// Clear the cache and cache statistics
    #[method]
    fn cache_clear(cx: &mut Cx, this: Gc<LruCache>) {
        let results = Dict::new(cx);
        let root = new_root(cx);
        let _locked = vm_stm::lock(&this.word);
        this.results.set(cx.mutator(), this, results);
        this.root.set(cx.mutator(), this, root);
        this.links.init(0);
        this.hits.init(0);
        this.misses.init(0);
    }
    #[method]
    fn __copy__(this: Value) -> Value {
        this
    }
    #[method]
    fn __deepcopy__(this: Value, _memo: Value) -> Value {
        this
    }
    #[method]
    fn __reduce__(cx: &mut Cx, this: Value) -> PyResult {
        let name = cx.intern("__qualname__");
        attribute::get(cx, this, name)
    }
}
