//! An HTTP/1.1 server on raw TCP: scripted per path, and it remembers every request with its time.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;

/// One request as it came in.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    /// Monotonic, when its head was complete.
    pub(crate) at: Instant,
    /// Who asked.
    pub(crate) peer: SocketAddr,
    /// GET, HEAD …
    pub(crate) method: String,
    /// Path and query as sent.
    pub(crate) path: String,
    /// The Host header.
    pub(crate) host: String,
    /// All headers, names in lower case.
    pub(crate) headers: Vec<(String, String)>,
    /// What was sent with it, as long as its `content-length` says.
    pub(crate) body: Vec<u8>,
}

impl Seen {
    /// The first value of header `name` (lower case).
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }
}

/// What one request gets, step by step.
#[derive(Debug, Clone, Default)]
pub(crate) struct Script {
    steps: Vec<Step>,
    /// True where the connection stays open for the next request.
    keep: bool,
}

#[derive(Debug, Clone)]
enum Step {
    Send(Vec<u8>),
    /// Until notified.
    Wait(Arc<Notify>),
    /// The same bytes until the peer goes away.
    Forever(Vec<u8>),
    /// RST in place of FIN.
    Reset,
}

impl Script {
    /// 200 with a UTF-8 page.
    pub(crate) fn html(body: impl AsRef<[u8]>) -> Self {
        Self::reply(200, &[("content-type", "text/html; charset=utf-8")], body.as_ref())
    }

    /// Any status with a short page.
    pub(crate) fn status(status: u16) -> Self {
        Self::reply(status, &[("content-type", "text/html")], format!("<h1>{status}</h1>").as_bytes())
    }

    /// A redirect.
    pub(crate) fn redirect(status: u16, to: &str) -> Self {
        Self::reply(status, &[("location", to)], b"")
    }

    /// A well-formed answer; the connection stays open.
    pub(crate) fn reply(status: u16, headers: &[(&str, &str)], body: &[u8]) -> Self {
        let mut bytes = head(status, headers, &format!("content-length: {}\r\n", body.len()));
        bytes.extend_from_slice(body);
        Self { steps: vec![Step::Send(bytes)], keep: true }
    }

    /// These bytes and nothing else, then the connection is closed.
    pub(crate) fn raw(bytes: impl Into<Vec<u8>>) -> Self {
        Self { steps: vec![Step::Send(bytes.into())], keep: false }
    }

    /// A complete head that promises a body, of which only `part` comes.
    pub(crate) fn cut(status: u16, part: &[u8]) -> Self {
        let promise = format!("content-type: text/html\r\ncontent-length: {}\r\n", part.len() + 100);
        let mut bytes = head(status, &[], &promise);
        bytes.extend_from_slice(part);
        Self::raw(bytes)
    }

    /// The connection is accepted, the request read, and RST is the answer.
    pub(crate) fn reset() -> Self {
        Self { steps: vec![Step::Reset], keep: false }
    }

    /// Nothing is ever answered.
    pub(crate) fn silence() -> Self {
        Self { steps: vec![Step::Wait(Arc::new(Notify::new()))], keep: false }
    }

    /// A chunked page without end.
    pub(crate) fn endless(headers: &[(&str, &str)]) -> Self {
        let head = head(200, headers, "content-type: text/html\r\ntransfer-encoding: chunked\r\n");
        let chunk = [b"1000\r\n".as_slice(), &[b'a'; 0x1000], b"\r\n"].concat();
        Self { steps: vec![Step::Send(head), Step::Forever(chunk)], keep: false }
    }

