//! What was seen of a host's TLS, as plain values: the protocol, the certificate and what is wrong with it, or which old
//! protocol stands behind a handshake that our own TLS cannot finish. `fetch::tls` fills them in.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::calendar::Instant8;

/// One look at the TLS of one home page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TlsFacts {
    /// The host that was asked for (SNI).
    pub host: String,
    /// The port.
    pub port: u16,
    /// The address that was connected to.
    pub addr: Option<String>,
    /// When.
    pub at: Instant8,
    /// What came of it.
    pub seen: TlsSeen,
}

/// What a handshake showed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", content = "as", rename_all = "kebab-case")]
pub enum TlsSeen {
    /// A handshake was finished.
    Agreed(Certificate),
    /// The server speaks only what a current TLS library no longer does. Browsers of an office may well get in.
    Legacy(Legacy),
    /// The port answers, and what it speaks is not TLS.
    NotTls,
    /// Nothing can be said; a gap's word.
    Unknown(String),
}

/// What a server speaks that our TLS does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Legacy {
    /// SSL 3.0.
    Ssl3,
    /// TLS 1.0 at most.
    Tls10,
    /// TLS 1.1 at most.
    Tls11,
    /// TLS 1.2 with RSA key exchange only.
    RsaKeyExchange,
    /// TLS 1.2 with finite-field Diffie–Hellman only.
    DheKeyExchange,
    /// TLS 1.2 with CBC suites only.
    CbcSuites,
    /// 国密: TLCP (GB/T 38636) with SM2, SM3, SM4.
    Sm2,
    /// TLS 1.2 with curves or signatures that ours does not take.
    OldParameters,
}

impl Legacy {
    /// As printed.
    pub fn label(self) -> &'static str {
        match self {
            Self::Ssl3 => "仅支持SSL 3.0",
            Self::Tls10 => "仅支持TLS 1.0",
            Self::Tls11 => "仅支持TLS 1.1",
            Self::RsaKeyExchange => "仅支持RSA密钥交换",
            Self::DheKeyExchange => "仅支持DHE密钥交换",
            Self::CbcSuites => "仅支持CBC加密套件",
            Self::Sm2 => "仅支持国密（SM2）协议",
            Self::OldParameters => "仅支持旧的加密参数",
        }
    }
}

/// The certificate a server sent, and what is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Certificate {
    /// `TLSv1.2`, `TLSv1.3`.
    pub protocol: String,
    /// First instant of validity.
    pub not_before: Instant8,
    /// Last instant of validity.
    pub not_after: Instant8,
    /// Common name of the subject; empty where it has none.
    pub subject: String,
    /// Common name of the issuer; empty where it has none.
    pub issuer: String,
    /// DNS names it is for.
    pub names: Vec<String>,
    /// Certificates the server sent.
    pub sent: u32,
    /// SHA-256 of the leaf in hex.
    pub sha256: String,
    /// What is wrong with it, worst first.
    pub faults: Vec<CertificateFault>,
}

impl Certificate {
    /// Whole days from `day` to the last day of validity; negative where it is over.
    pub fn days_left(&self, day: NaiveDate) -> i64 {
        self.not_after.date_naive().signed_duration_since(day).num_days()
    }
}

/// What is wrong with a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CertificateFault {
    /// Its time is over.
    Expired,
    /// Its time has not begun.
    NotYetValid,
    /// It is for other names.
    WrongName,
    /// It was issued by itself.
    SelfSigned,
    /// A certificate of its chain is out of time.
    ChainExpired,
    /// Only the leaf was sent, and who issued it is not among the roots: browsers may find the rest by themselves.
    IncompleteChain,
    /// Its chain ends at a root that this machine does not know: a browser with other roots may.
    UnknownRoot,
    /// It could not be verified for another reason.
    Unverifiable,
}

impl CertificateFault {
    /// As printed.
    pub fn label(self) -> &'static str {
        match self {
            Self::Expired => "证书已过期",
            Self::NotYetValid => "证书尚未生效",
            Self::WrongName => "证书与域名不符",
            Self::SelfSigned => "自签名证书",
            Self::ChainExpired => "证书链中有证书过期",
            Self::IncompleteChain => "证书链不完整（只发送了服务器证书）",
            Self::UnknownRoot => "根证书不受信任",
            Self::Unverifiable => "证书无法验证",
        }
    }

    /// Whether every visitor's browser objects to it, whatever roots it knows.
    pub fn is_certain(self) -> bool {
        matches!(self, Self::Expired | Self::NotYetValid | Self::WrongName | Self::SelfSigned)
    }
}
