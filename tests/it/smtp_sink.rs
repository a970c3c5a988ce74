//! A mail server that follows a script: what it answers at each step, where it hangs up and where it falls silent.

use std::io::{BufRead as _, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;

use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

/// What the server does at one step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    /// Says this line.
    Say(&'static str),
    /// Closes the connection.
    Close,
    /// Says nothing more until the client goes away.
    Hang,
}

use Answer::Say;

/// One connection from its beginning to its end.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Script {
    pub(crate) greeting: Answer,
    /// Lines after `250-` of the answer to EHLO.
    pub(crate) extensions: &'static [&'static str],
    pub(crate) auth: Answer,
    pub(crate) mail: Answer,
    pub(crate) rcpt: Answer,
    pub(crate) data: Answer,
    /// After the final dot.
    pub(crate) end: Answer,
}

impl Default for Script {
    fn default() -> Self {
        Self {
            greeting: Say("220 sink"),
            extensions: &["PIPELINING"],
            auth: Say("235 ok"),
            mail: Say("250 ok"),
            rcpt: Say("250 ok"),
            data: Say("354 go on"),
            end: Say("250 queued as 1"),
        }
    }
}

/// What came over one connection.
#[derive(Debug, Clone, Default)]
pub(crate) struct Session {
    /// Commands in order, as they came.
    pub(crate) commands: Vec<String>,
    /// The text as it was before dot stuffing, where the final dot came.
    pub(crate) text: Option<Vec<u8>>,
}

/// The server. Connections follow the scripts in order; the last one repeats.
pub(crate) struct Sink {
    pub(crate) addr: SocketAddr,
    sessions: Arc<Mutex<Vec<Session>>>,
    /// One message for each step reached: `mail`, `rcpt`, `data`, `end`.
    steps: Receiver<&'static str>,
}

impl Sink {
    pub(crate) fn start(scripts: Vec<Script>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let addr = listener.local_addr().expect("an address");
        let sessions = Arc::new(Mutex::new(Vec::new()));
        let (sender, steps) = channel();
        let kept = Arc::clone(&sessions);
        thread::spawn(move || {
            for (n, stream) in listener.incoming().enumerate() {
                let Ok(stream) = stream else { continue };
                let script = scripts[n.min(scripts.len() - 1)];
                kept.lock().expect("sessions").push(Session::default());
                let (kept, sender) = (Arc::clone(&kept), sender.clone());
                thread::spawn(move || serve(&stream, script, &Log { kept, n, sender }));
            }
        });
        Self { addr, sessions, steps }
    }

    /// What came so far, a session a connection.
    pub(crate) fn sessions(&self) -> Vec<Session> {
        self.sessions.lock().expect("sessions").clone()
    }

    /// Texts that came whole, in order.
    pub(crate) fn texts(&self) -> Vec<Vec<u8>> {
        self.sessions().into_iter().filter_map(|session| session.text).collect()
    }

    /// Waits until a client has reached the `n`th step, counted over all connections; false where it went away before.
    pub(crate) fn wait_for_nth(&self, n: usize, gone: impl Fn() -> bool) -> bool {
        let mut reached = 0;
        while reached < n {
            match self.steps.recv_timeout(std::time::Duration::from_millis(20)) {
                Ok(_) => reached += 1,
                Err(_) if gone() => return false,
                Err(_) => {}
            }
        }
        true
    }

    /// Waits until a client reaches `step`.
    pub(crate) fn wait_for(&self, step: &str) {
        while self.steps.recv().expect("the sink runs") != step {}
    }
}

struct Log {
    kept: Arc<Mutex<Vec<Session>>>,
    n: usize,
    sender: Sender<&'static str>,
}

impl Log {
    fn command(&self, command: String) {
        self.kept.lock().expect("sessions")[self.n].commands.push(command);
    }

    fn text(&self, text: Vec<u8>) {
        self.kept.lock().expect("sessions")[self.n].text = Some(text);
    }

    fn step(&self, step: &'static str) {
        // The test may have ended already.
        let _ = self.sender.send(step);
    }
}

trait Wire: Read + Write + Send {}
impl<T: Read + Write + Send> Wire for T {}

fn serve(stream: &TcpStream, script: Script, log: &Log) {
    let mut wire: BufReader<Box<dyn Wire>> = BufReader::new(Box::new(stream.try_clone().expect("a socket")));
    if !answer(&mut wire, script.greeting) {
        return;
    }
    loop {
        let mut line = String::new();
        if wire.read_line(&mut line).unwrap_or(0) == 0 {
            return;
        }
        let line = line.trim_end().to_owned();
        let verb = line.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
        log.command(line);
        let go_on = match verb.as_str() {
            "EHLO" => {
                let lines = script
                    .extensions
                    .iter()
                    .map(|e| format!("250-{e}"))
                    .chain(["250 SIZE 99999999\r\n".to_owned()]);
                wire.get_mut().write_all(lines.collect::<Vec<_>>().join("\r\n").as_bytes()).is_ok()
            }
            "STARTTLS" => {
                if !answer(&mut wire, Say("220 go on")) {
                    return;
                }
                let Some(encrypted) = encrypt(stream.try_clone().expect("a socket")) else { return };
                wire = BufReader::new(Box::new(encrypted));
                true
            }
            "AUTH" => answer(&mut wire, script.auth),
            "MAIL" => {
                log.step("mail");
                answer(&mut wire, script.mail)
            }
            "RCPT" => {
                log.step("rcpt");
                answer(&mut wire, script.rcpt)
            }
            "DATA" => {
                log.step("data");
                let ready = answer(&mut wire, script.data);
                if ready && script.data == Say("354 go on") {
                    let Some(text) = read_text(&mut wire) else { return };
                    log.text(text);
                    log.step("end");
                    answer(&mut wire, script.end)
                } else {
                    ready
                }
            }
            "QUIT" => {
                answer(&mut wire, Say("221 bye"));
                return;
            }
            _ => answer(&mut wire, Say("502 no")),
        };
        if !go_on {
            return;
        }
    }
}

/// False where the connection is over.
fn answer(wire: &mut BufReader<Box<dyn Wire>>, answer: Answer) -> bool {
    match answer {
        Say(line) => wire.get_mut().write_all(format!("{line}\r\n").as_bytes()).is_ok(),
        Answer::Close => false,
        Answer::Hang => {
            let _ = std::io::copy(wire, &mut std::io::sink());
            false
        }
    }
}

fn read_text(wire: &mut BufReader<Box<dyn Wire>>) -> Option<Vec<u8>> {
    let mut text = Vec::new();
    loop {
        let mut line = Vec::new();
        if wire.read_until(b'\n', &mut line).ok()? == 0 {
            return None;
        }
        if line == b".\r\n" {
            return Some(text);
        }
        text.extend_from_slice(line.strip_prefix(b".").unwrap_or(&line));
    }
}

/// TLS for `localhost`, with a certificate for which only `data/mail-ca.pem` vouches.
fn encrypt(stream: TcpStream) -> Option<rustls::StreamOwned<rustls::ServerConnection, TcpStream>> {
    let certificate = include_bytes!("data/mail-leaf.crt").to_vec().into();
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(include_bytes!("data/mail-leaf.key").to_vec()));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .ok()?
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .ok()?;
    let connection = rustls::ServerConnection::new(Arc::new(config)).ok()?;
    Some(rustls::StreamOwned::new(connection, stream))
}