    /// A page that unpacks to `len` bytes of nothing, in `gzip`, `deflate` or `zstd` (`zstd-wide`: with the widest window that a
    /// decoder takes), or to 64 MiB in `br`.
    pub(crate) fn bomb(encoding: &str, len: usize) -> Self {
        let packed = match encoding {
            "gzip" => gzip_bomb(len),
            "zstd" => {
                let zeros = std::io::Read::take(std::io::repeat(0), len as u64);
                zstd::stream::encode_all(zeros, 3).expect("packed")
            }
            "zstd-wide" => {
                let mut encoder = zstd::stream::Encoder::new(Vec::new(), 1).expect("an encoder");
                encoder.window_log(27).expect("a window");
                let mut zeros = std::io::Read::take(std::io::repeat(0), len as u64);
                std::io::copy(&mut zeros, &mut encoder).expect("packed");
                encoder.finish().expect("packed")
            }
            "deflate" => {
                let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
                let mut zeros = std::io::Read::take(std::io::repeat(0), len as u64);
                std::io::copy(&mut zeros, &mut encoder).expect("packed");
                encoder.finish().expect("packed")
            }
            "br" => BROTLI_OF_64_MIB.to_vec(),
            other => panic!("no bomb in {other}"),
        };
        let encoding = encoding.split('-').next().unwrap_or(encoding);
        Self::reply(200, &[("content-type", "text/html"), ("content-encoding", encoding)], &packed)
    }

    /// The same, but not before `gate` is notified.
    pub(crate) fn held(mut self, gate: &Arc<Notify>) -> Self {
        self.steps.insert(0, Step::Wait(Arc::clone(gate)));
        self
    }

    /// The same, followed by `next`: for a head now and a body later.
    pub(crate) fn then(mut self, next: Self) -> Self {
        self.steps.extend(next.steps);
        self.keep = next.keep;
        self
    }
}

type Otherwise = Arc<dyn Fn(&Seen) -> Script + Send + Sync>;

/// A running server. Stops when dropped.
pub(crate) struct Server {
    addr: SocketAddr,
    state: Arc<State>,
    task: tokio::task::JoinHandle<()>,
}

struct State {
    /// Per `path` or `host path`, scripts in turn; the last one stays.
    scripts: Mutex<HashMap<String, (usize, Vec<Script>)>>,
    otherwise: Mutex<Otherwise>,
    log: Mutex<Vec<Seen>>,
    connections: Mutex<usize>,
}

impl Server {
    /// Starts one on 127.0.0.1; what is not scripted is 404.
    pub(crate) async fn start() -> Self {
        Self::bind("127.0.0.1:0").await
    }

    /// Starts one on `addr`: `127.0.0.2:0`, `[::1]:8080`.
    pub(crate) async fn bind(addr: &str) -> Self {
        let listener = TcpListener::bind(addr).await.expect("a port");
        let addr = listener.local_addr().expect("its address");
        let state = Arc::new(State {
            scripts: Mutex::default(),
            otherwise: Mutex::new(Arc::new(|_| Script::status(404))),
            log: Mutex::default(),
            connections: Mutex::default(),
        });
        let shared = Arc::clone(&state);
        let task = tokio::spawn(async move {
            while let Ok((stream, peer)) = listener.accept().await {
                *lock(&shared.connections) += 1;
                tokio::spawn(converse(stream, peer, Arc::clone(&shared)));
            }
        });
        Self { addr, state, task }
    }

