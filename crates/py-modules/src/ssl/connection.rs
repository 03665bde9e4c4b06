//! The native part of a connection: rustls's state machine, fed and emptied step by step.
//!
//! A step does what can be done without waiting and says what is missing. The lock of a session is held for one step,
//! never while somebody waits for the network or Python code runs, so one thread can read while another writes.
//!
//! Records are received one by one and never more than the connection needs: what comes behind the end of the
//! connection stays in the socket for whoever uses it next.

use super::errors::{Class, END_OF_FILE, Failure, PROTOCOL};
use super::failures::{of_first_bytes, of_rustls};
use super::judge::with_verification;
use super::saved::Saved;
use super::settings::{ContextState, IGNORE_UNEXPECTED_END, Statistics};
use super::transport::{Received, Transport};
use super::verify::Chain;
use rustls::client::Resumption;
use rustls::pki_types::ServerName;
use rustls::server::{Accepted, Acceptor};
use rustls::{CipherSuite, ClientConnection, CommonState, Error, HandshakeKind, ServerConnection};
use std::io::{ErrorKind, Read, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What a step came to.
pub enum Step<T> {
    /// It is done.
    Done(T),
    /// More must arrive.
    WantRead,
    /// More must be sent.
    WantWrite,
    /// The client has said whom it wants to speak to; somebody must choose what to answer by.
    Choose,
    /// An error of the protocol.
    Failed(Box<Failure>),
    /// An error of the system, by number.
    System(i32),
}

/// What drives the connection.
enum Engine {
    /// A client that has not begun.
    Idle,
    /// A server that waits for the client's first message.
    Accepting(Box<Acceptor>),
    /// A server that has it.
    Greeted(Box<Accepted>),
    /// Somebody is choosing.
    Choosing,
    Client(Box<ClientConnection>),
    Server(Box<ServerConnection>),
    /// It never came to a connection.
    Failed,
}

/// A connection.
pub struct Connection {
    /// Whether this end is the server's.
    pub is_server: bool,
    session: Mutex<Session>,
}

/// The state of a connection.
pub struct Session {
    is_server: bool,
    engine: Engine,
    /// The context that it goes by.
    pub context: Arc<ContextState>,
    /// The name of the server, as the client was told.
    host: Option<String>,
    /// The session: what the client may resume.
    saved: Arc<Saved>,
    /// What the client is to resume.
    resumes: Option<Arc<Saved>>,
    /// Encrypted bytes to be sent.
    outgoing: Vec<u8>,
    /// How many of them have been.
    sent: usize,
    /// A record that has arrived in part.
    incoming: Vec<u8>,
    /// Bytes that a call to write() has given, but been told to come again for.
    pub unreported: usize,
    failure: Option<Failure>,
    is_shaken: bool,
    has_ended: bool,
    has_said_goodbye: bool,
    has_received_records: bool,
    /// The verified chain.
    pub chain: Option<Chain>,
    /// The suites that the client has offered.
    pub offered: Vec<CipherSuite>,
}

impl Connection {
    /// A connection that is to begin.
    pub fn new(context: Arc<ContextState>, is_server: bool, host: Option<String>) -> Connection {
        let engine = if is_server { Engine::Accepting(Box::default()) } else { Engine::Idle };
        let session = Session {
            is_server,
            engine,
            context,
            host,
            saved: Arc::new(Saved::new()),
            resumes: None,
            outgoing: Vec::new(),
            sent: 0,
            incoming: Vec::new(),
            unreported: 0,
            failure: None,
            is_shaken: false,
            has_ended: false,
            has_said_goodbye: false,
            has_received_records: false,
            chain: None,
            offered: Vec::new(),
        };
        Connection { is_server, session: Mutex::new(session) }
    }

    /// The state, locked.
    pub fn session(&self) -> MutexGuard<'_, Session> {
        self.session.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

macro_rules! attempt {
    ($step:expr) => {
        match $step {
            Step::Done(value) => value,
            Step::WantRead => return Step::WantRead,
            Step::WantWrite => return Step::WantWrite,
            Step::Choose => return Step::Choose,
            Step::Failed(failure) => return Step::Failed(failure),
            Step::System(number) => return Step::System(number),
        }
    };
}

fn failed<T>(failure: Failure) -> Step<T> {
    Step::Failed(Box::new(failure))
}

impl Session {
    /// What rustls knows of the connection.
    pub fn state(&self) -> Option<&CommonState> {
        match &self.engine {
            Engine::Client(connection) => Some(connection),
            Engine::Server(connection) => Some(connection),
            _ => None,
        }
    }

    /// Whether the handshake is done.
    pub fn is_shaken(&self) -> bool {
        self.is_shaken
    }

    /// Whether it has not yet begun.
    pub fn is_new(&self) -> bool {
        matches!(&self.engine, Engine::Idle | Engine::Accepting(_))
    }

    /// The name that the client asks for.
    pub fn asked_name(&self) -> Option<String> {
        match &self.engine {
            Engine::Greeted(accepted) => accepted.client_hello().server_name().map(str::to_string),
            Engine::Server(connection) => connection.server_name().map(str::to_string),
            _ => None,
        }
    }

    /// How many bytes can be read at once.
    pub fn pending(&mut self) -> usize {
        let outcome = match &mut self.engine {
            Engine::Client(connection) => connection.process_new_packets(),
            Engine::Server(connection) => connection.process_new_packets(),
            _ => return 0,
        };
        outcome.map_or(0, |state| state.plaintext_bytes_to_read())
    }

    /// Whether an old session was resumed.
    pub fn is_resumed(&self) -> bool {
        self.state().and_then(|state| state.handshake_kind()) == Some(HandshakeKind::Resumed)
    }

    /// The session that can be resumed later.
    pub fn saved(&self) -> Arc<Saved> {
        Arc::clone(&self.saved)
    }

    /// Sets what is to be resumed.
    pub fn resume(&mut self, saved: Arc<Saved>) {
        self.resumes = Some(saved);
    }

    fn fail<T>(&mut self, failure: Failure) -> Step<T> {
        self.failure = Some(failure.clone());
        failed(failure)
    }

    /// Sends what there is to be sent.
    fn flush(&mut self, transport: &Transport) -> Step<()> {
        match &mut self.engine {
            Engine::Client(connection) => {
                while connection.wants_write() && connection.write_tls(&mut self.outgoing).is_ok_and(|count| count > 0)
                {
                }
            }
            Engine::Server(connection) => {
                while connection.wants_write() && connection.write_tls(&mut self.outgoing).is_ok_and(|count| count > 0)
                {
                }
            }
            _ => {}
        }
        while self.sent < self.outgoing.len() {
            match transport.send(&self.outgoing[self.sent..]) {
                Ok(0) => return Step::WantWrite,
                Ok(count) => self.sent += count,
                Err(number) => return Step::System(number),
            }
        }
        self.outgoing.clear();
        self.sent = 0;
        Step::Done(())
    }

    /// How long the record is that has begun to arrive, its head included.
    fn record_length(&self) -> usize {
        match self.incoming.as_slice() {
            [_, _, _, high, low, ..] => 5 + usize::from(u16::from_be_bytes([*high, *low])),
            _ => 5,
        }
    }

    /// Receives a record and lets the engine have it.
    fn receive(&mut self, transport: &Transport) -> Step<()> {
        while self.incoming.len() < self.record_length() {
            let (start, wanted) = (self.incoming.len(), self.record_length());
            self.incoming.resize(wanted, 0);
            let received = transport.receive(&mut self.incoming[start..]);
            self.incoming.truncate(start + if let Received::Bytes(count) = received { count } else { 0 });
            match received {
                Received::Bytes(_) => {}
                Received::Nothing => return Step::WantRead,
                Received::End => return self.end(),
                Received::Failed(number) => return Step::System(number),
            }
            // Kinds of records are 20 to 24, versions 3.x. What is no record is not waited for.
            if let [kind, version, _, high, low] = self.incoming[..] {
                let is_record = (20..=24).contains(&kind) && version == 3;
                if !is_record && !self.has_received_records {
                    let failure = of_first_bytes(&self.incoming);
                    return self.fail(failure);
                }
                if !is_record || usize::from(u16::from_be_bytes([high, low])) > LONGEST_RECORD {
                    break;
                }
            }
        }
        self.has_received_records = true;
        let record = std::mem::take(&mut self.incoming);
        self.process(&record)
    }

    fn end(&mut self) -> Step<()> {
        self.has_ended = true;
        let ignores = self.context.look(|settings| settings.options & IGNORE_UNEXPECTED_END != 0);
        if self.is_shaken && ignores {
            return Step::Done(());
        }
        let text = "EOF occurred in violation of protocol";
        self.failure = Some(Failure::plain(Class::EndOfFile, END_OF_FILE, text));
        failed(Failure::end_of_file())
    }

    /// An alert before there are keys, as far as it can be sent.
    fn refuse(&mut self, alert: u8, transport: &Transport) {
        self.outgoing.extend_from_slice(&[21, 3, 3, 0, 2, 2, alert]);
        self.engine = Engine::Failed;
        let _ = self.flush(transport);
    }

    fn process(&mut self, record: &[u8]) -> Step<()> {
        let host = if self.context.look(|settings| settings.checks_host) { self.host.clone() } else { None };
        let mut rest = record;
        let (outcome, verification) = with_verification(host.as_deref(), || -> Result<(), Error> {
            while !rest.is_empty() {
                let taken = match &mut self.engine {
                    Engine::Client(connection) => connection.read_tls(&mut rest),
                    Engine::Server(connection) => connection.read_tls(&mut rest),
                    Engine::Accepting(acceptor) => acceptor.read_tls(&mut rest),
                    _ => return Ok(()),
                };
                match &mut self.engine {
                    Engine::Client(connection) => connection.process_new_packets().map(drop)?,
                    Engine::Server(connection) => connection.process_new_packets().map(drop)?,
                    _ => {}
                }
                // Nothing is taken behind the end of the connection.
                if !taken.is_ok_and(|count| count > 0) {
                    break;
                }
            }
            Ok(())
        });
        if let Some(chain) = verification.chain {
            self.chain = Some(chain);
        }
        match outcome {
            Ok(()) => self.accept(),
            Err(error) => {
                let failure = match verification.problem {
                    Some(problem) => Failure::verification(problem.number, problem.text),
                    None => of_rustls(&error, self.is_server),
                };
                self.fail(failure)
            }
        }
    }

    /// Looks whether the client's first message is complete.
    fn accept(&mut self) -> Step<()> {
        let Engine::Accepting(acceptor) = &mut self.engine else { return Step::Done(()) };
        match acceptor.accept() {
            Ok(None) => Step::Done(()),
            Ok(Some(accepted)) => {
                self.offered = accepted.client_hello().cipher_suites().to_vec();
                self.engine = Engine::Greeted(Box::new(accepted));
                Step::Done(())
            }
            Err((error, mut alert)) => {
                // Writing to a Vec does not fail.
                let _ = alert.write_all(&mut self.outgoing);
                self.engine = Engine::Failed;
                self.fail(of_rustls(&error, true))
            }
        }
    }

    /// Makes the client's side of the connection.
    fn begin(&mut self) -> Step<()> {
        Statistics::count(&self.context.statistics.connects);
        let configuration = match self.context.client_configuration() {
            Ok(configuration) => configuration,
            Err(failure) => return self.fail(failure),
        };
        let mut configuration = (*configuration).clone();
        if let Some(resumes) = &self.resumes {
            self.saved = Arc::new(Saved::resuming(resumes));
        }
        configuration.resumption = Resumption::store(Arc::clone(&self.saved) as Arc<_>);
        // An address is never sent as the wanted name, so this one stands for none.
        let nameless = || ServerName::IpAddress(std::net::Ipv4Addr::UNSPECIFIED.into());
        let name = match &self.host {
            Some(host) => ServerName::try_from(host.clone()).unwrap_or_else(|_| nameless()),
            None => nameless(),
        };
        match ClientConnection::new(Arc::new(configuration), name) {
            Ok(mut connection) => {
                connection.set_buffer_limit(None);
                self.engine = Engine::Client(Box::new(connection));
                Step::Done(())
            }
            Err(error) => self.fail(of_rustls(&error, false)),
        }
    }

    /// Takes the client's greeting, for somebody to choose by which context it is answered.
    pub fn take_greeting(&mut self) -> Option<Box<Accepted>> {
        match std::mem::replace(&mut self.engine, Engine::Choosing) {
            Engine::Greeted(accepted) => Some(accepted),
            other => {
                self.engine = other;
                None
            }
        }
    }

    /// Goes on after the choice, or ends the connection with an alert.
    pub fn choose(&mut self, accepted: Box<Accepted>, alert: Option<u8>, transport: &Transport) -> Step<()> {
        if let Some(alert) = alert {
            self.refuse(alert, transport);
            return self.fail(Failure::reason("CALLBACK_FAILED"));
        }
        Statistics::count(&self.context.statistics.accepts);
        let mut configuration = match self.context.server_configuration() {
            Ok(configuration) => configuration,
            Err(failure) => {
                self.refuse(70, transport);
                return self.fail(failure);
            }
        };
        // Unlike rustls, OpenSSL goes on where no application protocol is shared.
        let shares = |wanted: &[u8]| configuration.alpn_protocols.iter().any(|known| known == wanted);
        let has_shared = accepted.client_hello().alpn().is_some_and(|mut wanted| wanted.any(shares));
        if !has_shared && !configuration.alpn_protocols.is_empty() {
            let mut without = (*configuration).clone();
            without.alpn_protocols.clear();
            configuration = Arc::new(without);
        }
        let (outcome, _) = with_verification(None, || accepted.into_connection(configuration));
        match outcome {
            Ok(mut connection) => {
                connection.set_buffer_limit(None);
                self.engine = Engine::Server(Box::new(connection));
                Step::Done(())
            }
            Err((error, mut alert)) => {
                let _ = alert.write_all(&mut self.outgoing);
                self.engine = Engine::Failed;
                let _ = self.flush(transport);
                self.fail(of_rustls(&error, true))
            }
        }
    }

    /// Goes on with the handshake.
    pub fn handshake(&mut self, transport: &Transport) -> Step<()> {
        loop {
            // An alert is sent before the error is reported, as far as that is possible at once.
            let flushed = self.flush(transport);
            if let Some(failure) = &self.failure {
                return failed(failure.clone());
            }
            attempt!(flushed);
            match &self.engine {
                Engine::Idle => attempt!(self.begin()),
                Engine::Greeted(_) => return Step::Choose,
                Engine::Choosing | Engine::Failed => {
                    return failed(Failure::plain(Class::Base, PROTOCOL, "the handshake cannot go on"));
                }
                _ if self.state().is_some_and(|state| !state.is_handshaking()) => {
                    if !self.is_shaken {
                        self.is_shaken = true;
                        self.note_success();
                    }
                    return Step::Done(());
                }
                _ => match self.receive(transport) {
                    Step::Done(()) => {}
                    step => {
                        let _ = self.flush(transport);
                        return step;
                    }
                },
            }
        }
    }

    fn note_success(&mut self) {
        let statistics = &self.context.statistics;
        Statistics::count(if self.is_server { &statistics.accepted } else { &statistics.connected });
        if self.is_resumed() {
            Statistics::count(&statistics.hits);
        } else if self.resumes.is_some() {
            // What was to be resumed is not: the session is a new one.
            self.saved.begin();
        }
    }

    /// Reads decrypted bytes; 0 at the end of the connection.
    pub fn read(&mut self, transport: &Transport, room: &mut [u8]) -> Step<usize> {
        if !self.is_shaken {
            attempt!(self.handshake(transport));
        }
        loop {
            let outcome = match &mut self.engine {
                Engine::Client(connection) => connection.reader().read(room),
                Engine::Server(connection) => connection.reader().read(room),
                _ => return failed(Failure::closed()),
            };
            match outcome {
                Ok(0) if self.has_said_goodbye => return failed(Failure::closed()),
                Ok(count) => return Step::Done(count),
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                Err(_) => return failed(Failure::end_of_file()),
            }
            if let Some(failure) = &self.failure {
                return failed(failure.clone());
            }
            // Answers of the protocol itself; who reads need not wait until they are sent.
            if let Step::System(number) = self.flush(transport) {
                return Step::System(number);
            }
            if self.has_ended {
                return Step::Done(0);
            }
            match self.receive(transport) {
                Step::Done(()) => {}
                step => {
                    let _ = self.flush(transport);
                    return attempt_as(step);
                }
            }
        }
    }

    /// Writes bytes, all of them, from the first that is not `written`.
    pub fn write(&mut self, transport: &Transport, bytes: &[u8], written: &mut usize) -> Step<usize> {
        if !self.is_shaken {
            attempt!(self.handshake(transport));
        }
        if self.has_said_goodbye {
            return failed(Failure::reason("PROTOCOL_IS_SHUTDOWN"));
        }
        if let Some(failure) = &self.failure {
            return failed(failure.clone());
        }
        attempt!(self.flush(transport));
        while *written < bytes.len() {
            let part = &bytes[*written..bytes.len().min(*written + CHUNK)];
            let outcome = match &mut self.engine {
                Engine::Client(connection) => connection.writer().write(part),
                Engine::Server(connection) => connection.writer().write(part),
                _ => return failed(Failure::closed()),
            };
            match outcome {
                Ok(count) if count > 0 => *written += count,
                _ => return failed(Failure::reason("INTERNAL_ERROR")),
            }
            attempt!(self.flush(transport));
        }
        Step::Done(bytes.len())
    }

    /// Says goodbye, and waits for the peer's.
    pub fn shutdown(&mut self, transport: &Transport) -> Step<()> {
        if !self.is_shaken {
            let has_begun = !self.is_new();
            let failure = Failure::reason(if has_begun { "SHUTDOWN_WHILE_IN_INIT" } else { "UNINITIALIZED" });
            return failed(failure);
        }
        if let Some(failure) = &self.failure {
            return failed(failure.clone());
        }
        if !self.has_said_goodbye {
            self.has_said_goodbye = true;
            match &mut self.engine {
                Engine::Client(connection) => connection.send_close_notify(),
                Engine::Server(connection) => connection.send_close_notify(),
                _ => {}
            }
        }
        attempt!(self.flush(transport));
        loop {
            let (has_data, has_closed) = match &mut self.engine {
                Engine::Client(connection) => goodbye_state(&mut connection.reader()),
                Engine::Server(connection) => goodbye_state(&mut connection.reader()),
                _ => (false, true),
            };
            if has_data {
                return failed(Failure::reason("APPLICATION_DATA_AFTER_CLOSE_NOTIFY"));
            }
            if has_closed || self.has_ended {
                return Step::Done(());
            }
            attempt!(self.receive(transport));
        }
    }
}

/// What a record may hold, with all that encryption adds.
const LONGEST_RECORD: usize = 16 * 1024 + 2048;
/// As much is encrypted before it is sent.
const CHUNK: usize = 16 * 1024;

fn attempt_as<T>(step: Step<()>) -> Step<T> {
    match step {
        Step::Done(()) | Step::WantRead => Step::WantRead,
        Step::WantWrite => Step::WantWrite,
        Step::Choose => Step::Choose,
        Step::Failed(failure) => Step::Failed(failure),
        Step::System(number) => Step::System(number),
    }
}

/// Whether there is something to read, and whether the peer has said goodbye.
fn goodbye_state(reader: &mut rustls::Reader<'_>) -> (bool, bool) {
    use std::io::BufRead;
    match reader.fill_buf() {
        Ok([]) => (false, true),
        Ok(_) => (true, false),
        Err(_) => (false, false),
    }
}
