//! The only place that speaks SMTP: one letter, one recipient, one envelope, step by step.
//!
//! The steps are taken singly so that the outbox can commit `body_sent` after the server has said 354 and before
//! the first byte of the text leaves: what breaks before that is surely not delivered, what breaks after the
//! final dot is unknown, and nothing in between is guessed from error texts.

use std::cell::Cell;
use std::fmt;
use std::net::{SocketAddr, ToSocketAddrs as _};
use std::time::Duration;

use lettre::Address;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{SmtpConnection, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::extension::{ClientId, Extension, MailBodyParameter, MailParameter};
use lettre::transport::smtp::response::Response;

use super::outbox::{Copy, Outcome, State};
use crate::calendar::Instant8;
use crate::config::valid::{MailConfig, MailSecurity, Secret};
use crate::report::wording::{one_line, shortened};
use crate::store::outbox::Outbox;

/// The office's mail server.
#[derive(Debug, Clone)]
pub struct Server {
    /// Name.
    pub host: String,
    /// Port.
    pub port: u16,
    /// Encryption.
    pub security: MailSecurity,
    /// User and password.
    pub login: Option<Login>,
    /// How long to wait.
    pub patience: Patience,
    /// Time between two letters.
    pub pace: Duration,
}

/// A user and a password that is never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Login {
    /// Login name.
    pub user: String,
    /// Password.
    pub password: String,
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Login").field("user", &self.user).finish_non_exhaustive()
    }
}

/// How long a reply is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// To each command. RFC 5321 §4.5.3.2 asks 2 to 5 minutes.
    pub command: Duration,
    /// To the end of the text. RFC 5321 §4.5.3.2.6 asks 10 minutes, because giving up earlier is what makes
    /// duplicates.
    pub text: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self { command: Duration::from_mins(2), text: Duration::from_mins(10) }
    }
}

impl Server {
    /// The server that the configuration names.
    pub fn of(mail: &MailConfig) -> Self {
        let password = mail.password.as_ref().map(Secret::expose).unwrap_or_default();
        let login =
            mail.user.as_ref().map(|user| Login { user: user.clone(), password: password.to_owned() });
        Self {
            host: mail.host.clone(),
            port: mail.port,
            security: mail.security,
            login,
            patience: Patience::default(),
            pace: mail.letters_apart,
        }
    }
}

/// What one round of sending did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Round {
    /// Each copy that was tried, with the state it came to and what the server said.
    pub tried: Vec<(Copy, State, String)>,
    /// Why the round ended before all were tried.
    pub stopped: Option<String>,
}

/// Sends what is due, oldest first. Only one process may do this at a time. Ends early where the server cannot be
/// reached or our own settings forbid sending.
///
/// # Errors
/// Where the outbox cannot be read or written; what was begun is then ended by the next round.
pub fn deliver(outbox: &Outbox<'_>, server: &Server, now: &dyn Fn() -> Instant8) -> rusqlite::Result<Round> {
    outbox.recover(now())?;
    let mut round = Round::default();
    for copy in outbox.due(now())? {
        if !round.tried.is_empty() {
            std::thread::sleep(server.pace);
        }
        let Some(copy) = outbox.begin(copy.id, now())? else { continue };
        let bytes = outbox.bytes(copy.id)?.unwrap_or_default();
        let mut body_starts = || outbox.body_starts(copy.id, now());
        let (outcome, connection) = attempt(server, &copy, &bytes, &mut body_starts)?;
        let next = outbox.end(&copy, &outcome, now())?;
        if let Some(connection) = connection {
            hang_up(connection);
        }
        let over = matches!(outcome, Outcome::Unreachable(_) | Outcome::Refused(_));
        round.tried.push((copy, next.state, outcome.note().to_owned()));
        if over {
            round.stopped = Some(outcome.note().to_owned());
            break;
        }
    }
    Ok(round)
}

