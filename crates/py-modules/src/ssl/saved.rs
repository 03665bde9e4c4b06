//! What a client keeps of a connection to resume its session later.

use rustls::NamedGroup;
use rustls::client::{ClientSessionStore, Tls12ClientSessionValue, Tls13ClientSessionValue};
use rustls::pki_types::ServerName;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

/// More tickets than this are not kept.
const MOST_TICKETS: usize = 8;

/// A session: what it is called, and what resumes it.
pub struct Saved {
    /// The session that this one was to resume. Its tickets of TLS 1.3 count once.
    source: Option<Arc<Saved>>,
    values: Mutex<Values>,
}

#[derive(Default)]
struct Values {
    name: [u8; 32],
    time: i64,
    older: Option<Tls12ClientSessionValue>,
    tickets: Vec<Tls13ClientSessionValue>,
    group: Option<NamedGroup>,
}

impl Saved {
    /// A session that begins now.
    pub fn new() -> Saved {
        let saved = Saved { source: None, values: Mutex::default() };
        saved.begin();
        saved
    }

    /// A session that is to resume another one.
    pub fn resuming(other: &Arc<Saved>) -> Saved {
        let (name, time) = (other.name(), other.time());
        let values = Values { name, time, older: other.older(), group: other.values().group, ..Values::default() };
        Saved { source: Some(Arc::clone(other)), values: Mutex::new(values) }
    }

    fn values(&self) -> MutexGuard<'_, Values> {
        self.values.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes it a new session.
    pub fn begin(&self) {
        let values = &mut *self.values();
        super::functions::fill_random(&mut values.name);
        values.time = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs() as i64);
    }

    /// A name made up here: rustls does not tell the protocol's own.
    pub fn name(&self) -> [u8; 32] {
        self.values().name
    }

    /// When it began, in seconds since 1970.
    pub fn time(&self) -> i64 {
        self.values().time
    }

    fn older(&self) -> Option<Tls12ClientSessionValue> {
        self.values().older.clone()
    }

    /// Whether there is anything to resume it by.
    pub fn can_be_resumed(&self) -> bool {
        let values = self.values();
        values.older.is_some() || !values.tickets.is_empty()
    }
}

impl fmt::Debug for Saved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Saved").field("time", &self.time()).finish_non_exhaustive()
    }
}

impl ClientSessionStore for Saved {
    fn set_kx_hint(&self, _: ServerName<'static>, group: NamedGroup) {
        self.values().group = Some(group);
    }

    fn kx_hint(&self, _: &ServerName<'_>) -> Option<NamedGroup> {
        self.values().group
    }

    fn set_tls12_session(&self, _: ServerName<'static>, value: Tls12ClientSessionValue) {
        self.values().older = Some(value);
    }

    fn tls12_session(&self, _: &ServerName<'_>) -> Option<Tls12ClientSessionValue> {
        self.older()
    }

    fn remove_tls12_session(&self, _: &ServerName<'static>) {
        self.values().older = None;
    }

    fn insert_tls13_ticket(&self, _: ServerName<'static>, value: Tls13ClientSessionValue) {
        let tickets = &mut self.values().tickets;
        if tickets.len() >= MOST_TICKETS {
            tickets.remove(0);
        }
        tickets.push(value);
    }

    fn take_tls13_ticket(&self, _: &ServerName<'static>) -> Option<Tls13ClientSessionValue> {
        let own = self.values().tickets.pop();
        own.or_else(|| self.source.as_ref()?.values().tickets.pop())
    }
}