    /// Where it listens.
    pub(crate) fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// `http://ADDR` followed by `path`.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.addr)
    }

    /// `path` (with its query) answers so; `"www.a.test /x"` binds it to a Host without port.
    pub(crate) fn on(&self, path: &str, script: Script) {
        self.in_turn(path, vec![script]);
    }

    /// `path` answers with each of these in turn; the last one stays.
    pub(crate) fn in_turn(&self, path: &str, scripts: Vec<Script>) {
        lock(&self.state.scripts).insert(path.to_owned(), (0, scripts));
    }

    /// What is not scripted is answered by `answer`: for generated sites.
    pub(crate) fn otherwise(&self, answer: impl Fn(&Seen) -> Script + Send + Sync + 'static) {
        *lock(&self.state.otherwise) = Arc::new(answer);
    }

    /// Every request so far, in order of time.
    pub(crate) fn log(&self) -> Vec<Seen> {
        lock(&self.state.log).clone()
    }

    /// Their paths.
    pub(crate) fn paths(&self) -> Vec<String> {
        lock(&self.state.log).iter().map(|seen| seen.path.clone()).collect()
    }

    /// Connections accepted so far.
    pub(crate) fn connections(&self) -> usize {
        *lock(&self.state.connections)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// 64 MiB of zeros in the format of RFC 7932, as its reference encoder writes them.
const BROTLI_OF_64_MIB: [u8; 51] = [
    0xcf, 0xff, 0xff, 0x7f, 0x00, 0x24, 0x00, 0xe2, 0xb1, 0x40, 0x72, 0xef, 0xff, 0xf9, 0xff, 0xff, 0x0f,
    0x80, 0x04, 0x40, 0x1c, 0x16, 0x80, 0xee, 0xfd, 0x3f, 0xff, 0xff, 0xff, 0x01, 0x90, 0x00, 0x88, 0xc3,
    0x02, 0xd0, 0xbd, 0xff, 0xcf, 0xff, 0xff, 0x7f, 0x00, 0x12, 0x00, 0x71, 0x58, 0x00, 0xba, 0xf7, 0xff,
];

/// A gzip stream that unpacks to at least `len` zero bytes, a thousandth of that in length: one literal and then
/// nothing but "the last byte 258 times", in the fixed code of RFC 1951.
pub(crate) fn gzip_bomb(len: usize) -> Vec<u8> {
    let mut bits = Bits { bytes: vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255], free: 0 };
    bits.push(0b1, 1);
    bits.push(0b10, 2);
    bits.push(0b0011_0000, 8);
    // One such symbol of 13 bits ends the header's odd bits; from then on eight of them are 13 whole bytes.
    let symbols = len.div_ceil(258).max(9).next_multiple_of(8) + 1;
    bits.symbols(1);
    let mut cycle = Bits { bytes: Vec::new(), free: 0 };
    cycle.symbols(8);
    bits.bytes.extend(cycle.bytes.repeat((symbols - 1) / 8));
    bits.push(0, 7);
    bits.bytes
}

/// Codes go in from their highest bit, bytes fill from their lowest: 2-bit block type 01 is therefore pushed as 10.
struct Bits {
    bytes: Vec<u8>,
    free: u32,
}

impl Bits {
    fn symbols(&mut self, count: usize) {
        for _ in 0..count {
            self.push(0b1100_0101, 8);
            self.push(0, 5);
        }
    }

    fn push(&mut self, code: u32, width: u32) {
        for at in (0..width).rev() {
            if self.free == 0 {
                self.bytes.push(0);
                self.free = 8;
            }
            if let Some(last) = self.bytes.last_mut() {
                *last |= u8::from(code >> at & 1 == 1) << (8 - self.free);
            }
            self.free -= 1;
        }
    }
}

async fn converse(mut stream: TcpStream, peer: SocketAddr, state: Arc<State>) {
    let mut buffer = Vec::new();
    while let Some(seen) = request(&mut stream, &mut buffer, peer).await {
        lock(&state.log).push(seen.clone());
        let script = state.script_for(&seen);
        for step in script.steps {
            match step {
                Step::Send(bytes) => {
                    let bytes = if seen.method == "HEAD" { head_only(bytes) } else { bytes };
                    if stream.write_all(&bytes).await.is_err() {
                        return;
                    }
                }
                Step::Wait(gate) => {
                    // A peer that goes away meanwhile ends the wait.
                    let mut byte = [0];
                    tokio::select! {
                        () = gate.notified() => {}
                        _ = stream.read(&mut byte) => return,
                    }
                }
                Step::Forever(bytes) => while stream.write_all(&bytes).await.is_ok() {},
                Step::Reset => {
                    let _ = stream.set_zero_linger();
                    return;
                }
            }
        }
        if !script.keep {
            let _ = stream.shutdown().await;
            return;
        }
    }
}

impl State {
    fn script_for(&self, seen: &Seen) -> Script {
        let host = seen.host.rsplit_once(':').map_or(seen.host.as_str(), |(host, _)| host);
        let mut scripts = lock(&self.scripts);
        let bound = format!("{host} {}", seen.path);
        let key = if scripts.contains_key(&bound) { bound } else { seen.path.clone() };
        if let Some((turn, list)) = scripts.get_mut(&key) {
            let script = list.get(*turn).or(list.last()).expect("a script").clone();
            *turn += 1;
            return script;
        }
        drop(scripts);
        let otherwise = Arc::clone(&lock(&self.otherwise));
        otherwise(seen)
    }
}