/// One attempt. `body_starts` is called when the server is ready for the text and nothing of it has left; where it
/// fails nothing is sent. Gives back the connection, to be closed after the outcome is stored.
fn attempt<E>(
    server: &Server,
    copy: &Copy,
    bytes: &[u8],
    body_starts: &mut dyn FnMut() -> Result<(), E>,
) -> Result<(Outcome, Option<SmtpConnection>), E> {
    let mut connection = match open(server) {
        Ok(connection) => connection,
        Err(outcome) => return Ok((outcome, None)),
    };
    if let Err(outcome) = envelope(&mut connection, copy, bytes) {
        return Ok((outcome, Some(connection)));
    }
    body_starts()?;
    let outcome = text(&mut connection, server.patience.text, bytes);
    Ok((outcome, Some(connection)))
}

/// Connects, encrypts and logs in.
fn open(server: &Server) -> Result<SmtpConnection, Outcome> {
    let name = format!("{}:{}", server.host, server.port);
    let addresses: Vec<SocketAddr> = (server.host.as_str(), server.port)
        .to_socket_addrs()
        .map_err(|error| Outcome::Unreachable(format!("邮件服务器 {name} 的域名无法解析：{error}")))?
        .collect();
    if server.security == MailSecurity::Plain && !addresses.iter().all(|a| a.ip().is_loopback()) {
        let why = format!("{name} 不在本机：不加密的连接只允许发往本机，请改用 tls 或 starttls");
        return Err(Outcome::Refused(why));
    }
    if server.security == MailSecurity::Plain && server.login.is_some() {
        return Err(Outcome::Refused("连接未加密，不发送登录口令".to_owned()));
    }
    let tls = TlsParameters::new(server.host.clone())
        .map_err(|error| Outcome::Refused(format!("无法建立加密连接：{}", said(&error))))?;
    let hello = ClientId::default();
    let wrapped = (server.security == MailSecurity::Tls).then_some(&tls);
    let mut connection =
        SmtpConnection::connect(addresses.as_slice(), Some(server.patience.command), &hello, wrapped, None)
            .map_err(|error| no_connection(&name, &error))?;
    if server.security == MailSecurity::StartTls {
        if !connection.can_starttls() {
            return Err(Outcome::Refused(format!("{name} 不提供 STARTTLS，未发送任何内容")));
        }
        connection.starttls(&tls, &hello).map_err(|error| no_connection(&name, &error))?;
    }
    if let Some(login) = &server.login {
        if !connection.is_encrypted() {
            return Err(Outcome::Refused("连接未加密，不发送登录口令".to_owned()));
        }
        let credentials = Credentials::new(login.user.clone(), login.password.clone());
        connection.auth(&[Mechanism::Plain, Mechanism::Login], &credentials).map_err(|error| {
            let why = format!("登录 {name} 未成功：{}", said(&error));
            if error.is_permanent() || error.is_client() {
                Outcome::Refused(why)
            } else {
                Outcome::Unreachable(why)
            }
        })?;
    }
    Ok(connection)
}

/// MAIL, RCPT and DATA: whatever fails here, nothing of the text has left.
fn envelope(connection: &mut SmtpConnection, copy: &Copy, bytes: &[u8]) -> Result<(), Outcome> {
    let address = |text: &str| {
        text.parse::<Address>()
            .map_err(|_| Outcome::Rejected(format!("“{}”不是可用的邮箱地址", one_line(text))))
    };
    let (sender, recipient) = (address(&copy.sender)?, address(&copy.recipient)?);
    let mut parameters = Vec::new();
    if !bytes.is_ascii() {
        if !connection.server_info().supports_feature(Extension::EightBitMime) {
            return Err(Outcome::Rejected("邮件含8位字符，服务器不支持 8BITMIME".to_owned()));
        }
        parameters.push(MailParameter::Body(MailBodyParameter::EightBitMime));
    }
    connection.command(Mail::new(Some(sender), parameters)).map_err(|error| before_text("MAIL", &error))?;
    connection.command(Rcpt::new(recipient, Vec::new())).map_err(|error| before_text("RCPT", &error))?;
    connection.command(Data).map_err(|error| before_text("DATA", &error))?;
    Ok(())
}

