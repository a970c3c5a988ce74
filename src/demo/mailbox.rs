//! The demo's mail server: on loopback it takes every letter, passes none on, and lays each into a folder as it came.

use std::io;
use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

/// One letter as it was received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// The recipient of its envelope.
    pub to: String,
    /// Its text, headers included.
    pub bytes: Vec<u8>,
}

/// A running mail server; dropping it closes every connection.
#[derive(Debug)]
pub struct Mailbox {
    /// Its port on 127.0.0.1.
    pub port: u16,
    shared: Arc<Shared>,
    _tasks: JoinSet<()>,
}

#[derive(Debug, Default)]
struct Shared {
    letters: Mutex<Vec<Letter>>,
    folder: Mutex<Option<PathBuf>>,
}

/// Longest line and largest text that are taken, in bytes.
const LONGEST: u64 = 32 << 20;

impl Mailbox {
    /// Starts on a free port. To be called inside a tokio runtime.
    ///
    /// # Errors
    /// Where no port is free.
    pub async fn start() -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let port = listener.local_addr()?.port();
        let shared = Arc::new(Shared::default());
        let mut tasks = JoinSet::new();
        let kept = Arc::clone(&shared);
        tasks.spawn(async move {
            let mut connections = JoinSet::new();
            loop {
                tokio::select! {
                    accepted = listener.accept() => {
                        let Ok((stream, _)) = accepted else { continue };
                        let kept = Arc::clone(&kept);
                        // A sender that goes away in the middle has sent nothing.
                        connections.spawn(async move { drop(converse(stream, &kept).await) });
                    }
                    Some(_) = connections.join_next() => {}
                }
            }
        });
        Ok(Self { port, shared, _tasks: tasks })
    }

    /// From now on every letter is written to `folder`, which is made with the first: `001_收件人.eml`.
    pub fn keep_in(&self, folder: PathBuf) {
        *lock(&self.shared.folder) = Some(folder);
    }

    /// Every letter so far, in order.
    pub fn letters(&self) -> Vec<Letter> {
        lock(&self.shared.letters).clone()
    }
}

impl Shared {
    fn take(&self, letter: Letter) -> io::Result<()> {
        let mut letters = lock(&self.letters);
        letters.push(letter);
        if let (Some(folder), Some(Letter { to, bytes })) = (lock(&self.folder).as_ref(), letters.last()) {
            std::fs::create_dir_all(folder)?;
            let plain: String =
                to.chars().filter(|c| c.is_ascii_alphanumeric() || "@.-_+".contains(*c)).collect();
            std::fs::write(folder.join(format!("{:03}_{plain}.eml", letters.len())), bytes)?;
        }
        Ok(())
    }
}

/// One connection, as RFC 5321 has it; extensions none.
async fn converse(stream: TcpStream, shared: &Shared) -> io::Result<()> {
    let (read, mut write) = stream.into_split();
    let mut read = BufReader::new(read);
    let mut to = String::new();
    write.write_all(b"220 demo\r\n").await?;
    loop {
        let mut line = Vec::new();
        if (&mut read).take(LONGEST).read_until(b'\n', &mut line).await? == 0 {
            return Ok(());
        }
        let line = String::from_utf8_lossy(&line).trim_end().to_owned();
        let verb = line.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
        let reply = match verb.as_str() {
            "EHLO" | "HELO" | "NOOP" | "MAIL" => "250 OK",
            "RSET" => {
                to.clear();
                "250 OK"
            }
            "RCPT" => {
                let address = line.split_once('<').and_then(|(_, rest)| rest.split_once('>'));
                to = address.map_or("", |(address, _)| address).to_owned();
                "250 OK"
            }
            "DATA" if to.is_empty() => "503 no recipient",
            "DATA" => {
                write.write_all(b"354 go on\r\n").await?;
                let Some(bytes) = text(&mut read).await? else { return Ok(()) };
                shared.take(Letter { to: std::mem::take(&mut to), bytes })?;
                "250 OK"
            }
            "QUIT" => {
                write.write_all(b"221 bye\r\n").await?;
                return Ok(());
            }
            _ => "502 not implemented",
        };
        write.write_all(format!("{reply}\r\n").as_bytes()).await?;
    }
}

/// The text up to its final dot, dots unstuffed; `None` where the sender went away or it is too large.
async fn text(read: &mut (impl tokio::io::AsyncBufRead + Unpin)) -> io::Result<Option<Vec<u8>>> {
    let mut text = Vec::new();
    loop {
        let mut line = Vec::new();
        if (&mut *read).take(LONGEST).read_until(b'\n', &mut line).await? == 0 || text.len() as u64 > LONGEST
        {
            return Ok(None);
        }
        if line == b".\r\n" {
            return Ok(Some(text));
        }
        text.extend_from_slice(line.strip_prefix(b".").unwrap_or(&line));
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn letters_are_kept_as_they_were_sent() {
        let folder = tempfile::tempdir().expect("a folder");
        let mailbox = Mailbox::start().await.expect("starts");
        mailbox.keep_in(folder.path().join("in"));
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, mailbox.port)).await.expect("connects");
        let said = "EHLO x\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<../c@d.example>\r\nDATA\r\n\
                    Subject: x\r\n\r\n..dot\r\n.\r\nDATA\r\nQUIT\r\n";
        stream.write_all(said.as_bytes()).await.expect("writes");
        let mut heard = String::new();
        stream.read_to_string(&mut heard).await.expect("reads");
        assert!(heard.contains("354") && heard.contains("503") && heard.ends_with("221 bye\r\n"), "{heard}");
        let text = b"Subject: x\r\n\r\n.dot\r\n".to_vec();
        assert_eq!(mailbox.letters(), [Letter { to: "../c@d.example".into(), bytes: text.clone() }]);
        let kept = std::fs::read(folder.path().join("in/001_..c@d.example.eml")).expect("a file");
        assert_eq!(kept, text);
    }
}