/// The next request. `None` where the peer has gone.
async fn request(stream: &mut TcpStream, buffer: &mut Vec<u8>, peer: SocketAddr) -> Option<Seen> {
    let end = loop {
        if let Some(at) = buffer.windows(4).position(|four| four == b"\r\n\r\n") {
            break at;
        }
        if stream.read_buf(buffer).await.ok()? == 0 {
            return None;
        }
    };
    let head: Vec<u8> = buffer.drain(..end + 4).collect();
    let head = String::from_utf8_lossy(&head).into_owned();
    let mut lines = head.split("\r\n");
    let mut first = lines.next()?.split(' ');
    let (method, path) = (first.next()?.to_owned(), first.next()?.to_owned());
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let host =
        headers.iter().find(|(name, _)| name == "host").map_or_else(String::new, |(_, host)| host.clone());
    let length =
        headers.iter().find(|(name, _)| name == "content-length").and_then(|(_, len)| len.parse().ok());
    while buffer.len() < length.unwrap_or(0) {
        if stream.read_buf(buffer).await.ok()? == 0 {
            return None;
        }
    }
    let body = buffer.drain(..length.unwrap_or(0)).collect();
    Some(Seen { at: Instant::now(), peer, method, path, host, headers, body })
}

fn head(status: u16, headers: &[(&str, &str)], more: &str) -> Vec<u8> {
    use std::fmt::Write as _;
    let mut text = format!("HTTP/1.1 {status} X\r\n");
    for (name, value) in headers {
        let _ = write!(text, "{name}: {value}\r\n");
    }
    (text + more + "\r\n").into_bytes()
}

fn head_only(bytes: Vec<u8>) -> Vec<u8> {
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").map(|at| at + 4);
    end.and_then(|end| bytes.get(..end).map(<[u8]>::to_vec)).unwrap_or(bytes)
}

fn lock<T: ?Sized>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[tokio::test]
async fn plays_what_it_is_told() {
    super::install_tls();
    let server = Server::start().await;
    let gate = Arc::new(Notify::new());
    server.in_turn("/a", vec![Script::status(503), Script::html("second").held(&gate)]);
    server.on("here.test /a", Script::html("by host"));
    server.on("/bomb", Script::bomb("gzip", 1 << 20));
    server.on("/cut", Script::cut(200, b"half"));
    server.on("/reset", Script::reset());
    server.otherwise(|seen| Script::html(format!("generated {}", seen.path)));
    let client =
        reqwest::Client::builder().no_proxy().resolve("here.test", server.addr()).build().expect("a client");
    let get = async |url: String| client.get(url).send().await;
    let text = async |reply: reqwest::Response| {
        let mut reply = reply;
        let mut all = Vec::new();
        while let Some(chunk) = reply.chunk().await? {
            all.extend_from_slice(&chunk);
        }
        Ok::<_, reqwest::Error>(String::from_utf8_lossy(&all).into_owned())
    };
    assert_eq!(get(server.url("/a")).await.expect("an answer").status(), 503);
    gate.notify_one();
    assert_eq!(text(get(server.url("/a")).await.expect("an answer")).await.expect("a body"), "second");
    let by_host = get(format!("http://here.test:{}/a", server.addr().port())).await.expect("an answer");
    assert_eq!(text(by_host).await.expect("a body"), "by host");
    let mut bomb = get(server.url("/bomb")).await.expect("an answer");
    let mut unpacked = 0;
    while let Ok(Some(chunk)) = bomb.chunk().await {
        assert!(chunk.iter().all(|byte| *byte == 0));
        unpacked += chunk.len();
    }
    assert!(unpacked >= 1 << 20, "{unpacked}");
    assert!(text(get(server.url("/cut")).await.expect("a head")).await.is_err());
    assert!(get(server.url("/reset")).await.is_err());
    assert_eq!(
        text(get(server.url("/z?q")).await.expect("an answer")).await.expect("a body"),
        "generated /z?q"
    );
    assert_eq!(server.paths().first().map(String::as_str), Some("/a"));
    assert!(
        server.log().windows(2).all(|two| two.first().map(|seen| seen.at) <= two.last().map(|seen| seen.at))
    );
}