fn text(connection: &mut SmtpConnection, patience: Duration, bytes: &[u8]) -> Outcome {
    if let Err(error) = connection.set_timeout(Some(patience)) {
        return Outcome::Deferred(format!("正文未发出：{error}"));
    }
    let written = Cell::new(false);
    match connection.message_iter(Whole { left: Some(bytes), written: &written }) {
        Ok(response) => Outcome::Accepted(reply(&response)),
        Err(error) if error.is_permanent() => Outcome::Rejected(said(&error)),
        Err(error) if error.is_transient() => Outcome::Deferred(said(&error)),
        Err(error) if !written.get() => Outcome::Deferred(format!("正文发送中断：{}", said(&error))),
        Err(error) => Outcome::Unknown(format!("正文已发出，未收到答复：{}", said(&error))),
    }
}

/// The text as one piece that notes when all of it has been written: only then does the final dot follow, and
/// without the dot no server may deliver.
struct Whole<'a> {
    left: Option<&'a [u8]>,
    written: &'a Cell<bool>,
}

impl<'a> Iterator for Whole<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let piece = self.left.take();
        if piece.is_none() {
            self.written.set(true);
        }
        piece
    }
}

/// Says goodbye, briefly: the letter's fate is settled and stored.
fn hang_up(mut connection: SmtpConnection) {
    if connection.set_timeout(Some(Duration::from_secs(2))).is_ok() && !connection.has_broken() {
        // Whether the server answers QUIT changes nothing.
        drop(connection.quit());
    }
}

fn no_connection(name: &str, error: &lettre::transport::smtp::Error) -> Outcome {
    let why = format!("无法连接邮件服务器 {name}：{}", said(error));
    if is_tls_fault(error) { Outcome::Refused(why) } else { Outcome::Unreachable(why) }
}

/// Whether encryption itself failed: a certificate that does not hold, or a peer that speaks no TLS. The library
/// reports both as I/O errors, with the cause inside.
fn is_tls_fault(error: &lettre::transport::smtp::Error) -> bool {
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        let inside = cause.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
        if cause.is::<rustls::Error>()
            || inside.is_some_and(<dyn std::error::Error + Send + Sync>::is::<rustls::Error>)
        {
            return true;
        }
        source = cause.source();
    }
    error.is_tls()
}

fn before_text(step: &str, error: &lettre::transport::smtp::Error) -> Outcome {
    let why = format!("{step}：{}", said(error));
    let login_wanted = error.status().is_some_and(|code| matches!(u16::from(code), 530 | 535));
    match () {
        () if login_wanted => Outcome::Refused(why),
        () if error.is_permanent() => Outcome::Rejected(why),
        () => Outcome::Deferred(why),
    }
}

fn reply(response: &Response) -> String {
    let lines: Vec<&str> = response.message().collect();
    clean(&format!("{} {}", response.code(), lines.join(" ")))
}

fn said(error: &lettre::transport::smtp::Error) -> String {
    clean(&error.to_string())
}

/// What a server says is shown on terminals and kept: no control characters, and not without end.
fn clean(text: &str) -> String {
    shortened(&one_line(text), 300)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replies_are_kept_without_control_characters() {
        assert_eq!(clean("250 \u{1b}[31mok\u{7}\r\n queued"), "250 [31mok queued");
        assert!(clean(&"长".repeat(999)).chars().count() <= 300);
    }

    #[test]
    fn a_password_is_never_printed() {
        let login = Login { user: "u".into(), password: "canary".into() };
        assert!(!format!("{login:?}").contains("canary"));
    }

    #[test]
    fn the_text_is_written_before_it_is_over() {
        let written = Cell::new(false);
        let mut whole = Whole { left: Some(b"x"), written: &written };
        assert_eq!((whole.next(), written.get()), (Some(&b"x"[..]), false));
        assert_eq!((whole.next(), written.get()), (None, true));
    }
}
