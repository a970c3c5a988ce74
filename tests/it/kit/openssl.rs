//! Certificates with every fault, and servers that speak only old TLS: both made by Debian's openssl.

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// The one name the certificates are for, where they are for the right one.
pub(crate) const HOST: &str = "www.shili.test";

/// Whether openssl can be started. Where `CI` is set its absence is a failure.
#[allow(clippy::print_stderr, reason = "a skipped test must be seen")]
pub(crate) fn is_there() -> bool {
    let there = Command::new("openssl").arg("version").output().is_ok();
    assert!(there || std::env::var_os("CI").is_none(), "openssl is missing: see tests/run");
    if !there {
        eprintln!("SKIPPED: no openssl");
    }
    there
}

/// An authority with a root and an intermediate, in a folder of its own.
pub(crate) struct Authority {
    folder: tempfile::TempDir,
}

impl Authority {
    /// Makes the root `name` and an intermediate. They last for ten years from now.
    pub(crate) fn new(name: &str) -> Self {
        let new = Self { folder: tempfile::tempdir().expect("a folder") };
        let config = "[ca]\ndefault_ca=d\n[d]\ndatabase=index.txt\nserial=serial\nnew_certs_dir=.\ndefault_md=sha256\n\
                      policy=p\nunique_subject=no\ncopy_extensions=copy\n[p]\ncommonName=supplied\n\
                      [ca_ext]\nbasicConstraints=critical,CA:TRUE\n[leaf_ext]\nbasicConstraints=CA:FALSE\n";
        std::fs::write(new.path("ca.cnf"), config).expect("writes");
        std::fs::write(new.path("index.txt"), "").expect("writes");
        std::fs::write(new.path("serial"), "01\n").expect("writes");
        new.self_signed("root", name, &[]);
        new.request("int", "Test Intermediate", None);
        new.sign("int", "root", "ca_ext", ["20200101000000Z", "20500101000000Z"]);
        new
    }

    /// A file of it.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// `<name>.pem` for `host`, signed by `issuer` (`root` or `int`), valid between two instants as ASN.1 writes them.
    pub(crate) fn issue(&self, name: &str, host: &str, issuer: &str, valid: [&str; 2]) {
        self.request(name, host, Some(host));
        self.sign(name, issuer, "leaf_ext", valid);
    }

    /// `<name>.pem`, issued by itself.
    pub(crate) fn self_signed(&self, name: &str, common_name: &str, more: &[&str]) {
        let (key, pem, subject) =
            (format!("{name}.key"), format!("{name}.pem"), format!("/CN={common_name}"));
        let args = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
        let rest = ["-keyout", &key, "-out", &pem, "-days", "3650", "-subj", &subject];
        self.openssl(&[&args[..], &rest, more].concat());
    }

    fn request(&self, name: &str, common_name: &str, host: Option<&str>) {
        let (key, csr, subject) =
            (format!("{name}.key"), format!("{name}.csr"), format!("/CN={common_name}"));
        let alternative = host.map(|host| format!("subjectAltName=DNS:{host}"));
        // RSA, for servers of RSA key exchange.
        let mut args =
            vec!["req", "-newkey", "rsa:2048", "-nodes", "-keyout", &key, "-out", &csr, "-subj", &subject];
        if let Some(alternative) = &alternative {
            args.extend(["-addext", alternative]);
        }
        self.openssl(&args);
    }

    fn sign(&self, name: &str, issuer: &str, extensions: &str, [from, until]: [&str; 2]) {
        let (csr, pem) = (format!("{name}.csr"), format!("{name}.pem"));
        let (cert, key) = (format!("{issuer}.pem"), format!("{issuer}.key"));
        self.openssl(&[
            "ca",
            "-batch",
            "-config",
            "ca.cnf",
            "-cert",
            &cert,
            "-keyfile",
            &key,
            "-in",
            &csr,
            "-out",
            &pem,
            "-startdate",
            from,
            "-enddate",
            until,
            "-extensions",
            extensions,
            "-notext",
        ]);
    }

    fn openssl(&self, args: &[&str]) {
        let output =
            Command::new("openssl").args(args).current_dir(self.folder.path()).output().expect("openssl");
        assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    }

    /// Serves `<name>.pem` on a free port of 127.0.0.1; `options` say which TLS is spoken.
    pub(crate) fn serve(&self, name: &str, options: &[&str]) -> TlsOnly {
        TlsOnly::start(self.folder.path(), name, options)
    }
}

/// A running `openssl s_server`: it answers any request with a page about the connection. Killed when dropped.
pub(crate) struct TlsOnly {
    addr: SocketAddr,
    child: Child,
}

impl TlsOnly {
    fn start(folder: &Path, name: &str, options: &[&str]) -> Self {
        let addr =
            TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a port");
        let child = Command::new("openssl")
            .args(["s_server", "-quiet", "-www", "-accept", &addr.to_string()])
            .args(["-cert", &format!("{name}.pem"), "-key", &format!("{name}.key")])
            .args(options)
            .current_dir(folder)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("openssl starts");
        let mut server = Self { addr, child };
        let began = Instant::now();
        while TcpStream::connect(addr).is_err() {
            let ended = server.child.try_wait().expect("its status");
            assert!(ended.is_none(), "openssl s_server {options:?} ended: {ended:?}");
            assert!(began.elapsed() < super::office::DEADLINE, "openssl s_server does not listen");
            std::thread::sleep(Duration::from_millis(5));
        }
        server
    }

    /// Where it listens.
    pub(crate) fn addr(&self) -> SocketAddr {
        self.addr
    }
}

impl Drop for TlsOnly {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
